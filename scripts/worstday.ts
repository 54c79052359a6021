#!/usr/bin/env bun
/**
 * worstday: all commands in one
 *
 *   worstday NAME [ARGUMENT…]
 *   NAME [ARGUMENT…]            if this file has that name
 *
 * The executables in dist/ are all this one, under each command's name. Only the code of the
 * command that runs is loaded.
 */

import { basename } from "node:path";
import type { Command, Manual } from "../lib/cli/command.ts";
import { guard, main, print, version } from "../lib/cli/main.ts";
import { pipelineOf } from "../lib/cli/manual.ts";
import { fail } from "../lib/core/errors.ts";

export const manual: Manual = {
  meta: { name: "worstday", description: "recover the key to a vault from any k of its n shares" },
  description: `
    One small encrypted file, the vault, holds the secrets that open everything
    else. The key to the vault, the master key, is not stored anywhere. It is
    split into shares, and any 2 of 3 shares recover it. Two shares are sealed
    to the keys of two nodes of a fleet; an operator keeps the third offline.
    One share alone reveals nothing about the key. A wrong share is detected,
    and never yields a wrong key.

    worstday NAME runs the command NAME; so does this file under that name.
    worstday help NAME shows its flags and an example. Data comes in on stdin or
    from named files and goes out on stdout, or with -o to a new file, mode
    0600, which appears complete or not at all and never replaces another.
    Messages go to stderr. Secrets never come in as arguments or environment
    variables.

    Shares and keys are text, one per line, in upper or lower case, with spaces
    and hyphens anywhere. Empty lines and lines that begin with # are skipped.
  `,
  args: {
    name: { type: "positional", required: true, description: "the command" },
    argument: { type: "positional", multiple: true, required: false, description: "its arguments" },
  },
  examples: `
    The worst day: recover the key from two shares and open the vault:

      cat node-a.sealed offline.txt | ./worstday unseal --key node-a.key |
        ./worstday combine | ./worstday vault-open vault.wd -o secrets.tar

    Make a scheme: close a vault, split its key, seal two shares, leave the third:

      ./worstday vault-close -o vault.wd secrets.tar | ./worstday split -k 2 -n 3 |
        ./worstday seal node-a.pub node-b.pub - -o shares.txt
  `,
};

const commands: Record<string, () => Promise<Command>> = {
  keygen: () => import("./keygen.ts"),
  split: () => import("./split.ts"),
  seal: () => import("./seal.ts"),
  unseal: () => import("./unseal.ts"),
  combine: () => import("./combine.ts"),
  "vault-close": () => import("./vault-close.ts"),
  "vault-open": () => import("./vault-open.ts"),
  inspect: () => import("./inspect.ts"),
  "recovery-init": () => import("./recovery-init.ts"),
  "recovery-status": () => import("./recovery-status.ts"),
  "recovery-update": () => import("./recovery-update.ts"),
  "recovery-verify": () => import("./recovery-verify.ts"),
  "recovery-reconstruct": () => import("./recovery-reconstruct.ts"),
  "recovery-rotate": () => import("./recovery-rotate.ts"),
  "recovery-prune": () => import("./recovery-prune.ts"),
  card: () => import("./card.ts"),
};

function commandNamed(name: string | undefined) {
  return name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
}

async function worstday([name, ...argv]: string[]): Promise<void> {
  if (name === "help" && argv[0] !== undefined) return worstday([argv[0], "--help"]);
  const load = commandNamed(name);
  if (load) return main(await load(), argv);
  await guard("worstday", async () => {
    if (name === "--help" || name === "-h" || name === "help") return print(await help());
    if (name === "--version" || name === "-V") return print(`worstday ${version}\n`);
    const names = Object.keys(commands);
    const { suggestion } = await import("../lib/cli/suggestion.ts");
    const hint = suggestion(name ?? "", names) ?? `one of ${names.join(" ")}`;
    fail("usage", name === undefined ? "no command given" : "no such command", hint);
  });
}

async function help(): Promise<string> {
  const { name, description } = manual.meta;
  const lines: string[] = [];
  for (const [name, load] of Object.entries(commands)) {
    const { manual } = await load();
    lines.push(`  ${name.padEnd(22)}${manual.meta.description}`);
  }
  return [
    `${name}: ${description}\n`,
    "USAGE worstday NAME [ARGUMENT...]; worstday help NAME says more\n",
    `COMMANDS\n${lines.join("\n")}\n`,
    `EXAMPLE\n${pipelineOf(manual)}\n`,
  ].join("\n");
}

if (import.meta.main) {
  const called = commandNamed(basename(process.argv0));
  const argv = process.argv.slice(2);
  await (called ? main(await called(), argv) : worstday(argv));
}
