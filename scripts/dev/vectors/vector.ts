/** What the generators of test vectors share: the shape of a vector and fixed inputs. */

import { sha512 } from "@noble/hashes/sha2.js";
import { ascii, concat } from "../../../lib/core/bytes.ts";
import type { ErrorCode } from "../../../lib/core/errors.ts";
import type { Random } from "../../../lib/core/random.ts";
import { interpolate } from "../../../lib/core/shamir.ts";
import { deal, type Share } from "../../../lib/core/sharing.ts";
import { encodePlace, encodeShare } from "../../../lib/wire/share.ts";
import { encodeText } from "../../../lib/wire/text.ts";

export interface Vector {
  about: string;
  command: string[];
  stdin: Uint8Array;
  files: Record<string, Uint8Array>;
  /** What goes to stdout, or the code of the error. */
  outcome: Uint8Array | ErrorCode;
}

export type Vectors = Record<string, Vector>;

/** `command` has a space between words. */
export function vector(
  about: string,
  command: string,
  stdin: Uint8Array,
  outcome: Vector["outcome"],
  files: Vector["files"] = {},
): Vector {
  return { about, command: command.split(" "), stdin, files, outcome };
}

/** Not random at all: SHA-512 of the seed and a counter. */
export function fixedRandom(seed: string): Random {
  let calls = 0;
  return (length) => {
    const blocks: Uint8Array[] = [];
    for (let block = 0; block * 64 < length; block++) {
      blocks.push(sha512(ascii(`${seed} ${calls} ${block}`)));
    }
    calls++;
    return concat(...blocks).slice(0, length);
  };
}

/** 32 bytes, 00 01 … 1f. */
export const secret = Uint8Array.from({ length: 32 }, (_, i) => i);

export function shares(seed: string, k: number, n: number, of: Uint8Array = secret): Share[] {
  return deal(of, k, n, fixedRandom(seed));
}

/** Shares of another secret that claim to be of the same set, with a tag that says so too. */
export function forgeShares({ setId, k, n }: Share, of: Uint8Array): Share[] {
  const rest = fixedRandom("forged");
  let first = true;
  return deal(of, k, n, (length) => {
    const bytes = first ? setId : rest(length);
    first = false;
    return bytes;
  });
}

/** A value for `other` that lies, with the forger's own share, on a polynomial to the secret `of`. */
export function forgeByHolder(own: Share, other: Share, of: Uint8Array): Share {
  const points = forgeShares(own, of);
  const payload = interpolate(points.slice(0, own.k), 0);
  return { ...other, y: interpolate([{ x: 0, y: payload }, own], other.x) };
}

/** A share line with whatever is in it, and a right checksum. */
export function forgeShare(share: Share, version = 1): Uint8Array {
  return encodeText("wdshare", concat(Uint8Array.of(version), encodePlace(share), share.y));
}

export function lines(...tokens: (Uint8Array | string)[]): Uint8Array {
  return concat(...tokens.flatMap((token) => [bytesOf(token), ascii("\n")]));
}

export function bytesOf(text: Uint8Array | string): Uint8Array {
  return typeof text === "string" ? ascii(text) : text;
}

export function shareLines(...dealt: (Share | undefined)[]): Uint8Array {
  return lines(...dealt.map((share) => encodeShare(share as Share)));
}

export function flip(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.with(index, (bytes.at(index) as number) ^ 1);
}
