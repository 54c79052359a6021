/** What a scheme's folder is, at a glance: public facts, none of them verified. */

import type { Io } from "../cli/io.ts";
import { toJson } from "../system/json.ts";
import { escapeControls } from "../system/messages.ts";
import { type Drill, readDrill } from "./drill.ts";
import { kindOfKey, type Scheme, sealedFile, vaultFile } from "./fields.ts";
import { lockFile, namesIn } from "./folder.ts";
import { readScheme, summary } from "./read.ts";
import { type Remains, remainsIn } from "./remains.ts";

export interface Status {
  dir: string;
  scheme: Scheme;
  /** Whether its vault is there. */
  vault: boolean;
  /** The holders whose sealed shares of this set are there. */
  names: string[];
  drill: Drill | undefined;
  /** Of other generations, or of another set under the same number. */
  others: Remains[];
  locked: boolean;
}

/** @throws io, malformed: scheme.json is not there, or damaged */
export async function statusOf(io: Io, dir: string): Promise<Status> {
  const scheme = await readScheme(io, dir);
  const files = await namesIn(dir);
  const remains = await remainsIn(io, dir);
  const isOwn = ({ set }: Remains) => set?.id === scheme.set;
  const own = remains.find((one) => isOwn(one) && one.generation === scheme.generation);
  return {
    dir,
    scheme,
    vault: files.includes(scheme.vault),
    names: own?.names ?? [],
    drill: await readDrill(io, dir, scheme),
    others: remains.filter((one) => {
      return one !== own && (one.set !== undefined || one.generation !== scheme.generation);
    }),
    locked: files.includes(lockFile),
  };
}

export function statusText(status: Status): string {
  const { scheme, vault, names, drill, others } = status;
  const rows: [label: string, text: string][] = [
    ["last drill", drill ? `${drill.at}, with the shares of ${drill.names.join(", ")}` : "none"],
    ["vault", `${scheme.vault}${vault ? "" : " is not here"}`],
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
  const newer = others.some(({ generation }) => generation > scheme.generation);
  const older = others.some(({ generation }) => generation < scheme.generation);
  const same = others.some(({ generation }) => generation === scheme.generation);
  const steps: string[] = [];
  if (locked) steps.push(`see ${lockFile}: another change is under way, or was interrupted`);
  if (newer || same) {
    steps.push("find out which set is in force: this scheme.json may be an older copy");
  }
  if (!vault) steps.push(`copy ${scheme.vault} from another host`);
  if (!drill) steps.push(`recovery-verify --dir ${dir} --drill, with shares of this generation`);
  else if (older) {
    steps.push(`when every node has passed the check: recovery-prune --dir ${dir}`);
    steps.push("then destroy the offline shares of older generations");
  }
  return steps.length > 0 ? steps : ["nothing; check the nodes from time to time"];
}

export function statusJson(status: Status): string {
  const { scheme, vault, names, drill = null, others, locked } = status;
  const { set, generation, created, k, n } = scheme;
  const holders = scheme.holders.map(({ name, index, recipient }) => {
    return { name, index, key: kindOfKey(recipient) ?? null, here: names.includes(name) };
  });
  const facts = { set, generation, created, k, n, vault, drill, holders, others, locked };
  return toJson({ ...facts, next: nextSteps(status) });
}
