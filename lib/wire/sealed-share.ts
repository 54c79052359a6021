/**
 * The sealed share line, `wdsealed1…`:
 * version 1 ‖ recipient id (8) ‖ set id (8) ‖ k ‖ n ‖ x ‖ sealed box of the share line.
 */

import { equal, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import { type Random, randomBytes } from "../core/random.ts";
import type { Share } from "../core/sharing.ts";
import { boxOverheadBytes, openBox, sealBox } from "../nacl/sealed-box.ts";
import { recipientId, recipientIdBytes } from "./keys.ts";
import {
  decodePlace,
  decodeShare,
  encodePlace,
  encodeShare,
  type Place,
  placeBytes,
} from "./share.ts";
import { decodeVersioned, encodeVersioned, hrpOf } from "./text.ts";

/** The clear part of a sealed share, and its box. */
export interface SealedShare extends Place {
  recipient: Uint8Array;
  box: Uint8Array;
}

/** The shortest and the longest share line, for secrets of 1 and of 256 bytes. */
const [minLineBytes, maxLineBytes] = [70, 478];

/** Seals a share to a 32-byte public key; the canonical line without a newline, in ASCII. */
export async function sealShare(
  share: Share,
  publicKey: Uint8Array,
  random: Random = randomBytes,
): Promise<Uint8Array> {
  const line = encodeShare(share);
  const box = await sealBox(line, publicKey, random);
  wipe(line);
  return encodeSealedShare({ ...share, recipient: recipientId(publicKey), box });
}

/** The canonical line without a newline, in ASCII. */
export function encodeSealedShare({ recipient, box, ...place }: SealedShare): Uint8Array {
  return encodeVersioned("wdsealed", recipient, encodePlace(place), box);
}

/**
 * A token of either case to its clear part and its box of 118 to 526 bytes.
 *
 * @throws malformed
 */
export function decodeSealedShare(token: Uint8Array): SealedShare {
  const data = decodeVersioned("wdsealed", token);
  const start = recipientIdBytes + placeBytes;
  const box = data.subarray(start);
  const lineBytes = box.length - boxOverheadBytes;
  if (lineBytes < minLineBytes || lineBytes > maxLineBytes) {
    fail("malformed", `the sealed share has ${data.length + 1} bytes, expected 138 to 546`);
  }
  const place = decodePlace(data.subarray(recipientIdBytes));
  return { ...place, recipient: data.slice(0, recipientIdBytes), box };
}

/** A token of either kind; `isSealed` tells which. @throws malformed */
export function decodeAnyShare(token: Uint8Array): Share | SealedShare {
  return hrpOf(token) === "wdsealed" ? decodeSealedShare(token) : decodeShare(token);
}

export function isSealed(share: Share | SealedShare): share is SealedShare {
  return "box" in share;
}

/**
 * Opens a sealed share with the 32-byte private key of its recipient.
 *
 * @throws mismatch: damaged, forged, or its clear part does not match the share inside
 */
export async function openSealedShare(sealed: SealedShare, privateKey: Uint8Array) {
  const line = await openBox(sealed.box, privateKey);
  try {
    const share = decodeInside(line);
    const canonical = encodeShare(share);
    const isCanonical = equal(canonical, line);
    wipe(canonical);
    if (isCanonical && equal(encodePlace(share), encodePlace(sealed))) return share;
    wipe(share.y);
    return fail("mismatch", "the clear part of the sealed share does not match the share inside");
  } finally {
    wipe(line);
  }
}

/** If something else was sealed, it does not verify, whatever is wrong with it. */
function decodeInside(line: Uint8Array): Share {
  try {
    return decodeShare(line);
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    return fail("mismatch", `the sealed box does not hold a share: ${error.message}`);
  }
}
