/** Vaults of one chunk; larger ones are made in the tests. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { closeVault } from "../../../lib/core/vault.ts";
import { collect, readerOf } from "../../../test/core/helpers.ts";
import {
  fixedRandom,
  flip,
  secret as master,
  type Vector,
  type Vectors,
  vector,
} from "./vector.ts";

export async function vaultVectors(): Promise<Vectors> {
  const plaintext = ascii("the secrets that open everything else\n");
  const nothing = new Uint8Array();
  const vault = await close(plaintext);
  const of = (
    about: string,
    bytes: Uint8Array,
    outcome: Vector["outcome"],
    key: Uint8Array = master,
  ) => vector(about, "vault-open v.wd", key, outcome, { "v.wd": bytes });
  const malformed = (about: string, bytes: Uint8Array) => of(about, bytes, "malformed");
  const mismatch = (about: string, bytes: Uint8Array) => of(about, bytes, "mismatch");
  const key = (about: string, key: Uint8Array) => of(about, vault, "malformed", key);
  return {
    "vault-opens": of("a vault of one chunk", vault, plaintext),
    "vault-empty": of("a vault with nothing in it", await close(nothing), nothing),
    "vault-one-byte": of("one byte", await close(ascii("x")), ascii("x")),
    "vault-wrong-key": of("another key", vault, "mismatch", flip(master, 0)),
    "vault-key-31": key("a key of 31 bytes", master.slice(1)),
    "vault-key-33": key("a key with a newline behind it", concat(master, ascii("\n"))),
    "vault-no-key": key("no key", nothing),
    "vault-no-bytes": malformed("an empty file", nothing),
    "vault-not-one": malformed("another file", plaintext),
    "vault-79-bytes": malformed("a header cut short", vault.slice(0, 79)),
    "vault-version-2": malformed("an unknown version", vault.with(15, 0x32)),
    "vault-80-bytes": mismatch("a header and no chunk", vault.slice(0, 80)),
    "vault-95-bytes": mismatch("a chunk shorter than its tag", vault.slice(0, 95)),
    "vault-cut": mismatch("the last byte is missing", vault.slice(0, -1)),
    "vault-longer": mismatch("a byte behind the end", concat(vault, Uint8Array.of(0))),
    "vault-key-id": mismatch("one bit of the key id", flip(vault, 20)),
    "vault-salt": mismatch("one bit of the salt's first half", flip(vault, 50)),
    "vault-salt-end": mismatch("one bit of the salt's second half", flip(vault, 79)),
    "vault-ciphertext": mismatch("one bit of the ciphertext", flip(vault, 85)),
    "vault-tag": mismatch("one bit of the tag", flip(vault, vault.length - 1)),
  };
}

/** A vault under `secret`. */
export async function close(plaintext: Uint8Array, key: Uint8Array = master): Promise<Uint8Array> {
  return await collect(closeVault(key, readerOf(plaintext), fixedRandom("vault")));
}
