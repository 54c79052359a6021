/** Checks the updates of a scheme: without a secret, with the writer key, or with the master key. */

import type { Io } from "../cli/io.ts";
import { at } from "../core/errors.ts";
import { instant, type Scheme } from "../scheme/fields.ts";
import { type Finding, judge } from "../scheme/findings.ts";
import { checkVault } from "../scheme/vault-check.ts";
import { fileIn } from "../system/paths.ts";
import { dated, daysSince } from "./contents.ts";
import { readUpdate, updateFile, updatesIn, updateVault } from "./files.ts";
import { keyOf, refuseForged, vaultOf } from "./open.ts";
import type { Update } from "./token.ts";

/** What can be checked: the tag of each update, and what one of them holds. */
export interface UpdateProof {
  writerKey?: Uint8Array | undefined;
  opened?: { number: number; master: Uint8Array } | undefined;
}

/** The newest contents, of update 0 if there is none; without a time if its token is not good. */
export interface Newest {
  number: number;
  time: Date | undefined;
}

/** A finding for each update, the newest first, and for vaults that wait for their token. */
export async function findUpdates(
  io: Io,
  dir: string,
  scheme: Scheme,
  proof: UpdateProof,
): Promise<{ updates: Finding[]; newest: Newest }> {
  const { tokens, vaults } = await updatesIn(dir, scheme);
  const newest: Newest = { number: tokens[0] ?? 0, time: undefined };
  if (newest.number === 0) newest.time = new Date(scheme.created);
  const updates: Finding[] = [];
  for (const number of vaults.filter((one) => one > newest.number)) {
    const reason = `no ${updateFile(scheme.generation, number)}: under way, interrupted, or not copied`;
    updates.push({ name: `update ${number}`, verdict: "not checked", reason });
  }
  for (const number of tokens) {
    const vault = fileIn(dir, updateVault(scheme.generation, number));
    const finding = await judge(`update ${number}`, async () => {
      const update = await readUpdate(io, dir, scheme, number);
      if (number === newest.number) newest.time = update.time;
      return `${dated(update.time)}, ${await checkUpdate(io, update, vault, scheme, proof)}`;
    });
    updates.push(finding);
  }
  return { updates, newest };
}

async function checkUpdate(
  io: Io,
  update: Update,
  vault: string,
  { generation }: Scheme,
  { writerKey, opened }: UpdateProof,
): Promise<string> {
  if (writerKey) refuseForged(update, writerKey);
  const mayOpen = opened?.number === update.number;
  const key = mayOpen ? io.secret(await keyOf(update, opened.master)) : undefined;
  const input = await io.open(vault, { regular: true });
  const described = vaultOf(update, updateFile(generation, update.number));
  await at(vault, () => checkVault(described, input.read, key));
  input.close();
  if (key) return "opened, and its SHA-256 matches";
  return writerKey
    ? "authentic, and its SHA-256 matches"
    : "its SHA-256 and key id match its token";
}

/** Whether the newest contents are at most so many days old, and not from the future. */
export function judgeAge({ time }: Newest, maxDays: number): Finding {
  const days = time === undefined ? Number.NaN : daysSince(time);
  const verdict = days >= -1 && days <= maxDays ? "good" : "bad";
  const reason = time === undefined ? "the time of the newest update is unknown" : dated(time);
  return { name: "age", verdict, reason: `${reason}; --max-age is ${maxDays}` };
}

/** The newest contents, for JSON. */
export function newestFacts({ number, time }: Newest) {
  if (time === undefined) return { number };
  return { number, time: instant(time), ageSeconds: Math.floor(daysSince(time) * 86_400) };
}
