/** Checks the files of a scheme in its folder. */

import { existsSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { fail } from "../core/errors.ts";
import { fileIn, pathOf } from "../system/paths.ts";
import { kindOfKey, type Scheme, sealedFile } from "./fields.ts";
import { checkVault } from "./vault-check.ts";
import { checkSealed, elsewhere, type Finding, holderOf, judge } from "./verify.ts";

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
  proof: Proof,
): Promise<Finding[]> {
  const { privateKey, master, given = [] } = proof;
  const own = privateKey && (await holderOf(scheme, privateKey));
  const findings = [await findVault(io, dir, scheme, master, own === undefined)];
  for (const holder of scheme.holders) {
    const { name, index, recipient } = holder;
    const isGiven = given.includes(name);
    const key = kindOfKey(recipient);
    if (key === undefined) {
      const reason = `share ${index}, given: the share that was dealt`;
      findings.push(isGiven ? { name, verdict: "good", reason } : elsewhere(holder));
      continue;
    }
    const file = fileIn(dir, sealedFile(scheme.generation, name));
    if (existsSync(pathOf(file))) {
      const opens = holder === own ? privateKey : undefined;
      const check = async () => {
        const { bytes } = await io.read(file, { regular: true });
        const checked = await checkSealed(scheme, holder, bytes, opens);
        return isGiven ? `${checked}; given: the share that was dealt` : checked;
      };
      findings.push({ ...(await judge(name, check)), key });
    } else if (own && holder !== own) {
      findings.push({ ...elsewhere(holder), key });
    } else {
      findings.push({ name, verdict: "missing", reason: `${file} not found`, key });
    }
  }
  return findings;
}

/** @throws mismatch: something is bad; io: something is missing */
export function refuseFindings(findings: Finding[]): void {
  for (const [verdict, code] of [
    ["bad", "mismatch"],
    ["missing", "io"],
  ] as const) {
    const wrong = findings.filter((one) => one.verdict === verdict);
    const said = wrong.map(({ name, reason }) => `${name} (${reason})`);
    if (said.length > 0) fail(code, `${verdict}: ${said.join(", ")}`);
  }
}

async function findVault(
  io: Io,
  dir: string,
  scheme: Scheme,
  master: Uint8Array | undefined,
  needed: boolean,
): Promise<Finding> {
  const file = fileIn(dir, scheme.vault);
  if (!existsSync(pathOf(file))) {
    const verdict = needed ? "missing" : "not checked";
    return { name: "vault", verdict, reason: `${file} not found` };
  }
  return await judge("vault", async () => {
    const input = await io.open(file, { regular: true });
    await checkVault(scheme, input.read, master);
    return master ? "opened, and its SHA-256 matches" : "its SHA-256 and key id match scheme.json";
  });
}
