/** Updates, as vault-open reads them, and writer files, as inspect does. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { encodeText } from "../../../lib/wire/text.ts";
import { decode } from "../../../test/oracle/text.ts";
import { updateToken, writerLine } from "../../../test/oracle/update.ts";
import { close } from "./vaults.ts";
import { fixedRandom, flip, lines, secret as master, type Vectors, vector } from "./vector.ts";

const plaintext = ascii("what is new\n");
const key = fixedRandom("update")(32);
const of = { master, scheme: { set: "0001020304050607" } };

export async function updateVectors(): Promise<Vectors> {
  const vault = await close(plaintext, key);
  const facts = { number: 7, time: 1_767_312_000, key, vault };
  const token = (changes: Partial<typeof facts> = {}) =>
    updateToken(of, { ...facts, ...changes }, fixedRandom("encapsulation")(64));
  const good = await token();
  const data = decode("wdupdate", good);
  const line = (bytes: Uint8Array) => encodeText("wdupdate", bytes);
  const opening = (
    about: string,
    update: string | Uint8Array,
    outcome: Uint8Array | "malformed" | "mismatch",
    stdin: Uint8Array = master,
  ) => {
    const files = { u: lines(update), "v.wd": vault };
    return vector(about, "vault-open --update u v.wd", stdin, outcome, files);
  };
  const writer = decode("wdwriter", writerLine(of));
  const inspecting = (about: string, bytes: Uint8Array) =>
    vector(about, "inspect", lines(encodeText("wdwriter", bytes)), "malformed");
  return {
    "update-opens": opening("an update of one chunk", good, plaintext),
    "update-version-2": opening("unknown version", line(data.with(0, 2)), "malformed"),
    "update-short": opening("too short", line(data.slice(0, -1)), "malformed"),
    "update-number-0": opening("number 0", await token({ number: 0 }), "malformed"),
    "update-number-high": opening("number 1000000", await token({ number: 1e6 }), "malformed"),
    "update-time-late": opening("the year 10000", await token({ time: 253402300800 }), "malformed"),
    "update-is-writer": opening("a writer file instead", writerLine(of), "malformed"),
    "update-tag-wrong": opening("not by the writer key", line(flip(data, -1)), "mismatch"),
    "update-set-changed": opening("another set id", line(flip(data, 1)), "mismatch"),
    "update-sealed-changed": opening("another sealed key", line(flip(data, 1205)), "mismatch"),
    "update-other-master": opening("another scheme's key", good, "mismatch", key),
    "update-key-wrong": opening(
      "a sealed key that is not the vault's",
      await token({ key: fixedRandom("other")(32) }),
      "mismatch",
    ),
    "update-vault-other": opening(
      "another vault under the same key",
      await token({ vault: concat(vault, Uint8Array.of(0)) }),
      "mismatch",
    ),
    "writer-version-2": inspecting("unknown version", writer.with(0, 2)),
    "writer-short": inspecting("too short", writer.slice(0, -1)),
  };
}
