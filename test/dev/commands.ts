/** Every command as it is used, each with its inputs, to be run where something is lacking. */

import { chmodSync, cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, commandNames } from "../../scripts/dev/project.ts";
import { run } from "../../scripts/dev/static/run.ts";
import { type Finished, place, start } from "./machine.ts";

export interface Case {
  line: string;
  /** The file that is its standard input; none means that it reads none. */
  stdin?: string;
  /** It writes its result to a file when it is given `-o`. */
  out?: true;
}

const holders = "--holder a=a.pub --holder b=b.pub";
export const cases: Case[] = [
  { line: "worstday --help" },
  { line: "combine --help" },
  { line: "keygen --version" },
  { line: "keygen", out: true },
  { line: "split -k 2 -n 3", stdin: "master", out: true },
  { line: "seal a.pub b.pub -", stdin: "shares", out: true },
  { line: "unseal --key a.key", stdin: "a.sealed", out: true },
  { line: "combine a.txt b.txt", out: true },
  { line: "vault-open vault", stdin: "master", out: true },
  { line: "inspect", stdin: "shares", out: true },
  { line: "card a.txt", out: true },
  { line: "vault-close -o made", stdin: "plain" },
  { line: `recovery-init --dir made -k 2 ${holders}`, stdin: "plain" },
  { line: "recovery-verify --dir scheme" },
  { line: "recovery-reconstruct --dir scheme held", out: true },
  { line: "recovery-rotate --dir scheme held" },
];

const inputs = `
for name in a b; do keygen -o $name.key > $name.pub; done
head -c 3000000 /dev/zero > plain
vault-close -o vault < plain > master
split -k 2 -n 3 < master > shares
sed -n 1p shares > a.txt; sed -n 2p shares > b.txt
seal a.pub < a.txt > a.sealed
recovery-init --dir scheme -k 2 ${holders} < plain > offline
unseal --key a.key "$(find scheme -name a)" | cat - offline > held
`;

/**
 * A folder that any user may enter, with the executables in bin/, and in inputs/ what the cases want,
 * made by them. Who makes it removes it.
 */
export function makeInputs(): string {
  const root = mkdtempSync(join(tmpdir(), "worstday-commands-"));
  chmodSync(root, 0o755);
  mkdirSync(join(root, "bin"));
  const first = join(root, "bin/worstday");
  place(join(bin, "worstday"), first);
  for (const name of commandNames()) linkSync(first, join(root, "bin", name));
  const folder = join(root, "inputs");
  mkdirSync(folder);
  const path = `PATH='${bin}':"$PATH"`;
  run("sh", ["-c", `umask 077; set -e; ${path}; ${inputs}`], folder);
  return root;
}

export interface Outcome extends Finished {
  /** The files and folders that were not there before. */
  made: string[];
}

/**
 * Runs a case in a copy of root's inputs by a shell, whose text `around` has "$@" for the command. As
 * `user` where that is given: then all there belongs to it.
 */
export function runCase(
  { line, stdin }: Case,
  root: string,
  around: string,
  user?: number,
): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "worstday-case-"));
  try {
    cpSync(join(root, "inputs"), folder, { recursive: true });
    chmodSync(folder, 0o700);
    if (user !== undefined) run("chown", ["-R", `${user}`, folder]);
    const all = () => readdirSync(folder, { recursive: true, encoding: "utf8" });
    const before = all();
    const [name, ...args] = line.split(" ");
    const drop = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
    const by = user === undefined ? [] : ["setpriv", ...drop];
    const script = `exec < ${stdin ?? "/dev/null"}; ${around}`;
    const command = [...by, "sh", "-c", script, "sh", join(root, "bin", name as string), ...args];
    const done = start(command, { cwd: folder });
    return { ...done, made: all().filter((path) => !before.includes(path)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
