/**
 * Key lines: `wdkey1…` is version 1 ‖ X25519 private key (32), `wdpub1…` version 1 ‖ public
 * key (32). A public key has a recipient id, by which sealed shares name it.
 */

import { blake2b } from "../core/blake2b.ts";
import { toText } from "../core/bytes.ts";
import { at, fail } from "../core/errors.ts";
import { decodeLine, readOnlyLine } from "./lines.ts";
import { decodeVersioned, encodeVersioned, type Hrp } from "./text.ts";
import { checkPublicKey, keyBytes } from "./x25519-key.ts";

export const recipientIdBytes = 8;

/** 32 bytes to the canonical line of 74 characters, without a newline, in ASCII. */
export function encodePublicKey(publicKey: Uint8Array): Uint8Array {
  return encodeVersioned("wdpub", publicKey);
}

/** 32 bytes to the canonical line of 74 characters, without a newline, in ASCII: a secret. */
export function encodePrivateKey(privateKey: Uint8Array): Uint8Array {
  return encodeVersioned("wdkey", privateKey);
}

/**
 * 32 bytes that sealBox may use.
 *
 * @throws malformed
 */
export function decodePublicKey(token: Uint8Array): Uint8Array {
  const publicKey = decodeKey("wdpub", token);
  checkPublicKey(publicKey);
  return publicKey;
}

/**
 * 32 bytes; any are a private key.
 *
 * @throws malformed
 */
export function decodePrivateKey(token: Uint8Array): Uint8Array {
  return decodeKey("wdkey", token);
}

/**
 * The one private key of a key file, 32 bytes: a wdkey, or what an SSH key converts to. What the
 * file holds is no longer what it was.
 *
 * @throws malformed
 */
export async function parsePrivateKeyFile(bytes: Uint8Array, file?: string): Promise<Uint8Array> {
  const ssh = sshHalf(bytes);
  if (ssh === "public") {
    const hint = "the private one is in the file without .pub";
    fail(
      "malformed",
      `${file ?? "stdin"}: expected a private key, this is an SSH public key`,
      hint,
    );
  }
  if (ssh === "private") {
    const { parseSshPrivateKey } = await import("../ssh/ssh-private-key.ts");
    return await at(file ?? "stdin", () => parseSshPrivateKey(bytes));
  }
  return await decodeLine(readOnlyLine(bytes, "private key", file), decodePrivateKey);
}

/** Which half of an SSH key a file is, by how it begins (PEM is private); lib/ssh reads it. */
export function sshHalf(file: Uint8Array): "private" | "public" | undefined {
  const start = toText(file.subarray(0, 16));
  if (/^-{4,5} ?BEGIN /.test(start)) return "private";
  return /^(?:ssh|ecdsa|sk)-/.test(start) ? "public" : undefined;
}

function decodeKey(hrp: Hrp, token: Uint8Array): Uint8Array {
  const key = decodeVersioned(hrp, token);
  if (key.length !== keyBytes) fail("malformed", `the key has ${key.length} bytes, expected 32`);
  return key;
}

/** BLAKE2b-64 of the 32 public key bytes. */
export function recipientId(publicKey: Uint8Array): Uint8Array {
  return blake2b({ length: recipientIdBytes, person: "worstday rcpt" }, publicKey);
}
