/**
 * scheme.json: the public description of a scheme, and the tag that its master key makes over it
 * (SPEC, "Scheme").
 */

import { ascii, equal, toHex } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { derive, labeledHash } from "../core/hash.ts";
import { firstWrongField, isRecord, type Scheme } from "./fields.ts";
import { schemeFile } from "./files.ts";

export type TaggedScheme = Scheme & { tag: string };

/** The hash of a canonical share line, in hex. It does not help to guess a uniform share. */
export function commitmentOf(shareLine: Uint8Array): string {
  return toHex(labeledHash("worstday commit", shareLine));
}

/** The file's bytes, with the tag of the 32-byte master key. */
export function encodeScheme(scheme: Scheme, master: Uint8Array): Uint8Array {
  const own = inOrder(scheme);
  return serialize({ ...own, tag: tagOf(own, master) });
}

/**
 * The scheme in the file's bytes: consistent, but authentic only if `verifyTag` says so.
 *
 * @throws malformed
 */
export function decodeScheme(bytes: Uint8Array): TaggedScheme {
  const value = parse(bytes);
  if (!isRecord(value)) return fail("malformed", `${schemeFile} is not a worstday scheme`);
  const scheme = value as unknown as TaggedScheme; // the next lines check this
  if (Number.isInteger(scheme.version) && scheme.version !== 1) {
    fail("malformed", `unknown version of ${schemeFile}`, "a newer worstday may read it");
  }
  const wrong = firstWrongField(scheme);
  if (wrong)
    fail("malformed", `${schemeFile} is damaged, or not a worstday scheme: invalid ${wrong}`);
  const decoded = { ...inOrder(scheme), tag: scheme.tag };
  if (equal(serialize(decoded), bytes)) return decoded;
  return fail(
    "malformed",
    `${schemeFile} is not as it was written: ${changeOf(bytes)}`,
    "take it from another copy, byte for byte",
  );
}

/** Whether the master key made the tag. */
export function verifyTag({ tag, ...scheme }: TaggedScheme, master: Uint8Array): boolean {
  return equal(ascii(tagOf(scheme, master)), ascii(tag));
}

function tagOf(scheme: Scheme, master: Uint8Array): string {
  return toHex(derive(master, "worstday scheme", serialize(scheme)));
}

/** Only the fields of a scheme, in the order in which they are written. */
function inOrder(scheme: Scheme): Scheme {
  const { version, set, generation, k, n, keyId, vault, vaultDigest, updateKey, created } = scheme;
  const holders = scheme.holders.map(({ name, index, recipient, commitment }) => {
    return { name, index, recipient, commitment };
  });
  return { version, set, generation, k, n, keyId, vault, vaultDigest, updateKey, created, holders };
}

function serialize(scheme: Scheme | TaggedScheme): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(scheme)}\n`);
}

/** What an editor or a transfer may have done to the file. */
function changeOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xef) return "it begins with a byte order mark";
  return bytes.includes(0x0d) ? "its line ends are CRLF" : "spaces, order or fields differ";
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return fail("malformed", `${schemeFile} is cut short, damaged, or not JSON`);
  }
}
