/** Checks the files of a scheme in its folder. */

import { existsSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { ascii } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { fileIn, pathOf } from "../system/paths.ts";
import { decodePublicKey, isHybrid, nameKind } from "../wire/keys.ts";
import { offline, type Scheme, sealedFile } from "./fields.ts";
import { checkVault } from "./vault-check.ts";
import { checkSealed, elsewhere, type Finding, holderOf, judge } from "./verify.ts";

export interface Proof {
  /** A node's private key: its share is opened, and no other file needs to be present. */
  privateKey?: Uint8Array | undefined;
  /** The master key: the vault is opened. */
  master?: Uint8Array | undefined;
}

/** A finding for the vault, and for each holder. @throws mismatch: no holder has the private key */
export async function findAll(
  io: Io,
  dir: string,
  scheme: Scheme,
  proof: Proof,
): Promise<Finding[]> {
  const { privateKey, master } = proof;
  const own = privateKey && (await holderOf(scheme, privateKey));
  const findings = [await findVault(io, dir, scheme, master, own === undefined)];
  for (const holder of scheme.holders) {
    if (holder.recipient === offline) {
      findings.push(elsewhere(holder));
      continue;
    }
    const file = fileIn(dir, sealedFile(scheme.generation, holder.name));
    const key = nameKind(isHybrid(decodePublicKey(ascii(holder.recipient))));
    if (existsSync(pathOf(file))) {
      const opens = holder === own ? privateKey : undefined;
      const check = async () =>
        checkSealed(scheme, holder, (await io.read(file, { regular: true })).bytes, opens);
      findings.push({ ...(await judge(holder.name, check)), key });
    } else if (own && holder !== own) {
      findings.push({ ...elsewhere(holder), key });
    } else {
      findings.push({ name: holder.name, verdict: "missing", reason: `${file} not found`, key });
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
    const names = findings.filter((one) => one.verdict === verdict).map(({ name }) => name);
    if (names.length > 0) fail(code, `${verdict}: ${names.join(", ")}`);
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
