/** Hybrid sealing from other projects: @noble/post-quantum's X-Wing, and @hpke/core with its own. */

import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { concat } from "../../lib/core/bytes.ts";

/** How many random cases a test takes. */
export const cases = process.env["WORSTDAY_FULL"] === undefined ? 200 : 5000;

/** X-Wing in plain JavaScript; `encapsulate` takes 64 bytes of randomness. */
export const xWing = ml_kem768_x25519;

const suite = new CipherSuite({
  kem: new XWing(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});
const plain = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

export interface Parts {
  message: Uint8Array;
  info: Uint8Array;
  aad: Uint8Array;
}

/** As sealBase in hpke.ts; with 64 bytes of randomness, always the same. */
export async function hpkeSeal(
  { message, info, aad }: Parts,
  publicKey: Uint8Array,
  randomness?: Uint8Array,
) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(plain(publicKey));
  const ekm = randomness && { ekm: plain(randomness).buffer };
  const sender = await suite.createSenderContext({ recipientPublicKey, info: plain(info), ...ekm });
  const sealed = await sender.seal(plain(message), plain(aad));
  return concat(new Uint8Array(sender.enc), new Uint8Array(sealed));
}

/** As openBase in hpke.ts; throws where that does not verify. */
export async function hpkeOpen(
  sealed: Uint8Array,
  seed: Uint8Array,
  { info, aad }: Omit<Parts, "message">,
) {
  const recipientKey = await suite.kem.deserializePrivateKey(plain(seed));
  const enc = plain(sealed.slice(0, 1120));
  const recipient = await suite.createRecipientContext({ recipientKey, enc, info: plain(info) });
  return new Uint8Array(await recipient.open(plain(sealed.slice(1120)), plain(aad)));
}
