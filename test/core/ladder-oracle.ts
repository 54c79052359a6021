/** X25519 by the formulas of RFC 7748, section 5, on big integers. For tests only. */

export const p = 2n ** 255n - 19n;
const a24 = 121_665n; // (486662 − 2) / 4

export const mod = (value: bigint): bigint => ((value % p) + p) % p;

export function powMod(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = mod(result * result);
    if (bit === "1") result = mod(result * base);
  }
  return result;
}

/** 32 bytes, little-endian. */
export function encodeU(u: bigint): Uint8Array {
  return Uint8Array.fromHex(u.toString(16).padStart(64, "0")).reverse();
}

/** The clamped scalar of 32 bytes. */
export function clamp(scalar: Uint8Array): bigint {
  const bytes = scalar.slice();
  bytes[0] = (bytes[0] as number) & 248;
  bytes[31] = ((bytes[31] as number) & 127) | 64;
  return BigInt(`0x${bytes.reverse().toHex()}`);
}

/** u of k · P, or 0 where that is the point at infinity. */
export function ladder(k: bigint, u: bigint): bigint {
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n;
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [mod(a * a), mod(b * b), mod(d * a), mod(c * b)];
    const e = aa - bb;
    [x2, z2] = [mod(aa * bb), mod(e * (aa + a24 * e))];
    [x3, z3] = [mod((da + cb) ** 2n), mod(u * (da - cb) ** 2n)];
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2];
  }
  return mod(x2 * powMod(z2, p - 2n));
}
