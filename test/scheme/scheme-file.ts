/**
 * scheme.json by hand, as SPEC has it: an object is the names and the written values of its fields,
 * in order, so that a value can also be written in ways that JSON.stringify never would.
 */

import { hash, hex, sample, utf8 } from "../oracle/bytes.ts";
import { updateKeyOf } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { makeSet } from "../oracle/share.ts";

export type Written = [name: string, value: string][];

export const master = sample("master", 32);
export const { id, lines } = makeSet("scheme", 2, 3, master);
export const keys = ["a", "b"].map((name) => makeKey(name).publicLine) as [string, string];

export const text = (value: string): string => `"${value}"`;
export const object = (fields: Written): string =>
  `{${fields.map(([name, value]) => `"${name}":${value}`).join(",")}}`;
const list = (objects: Written[]): string => `[${objects.map(object).join(",")}]`;
const writtenAs = (values: Record<string, string | number>): Written =>
  Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]);

/** The holder with index i + 1. */
export function holder(i: number, name: string, recipient: string): Written {
  const commitment = hex(hash("worstday commit", 32, utf8(lines[i] ?? "")));
  return writtenAs({ name, index: i + 1, recipient, commitment });
}

export const holders: [Written, Written, Written] = [
  holder(0, "node-a", keys[0]),
  holder(1, "node-b", keys[1]),
  holder(2, "offline-1", "offline"),
];

const keyId = hex(hash("worstday key id", 32, utf8(""), master));
export const fields: Written = [
  ...writtenAs({ version: 1, set: id, generation: 7, k: 2, n: 3, keyId, vault: "vault-7.wd" }),
  ...writtenAs({ vaultDigest: hex(sample("digest", 32)), updateKey: hex(updateKeyOf(master)) }),
  ...writtenAs({ created: "2026-01-02T03:04:05Z" }),
  ["holders", list(holders)],
];

/** With another value for a field. */
export function put(written: Written, field: string, value: string): Written {
  return written.map(([name, old]) => [name, name === field ? value : old]);
}

/** With these holders, and as many as they are. */
export function withHolders(all: Written[], k = 2): Written {
  const [counted, few] = [put(fields, "n", `${all.length}`), `${k}`];
  return put(put(counted, "k", few), "holders", list(all));
}

/** With another value for a field of the i-th holder. */
export function putIn(i: number, field: string, value: string): Written {
  return withHolders(holders.with(i, put(holders[i] as Written, field, value)));
}

/** The tag that is right for what is written, whatever it says. */
export function tagOf(written: Written): [name: string, value: string] {
  return ["tag", text(hex(hash("worstday scheme", 32, utf8(`${object(written)}\n`), master)))];
}

/** The file with the tag that is right for it. */
export function file(written: Written): string {
  return `${object([...written, tagOf(written)])}\n`;
}
