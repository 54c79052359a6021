/**
 * OpenSSH's public key lines, `ssh-ed25519 AAAA… comment` (RFC 4253, section 6.6, and RFC 8709,
 * section 4, in base64). An ed25519 key represents the X25519 key that it converts to.
 */

import { toText } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { decodeBase64 } from "./base64.ts";

export const keygenHint = "make a key with keygen, or with ssh-keygen -t ed25519";

/** The first field of an SSH key line, and the name of that kind of key. */
const types: [pattern: RegExp, name: string][] = [
  [/^ssh-ed25519$/, "an ed25519 key"],
  [/^(sk-)?(ssh|ecdsa)-[a-z0-9-]+-cert-v01@openssh\.com$/, "a certificate"],
  [/^sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com$/, "a key on a security token"],
  [/^ssh-rsa$/, "an RSA key"],
  [/^ssh-dss$/, "a DSA key"],
  [/^ecdsa-sha2-nistp\d+$/, "an ECDSA key"],
];

/**
 * The one SSH key of a file or an argument, converted to an X25519 public key of 32 bytes;
 * undefined if its first line is not an SSH key. Blank lines and comment lines are skipped.
 *
 * @throws malformed
 */
export async function parseSshPublicKey(text: string): Promise<Uint8Array | undefined> {
  const lines = text.split(/\r?(?:\n|$)/).filter((line) => !/^[ \t]*(#|$)/.test(line));
  const [line = "", ...others] = lines;
  const fields = line.match(/[^ \t]+/g) ?? [];
  const start = fields.findIndex((field) => nameOf(field) !== undefined);
  if (start < 0 || /^[ \t-]*wd/i.test(line)) return undefined;
  if (start > 0) {
    const hint = "begin at ssh-ed25519: options and host names would have no effect";
    fail("malformed", "there is text before the SSH key", hint);
  }
  const [type = "", data = "", ...comment] = fields;
  refuseOther(type);
  if (others.length > 0 || secondKey.test(comment.join(" "))) {
    const hint = "give one key per file; a newline may be missing between two";
    fail("malformed", "there is text after the SSH key", hint);
  }
  if (data === "")
    fail("malformed", "the SSH key ends after its type", "put quotes around the key");
  const publicKey = readPublicKey(decodeBase64(new TextEncoder().encode(data)));
  const { convertPublicKey } = await import("./ed25519-key.ts");
  return convertPublicKey(publicKey);
}

/** In a comment, this means that two lines were joined. */
const secondKey = /AAAA[a-z0-9+/]{16}|wd(?:share|sealed|pub|key|writer|update)1/i;

/**
 * The 32-byte Ed25519 public key in the decoded base64 of a line.
 *
 * @throws malformed
 */
export function readPublicKey(bytes: Uint8Array): Uint8Array {
  const read = reader(bytes);
  refuseOther(toText(read.string()));
  const publicKey = read.string();
  if (publicKey.length !== 32) damaged(`it has ${publicKey.length} bytes, expected 32`);
  if (read.rest().length > 0) damaged("there is data after it");
  return publicKey;
}

function nameOf(type: string): string | undefined {
  return types.find(([pattern]) => pattern.test(type))?.[1];
}

function refuseOther(type: string): void {
  if (type === "ssh-ed25519") return;
  const name = nameOf(type) ?? "a key of an unknown kind";
  fail("malformed", `${name}: only ed25519 SSH keys are supported`, keygenHint);
}

/** @throws malformed */
export function damaged(how: string): never {
  return fail("malformed", `the SSH key is damaged: ${how}`);
}

/** Reads SSH's numbers and strings (RFC 4251, section 5) in sequence. */
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
