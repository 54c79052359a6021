/** What a scheme's folder is, at a glance: public facts, none of them verified. */

import { statSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { toHex } from "../core/bytes.ts";
import { toJson } from "../system/json.ts";
import { escapeControls } from "../system/messages.ts";
import { fileIn } from "../system/paths.ts";
import { decodeSealedShare } from "../wire/sealed-share.ts";
import { readDrill } from "./drill.ts";
import { kindOfKey } from "./fields.ts";
import { drillFile, generationOf, sealedFile, sealedFolder, vaultFile } from "./files.ts";
import { lockFile, namesIn } from "./folder.ts";
import { readScheme, readToken, summary } from "./read.ts";

export type Status = Awaited<ReturnType<typeof statusOf>>;

/** @throws io, malformed: scheme.json is not there, or damaged */
export async function statusOf(io: Io, dir: string) {
  const scheme = await readScheme(io, dir);
  const [files, strays] = [new Set<string>(), [] as string[]];
  for (const name of await namesIn(dir)) {
    if (isRight(dir, name)) files.add(name);
    else strays.push(name);
  }
  const sealedNames = async (generation: number, folder = sealedFolder(generation)) =>
    files.has(folder) ? await namesIn(fileIn(dir, folder)) : [];
  const numbers = new Set([...files].flatMap((file) => generationOf(file) ?? []));
  numbers.delete(scheme.generation);
  const others = [];
  for (const generation of [...numbers].sort((a, b) => a - b)) {
    const sealed = (await sealedNames(generation)).map((name) => sealedFile(generation, name));
    const set = await setOf(io, dir, sealed);
    others.push({ generation, vault: files.has(vaultFile(generation)), set });
  }
  return {
    ...{ dir, scheme, vault: files.has(scheme.vault) },
    /** The holders whose sealed shares are there. */
    names: await sealedNames(scheme.generation),
    drill: files.has(drillFile(scheme.generation)) ? await readDrill(io, dir, scheme) : undefined,
    others,
    /** What has a name of the scheme's, and is of another kind. */
    strays: strays.sort(),
    locked: files.has(lockFile),
  };
}

/** Whether what is there is a file, or a folder, as the name says; names that say nothing are right. */
function isRight(dir: string, name: string): boolean {
  if (generationOf(name) === undefined) return true;
  try {
    const stats = statSync(fileIn(dir, name));
    return name.startsWith("sealed-") ? stats.isDirectory() : stats.isFile();
  } catch {
    return false; // a link to nothing, say
  }
}

/** The set that these sealed shares name, in the clear. */
async function setOf(io: Io, dir: string, files: string[]) {
  for (const file of files) {
    const sealed = await readToken(io, fileIn(dir, file), decodeSealedShare);
    if (sealed) return { id: toHex(sealed.setId), k: sealed.k, n: sealed.n };
  }
  return undefined;
}

/** @param updates their numbers, the newest first */
export function statusText(status: Status, updates: number[]): string {
  const { scheme, vault, names, drill, others, strays } = status;
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
    ...strays.map((name): [string, string] => [name, "does not belong here: move it away"]),
    ...nextSteps(status).map((step, i): [string, string] => [i === 0 ? "next" : "", step]),
  ];
  const width = rows.reduce((most, [label]) => Math.max(most, label.length), 0);
  const lines = rows.map(([label, text]) => `${label.padEnd(width)}  ${escapeControls(text)}`);
  return [summary(scheme), ...lines, ""].join("\n");
}

function describe({ generation, set, vault }: Status["others"][number]): string {
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
  const { scheme, vault, names, drill = null, others, strays, locked } = status;
  const { set, generation, created, k, n } = scheme;
  const holders = scheme.holders.map(({ name, index, recipient }) => {
    return { name, index, key: kindOfKey(recipient) ?? null, here: names.includes(name) };
  });
  const facts = { set, generation, created, k, n, vault, updates, drill, holders, others };
  return toJson({ ...facts, strays, locked, next: nextSteps(status) });
}
