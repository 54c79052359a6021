/**
 * OpenSSH's private key files (its PROTOCOL.key): unencrypted, with one ed25519 key, which
 * represents the X25519 key that it converts to. As in OpenSSH, line breaks, the comment and the
 * length of the padding may vary.
 */

import { ascii, equal, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { decodeBase64 } from "./base64.ts";
import { damaged, keygenHint, reader, readPublicKey } from "./ssh-key.ts";

/**
 * An OpenSSH private key file, converted to an X25519 private key of 32 bytes. Overwrites its
 * input.
 *
 * @throws malformed
 */
export async function parseSshPrivateKey(file: Uint8Array): Promise<Uint8Array> {
  const bytes = decodeBase64(stripArmor(file));
  try {
    const { seed, publicKey } = readPrivateKey(bytes);
    const { convertPrivateKey } = await import("./ed25519-key.ts");
    return await convertPrivateKey(seed, publicKey);
  } finally {
    wipe(bytes);
  }
}

const [begin, end] = ["-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"];
const blanks = ascii(" \t\r\n");

/** The base64 of the file, compacted in place, so that wiping the file wipes it too. */
function stripArmor(file: Uint8Array): Uint8Array {
  if (!beginsWith(file, begin)) {
    const puttygen = "convert a copy: puttygen FILE -O private-openssh -o COPY";
    if (beginsWith(file, "PuTTY-")) fail("malformed", "a PuTTY key", puttygen);
    if (beginsWith(file, "-")) {
      fail("malformed", "a PEM file, but not an OpenSSH private key", keygenHint);
    }
    const copy = "copy the file again, byte for byte";
    fail("malformed", "there is text, a blank or a byte order mark before -----BEGIN", copy);
  }
  const stop = file.indexOf(0x2d, begin.length); // a hyphen, which base64 lacks
  if (stop < 0) damaged("it is cut short");
  const tail = file.subarray(stop);
  if (!beginsWith(tail, end)) damaged("its last line is wrong");
  if (tail.subarray(end.length).some((byte) => !blanks.includes(byte))) {
    fail("malformed", "there is text after the SSH key", "give one key per file");
  }
  let length = begin.length;
  for (let i = begin.length; i < stop; i++) {
    if (!blanks.includes(file[i] as number)) file[length++] = file[i] as number;
  }
  return file.subarray(begin.length, length);
}

/** Seed and public key, 32 bytes each, as views of the input. */
function readPrivateKey(bytes: Uint8Array): { seed: Uint8Array; publicKey: Uint8Array } {
  const outer = reader(bytes);
  if (!beginsWith(outer.take(magic.length), magic)) damaged("its beginning is wrong");
  const [cipher, kdf, options] = [outer.string(), outer.string(), outer.string()];
  if (!isText(cipher, "none") || !isText(kdf, "none")) {
    const copy = "make a copy without one: cp FILE COPY && ssh-keygen -p -N '' -f COPY";
    fail("malformed", "the SSH key has a passphrase", `${copy}; or make a key with keygen`);
  }
  if (options.length > 0) damaged("it has options for encryption, but is not encrypted");
  const count = outer.number();
  if (count !== 1) fail("malformed", `the file holds ${count} SSH keys, expected one`);
  const publicPart = outer.string();
  const publicKey = readPublicKey(publicPart);
  const section = outer.string();
  if (outer.rest().length > 0) damaged("there is data after its private part");
  if (section.length % 8 !== 0) damaged("the length of its private part is not a multiple of 8");
  const inner = reader(section);
  if (!equal(inner.take(4), inner.take(4))) damaged("its check numbers differ");
  if (!equal(inner.take(publicPart.length), publicPart)) damaged("its public halves differ");
  const secret = inner.string();
  if (secret.length !== 64) damaged(`its private half has ${secret.length} bytes, expected 64`);
  if (!equal(secret.subarray(32), publicKey)) damaged("its public halves differ");
  inner.string(); // the comment
  if (inner.rest().some((byte, i) => byte !== ((i + 1) & 0xff))) damaged("its padding is wrong");
  return { seed: secret.subarray(0, 32), publicKey };
}

const magic = "openssh-key-v1\0";

function isText(bytes: Uint8Array, text: string): boolean {
  return bytes.length === text.length && beginsWith(bytes, text);
}

/** Whether bytes begin with this ASCII text. */
function beginsWith(bytes: Uint8Array, text: string): boolean {
  return equal(bytes.subarray(0, text.length), ascii(text));
}
