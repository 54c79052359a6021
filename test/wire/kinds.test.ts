/** What all kinds of line have in common: HRP, version and a length, and nothing else is taken. */

import { expect, test } from "bun:test";
import { concat } from "../../lib/core/bytes.ts";
import {
  decodePrivateKey,
  decodePublicKey,
  encodePrivateKey,
  encodePublicKey,
  publicHalf,
  recipientId,
} from "../../lib/wire/keys.ts";
import { decodeSealedShare, encodeSealedShare } from "../../lib/wire/sealed-share.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { codeOf, cuts, expectFailure, flips, repeatable } from "../core/helpers.ts";
import { textOf, tokenOfBytes, upper } from "../oracle/text.ts";

const privateKey = repeatable(1)(32);
const publicKey = await publicHalf(privateKey);
const hybridKey = concat(Uint8Array.of(2), privateKey);
const hybridPublic = await publicHalf(hybridKey);
const place = { setId: repeatable(2)(8), k: 2, n: 3, x: 3 };
const clear = concat(place.setId, Uint8Array.of(2, 3, 3));
const share = { ...place, y: repeatable(3)(48) };
const sealed = { ...place, recipient: recipientId(publicKey), box: repeatable(4)(167) };
const hybrid = { ...sealed, box: repeatable(4)(1255) };

const againKey = (token: Uint8Array) => encodePrivateKey(decodePrivateKey(token));
const againPublic = (token: Uint8Array) => encodePublicKey(decodePublicKey(token));
const againShare = (token: Uint8Array) => encodeShare(decodeShare(token));
const againSealed = (token: Uint8Array) => encodeSealedShare(decodeSealedShare(token));
const sealedBody = (box: Uint8Array) => concat(sealed.recipient, clear, box);

/** `least` and `most` bytes behind the version, of which messages count `counted` in. */
const kinds = [
  {
    ...{ hrp: "wdkey", version: 1, body: privateKey, again: againKey },
    line: encodePrivateKey(privateKey),
    lengths: { least: 32, most: 32, counted: 0, says: "32" },
  },
  {
    ...{ hrp: "wdkey", version: 2, body: privateKey, again: againKey },
    line: encodePrivateKey(hybridKey),
    lengths: { least: 32, most: 32, counted: 0, says: "32" },
  },
  {
    ...{ hrp: "wdpub", version: 1, body: publicKey, again: againPublic },
    line: encodePublicKey(publicKey),
    lengths: { least: 32, most: 32, counted: 0, says: "32" },
  },
  {
    ...{ hrp: "wdpub", version: 2, body: hybridPublic, again: againPublic },
    line: encodePublicKey(hybridPublic),
    lengths: { least: 1216, most: 1216, counted: 0, says: "1216" },
  },
  {
    ...{ hrp: "wdshare", version: 1, body: concat(clear, share.y), again: againShare },
    line: encodeShare(share),
    lengths: { least: 28, most: 283, counted: 1, says: "29 to 284" },
  },
  {
    ...{ hrp: "wdsealed", version: 1, body: sealedBody(sealed.box), again: againSealed },
    line: encodeSealedShare(sealed),
    lengths: { least: 137, most: 545, counted: 1, says: "138 to 546" },
  },
  {
    ...{ hrp: "wdsealed", version: 2, body: sealedBody(hybrid.box), again: againSealed },
    line: encodeSealedShare(hybrid),
    lengths: { least: 1225, most: 1633, counted: 1, says: "1226 to 1634" },
  },
];
const versioned = (version: number, body: Uint8Array) => concat(Uint8Array.of(version), body);

test.each(kinds)(
  "a $hrp line of version $version is version ‖ what it holds, and comes back in either case",
  ({ hrp, version, body, line, again }) => {
    expect(textOf(line)).toBe(textOf(tokenOfBytes(hrp, versioned(version, body))));
    for (const token of [line, upper(line)]) expect(textOf(again(token))).toBe(textOf(line));
  },
);

test.each(kinds)(
  "a $hrp line of version $version with a bit turned over, cut, or with a byte more is malformed",
  ({ line, again }) => {
    const longer = Array.from({ length: 256 }, (_, byte) => concat(line, Uint8Array.of(byte)));
    const step = line.length > 1000 ? 29 : 1; // one hash, whatever is wrong in a long line
    for (const [i, token] of [...flips(line), ...cuts(line), ...longer].entries()) {
      if (i % step !== 0) continue;
      if (textOf(token).toLowerCase() === textOf(line)) continue; // the case does not matter
      expect(codeOf(() => again(token))).toBe("malformed");
    }
  },
);

test.each(kinds)(
  "a $hrp line of version $version of any other length is malformed",
  async (kind) => {
    const { least, most, counted, says } = kind.lengths;
    const long = concat(kind.body, new Uint8Array(600).fill(9));
    const near = [-3, -2, -1, 0, 1, 2, 3].flatMap((off) => [least + off, most + off]);
    for (const length of [...Array(600).keys(), ...near]) {
      const body = length <= long.length ? long.subarray(0, length) : new Uint8Array(length);
      const token = tokenOfBytes(kind.hrp, versioned(kind.version, body));
      const again = () => kind.again(token);
      if (length >= least && length <= most) expect(textOf(again())).toBe(textOf(token));
      else {
        const words = new RegExp(` ${length + counted} bytes, expected ${says}$`);
        await expectFailure("malformed", words, again);
      }
    }
  },
);

test.each(kinds)("a $hrp line of an unknown version is malformed, with a hint", async (kind) => {
  const known = kinds.filter(({ hrp }) => hrp === kind.hrp).map(({ version }) => version);
  for (let version = 0; version < 256; version++) {
    if (known.includes(version)) continue;
    const token = tokenOfBytes(kind.hrp, versioned(version, kind.body));
    const words = new RegExp(`version ${version} `);
    const { hint } = await expectFailure("malformed", words, () => kind.again(token));
    expect(hint).toMatch(/newer/);
  }
});

test.each(kinds)("a line of another kind is no $hrp line, and both are named", async (kind) => {
  for (const { hrp } of kinds.filter((other) => other.hrp !== kind.hrp)) {
    const token = tokenOfBytes(hrp, versioned(1, kind.body));
    const words = new RegExp(`expected a ${kind.hrp}1.*${hrp}1`);
    await expectFailure("malformed", words, () => kind.again(token));
  }
});
