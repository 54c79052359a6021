// Shares: version, set id, k, n, x, then one value of each byte's polynomial.

import { concat, hash, hex, sample } from "./bytes.ts";
import { powerSum, solve } from "./gf256.ts";
import { decode, encode } from "./text.ts";

export type Share = {
  version: number;
  set: Uint8Array;
  k: number;
  n: number;
  x: number;
  y: Uint8Array;
};

/** A set of shares with what a test wants to know of it. */
export type ShareSet = {
  id: string;
  secret: Uint8Array;
  shares: Share[];
  lines: string[];
};

/** The tag that goes into the polynomial ahead of the secret. */
export function tagOf(set: Uint8Array, k: number, n: number, secret: Uint8Array): Uint8Array {
  return hash("worstday share", 16, concat(Uint8Array.of(1), set, Uint8Array.of(k, n), secret));
}

/** The bytes of a share, whatever nonsense its fields hold. */
export function shareBytes(share: Share): Uint8Array {
  const { version, set, k, n, x, y } = share;
  return concat(Uint8Array.of(version), set, Uint8Array.of(k, n, x), y);
}

/** The share line. */
export function shareLine(share: Share): string {
  return encode("wdshare", shareBytes(share));
}

/** Reads a canonical share line. */
export function parseShare(line: string): Share {
  const bytes = decode("wdshare", line.trim());
  const [version = 0, k = 0, n = 0, x = 0] = [bytes[0], bytes[9], bytes[10], bytes[11]];
  return { version, set: bytes.slice(1, 9), k, n, x, y: bytes.slice(12) };
}

/** Shares of a payload that is taken as it is, with coefficients made from `seed`. */
export function sharePayload(
  payload: Uint8Array,
  header: { set: Uint8Array; k: number; n: number },
  seed: string,
): Share[] {
  const { set, k, n } = header;
  const rows = Array.from({ length: k - 1 }, (_, i) => sample(`${seed} ${i}`, payload.length));
  return Array.from({ length: n }, (_, i) => {
    const y = payload.map((byte, at) =>
      powerSum([byte, ...rows.map((row) => row[at] ?? 0)], i + 1),
    );
    return { version: 1, set, k, n, x: i + 1, y };
  });
}

/** A proper set; the same seed gives the same set id, and `salt` other coefficients. */
export function makeSet(
  seed: string,
  k: number,
  n: number,
  secret: Uint8Array,
  salt = "",
): ShareSet {
  const set = sample(`set ${seed}`, 8);
  const payload = concat(tagOf(set, k, n, secret), secret);
  const shares = sharePayload(payload, { set, k, n }, `${seed}${salt}`);
  return { id: hex(set), secret, shares, lines: shares.map(shareLine) };
}

/** The secret of k canonical lines of one set, its tag checked. */
export function combineLines(lines: string[]): Uint8Array {
  const shares = lines.map(parseShare);
  const first = shares[0];
  if (first === undefined) throw new Error("no shares");
  const payload = first.y.map((_, at) => {
    const [constant = 0] = solve(shares.map(({ x, y }) => ({ x, y: y[at] ?? 0 })));
    return constant;
  });
  const [tag, secret] = [payload.slice(0, 16), payload.slice(16)];
  if (hex(tag) !== hex(tagOf(first.set, first.k, first.n, secret))) throw new Error("wrong tag");
  return secret;
}

/** A share with another value, different for each index: well formed, but a wrong point. */
export function bend(share: Share): Share {
  const noise = sample(`bend ${share.x}`, share.y.length);
  return { ...share, y: share.y.map((byte, at) => byte ^ (noise[at] ?? 0)) };
}
