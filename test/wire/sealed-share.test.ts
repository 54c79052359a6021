import { expect, test } from "bun:test";
import sodium from "libsodium-wrappers";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { recipientId } from "../../lib/wire/keys.ts";
import { sealBox } from "../../lib/wire/sealed-box.ts";
import {
  decodeSealedShare,
  encodeSealedShare,
  openSealedShare,
  type SealedShare,
  sealShare,
} from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { publicKeyOf } from "../../lib/wire/x25519-key.ts";
import { codeOf, expectFailure, failureOf, flipped, repeatable } from "../core/helpers.ts";
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

test("sealShare() writes version ‖ recipient id ‖ set id ‖ k ‖ n ‖ x ‖ box", () => {
  const clear = concat(Uint8Array.of(1), recipientId(publicKey), setId, Uint8Array.of(k, n, x));
  expect(textOf(line)).toBe(textOf(tokenOfBytes("wdsealed", concat(clear, sealed.box))));
  expect([sealed.k, sealed.n, sealed.x]).toEqual([2, 3, 2]);
  expect(sealed.recipient.toHex()).toBe(recipientId(publicKey).toHex());
});

test("the box is libsodium's, of the canonical share line without a newline", () => {
  const opened = sodium.crypto_box_seal_open(sealed.box, publicKey, privateKey);
  expect(textOf(opened)).toBe(textOf(encodeShare(share)));
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

test("encodeSealedShare() writes again what decodeSealedShare() read", () => {
  expect(textOf(encodeSealedShare(decodeSealedShare(upper(line))))).toBe(textOf(line));
});

test("sealShare() leaves the share as it was and never makes the same line twice", async () => {
  const before = structuredClone(share);
  const lines = await Promise.all([1, 2, 3, 4].map(() => sealShare(share, publicKey)));
  expect(new Set(lines.map(textOf)).size).toBe(4);
  expect(share).toEqual(before);
});

test("decodeSealedShare() refuses a line with any bit turned over or cut anywhere", () => {
  for (let bit = 0; bit < line.length * 8; bit++) {
    expect(codeOf(() => decodeSealedShare(flipped(line, bit)))).toBe("malformed");
  }
  for (let length = 0; length < line.length; length++) {
    expect(codeOf(() => decodeSealedShare(line.subarray(0, length)))).toBe("malformed");
  }
});

test("decodeSealedShare() refuses every length but 138 to 546 bytes", async () => {
  const clear = concat(Uint8Array.of(1), sealed.recipient, setId, Uint8Array.of(k, n, x));
  const data = concat(clear, new Uint8Array(600));
  for (let length = 1; length <= 600; length++) {
    const token = tokenOfBytes("wdsealed", data.subarray(0, length));
    const decode = () => decodeSealedShare(token);
    if (length < 138 || length > 546) {
      await expectFailure("malformed", new RegExp(`${length} bytes.*138 to 546`), decode);
    } else {
      expect(codeOf(decode)).toBe("none");
    }
  }
});

test("decodeSealedShare() refuses k, n and x out of range", async () => {
  const refused = [
    [{ k: 0 }, /0 of 3/],
    [{ k: 4 }, /4 of 3/],
    [{ x: 0 }, /index 0/],
    [{ x: 4 }, /index 4/],
  ] as const;
  for (const [change, words] of refused) {
    const token = encodeSealedShare({ ...sealed, ...change });
    await expectFailure("malformed", words, () => decodeSealedShare(token));
  }
});

test("decodeSealedShare() refuses every version but 1 and every other kind of line", async () => {
  const body = concat(sealed.recipient, setId, Uint8Array.of(k, n, x), sealed.box);
  for (let version = 0; version < 256; version++) {
    if (version === 1) continue;
    const token = tokenOfBytes("wdsealed", concat(Uint8Array.of(version), body));
    const words = new RegExp(`version ${version} `);
    await expectFailure("malformed", words, () => decodeSealedShare(token));
  }
  const plain = encodeShare(share);
  await expectFailure("malformed", /wdsealed1.*wdshare1/, () => decodeSealedShare(plain));
});

test("openSealedShare() refuses any other key", async () => {
  for (let seed = 20; seed < 40; seed++) {
    const open = () => openSealedShare(sealed, repeatable(seed)(32));
    await expectFailure("mismatch", /does not open/, open);
  }
});

test("openSealedShare() refuses a box with any bit turned over", async () => {
  for (let bit = 0; bit < sealed.box.length * 8; bit++) {
    const changed = { ...sealed, box: flipped(sealed.box, bit) };
    await expectFailure("mismatch", /does not open/, () => openSealedShare(changed, privateKey));
  }
});

test("openSealedShare() refuses a clear header that is not that of the share inside", async () => {
  const changes: Partial<SealedShare>[] = [
    { k: 1 },
    { k: 3 },
    { n: 2 },
    { n: 4 },
    { x: 1 },
    { x: 3 },
  ];
  for (let bit = 0; bit < 64; bit++) changes.push({ setId: flipped(setId, bit) });
  for (const change of changes) {
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
    concat(canonical, ascii(" ")),
    concat(ascii(" "), canonical),
    ascii(textOf(canonical).replace(/.{5}/g, "$&-")),
    concat(canonical, canonical),
  ];
  for (const other of others) {
    const changed = await sealedText(other);
    expect((await failureOf(() => openSealedShare(changed, privateKey))).code).toBe("mismatch");
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
