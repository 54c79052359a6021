/**
 * OpenSSH's public key lines, `ssh-ed25519 AAAA… comment` (RFC 4253, section 6.6, and RFC 8709,
 * section 4, in base64): an ed25519 key stands for the X25519 key that it converts to.
 */

import { toText } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { decodeBase64 } from "./base64.ts";

export const keygenHint = "make a key with keygen, or with ssh-keygen -t ed25519";

/** What a line's first field says, where the line is an SSH key, and what to call it. */
const types: [pattern: RegExp, name: string][] = [
  [/^ssh-ed25519$/, "an ed25519 key"],
  [/^(sk-)?(ssh|ecdsa)-[a-z0-9-]+-cert-v01@openssh\.com$/, "a certificate"],
  [/^sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com$/, "a key on a security token"],
  [/^ssh-rsa$/, "an RSA key"],
  [/^ssh-dss$/, "a DSA key"],
  [/^ecdsa-sha2-nistp\d+$/, "an ECDSA key"],
];

/**
 * The X25519 public key, 32 bytes, that the one SSH key of a file or an argument converts to;
 * undefined where its first line is no SSH key. Blank lines and comment lines do not count.
 *
 * @throws malformed
 */
export async function parseSshPublicKey(text: string): Promise<Uint8Array | undefined> {
  const lines = text.split(/\r?(?:\n|$)/).filter((line) => !/^[ \t]*(#|$)/.test(line));
  const [line = "", ...others] = lines;
  const fields = line.match(/[^ \t]+/g) ?? [];
  const start = fields.findIndex((field) => nameOf(field) !== undefined);
  if (start < 0 || /^wd/i.test(line)) return undefined;
  if (start > 0) {
    const hint = "give it from ssh-ed25519 on: options and host names would not be heeded";
    fail("malformed", "something stands in front of the SSH key", hint);
  }
  const [type = "", data = "", ...comment] = fields;
  refuseOther(type);
  if (others.length > 0 || secondKey.test(comment.join(" "))) {
    const hint = "one key in a file; or a newline is missing between two";
    fail("malformed", "something stands behind the SSH key", hint);
  }
  if (data === "") fail("malformed", "the SSH key has no second part", "put the line in quotes");
  const publicKey = readPublicKey(decodeBase64(new TextEncoder().encode(data)));
  const { convertPublicKey } = await import("./ed25519-key.ts");
  return convertPublicKey(publicKey);
}

/** What a comment does not have in it, but two lines that were joined do. */
const secondKey = /AAAA[a-z0-9+/]{16}|wd(?:share|sealed|pub|key)1/i;

/**
 * The Ed25519 public key, 32 bytes, of what stands in a line in base64.
 *
 * @throws malformed
 */
export function readPublicKey(bytes: Uint8Array): Uint8Array {
  const read = reader(bytes);
  refuseOther(toText(read.string()));
  const publicKey = read.string();
  if (publicKey.length !== 32) damaged(`it has ${publicKey.length} bytes, expected 32`);
  if (read.rest().length > 0) damaged("something stands behind it");
  return publicKey;
}

function nameOf(type: string): string | undefined {
  return types.find(([pattern]) => pattern.test(type))?.[1];
}

function refuseOther(type: string): void {
  if (type === "ssh-ed25519") return;
  const name = nameOf(type) ?? "a key of an unknown kind";
  fail("malformed", `${name}: of SSH keys only ed25519 will do`, keygenHint);
}

/** @throws malformed */
export function damaged(how: string): never {
  return fail("malformed", `the SSH key is damaged: ${how}`);
}

/** Reads SSH's numbers and strings (RFC 4251, section 5) one after another. */
export function reader(bytes: Uint8Array) {
  let offset = 0;
  const take = (length: number) => {
    if (length > bytes.length - offset) damaged("it is cut short");
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const number = () => take(4).reduce((value, byte) => value * 256 + byte, 0);
  return { take, number, string: () => take(number()), rest: () => bytes.subarray(offset) };
}
