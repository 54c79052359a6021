/**
 * The sealed share line, `wdsealed1…`:
 * version ‖ recipient id (8) ‖ set id (8) ‖ k ‖ n ‖ x ‖ what is sealed, the share line.
 *
 * Version 1, to an X25519 key, has a sealed box. Version 2, to a hybrid key, has HPKE's ciphertext,
 * with everything before it as associated data.
 */

import { ascii, concat, equal, wipe } from "../core/bytes.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import { type Random, randomBytes } from "../core/random.ts";
import type { Share } from "../core/sharing.ts";
import { boxOverheadBytes, openBox, sealBox } from "../nacl/sealed-box.ts";
import { isHybrid, recipientId, recipientIdBytes } from "./keys.ts";
import {
  decodePlace,
  decodeShare,
  encodePlace,
  encodeShare,
  type Place,
  placeBytes,
} from "./share.ts";
import { decodeKind, encodeText, hrpOf } from "./text.ts";

/** The clear part of a sealed share, and its box, which tells the version by its length. */
export interface SealedShare extends Place {
  recipient: Uint8Array;
  box: Uint8Array;
}

/** The shortest and the longest share line, for secrets of 1 and of 256 bytes. */
const [minLineBytes, maxLineBytes] = [70, 478];
const hybridOverheadBytes = 1136;
const info = ascii("worstday sealed share");

/** Seals a share to a public key of either kind; the canonical line without a newline, in ASCII. */
export async function sealShare(
  share: Share,
  publicKey: Uint8Array,
  random: Random = randomBytes,
): Promise<Uint8Array> {
  const line = encodeShare(share);
  const recipient = recipientId(publicKey);
  const aad = clearPart(2, { ...share, recipient });
  const box = isHybrid(publicKey)
    ? await (await import("../hybrid/hpke.ts")).sealBase(line, publicKey, { info, aad })
    : await sealBox(line, publicKey, random);
  wipe(line);
  return encodeSealedShare({ ...share, recipient, box });
}

/** Whether a share is sealed to a hybrid key. */
export function isSealedHybrid({ box }: SealedShare): boolean {
  return box.length > hybridOverheadBytes;
}

function clearPart(version: number, { recipient, ...place }: Omit<SealedShare, "box">): Uint8Array {
  return concat(Uint8Array.of(version), recipient, encodePlace(place));
}

/** The canonical line without a newline, in ASCII. */
export function encodeSealedShare(sealed: SealedShare): Uint8Array {
  const version = isSealedHybrid(sealed) ? 2 : 1;
  return encodeText("wdsealed", concat(clearPart(version, sealed), sealed.box));
}

/**
 * A token of either case to its clear part and its box of 118 to 526 or of 1,206 to 1,614 bytes.
 *
 * @throws malformed
 */
export function decodeSealedShare(token: Uint8Array): SealedShare {
  const data = decodeKind("wdsealed", token, 2);
  const [recipientEnd, placeEnd] = [1 + recipientIdBytes, 1 + recipientIdBytes + placeBytes];
  const overheadBytes = placeEnd + (data[0] === 1 ? boxOverheadBytes : hybridOverheadBytes);
  const [least, most] = [overheadBytes + minLineBytes, overheadBytes + maxLineBytes];
  if (data.length < least || data.length > most) {
    const expected = `expected ${least} to ${most}`;
    fail("malformed", `the sealed share has ${data.length} bytes, ${expected}`);
  }
  const place = decodePlace(data.subarray(recipientEnd));
  return { ...place, recipient: data.slice(1, recipientEnd), box: data.subarray(placeEnd) };
}

/** A token of either kind; `isSealed` tells which. @throws malformed */
export function decodeAnyShare(token: Uint8Array): Share | SealedShare {
  return hrpOf(token) === "wdsealed" ? decodeSealedShare(token) : decodeShare(token);
}

export function isSealed(share: Share | SealedShare): share is SealedShare {
  return "box" in share;
}

/**
 * Opens a sealed share with the private key of its recipient, of either kind.
 *
 * @throws mismatch: damaged, forged, or its clear part does not match the share inside
 */
export async function openSealedShare(sealed: SealedShare, privateKey: Uint8Array) {
  const line = await openLine(sealed, privateKey);
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

async function openLine(sealed: SealedShare, privateKey: Uint8Array): Promise<Uint8Array> {
  const refuse = () => fail("mismatch", "the sealed share does not open: damaged or forged");
  if (isHybrid(privateKey) !== isSealedHybrid(sealed)) return refuse();
  if (!isHybrid(privateKey)) return openBox(sealed.box, privateKey);
  const { openBase } = await import("../hybrid/hpke.ts");
  const context = { info, aad: clearPart(2, sealed) };
  return (await openBase(sealed.box, privateKey.subarray(1), context)) ?? refuse();
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
