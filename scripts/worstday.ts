#!/usr/bin/env bun
/**
 * worstday: all commands in one
 *
 *   worstday NAME [ARGUMENT…]
 *   NAME [ARGUMENT…]            where this file is also called NAME
 *
 * The executables in dist/ are all this one, under each command's name. A command's code is
 * loaded when it is called for, so that the others cost it nothing.
 */

import { basename } from "node:path";
import { guard, main, print, version } from "../lib/cli/main.ts";
import { fail } from "../lib/errors.ts";

const commands: Record<string, (argv: string[]) => Promise<void>> = {
  keygen: async (argv) => main((await import("./keygen.ts")).command, argv),
  split: async (argv) => main((await import("./split.ts")).command, argv),
  seal: async (argv) => main((await import("./seal.ts")).command, argv),
  unseal: async (argv) => main((await import("./unseal.ts")).command, argv),
  combine: async (argv) => main((await import("./combine.ts")).command, argv),
  "vault-close": async (argv) => main((await import("./vault-close.ts")).command, argv),
  "vault-open": async (argv) => main((await import("./vault-open.ts")).command, argv),
  inspect: async (argv) => main((await import("./inspect.ts")).command, argv),
  "recovery-init": async (argv) => main((await import("./recovery-init.ts")).command, argv),
  "recovery-verify": async (argv) => main((await import("./recovery-verify.ts")).command, argv),
  "recovery-reconstruct": async (argv) =>
    main((await import("./recovery-reconstruct.ts")).command, argv),
  "recovery-rotate": async (argv) => main((await import("./recovery-rotate.ts")).command, argv),
  card: async (argv) => main((await import("./card.ts")).command, argv),
};

function commandNamed(name: string | undefined) {
  return name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
}

async function worstday(name: string | undefined, argv: string[]): Promise<void> {
  const command = commandNamed(name);
  if (command) return command(argv);
  const list = Object.keys(commands).join(" ");
  await guard("worstday", async () => {
    if (name === "--help") return print(`usage: worstday NAME [ARGUMENT…]\n\nNAME: ${list}\n`);
    if (name === "--version") return print(`worstday ${version}\n`);
    fail("usage", name === undefined ? "no command is named" : "no such command", `one of ${list}`);
  });
}

if (import.meta.main) {
  const called = commandNamed(basename(process.argv0));
  const argv = process.argv.slice(2);
  await (called ? called(argv) : worstday(argv[0], argv.slice(1)));
}
