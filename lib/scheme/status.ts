/** What a scheme's folder is, at a glance: public facts, none of them verified. */

import { existsSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { toJson } from "../system/json.ts";
import { escapeControls } from "../system/messages.ts";
import { fileIn } from "../system/paths.ts";
import { decodeSealedShare } from "../wire/sealed-share.ts";
import { readDrill } from "./drill.ts";
import { kindOfKey } from "./fields.ts";
import { generationOf, sealedFile, sealedFolder, vaultFile } from "./files.ts";
import { lockFile, namesIn } from "./folder.ts";
import { readScheme, readToken, summary } from "./read.ts";

export type Status = Awaited<ReturnType<typeof statusOf>>;

interface Remains {
  generation: number;
  /** Whether there is a vault of that number. */
  vault: boolean;
  /** The set of a sealed share; undefined without one. */
  set: { id: string; k: number; n: number } | undefined;
}

/** @throws io, malformed: scheme.json is not there, or damaged */
export async function statusOf(io: Io, dir: string) {
  const scheme = await readScheme(io, dir);
  const files = await namesIn(dir);
  const numbers = new Set(files.flatMap((file) => generationOf(file) ?? []));
  numbers.delete(scheme.generation);
  const others: Remains[] = [];
  for (const generation of [...numbers].sort((a, b) => a - b)) {
    const vault = files.includes(vaultFile(generation));
    others.push({ generation, vault, set: await setOf(io, dir, generation) });
  }
  return {
    dir,
    scheme,
    /** Whether its vault is there. */
    vault: files.includes(scheme.vault),
    /** The holders whose sealed shares are there. */
    names: await sealedNames(dir, scheme.generation),
    drill: await readDrill(io, dir, scheme),
    others,
    locked: files.includes(lockFile),
  };
}

/** The set that its sealed shares name, in the clear. */
async function setOf(io: Io, dir: string, generation: number): Promise<Remains["set"]> {
  for (const name of await sealedNames(dir, generation)) {
    const file = fileIn(dir, sealedFile(generation, name));
    const sealed = await readToken(io, file, decodeSealedShare);
    if (sealed) return { id: toHex(sealed.setId), k: sealed.k, n: sealed.n };
  }
  return undefined;
}

async function sealedNames(dir: string, generation: number): Promise<string[]> {
  const folder = fileIn(dir, sealedFolder(generation));
  return existsSync(folder) ? await namesIn(folder) : [];
}

/** @param updates their numbers, the newest first */
export function statusText(status: Status, updates: number[]): string {
  const { scheme, vault, names, drill, others } = status;
  const rows: [label: string, text: string][] = [
    ["last drill", drill ? `${drill.at}, with the shares of ${drill.names.join(", ")}` : "none"],
    ["vault", `${scheme.vault}${vault ? "" : " is not here"}`],
    ["updates", updates.length > 0 ? updates.join(", ") : "none"],
    ...scheme.holders.map(({ name, index, recipient }): [string, string] => {
      const kind = kindOfKey(recipient);
      const file = `${sealedFile(scheme.generation, name)} is${names.includes(name) ? "" : " not"} here`;
      return [name, `share ${index}, ${kind === undefined ? "offline" : `${kind}, ${file}`}`];
    }),
    ...others.map((one): [string, string] => [`generation ${one.generation}`, describe(one)]),
    ...nextSteps(status).map((step, i): [string, string] => [i === 0 ? "next" : "", step]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `${label.padEnd(width)}  ${escapeControls(text)}`);
  return [summary(scheme), ...lines, ""].join("\n");
}

function describe({ generation, set, vault }: Remains): string {
  const file = vaultFile(generation);
  if (!set) return vault ? `${file}; its sealed shares are not here` : "neither vault nor shares";
  const { id, k, n } = set;
  return vault
    ? `set ${id}: any ${k} of its ${n} shares open ${file}, as combine and vault-open do`
    : `set ${id}: ${file} is not here, and without it its shares open nothing`;
}

/** What is to be done, the most urgent first. */
function nextSteps({ dir, scheme, vault, drill, others, locked }: Status): string[] {
  const steps: string[] = [];
  if (locked) steps.push(`see ${lockFile}: another change is under way, or was interrupted`);
  if (others.some(({ generation }) => generation > scheme.generation)) {
    steps.push("find out which set is in force: this scheme.json may be an older copy");
  }
  if (!vault) steps.push(`copy ${scheme.vault} from another host`);
  if (!drill) steps.push(`recovery-verify --dir ${dir} --drill, with shares of this generation`);
  else if (others.some(({ generation }) => generation < scheme.generation)) {
    steps.push(`when every node has passed the check: recovery-prune --dir ${dir}`);
    steps.push("then destroy the offline shares of older generations");
  }
  return steps.length > 0 ? steps : ["nothing; check the nodes from time to time"];
}

export function statusJson(status: Status, updates: number[]): string {
  const { scheme, vault, names, drill = null, others, locked } = status;
  const { set, generation, created, k, n } = scheme;
  const holders = scheme.holders.map(({ name, index, recipient }) => {
    return { name, index, key: kindOfKey(recipient) ?? null, here: names.includes(name) };
  });
  const facts = { set, generation, created, k, n, vault, updates, drill, holders, others, locked };
  return toJson({ ...facts, next: nextSteps(status) });
}
