import { expect, setDefaultTimeout, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import sodium from "libsodium-wrappers";
import { checkPublicKey, publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { convertPrivateKey, convertPublicKey } from "../../lib/ssh/ed25519-key.ts";
import { codeOf, expectFailure, flipped, hex, repeatable } from "../core/helpers.ts";
import { encodeU, mod, p, powMod } from "../core/ladder-oracle.ts";

setDefaultTimeout(60_000); // for a busy machine

await sodium.ready;

/** What libsodium makes of a public key; undefined where it refuses. */
function bySodium(publicKey: Uint8Array): string | undefined {
  try {
    return sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey).toHex();
  } catch {
    return undefined;
  }
}

function byUs(publicKey: Uint8Array): string | undefined {
  let converted: string | undefined;
  const code = codeOf(() => {
    converted = convertPublicKey(publicKey).toHex();
  });
  expect(code).toBe(converted === undefined ? "malformed" : "none");
  return converted;
}

const { Point } = ed25519;
const pointOf = (scalar: bigint) => Point.BASE.multiplyUnsafe(scalar);

/** All eight points of small order, the neutral element first. */
const eighth = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
const small = Array.from({ length: 8 }, (_, i) => eighth.multiplyUnsafe(BigInt(i)));

test("public and private keys convert as libsodium converts them, and still belong together", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const pair = sodium.crypto_sign_seed_keypair(repeatable(seed)(32));
    const privateKey = await convertPrivateKey(repeatable(seed)(32), pair.publicKey);
    const publicKey = convertPublicKey(pair.publicKey);
    expect(publicKey).toEqual(sodium.crypto_sign_ed25519_pk_to_curve25519(pair.publicKey));
    expect(privateKey).toEqual(sodium.crypto_sign_ed25519_sk_to_curve25519(pair.privateKey));
    expect(await publicKeyOf(privateKey)).toEqual(publicKey);
    expect(codeOf(() => checkPublicKey(publicKey))).toBe("none");
  }
});

test("convertPublicKey() takes and refuses any 32 bytes as libsodium does", () => {
  let points = 0;
  for (let seed = 0; seed < 400; seed++) {
    const bytes = repeatable(seed)(32);
    expect(byUs(bytes)).toBe(bySodium(bytes) as string);
    if (isOnCurve(bytes)) points++;
  }
  expect(points).toBeGreaterThan(100);
});

/** Whether x² = (y² − 1) / (dy² + 1) has a root (RFC 8032, section 5.1.3). */
function isOnCurve(bytes: Uint8Array): boolean {
  const y = BigInt(`0x${bytes.toReversed().toHex()}`) & ((1n << 255n) - 1n);
  const d = mod(-121_665n * powMod(121_666n, p - 2n));
  const square = mod((y * y - 1n) * powMod(mod(d * y * y + 1n), p - 2n));
  return square === 0n || powMod(square, (p - 1n) / 2n) === 1n;
}

test("what is not on the curve is malformed", async () => {
  const ys = Array.from({ length: 58 }, (_, i) => encodeU(BigInt(i + 2)));
  const off = ys.filter((y) => !isOnCurve(y));
  expect(off.length).toBeGreaterThan(15);
  for (const bytes of off.flatMap((y) => [y, flipped(y, 255)])) {
    await expectFailure("malformed", /not a point/, () => convertPublicKey(bytes));
    expect(bySodium(bytes)).toBeUndefined();
  }
});

test("the eight points of small order are malformed", async () => {
  expect(new Set(small.map((point) => point.toHex())).size).toBe(8);
  for (const point of small) {
    await expectFailure("malformed", /small order/, () => convertPublicKey(point.toBytes()));
    expect(bySodium(point.toBytes())).toBeUndefined();
  }
});

test("points outside the subgroup of prime order are malformed, all seven kinds", async () => {
  for (const scalar of [1n, 2n, 12_345n, 2n ** 200n + 1n]) {
    const inside = pointOf(scalar);
    expect(byUs(inside.toBytes())).toBe(bySodium(inside.toBytes()) as string);
    for (const torsion of small.slice(1)) {
      const bytes = inside.add(torsion).toBytes();
      await expectFailure("malformed", /subgroup/, () => convertPublicKey(bytes));
      expect(bySodium(bytes)).toBeUndefined();
    }
  }
});

test("no y below 19 or from p to 2^255 − 1 is taken, with a sign or without, by libsodium neither", () => {
  const small = Array.from({ length: 19 }, (_, i) => BigInt(i));
  const ys = [...small, ...small.map((y) => p + y), p - 1n].map(encodeU);
  for (const bytes of ys.flatMap((y) => [y, flipped(y, 255)])) {
    expect([byUs(bytes), bySodium(bytes)]).toEqual([undefined, undefined]);
  }
});

test("a key and its negative convert to one X25519 key, since it has no sign", () => {
  const publicKey = pointOf(77n).toBytes();
  expect(byUs(flipped(publicKey, 255))).toBe(byUs(publicKey) as string);
  expect(bySodium(flipped(publicKey, 255))).toBe(bySodium(publicKey) as string);
});

test("convertPrivateKey() refuses halves that do not belong together", async () => {
  const { publicKey } = sodium.crypto_sign_seed_keypair(repeatable(1)(32));
  const other = sodium.crypto_sign_seed_keypair(repeatable(2)(32)).publicKey;
  for (let bit = 0; bit < 256; bit += 5) {
    const seed = flipped(repeatable(1)(32), bit);
    await expectFailure("malformed", /do not match/, () => convertPrivateKey(seed, publicKey));
  }
  await expectFailure("malformed", /match/, () => convertPrivateKey(repeatable(1)(32), other));
  const low = (small[3] as (typeof small)[0]).toBytes();
  await expectFailure("malformed", /small/, () => convertPrivateKey(repeatable(1)(32), low));
});

test("the keys of RFC 8032, section 7.1, convert", async () => {
  const seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const publicKey = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const privateKey = await convertPrivateKey(seed, publicKey);
  expect(privateKey.toHex()).toBe(
    "307c83864f2833cb427a2ef1c00a013cfdff2768d980c0a3a520f006904de94f",
  );
  expect(convertPublicKey(publicKey).toHex()).toBe(
    "d85e07ec22b0ad881537c2f44d662d1a143cf830c57aca4305d85c7a90f6b62e",
  );
});
