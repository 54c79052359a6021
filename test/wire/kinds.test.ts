/** What all kinds of line have in common: HRP, version 1 and a length, and nothing else is taken. */

import { expect, test } from "bun:test";
import { concat } from "../../lib/core/bytes.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import {
  decodePrivateKey,
  decodePublicKey,
  encodePrivateKey,
  encodePublicKey,
  recipientId,
} from "../../lib/wire/keys.ts";
import { decodeSealedShare, encodeSealedShare } from "../../lib/wire/sealed-share.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { codeOf, cuts, expectFailure, flips, repeatable } from "../core/helpers.ts";
import { textOf, tokenOfBytes, upper } from "../oracle/text.ts";

const privateKey = repeatable(1)(32);
const publicKey = await publicKeyOf(privateKey);
const place = { setId: repeatable(2)(8), k: 2, n: 3, x: 3 };
const clear = concat(place.setId, Uint8Array.of(2, 3, 3));
const share = { ...place, y: repeatable(3)(48) };
const sealed = { ...place, recipient: recipientId(publicKey), box: repeatable(4)(167) };

/** `least` and `most` bytes behind the version, of which messages count `counted` in. */
const kinds = [
  {
    hrp: "wdkey",
    body: privateKey,
    line: encodePrivateKey(privateKey),
    again: (token: Uint8Array) => encodePrivateKey(decodePrivateKey(token)),
    lengths: { least: 32, most: 32, counted: 0, says: "32" },
  },
  {
    hrp: "wdpub",
    body: publicKey,
    line: encodePublicKey(publicKey),
    again: (token: Uint8Array) => encodePublicKey(decodePublicKey(token)),
    lengths: { least: 32, most: 32, counted: 0, says: "32" },
  },
  {
    hrp: "wdshare",
    body: concat(clear, share.y),
    line: encodeShare(share),
    again: (token: Uint8Array) => encodeShare(decodeShare(token)),
    lengths: { least: 28, most: 283, counted: 1, says: "29 to 284" },
  },
  {
    hrp: "wdsealed",
    body: concat(sealed.recipient, clear, sealed.box),
    line: encodeSealedShare(sealed),
    again: (token: Uint8Array) => encodeSealedShare(decodeSealedShare(token)),
    lengths: { least: 137, most: 545, counted: 1, says: "138 to 546" },
  },
];
const versioned = (version: number, body: Uint8Array) => concat(Uint8Array.of(version), body);

test.each(kinds)(
  "a $hrp line is version ‖ what it holds, and comes back in either case",
  (kind) => {
    const { hrp, body, line, again } = kind;
    expect(textOf(line)).toBe(textOf(tokenOfBytes(hrp, versioned(1, body))));
    for (const token of [line, upper(line)]) expect(textOf(again(token))).toBe(textOf(line));
  },
);

test.each(kinds)(
  "a $hrp line with a bit turned over, cut, or with a byte more is malformed",
  ({ line, again }) => {
    const longer = Array.from({ length: 256 }, (_, byte) => concat(line, Uint8Array.of(byte)));
    const isOtherCase = (token: Uint8Array) => textOf(token).toLowerCase() === textOf(line);
    const wrong = flips(line).filter((token) => !isOtherCase(token));
    for (const token of [...wrong, ...cuts(line), ...longer]) {
      expect(codeOf(() => again(token))).toBe("malformed");
    }
  },
);

test.each(kinds)("a $hrp line of any other length is malformed", async (kind) => {
  const { least, most, counted, says } = kind.lengths;
  const long = concat(kind.body, new Uint8Array(600).fill(9));
  for (let length = 0; length <= 600; length++) {
    const token = tokenOfBytes(kind.hrp, versioned(1, long.subarray(0, length)));
    const again = () => kind.again(token);
    if (length >= least && length <= most) expect(textOf(again())).toBe(textOf(token));
    else {
      const words = new RegExp(` ${length + counted} bytes, expected ${says}$`);
      await expectFailure("malformed", words, again);
    }
  }
});

test.each(kinds)("a $hrp line of any version but 1 is malformed, with a hint", async (kind) => {
  for (let version = 0; version < 256; version++) {
    if (version === 1) continue;
    const token = tokenOfBytes(kind.hrp, versioned(version, kind.body));
    const words = new RegExp(`version ${version} `);
    const { hint } = await expectFailure("malformed", words, () => kind.again(token));
    expect(hint).toMatch(/newer/);
  }
});

test.each(kinds)("a line of another kind is no $hrp line, and both are named", async (kind) => {
  for (const { hrp } of kinds.filter((other) => other !== kind)) {
    const token = tokenOfBytes(hrp, versioned(1, kind.body));
    const words = new RegExp(`expected a ${kind.hrp}1.*${hrp}1`);
    await expectFailure("malformed", words, () => kind.again(token));
  }
});
