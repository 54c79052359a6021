/** OpenSSH's files as they are, and with one part replaced. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ascii, concat } from "../../lib/core/bytes.ts";

/** A number of four bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Bytes behind their length (RFC 4251, section 5). */
export function sshString(content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === "string" ? ascii(content) : content;
  return concat(uint32(bytes.length), bytes);
}

export function publicPart(publicKey: Uint8Array, type = "ssh-ed25519"): Uint8Array {
  return concat(sshString(type), sshString(publicKey));
}

/** `ssh-ed25519 AAAA… comment`, without a newline. */
export function publicLine(part: Uint8Array, comment = "node", type = "ssh-ed25519"): Uint8Array {
  return ascii(`${type} ${part.toBase64()} ${comment}`);
}

/** What PROTOCOL.key of OpenSSH lists, in its order; `secret` is seed ‖ public key. */
export interface PrivateParts {
  magic: string;
  cipher: string;
  kdf: string;
  options: Uint8Array;
  count: number;
  outer: Uint8Array;
  checks: Uint8Array;
  inner: Uint8Array;
  secret: Uint8Array;
  comment: string;
  padding: Uint8Array | undefined;
  tail: Uint8Array;
}

/** The parts of an unencrypted key, as ssh-keygen chooses them. */
export function partsOf(seed: Uint8Array): PrivateParts {
  const publicKey = ed25519.getPublicKey(seed);
  return {
    magic: "openssh-key-v1\0",
    cipher: "none",
    kdf: "none",
    options: new Uint8Array(),
    count: 1,
    outer: publicPart(publicKey),
    checks: ascii("samesame"),
    inner: publicPart(publicKey),
    secret: concat(seed, publicKey),
    comment: "node",
    padding: undefined,
    tail: new Uint8Array(),
  };
}

/** The bytes that stand in base64 in a private key file. */
export function privateBytes(parts: PrivateParts): Uint8Array {
  const { magic, cipher, kdf, options, count, outer, checks, inner, secret, comment } = parts;
  const filled = concat(checks, inner, sshString(secret), sshString(comment));
  const missing = -filled.length & 7;
  const padding = parts.padding ?? Uint8Array.from({ length: missing }, (_, i) => i + 1);
  return concat(
    ascii(magic),
    ...[cipher, kdf, options].map(sshString),
    uint32(count),
    sshString(outer),
    sshString(concat(filled, padding)),
    parts.tail,
  );
}

/** A private key file around these bytes. */
export function armor(bytes: Uint8Array, newline = "\n"): Uint8Array {
  const lines = bytes.toBase64().match(/.{1,70}/g) ?? [];
  const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} OPENSSH PRIVATE KEY-----`);
  return ascii([begin, ...lines, end, ""].join(newline));
}
