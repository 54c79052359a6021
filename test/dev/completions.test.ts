/** The completions, in the shells that they are for. */
import { afterAll, beforeAll, expect } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completions } from "../../scripts/dev/completions.ts";
import { readManuals } from "../../scripts/dev/manual.ts";
import { commandNames, temporaryFolder } from "../../scripts/dev/project.ts";
import { drill, start } from "./machine.ts";

const manuals = await readManuals();
let folder = "";

beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "folder"));
  for (const name of ["node-a.key", "a name"]) writeFileSync(join(folder, name), "");
  for (const [name, text] of completions(manuals)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

function shell(command: string[]): string {
  const { stdout, stderr, exitCode } = start(command, { cwd: folder, env: { HOME: folder } });
  expect({ stderr, exitCode }, command.join(" ")).toEqual({ stderr: "", exitCode: 0 });
  return stdout;
}

/** What bash offers for the last of the words, which it splits at "=" as well. */
function askBash(...words: string[]): string[] {
  const script = `. ./worstday.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _worstday
    for reply in "\${COMPREPLY[@]}"; do echo "$reply"; done`;
  return shell(["bash", "--norc", "-c", script, "bash", ...words])
    .split("\n")
    .slice(0, -1);
}

function askFish(line: string): string[] {
  const script = `source worstday.fish; complete -C '${line}'`;
  const offered = shell(["fish", "--no-config", "-c", script]).split("\n").slice(0, -1);
  return offered.map((one) => one.split("\t")[0] as string);
}

const zshSetUp = `PS1=
fpath=($PWD $fpath)
autoload -Uz compinit
compinit -D -u
typed() { print -r "<$BUFFER>"; BUFFER=; zle accept-line }
zle -N typed
bindkey '^I' complete-word '^T' typed
print "<ready>"
`;

/** The lines after a tab key in an interactive zsh, which prints them in place of running them. */
function askZsh(...lines: string[]): string[] {
  writeFileSync(join(folder, "setup.zsh"), zshSetUp);
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell source ./setup.zsh
    zpty -r shell output "*<ready>*"
    for line in "$@"; do
      zpty -w -n shell "$line"$'\\t\\x14'
      zpty -r shell output "*<*>"
      print -r -- "\${\${output##*<}%%>*}"
    done
    zpty -d shell`;
  return shell(["timeout", "60", "zsh", "-f", "-c", script, "zsh", ...lines])
    .split("\n")
    .slice(0, -1);
}

drill("bash completes commands, flags and files", { bash: "bash" }, async () => {
  shell(["bash", "-n", "worstday.bash"]);
  expect(askBash("worstday", "")).toEqual([...commandNames(), "--help", "--version"]);
  for (const { meta, args } of manuals.slice(1)) {
    const flags = Object.entries(args).filter(([, flag]) => flag.type !== "positional");
    const long = [...flags.map(([name]) => `--${name}`), "--help", "--version"];
    expect(askBash("worstday", meta.name, "--")).toEqual(long);
    expect(askBash(`./${meta.name}`, "--")).toEqual(long);
  }
  expect(askBash("worstday", "com")).toEqual(["combine"]);
  expect(askBash("/x/worstday", "combine", "--st")).toEqual(["--strict"]);
  expect(askBash("./combine", "")).toContain("a name");
  expect(askBash("./combine", "--set", "")).toEqual([]);
  expect(askBash("./keygen", "")).toEqual([]);
  expect(askBash("./unseal", "--key", "no")).toEqual(["node-a.key"]);
  expect(askBash("./vault-close", "--key-file", "=", "no")).toEqual(["node-a.key"]);
  expect(askBash("./vault-close", "--key-file", "=")).toContain("folder");
  expect(askBash("worstday", "nonsense", "")).toEqual([]);
});

drill("bash leaves other programs of our names alone", { bash: "bash" }, async () => {
  const names = shell(["bash", "--norc", "-c", ". ./worstday.bash; complete -p"]);
  for (const name of commandNames()) {
    expect(names).toContain(` ./${name}\n`);
    expect(names).not.toContain(` ${name}\n`);
  }
});

drill("fish completes commands, flags and files", { fish: "fish" }, async () => {
  shell(["fish", "-n", "worstday.fish"]);
  expect(askFish("worstday com")).toEqual(["combine"]);
  expect(askFish("worstday ")).toEqual(commandNames());
  for (const program of ["worstday combine", "./combine", "/x/worstday combine"]) {
    expect(askFish(`${program} --s`)).toEqual(["--set", "--strict"]);
  }
  expect(askFish("./combine no")).toEqual(["node-a.key"]);
  expect(askFish("./unseal --key no")).toEqual(["node-a.key"]);
  expect(askFish("./keygen no")).toEqual([]);
  expect(askFish("worstday split -k ")).toEqual([]);
  expect(askFish("combine --st")).toEqual([]);
});

drill("zsh completes commands, flags and files", { zsh: "zsh" }, async () => {
  shell(["zsh", "-n", "_worstday"]);
  const typed: Record<string, string> = {
    "worstday com": "worstday combine ",
    "worstday combine --st": "worstday combine --strict ",
    "./combine --st": "./combine --strict ",
    "./worstday vault-o": "./worstday vault-open ",
    "worstday unseal --key no": "worstday unseal --key node-a.key ",
    "./split --thr": "./split --threshold=",
    "./split --nu": "./split --nu", // coreutils' would be --number
    "./keygen no": "./keygen no",
    "combine --st": "combine --st",
  };
  expect(askZsh(...Object.keys(typed))).toEqual(Object.values(typed));
});
