/** Checks the files of a scheme in its folder. */

import { existsSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { at, fail, RecoveryError } from "../core/errors.ts";
import { fileIn } from "../system/paths.ts";
import { type Line, readOnlyLine } from "../wire/lines.ts";
import { kindOfKey, type Scheme } from "./fields.ts";
import { sealedFile } from "./files.ts";
import { readScheme } from "./read.ts";
import { checkSealed, holderOf } from "./share-check.ts";
import { checkVault } from "./vault-check.ts";

export type Verdict = "good" | "bad" | "missing" | "not checked";

export interface Finding {
  /** The holder's name, or "vault". */
  name: string;
  verdict: Verdict;
  /** What was checked, or what is wrong. */
  reason: string;
  /** The kind of the holder's key. */
  key?: string;
}

/** A check as a finding: good, bad, or missing where it cannot be read; with what it returns or throws. */
export async function judge(name: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { name, verdict: "good", reason: await check() };
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    return { name, verdict: error.code === "io" ? "missing" : "bad", reason: error.message };
  }
}

export interface Proof {
  /** A node's private key: its share is opened, and no other file needs to be present. */
  privateKey?: Uint8Array | undefined;
  /** The master key: the vault is opened. */
  master?: Uint8Array | undefined;
  /** The holders whose shares gave it. */
  given?: string[] | undefined;
}

/** A finding for the vault, and for each holder. @throws mismatch: no holder has the private key */
export async function findAll(
  io: Io,
  dir: string,
  scheme: Scheme,
  { privateKey, master, given = [] }: Proof,
): Promise<Finding[]> {
  const own = privateKey && (await holderOf(scheme, privateKey));
  const findings = [await findVault(io, dir, scheme, master, own === undefined)];
  for (const holder of scheme.holders) {
    const { name, index, recipient } = holder;
    const key = kindOfKey(recipient);
    const file = fileIn(dir, sealedFile(scheme.generation, name));
    const dealt = given.includes(name) ? "given: the share that was dealt" : undefined;
    if (key === undefined) {
      const reason = `share ${index}, ${dealt ?? "kept offline"}`;
      findings.push({ name, verdict: dealt ? "good" : "not checked", reason });
    } else if (own && holder !== own && !existsSync(file)) {
      findings.push({ name, verdict: "not checked", reason: `share ${index}, on its node`, key });
    } else {
      const opens = holder === own ? privateKey : undefined;
      const finding = await judge(name, async () => {
        const { bytes } = await io.read(file, { regular: true });
        const checked = await checkSealed(scheme, holder, bytes, opens);
        return dealt ? `${checked}; ${dealt}` : checked;
      });
      findings.push({ ...finding, key });
    }
  }
  return findings;
}

/**
 * The sealed shares of the generation in force that are for these private keys. Each is read once, and
 * has the share that was dealt inside.
 *
 * @throws io, malformed, mismatch: no holder has the key, or it is another share
 */
export async function ownLines(io: Io, dir: string, keys: Uint8Array[]): Promise<Line[]> {
  const scheme = await readScheme(io, dir);
  const lines: Line[] = [];
  for (const key of keys) {
    const holder = await holderOf(scheme, key);
    const file = fileIn(dir, sealedFile(scheme.generation, holder.name));
    const { bytes } = await io.read(file, { regular: true });
    await at(file, () => checkSealed(scheme, holder, bytes.slice(), key));
    lines.push(readOnlyLine(bytes, "sealed share", file));
  }
  return lines;
}

/** @throws mismatch: something is bad; io: something is missing, or cannot be read */
export function refuseFindings(findings: Finding[]): void {
  const list = (verdict: Verdict) => {
    const found = findings.filter((one) => one.verdict === verdict);
    return found.map(({ name, reason }) => `${name} (${reason})`).join(", ");
  };
  const [bad, missing] = [list("bad"), list("missing")];
  if (bad) fail("mismatch", `bad: ${bad}`);
  if (missing) fail("io", `missing: ${missing}`);
}

async function findVault(
  io: Io,
  dir: string,
  scheme: Scheme,
  master: Uint8Array | undefined,
  needed: boolean,
): Promise<Finding> {
  const file = fileIn(dir, scheme.vault);
  if (!needed && !existsSync(file)) {
    return { name: "vault", verdict: "not checked", reason: `${file} not found` };
  }
  return await judge("vault", async () => {
    const input = await io.open(file, { regular: true });
    await checkVault(scheme, input.read, master);
    return master ? "opened, and its SHA-256 matches" : "its SHA-256 and key id match scheme.json";
  });
}
