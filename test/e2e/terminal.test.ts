// Commands with a person at the terminal: what is shown, what is asked, how one leaves, and what no
// terminal is shown. What is asked of shares and of an offline share in full is test/typing/entry.test.ts's
// and test/scheme/hand-out.test.ts's, and what the terminal does test/cli/tty.test.ts's.

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hex, nth } from "../oracle/bytes.ts";
import { parseShare } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import type { Operator } from "../terminal.ts";
import * as ceremony from "./ceremony.ts";
import { audit, expectedListing, init, listing, prepare, rotate } from "./ceremony.ts";
import { changes, snapshot } from "./evidence.ts";
import { master, plaintext, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";
import { ownMounts, program, which } from "./needs.ts";

const groupPrompt = /group (\d+): $/;
const enterPrompt = /press (Enter)[^\n]*: $/i;
const sharePrompt = /share \d+: $/;
const [ctrlC, ctrlD] = ["\u0003", "\u0004"];
const [one = "", two = "", three = ""] = twoOfThree.lines;

/** Runs a line with an operator, in a shell that outlives a Ctrl-C. */
const begin = ({ operator }: Sandbox, line: string) => operator(`trap : INT; ${line}`);

async function enter(operator: Operator, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    await operator.sees(sharePrompt);
    operator.types(`${line}\r`);
  }
}

/** Waits for the end, and sees to it that the terminal is as it was. */
async function end(operator: Operator, status = 0): Promise<string> {
  const { code, screen, restored } = await operator.ends();
  expect([code, restored], screen).toEqual([status, true]);
  return screen;
}

scenario(
  "combine asks for one share after another, and says how many are missing",
  async (sandbox) => {
    const operator = begin(sandbox, "./combine -o out");
    await enter(operator, one.toUpperCase().replace(/(.{4})/g, "$1 "));
    await operator.sees(new RegExp(`share 1 of set ${twoOfThree.id}: good; 1 more needed`));
    await enter(operator, three.replace(/(.{4})/g, "$1-"));
    await operator.sees(new RegExp(`share 3 of set ${twoOfThree.id}: good; that is enough`));
    expect(await end(operator)).not.toMatch(/wdshare1/i);
    expect(hex(sandbox.read("out"))).toBe(hex(master));
  },
  { smoke: true },
);

scenario("a mistyped share is located at once, and taken as corrected", async (sandbox) => {
  const operator = begin(sandbox, "./combine --echo -o out");
  await enter(operator, mistype(mistype(one, 16), 43));
  await operator.sees(/2 symbols look wrong: group 5, symbol 1; group 11, symbol 4/);
  await operator.sees(/yes or no\) $/);
  operator.types("yes\r");
  await enter(operator, two);
  const screen = (await end(operator)).replaceAll("\r", "");
  expect(screen).toContain(two); // with --echo what is typed is shown, and what the checksum suggests
  expect(screen.replace(/^ *\d+ {2}/gm, "").replace(/\s/g, "")).toContain(one);
  expect(hex(sandbox.read("out"))).toBe(hex(master));
});

scenario("Ctrl-C and Ctrl-D end combine, and leave nothing behind", async (sandbox) => {
  for (const [key, status] of [
    [ctrlC, 130],
    [ctrlD, 4],
  ] as const) {
    const operator = begin(sandbox, "./combine -o out");
    await enter(operator, one);
    await operator.sees(sharePrompt);
    operator.types(key);
    const screen = await end(operator, status);
    if (status === 4) expect(screen).toMatch(/too few shares: .* 1 of the 2 shares needed/);
    expect(screen).not.toMatch(/wdshare1/);
    expect(sandbox.has("out")).toBe(false);
  }
});

scenario(
  "shares that are pasted at once are read one by one, and none is shown",
  async (sandbox) => {
    const { lines } = ceremony.twoOfThree(sandbox);
    const operator = begin(sandbox, "./recovery-reconstruct --dir D -o out");
    await operator.sees(sharePrompt, 0); // it comes the instant it is asked for
    const grouped = nth(lines, 2)
      .toUpperCase()
      .replace(/(.{4})/g, "$1 ");
    operator.types(`${lines[0]}\r${grouped}\r`);
    const screen = await end(operator);
    expect(screen).not.toMatch(/wdshare1|[02-9AC-HJ-NP-Z]{4} [02-9AC-HJ-NP-Z]{4} /);
    expect(screen).not.toContain(nth(lines, 0).slice(40, 60));
    expect(hex(sandbox.read("out"))).toBe(hex(ceremony.plaintext));
  },
);

/** The share line that the screen showed last: rows of groups, each with its first one's number. */
function shown(operator: Operator): string {
  const last = operator.screen().replaceAll("\r", "").split("wdshare1").at(-1);
  const [, rows = ""] = /^\s*\n([\s\S]*?)\n\s*\n/.exec(`\n${last}`) ?? [];
  const line = `wdshare1${rows.replace(/^ *\d+ {2}/gm, "").replace(/\s/g, "")}`;
  parseShare(line);
  return line;
}

scenario(
  "offline shares are shown, cleared away and asked back, and again after a wrong answer",
  async (sandbox) => {
    prepare(sandbox);
    const line = `${init.replace("-k 2", "-k 3")} --offline 2 < in.plain && echo it is done`;
    const operator = begin(sandbox, line);
    const any = new RegExp(`${groupPrompt.source}|${enterPrompt.source}|it is done`, "i");
    const lines: string[] = [];
    for (let isFirst = true; ; ) {
      const [, number, isShown] = await operator.sees(any);
      if (number === undefined && isShown === undefined) break;
      if (isShown) {
        const line = shown(operator);
        if (!lines.includes(line)) lines.push(line);
        operator.types("\r");
        continue;
      }
      const screen = operator.screen();
      expect(screen.lastIndexOf("\u001b[2J")).toBeGreaterThan(screen.lastIndexOf("wdshare1"));
      const group = nth(
        lines
          .at(-1)
          ?.slice(8)
          .match(/.{1,4}/g) ?? [],
        Number(number) - 1,
      );
      operator.types(` ${isFirst ? "????" : group.toUpperCase()} \r`);
      if (isFirst) await operator.sees(/not what was shown/);
      isFirst = false;
    }
    const screen = await end(operator);
    expect([lines.length, screen.match(/wdshare1/g)?.length]).toEqual([2, 3]);
    audit(sandbox, `${lines.join("\n")}\n`);
    expect(await listing(sandbox)).toEqual(["700 .", ...expectedListing(1)]);
  },
  { smoke: true },
);

scenario("into a pipe goes the line, and nothing of it to the terminal", async (sandbox) => {
  prepare(sandbox);
  const screen = await end(begin(sandbox, `cat in.plain | ${init} | cat > paper`));
  expect(screen).not.toContain("wdshare1");
  audit(sandbox, sandbox.text("paper"));
});

async function untilGroup(operator: Operator): Promise<void> {
  await operator.sees(enterPrompt);
  operator.types("\r");
  await operator.sees(groupPrompt);
}

scenario("who leaves where a group is asked for is told to destroy the share", async (sandbox) => {
  ceremony.twoOfThree(sandbox);
  const before = snapshot(sandbox.dir);
  for (const [line, key, status] of [
    [`${init.replace(" D", " E")} < in.plain`, ctrlC, 130],
    [`${rotate} shares`, ctrlD, 6],
  ] as const) {
    const operator = begin(sandbox, line);
    await untilGroup(operator);
    operator.types(key);
    expect(await end(operator, status)).toMatch(/recovery-\w+: warning: .*: destroy/);
    expect(changes(before, snapshot(sandbox.dir))).toEqual([]);
  }
});

scenario(
  "a terminal that goes away, or is not the controlling one",
  async (sandbox) => {
    prepare(sandbox);
    const before = snapshot(sandbox.dir);
    const left = () => changes(before, snapshot(sandbox.dir));
    const operator = sandbox.operator(`${init} < in.plain`);
    await untilGroup(operator);
    operator.leaves();
    await operator.ends();
    for (let i = 0; i < 100 && left().length > 0; i++) await Bun.sleep(50);
    expect(left()).toEqual([]);
    const { code, screen } = await sandbox.terminal(`${which("setsid")} -w ${init} < in.plain`);
    expect(code, screen).toBe(1);
    expect(screen).not.toContain("wdshare1");
    expect(left()).toEqual([]);
  },
  { needs: [program("setsid", "Debian's util-linux")] },
);

/** The process in this sandbox that is number 1 where it lives. */
function processOne({ dir }: Sandbox): number {
  const isIt = (pid: string) => {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== dir) return false;
      return /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false; // no process, or one that has just ended
    }
  };
  return Number(readdirSync("/proc").find(isIt));
}

scenario(
  "process 1, which no signal ends by itself, ends too: nothing is in force, and no prompt stays",
  async (sandbox) => {
    ceremony.twoOfThree(sandbox);
    const asOne = `${which("unshare")} --pid --fork --kill-child `;
    const showing = begin(sandbox, `${asOne}${rotate} shares`);
    await showing.sees(enterPrompt);
    process.kill(processOne(sandbox), "SIGTERM");
    expect(await end(showing, 143)).toMatch(/did not take effect: destroy/);
    const asking = begin(sandbox, `${asOne}${rotate}`);
    await asking.sees(sharePrompt);
    asking.types(ctrlC);
    await end(asking, 130);
    expect(await listing(sandbox)).toEqual(["700 .", ...expectedListing(1)]);
  },
  { needs: ownMounts() },
);

scenario("a terminal is shown no secret unless forced", async (sandbox) => {
  const { dir, terminal } = sandbox;
  ceremony.twoOfThree(sandbox);
  const before = snapshot(dir);
  for (const line of [
    ...["./combine shares", "./vault-open vault < key.master", "./vault-close -o v < in.plain"],
    ...["./recovery-reconstruct --dir D shares", "./recovery-reconstruct --dir D --master shares"],
  ]) {
    const { code, screen } = await terminal(line);
    expect(code, screen).toBe(6);
    expect(screen).toMatch(/^[a-z-]+: error: .*terminal[^\n]*\n[^\n]*--force/);
    expect(screen.split("\r\n").length).toBe(3);
    expect(changes(before, snapshot(dir))).toEqual([]);
  }
  const forced = await terminal("stty raw; ./vault-open vault --force < key.master 2> said");
  const shown = Buffer.from(forced.screen, "latin1");
  expect([forced.code, hex(shown)]).toEqual([0, hex(plaintext)]);
});

scenario(
  "what shows no secret runs on a terminal, and fails there in one plain line",
  async (sandbox) => {
    for (const line of ["keygen -o k", "inspect shares", "combine shares -o got", "seal --help"]) {
      const { code, screen } = await sandbox.terminal(`./${line}`);
      expect(code, `${line}: ${screen}`).toBe(0);
      expect(screen).not.toContain("error");
    }
    const { code, screen } = await sandbox.terminal("./inspect \"$(printf 'no\\033[31m')\"");
    expect([code, screen]).toEqual([1, expect.stringMatching(/^inspect: error: [ -~]*\r\n$/)]);
    expect(existsSync(join(sandbox.dir, "got"))).toBe(true);
  },
);
