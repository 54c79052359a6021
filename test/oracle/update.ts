// Updates: the writer's line, a token, and what both say of a vault.

import { createHash, createHmac } from "node:crypto";
import { hpkeOpen, hpkeSeal } from "../hybrid/reference.ts";
import { concat, hash, hex, unhex, utf8 } from "./bytes.ts";
import { type Made, updateKeyOf } from "./scheme.ts";
import { decode, encode } from "./text.ts";
import { keyId, openVault } from "./vault.ts";

const info = utf8("worstday update");
const empty = new Uint8Array(0);
const derived = (master: Uint8Array, label: string) => hash(label, 32, empty, master);
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const hmac = (key: Uint8Array, bytes: Uint8Array) =>
  new Uint8Array(createHmac("sha256", key).update(bytes).digest());

type Of = Pick<Made, "master" | "scheme">;
/** What the tokens tell of a scheme. */
type Named = { master: Uint8Array; scheme: { set: string } };

/** The line of the writer file. */
export function writerLine({ master, scheme }: Named): string {
  const key = derived(master, "worstday writer");
  const parts = [Uint8Array.of(1), unhex(scheme.set), key, sha256(updateKeyOf(master))];
  return encode("wdwriter", concat(...parts));
}

/** The token for a vault and its key, with 64 bytes of randomness. */
export async function updateToken(
  { master, scheme }: Named,
  of: { number: number; time: number; key: Uint8Array; vault: Uint8Array },
  random: Uint8Array,
): Promise<string> {
  const [four, eight] = [Buffer.alloc(4), Buffer.alloc(8)];
  four.writeUInt32BE(of.number);
  eight.writeBigUInt64BE(BigInt(of.time));
  const set = unhex(scheme.set);
  const aad = concat(Uint8Array.of(1), set, four, eight, keyId(of.key), sha256(of.vault));
  const sealed = await hpkeSeal({ message: of.key, info, aad }, updateKeyOf(master), random);
  const signed = concat(aad, sealed);
  const tag = hmac(derived(master, "worstday writer"), signed);
  return encode("wdupdate", concat(signed, tag));
}

/** What an update holds, every byte of it checked; throws at the first fault. */
export async function openUpdate(
  { master, scheme }: Of,
  number: number,
  read: (name: string) => Uint8Array,
): Promise<Uint8Array> {
  const { generation, set } = scheme;
  const text = Buffer.from(read(`update-${generation}.${number}`)).toString("latin1");
  if (!/^wdupdate1[02-9ac-hj-np-z]{2071}\n$/.test(text)) throw new Error("not one line");
  const data = decode("wdupdate", text.trim());
  const vault = read(`vault-${generation}.${number}.wd`);
  const [signed, aad] = [data.slice(0, -32), data.slice(0, 85)];
  const key = await hpkeOpen(data.slice(85, -32), derived(master, "worstday update"), {
    info,
    aad,
  });
  const expected = [
    [hex(data.slice(0, 1)), "01"],
    [hex(data.slice(1, 9)), set],
    [Buffer.from(data.slice(9, 13)).readUInt32BE(), number],
    [hex(data.slice(21, 53)), hex(keyId(key))],
    [hex(data.slice(53, 85)), hex(sha256(vault))],
    [hex(data.slice(-32)), hex(hmac(derived(master, "worstday writer"), signed))],
  ];
  for (const [found, wanted] of expected) {
    if (found !== wanted) throw new Error(`update ${number}: ${found}, not ${wanted}`);
  }
  return openVault(key, vault);
}
