import { expect, test } from "bun:test";
import { x25519 as noble } from "@noble/curves/ed25519.js";
import sodium from "libsodium-wrappers";
import * as native from "../../lib/core/primitives.ts";
import { checkPublicKey, publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { codeOf, expectFailure, flipped, hex, repeatable } from "../core/helpers.ts";
import { clamp, encodeU, ladder, mod, p, powMod } from "../core/ladder-oracle.ts";
import * as reference from "../core/reference.ts";

await sodium.ready;

/** The u of low order, found anew: where two or three doublings lead to the point at infinity. */
function lowOrderU(): bigint[] {
  // Order 2: u = 0, or u² + Au + 1 = 0. Order 4: these double to u = 0, so u = ±1. Order 8: these
  // double to ±1, so (u² − 1)² = ±4u(u² + Au + 1), which with w = u + 1/u is
  // w² ∓ 4w − 4 ∓ 4A = 0, and u² − wu + 1 = 0.
  const A = 486_662n;
  const half = powMod(2n, p - 2n);
  const found = [0n, 1n, p - 1n, ...rootsOf(A * A - 4n).map((root) => mod((root - A) * half))];
  for (const sign of [1n, -1n]) {
    for (const root of rootsOf(4n + 4n * sign * A + 4n)) {
      const w = mod(2n * sign + root);
      for (const other of rootsOf(w * w - 4n)) found.push(mod((w + other) * half));
    }
  }
  return found;
}

/** Both square roots modulo p, p being 5 modulo 8; none where there are none. */
function rootsOf(square: bigint): bigint[] {
  const candidate = powMod(mod(square), (p + 3n) / 8n);
  const twist = powMod(2n, (p - 1n) / 4n);
  const root = [candidate, mod(candidate * twist)].find((r) => mod(r * r - square) === 0n);
  return root === undefined ? [] : [root, mod(-root)];
}

const low = [...new Set(lowOrderU())];

test("there are exactly five u below p of low order, and checkPublicKey() refuses each", async () => {
  expect(low).toHaveLength(5);
  for (const u of low) {
    const bytes = encodeU(u);
    await expectFailure("malformed", /low order/, () => checkPublicKey(bytes));
    for (const seed of [1, 2, 3, 4]) {
      const scalar = repeatable(seed)(32);
      expect(ladder(clamp(scalar), u)).toBe(0n);
      expect(await native.x25519(scalar, bytes)).toBeUndefined();
      expect(await reference.x25519(scalar, bytes)).toBeUndefined();
      expect(() => noble.scalarMult(scalar, bytes)).toThrow();
      expect(() => sodium.crypto_scalarmult(scalar, bytes)).toThrow();
    }
  }
});

test("checkPublicKey() refuses all 19 u from p to 2^255 − 1, and any with the top bit set", async () => {
  const above = Array.from({ length: 19 }, (_, excess) => encodeU(p + BigInt(excess)));
  const good = await publicKeyOf(repeatable(1)(32));
  const flagged = [good, ...low.map(encodeU), encodeU(p)].map((key) => flipped(key, 255));
  for (const key of [...above, ...flagged]) {
    await expectFailure("malformed", /not below/, () => checkPublicKey(key));
  }
});

test("checkPublicKey() takes every neighbour of a refused u that is not refused itself", () => {
  const near = low.flatMap((u) => [u - 1n, u + 1n]).filter((u) => u >= 0n && u < p);
  const taken = near.filter((u) => !low.includes(u));
  expect(taken.map((u) => codeOf(() => checkPublicKey(encodeU(u))))).toEqual(
    taken.map(() => "none"),
  );
  expect(taken.length).toBeGreaterThanOrEqual(6);
});

test("checkPublicKey() takes u = 2 to 300, some of which lie on the twist", () => {
  for (let u = 2n; u <= 300n; u++) expect(codeOf(() => checkPublicKey(encodeU(u)))).toBe("none");
});

test("publicKeyOf() gives keys that checkPublicKey() takes, as libsodium's; scalars are clamped", async () => {
  const random = Array.from({ length: 50 }, (_, seed) => repeatable(seed)(32));
  for (const privateKey of [...random, new Uint8Array(32), new Uint8Array(32).fill(255)]) {
    const publicKey = await publicKeyOf(privateKey);
    expect(publicKey).toEqual(sodium.crypto_scalarmult_base(privateKey));
    expect(publicKey).toEqual(encodeU(ladder(clamp(privateKey), 9n)));
    expect(codeOf(() => checkPublicKey(publicKey))).toBe("none");
  }
});

test("publicKeyOf() gives both keys of RFC 7748, section 6.1", async () => {
  const pairs = [
    [
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    ],
    [
      "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    ],
  ] as const;
  for (const [privateKey, publicKey] of pairs) {
    expect((await publicKeyOf(hex(privateKey))).toHex()).toBe(publicKey);
  }
});
