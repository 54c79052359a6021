import { expect, test } from "bun:test";
import sodium from "libsodium-wrappers";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { sealBase } from "../../lib/hybrid/hpke.ts";
import { sealBox } from "../../lib/nacl/sealed-box.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { publicHalf, recipientId } from "../../lib/wire/keys.ts";
import {
  decodeAnyShare,
  decodeSealedShare,
  encodeSealedShare,
  isSealed,
  openSealedShare,
  type SealedShare,
  sealShare,
} from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { decodeText, encodeText } from "../../lib/wire/text.ts";
import { codeOf, expectFailure, flipped, flips, repeatable, upTo } from "../core/helpers.ts";
import { hpkeOpen, hpkeSeal } from "../hybrid/reference.ts";
import { textOf, tokenOfBytes, upper } from "../oracle/text.ts";

await sodium.ready;

const privateKey = repeatable(1)(32);
const publicKey = await publicKeyOf(privateKey);
const share = deal(repeatable(2)(32), 2, 3)[1] as Share;
const { setId, k, n, x } = share;
const line = await sealShare(share, publicKey);
const sealed = decodeSealedShare(line);

/** What sealShare() makes, but with any text inside the box. */
async function sealedText(text: Uint8Array): Promise<SealedShare> {
  const box = await sealBox(text, publicKey);
  return { setId, k, n, x, recipient: recipientId(publicKey), box };
}

test("sealShare() names set, index and recipient, and seals the share line as libsodium does", () => {
  expect(sealed).toEqual({ setId, k, n, x, recipient: recipientId(publicKey), box: sealed.box });
  const opened = sodium.crypto_box_seal_open(sealed.box, publicKey, privateKey);
  expect(textOf(opened)).toBe(textOf(encodeShare(share)));
});

test("decodeAnyShare() takes shares and sealed shares, and isSealed() tells which", () => {
  const both = [encodeShare(share), line].map((token) => decodeAnyShare(token));
  expect(both).toEqual([share, sealed]);
  expect(both.map(isSealed)).toEqual([false, true]);
});

test("openSealedShare() opens a box that libsodium made", async () => {
  const box = sodium.crypto_box_seal(encodeShare(share), publicKey);
  const token = encodeSealedShare({ ...sealed, box });
  expect(await openSealedShare(decodeSealedShare(token), privateKey)).toEqual(share);
});

test("a sealed share comes back for secrets of every length, in either case", async () => {
  for (let length = 1; length <= 256; length++) {
    const [one] = deal(repeatable(length)(length), 1, 1) as [Share];
    const token = await sealShare(one, publicKey);
    for (const text of [token, upper(token)]) {
      expect(await openSealedShare(decodeSealedShare(text), privateKey)).toEqual(one);
    }
  }
});

test("sealShare() leaves the share as it was and never makes the same line twice", async () => {
  const before = structuredClone(share);
  const lines = await Promise.all([1, 2, 3, 4].map(() => sealShare(share, publicKey)));
  expect(new Set(lines.map(textOf)).size).toBe(4);
  expect(share).toEqual(before);
});

test("decodeSealedShare() refuses k, n and x out of range", () => {
  for (const change of [{ k: 0 }, { k: 4 }, { x: 0 }, { x: 4 }]) {
    const token = encodeSealedShare({ ...sealed, ...change });
    expect(codeOf(() => decodeSealedShare(token))).toBe("malformed");
  }
});

test("openSealedShare() refuses a clear header that is not that of the share inside", async () => {
  const places = [{ k: 1 }, { k: 3 }, { n: 2 }, { n: 4 }, { x: 1 }, { x: 3 }];
  for (const change of [...places, ...flips(setId).map((setId) => ({ setId }))]) {
    const changed = decodeSealedShare(encodeSealedShare({ ...sealed, ...change }));
    const open = () => openSealedShare(changed, privateKey);
    await expectFailure("mismatch", /^the clear part of the sealed share does not match/, open);
  }
});

test("openSealedShare() refuses a share inside that is not in canonical form", async () => {
  const canonical = encodeShare(share);
  const text = await sealedText(upper(canonical));
  await expectFailure("mismatch", /clear|canonical/, () => openSealedShare(text, privateKey));
  const others = [
    concat(canonical, ascii("\n")),
    concat(ascii(" "), canonical),
    ascii(textOf(canonical).replace(/.{5}/g, "$&-")),
    concat(canonical, canonical),
  ];
  for (const other of others) {
    const changed = await sealedText(other);
    await expectFailure("mismatch", /./, () => openSealedShare(changed, privateKey));
  }
});

test("openSealedShare() refuses what is no share inside, as a mismatch that says what it is", async () => {
  const inside = [
    ascii("x".repeat(80)),
    new Uint8Array(100),
    flipped(encodeShare(share), 100),
    tokenOfBytes("wdpub", concat(Uint8Array.of(1), publicKey)),
    tokenOfBytes("wdshare", concat(Uint8Array.of(2), setId, Uint8Array.of(k, n, x), share.y)),
    tokenOfBytes("wdshare", concat(Uint8Array.of(1), setId, Uint8Array.of(k, n, 0), share.y)),
  ];
  for (const text of inside) {
    const changed = await sealedText(text);
    await expectFailure("mismatch", /does not hold a share/, () =>
      openSealedShare(changed, privateKey),
    );
  }
});

test("openSealedShare() does not go by the recipient id: the box decides", async () => {
  const changed = { ...sealed, recipient: new Uint8Array(8) };
  expect(await openSealedShare(changed, privateKey)).toEqual(share);
});

const hybridKey = concat(Uint8Array.of(2), repeatable(7)(32));
const hybridPublic = await publicHalf(hybridKey);
const hybridLine = await sealShare(share, hybridPublic);
const hybrid = decodeSealedShare(hybridLine);
const info = ascii("worstday sealed share");
const aad = concat(Uint8Array.of(2), recipientId(hybridPublic), setId, Uint8Array.of(k, n, x));

test("sealShare() to a hybrid key is HPKE under the clear part, as @hpke/core does it, both ways", async () => {
  expect(decodeText(hybridLine).data).toEqual(concat(aad, hybrid.box));
  const opened = await hpkeOpen(hybrid.box, hybridKey.slice(1), { info, aad });
  expect(textOf(opened)).toBe(textOf(encodeShare(share)));
  const box = await hpkeSeal({ message: encodeShare(share), info, aad }, hybridPublic);
  const token = encodeSealedShare({ ...hybrid, box });
  expect(await openSealedShare(decodeSealedShare(token), hybridKey)).toEqual(share);
});

test("a share sealed to a hybrid key comes back for secrets of any length, in either case", async () => {
  for (const length of [...upTo(20), 32, 119, 200, 255, 256]) {
    const [one] = deal(repeatable(length)(length), 1, 1) as [Share];
    const token = await sealShare(one, hybridPublic);
    for (const text of [token, upper(token)]) {
      expect(await openSealedShare(decodeSealedShare(text), hybridKey)).toEqual(one);
    }
  }
});

test("openSealedShare() refuses a hybrid one with any byte of it changed, or another clear part", async () => {
  const { data } = decodeText(hybridLine);
  for (let at = 1; at < data.length; at++) {
    const changed = data.with(at, (data[at] as number) ^ (1 << (at & 7)));
    const token = encodeText("wdsealed", changed);
    if (codeOf(() => decodeSealedShare(token)) !== "none") continue; // k, n or x is out of range
    const open = () => openSealedShare(decodeSealedShare(token), hybridKey);
    await expectFailure("mismatch", /^the sealed share does not open/, open);
  }
  const low = { ...hybrid, box: Uint8Array.from(hybrid.box).fill(0, 1088, 1120) };
  await expectFailure("mismatch", /does not open/, () => openSealedShare(low, hybridKey));
});

test("openSealedShare() refuses a key of the other kind", async () => {
  for (const [one, key] of [
    [sealed, hybridKey],
    [hybrid, privateKey],
    [hybrid, concat(Uint8Array.of(2), privateKey)],
  ] as const) {
    const open = () => openSealedShare(one, key);
    await expectFailure("mismatch", /^the sealed share does not open/, open);
  }
});

test("openSealedShare() refuses what is no share in a hybrid one, or another", async () => {
  const sealText = async (message: Uint8Array) => {
    return { ...hybrid, box: await sealBase(message, hybridPublic, { info, aad }) };
  };
  const none = await sealText(ascii("x".repeat(80)));
  await expectFailure("mismatch", /does not hold a share/, () => openSealedShare(none, hybridKey));
  const other = await sealText(encodeShare({ ...share, x: 1 }));
  await expectFailure("mismatch", /clear part/, () => openSealedShare(other, hybridKey));
});
