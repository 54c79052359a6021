/** What is named as FILE and is no usual file: a pipe, a folder, a file that does not end. */

import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import type { Command } from "../../lib/cli/command.ts";
import * as card from "../../scripts/card.ts";
import * as combine from "../../scripts/combine.ts";
import * as inspect from "../../scripts/inspect.ts";
import * as seal from "../../scripts/seal.ts";
import * as unseal from "../../scripts/unseal.ts";
import * as vaultOpen from "../../scripts/vault-open.ts";
import { nodeA, pick, sealed, twoOfThree, vault } from "../e2e/fixtures.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

setDefaultTimeout(60_000); // for a busy machine

afterAll(removeFolders);
beforeEach(() => {
  enterFolder();
  put("key", nodeA.secretLine);
  put("pub", nodeA.publicLine);
  put("one", pick(twoOfThree.lines, 1));
  put("two", pick(twoOfThree.lines, 1, 2));
  put("sealed", `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);
  put("vault", vault);
});

/** Each command line with a FILE, which is %, and what is usually there. */
const lines: [command: Command, line: string, file: string, stdin?: string][] = [
  [combine, "%", "two"],
  [inspect, "%", "two"],
  [inspect, "%", "vault"],
  [card, "%", "one"],
  [unseal, "--key @key %", "sealed"],
  [unseal, "--key % @sealed", "key"],
  [seal, "% - -", "pub", pick(twoOfThree.lines, 1, 2, 3)],
];

test("from a pipe they read what comes late, and it is the same", async () => {
  for (const [command, line, file, stdin] of lines) {
    const pipe = at("pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    const script = 'sleep 0.05; exec > "$1"; head -c 9 "$2"; sleep 0.05; tail -c +10 "$2"';
    const writer = Bun.spawn(["timeout", "20", "sh", "-c", script, "sh", pipe, at(file)], {
      stderr: "ignore",
    });
    const { stdout } = await succeed(command, line.replace("%", "@pipe"), stdin);
    expect(await writer.exited).toBe(0);
    fs.rmSync(pipe);
    if (command === seal) expect(stdout).toMatch(/^wdsealed1/);
    else {
      fs.copyFileSync(at(file), pipe);
      expect((await succeed(command, line.replace("%", "@pipe"), stdin)).stdout).toBe(stdout);
      fs.rmSync(pipe);
    }
  }
});

test("a folder, and a file or device without an end, are refused in a moment", async () => {
  fs.mkdirSync(at("folder"));
  put("huge", "wdshare1");
  fs.truncateSync(at("huge"), 2 ** 42);
  for (const [command, line, , stdin] of lines) {
    const words = /^cannot read \S+folder: it is a folder$/;
    const { hint } = await refuse("io", words, command, line.replace("%", "@folder"), stdin);
    expect(hint).toBe("name a file in it");
    const endless = line.replace("%", command === inspect ? "/dev/zero" : "@huge");
    const says = /has more than (16777216|65536) bytes|not plain ASCII text$/;
    await refuse("malformed", says, command, endless, stdin);
  }
  await refuse("malformed", /not a worstday vault$/, vaultOpen, "@huge", "k".repeat(32));
});
