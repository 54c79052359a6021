// Node keys and sealed shares: libsodium's crypto_box_seal written out, and the clear header.

import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { concat, hash, sample, utf8 } from "./bytes.ts";
import { parseShare } from "./share.ts";
import { decode, encode } from "./text.ts";

export type NodeKey = {
  secret: Uint8Array;
  public: Uint8Array;
  secretLine: string;
  publicLine: string;
};

export type Sealed = {
  version: number;
  recipient: Uint8Array;
  header: Uint8Array;
  box: Uint8Array;
};

/** A node key that is the same on every run. */
export function makeKey(seed: string): NodeKey {
  return nodeKey(sample(`key ${seed}`, 32));
}

/** The node key of 32 secret bytes. */
export function nodeKey(secret: Uint8Array): NodeKey {
  const publicKey = x25519.getPublicKey(secret);
  return {
    secret,
    public: publicKey,
    secretLine: encode("wdkey", concat(Uint8Array.of(1), secret)),
    publicLine: encode("wdpub", concat(Uint8Array.of(1), publicKey)),
  };
}

/** The public key of a private key line. */
export function publicOf(secretLine: string): Uint8Array {
  return x25519.getPublicKey(decode("wdkey", secretLine).slice(1));
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

function boxKey(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const shared = x25519.getSharedSecret(secret, publicKey);
  const out = new Uint32Array(8);
  hsalsa(words(utf8("expand 32-byte k")), words(shared), new Uint32Array(4), out);
  return new Uint8Array(out.buffer);
}

/** crypto_box_seal with the ephemeral key made from `seed`. */
export function boxSeal(message: Uint8Array, recipient: Uint8Array, seed: string): Uint8Array {
  const ephemeral = makeKey(`ephemeral ${seed}`);
  const nonce = blake2b(concat(ephemeral.public, recipient), { dkLen: 24 });
  const key = boxKey(ephemeral.secret, recipient);
  return concat(ephemeral.public, xsalsa20poly1305(key, nonce).encrypt(message));
}

/** crypto_box_seal_open; throws when it does not verify. */
export function boxOpen(box: Uint8Array, key: NodeKey): Uint8Array {
  const ephemeral = box.slice(0, 32);
  const nonce = blake2b(concat(ephemeral, key.public), { dkLen: 24 });
  return xsalsa20poly1305(boxKey(key.secret, ephemeral), nonce).decrypt(box.slice(32));
}

/** The recipient id of a public key. */
export function recipientId(publicKey: Uint8Array): Uint8Array {
  return hash("worstday rcpt", 8, publicKey);
}

/** The sealed line, whatever its fields hold. */
export function sealedLine(sealed: Sealed): string {
  const { version, recipient, header, box } = sealed;
  return encode("wdsealed", concat(Uint8Array.of(version), recipient, header, box));
}

/** Reads a canonical sealed line. */
export function parseSealed(line: string): Sealed {
  const bytes = decode("wdsealed", line.trim());
  return {
    version: bytes[0] ?? 0,
    recipient: bytes.slice(1, 9),
    header: bytes.slice(9, 20),
    box: bytes.slice(20),
  };
}

/** A sealed share around a box made elsewhere, its clear header that of the share line. */
export function sealedAround(box: Uint8Array, shareLine: string, recipient: Uint8Array): Sealed {
  const { set, k, n, x } = parseShare(shareLine);
  const header = concat(set, Uint8Array.of(k, n, x));
  return { version: 1, recipient: recipientId(recipient), header, box };
}

/** Seals a share line to a node. */
export function seal(shareLine: string, recipient: Uint8Array, seed = "seal"): Sealed {
  return sealedAround(boxSeal(utf8(shareLine), recipient, seed), shareLine, recipient);
}
