/** Checks sealed shares against a scheme, and finds the holder of a private key. */

import { ascii, equal, toHex, toText, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { decodePublicKey, encodePublicKey, publicHalf, recipientId } from "../wire/keys.ts";
import { readOnlyLine } from "../wire/lines.ts";
import { decodeSealedShare, openSealedShare } from "../wire/sealed-share.ts";
import { encodeShare } from "../wire/share.ts";
import type { Holder, Scheme } from "./fields.ts";
import { commitmentOf } from "./scheme.ts";

/**
 * Checks the clear part of a holder's sealed file and, with the holder's private key, that
 * the share inside is the one that was dealt.
 *
 * @throws malformed, mismatch
 */
export async function checkSealed(
  scheme: Scheme,
  { index, recipient, commitment }: Holder,
  bytes: Uint8Array,
  privateKey?: Uint8Array,
): Promise<string> {
  const sealed = decodeSealedShare(readOnlyLine(bytes, "sealed share", "its file").token);
  const { setId, k, n, x } = sealed;
  if (toHex(setId) !== scheme.set) fail("mismatch", `it is of set ${toHex(setId)}`);
  if (k !== scheme.k || n !== scheme.n) fail("mismatch", `it is of a ${k}-of-${n} scheme`);
  if (x !== index) fail("mismatch", `it is share ${x}, expected share ${index}`);
  if (!equal(sealed.recipient, recipientId(decodePublicKey(ascii(recipient))))) {
    fail("mismatch", `it is sealed to ${toHex(sealed.recipient)}, which is not the holder's key`);
  }
  if (!privateKey) return "sealed to the holder's key";
  const share = await openSealedShare(sealed, privateKey);
  const line = encodeShare(share);
  const found = commitmentOf(line);
  wipe(share.y, line);
  if (found === commitment) return "opened: the share that was dealt";
  return fail("mismatch", "it opens, but is not the share that was dealt");
}

/**
 * The holder whose private key this is.
 *
 * @throws mismatch
 */
export async function holderOf(scheme: Scheme, privateKey: Uint8Array): Promise<Holder> {
  const publicKey = await publicHalf(privateKey);
  const recipient = toText(encodePublicKey(publicKey));
  const holder = scheme.holders.find((one) => one.recipient === recipient);
  if (holder) return holder;
  const id = toHex(recipientId(publicKey));
  const hint =
    "this is another node, one that was dropped, or its key is new: then its share is lost, rotate with the new key";
  return fail("mismatch", `no holder of this scheme has the key ${id}`, hint);
}
