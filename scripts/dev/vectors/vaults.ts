/** Vaults of one chunk; larger ones are made in the tests. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { closeVault } from "../../../lib/core/vault.ts";
import { fixedRandom, flip, secret as master, type Vector } from "./vector.ts";

export async function vaultVectors(): Promise<Record<string, Vector>> {
  const plaintext = ascii("the secrets that open everything else\n");
  const vault = await close(plaintext);
  const opens = (about: string, bytes: Uint8Array, stdout: Uint8Array): Vector => {
    return {
      about,
      command: ["vault-open", "v.wd"],
      stdin: master,
      files: { "v.wd": bytes },
      stdout,
    };
  };
  const bad = (
    error: NonNullable<Vector["error"]>,
    about: string,
    bytes: Uint8Array,
    stdin: Uint8Array = master,
  ): Vector => ({ about, command: ["vault-open", "v.wd"], stdin, files: { "v.wd": bytes }, error });
  return {
    "vault-opens": opens("a vault of one chunk", vault, plaintext),
    "vault-empty": opens(
      "a vault with nothing in it",
      await close(new Uint8Array()),
      new Uint8Array(),
    ),
    "vault-one-byte": opens("one byte", await close(ascii("x")), ascii("x")),
    "vault-wrong-key": bad("mismatch", "another key", vault, flip(master, 0)),
    "vault-key-31": bad("malformed", "a key of 31 bytes", vault, master.slice(1)),
    "vault-key-33": bad(
      "malformed",
      "a key with a newline behind it",
      vault,
      concat(master, ascii("\n")),
    ),
    "vault-no-key": bad("malformed", "no key", vault, new Uint8Array()),
    "vault-no-bytes": bad("malformed", "an empty file", new Uint8Array()),
    "vault-not-one": bad("malformed", "another file", plaintext),
    "vault-79-bytes": bad("malformed", "a header cut short", vault.slice(0, 79)),
    "vault-version-2": bad("malformed", "an unknown version", vault.with(15, 0x32)),
    "vault-80-bytes": bad("mismatch", "a header and no chunk", vault.slice(0, 80)),
    "vault-95-bytes": bad("mismatch", "a chunk shorter than its tag", vault.slice(0, 95)),
    "vault-cut": bad("mismatch", "the last byte is missing", vault.slice(0, -1)),
    "vault-longer": bad("mismatch", "a byte behind the end", concat(vault, Uint8Array.of(0))),
    "vault-key-id": bad("mismatch", "one bit of the key id", flip(vault, 20)),
    "vault-salt": bad("mismatch", "one bit of the salt's first half", flip(vault, 50)),
    "vault-salt-end": bad("mismatch", "one bit of the salt's second half", flip(vault, 79)),
    "vault-ciphertext": bad("mismatch", "one bit of the ciphertext", flip(vault, 85)),
    "vault-tag": bad("mismatch", "one bit of the tag", flip(vault, vault.length - 1)),
  };
}

/** A vault under `secret`. */
export async function close(plaintext: Uint8Array): Promise<Uint8Array> {
  let rest = plaintext;
  const read = async (buffer: Uint8Array) => {
    const part = rest.subarray(0, buffer.length);
    buffer.set(part);
    rest = rest.subarray(part.length);
    return part.length;
  };
  return concat(...(await Array.fromAsync(closeVault(master, read, fixedRandom("vault")))));
}
