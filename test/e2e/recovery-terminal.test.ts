// The ceremony with a person at the terminal: what is shown, what is asked, and how one leaves. What is
// asked of an offline share is test/scheme/offline.test.ts's, and what the terminal does test/cli's.

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hex, nth } from "../oracle/bytes.ts";
import { parseShare } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import type { Operator } from "../terminal.ts";
import {
  audit,
  expectedListing,
  init,
  listing,
  plaintext,
  prepare,
  rotate,
  twoOfThree,
} from "./ceremony.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";
import { ownMounts, program, which } from "./needs.ts";

const groupPrompt = /group (\d+): $/;
const enterPrompt = /press (Enter)[^\n]*: $/i;
const sharePrompt = /share \d+: $/;
const [ctrlC, ctrlD] = ["\u0003", "\u0004"];

/** Runs a line with an operator, in a shell that outlives a Ctrl-C. */
const begin = ({ operator }: Sandbox, line: string) => operator(`trap : INT; trap : QUIT; ${line}`);

/** Waits for the end, and sees to it that the terminal is as it was. */
async function end(operator: Operator, codes = [0]): Promise<string> {
  const { code, screen, restored } = await operator.ends();
  expect(codes, screen).toContain(code);
  expect(restored).toBe(true);
  return screen;
}

/** The share line that the screen showed last: rows of groups, each with its first one's number. */
function shown(operator: Operator): string {
  const last = operator.screen().replaceAll("\r", "").split("wdshare1").at(-1);
  const [, rows = ""] = /^\s*\n([\s\S]*?)\n\s*\n/.exec(`\n${last}`) ?? [];
  const line = `wdshare1${rows.replace(/^ *\d+ {2}/gm, "").replace(/\s/g, "")}`;
  parseShare(line);
  return line;
}

const group = (line: string, number: string) =>
  line.slice(8).slice(4 * Number(number) - 4, 4 * Number(number));

/** Answers whatever is asked until the end: what is spelt of each group; the shares that were shown. */
async function obey(operator: Operator, spell = (text: string) => text): Promise<string[]> {
  const any = new RegExp(`${groupPrompt.source}|${enterPrompt.source}|it is done`, "i");
  const lines: string[] = [];
  while (true) {
    const [, number, enter] = await operator.sees(any);
    if (number !== undefined) operator.types(`${spell(group(lines.at(-1) ?? "", number))}\r`);
    else if (enter === undefined) return lines;
    else {
      const line = shown(operator);
      if (!lines.includes(line)) lines.push(line);
      operator.types("\r");
    }
  }
}

async function untilGroup(operator: Operator): Promise<string> {
  await operator.sees(enterPrompt);
  operator.types("\r");
  const [, number = ""] = await operator.sees(groupPrompt);
  return number;
}

function expectNoScheme({ dir }: Sandbox): void {
  const path = join(dir, "D");
  expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
}

scenarios(
  {
    "stdin, two shares": `${init.replace("-k 2", "-k 3")} --offline 2 < in.plain`,
    "a pipe": `cat in.plain | ${init}`,
    "a file": `${init} --secrets in.plain`,
  },
  (how) => `an offline share is shown once and asked back, with the secrets from ${how}`,
  async (sandbox, line) => {
    prepare(sandbox);
    const operator = begin(sandbox, `${line} && echo it is done`);
    const lines = await obey(operator, (text) => ` ${text.toUpperCase()} `);
    const screen = await end(operator);
    expect(screen.match(/wdshare1/g)?.length).toBe(lines.length);
    expect(screen.match(/group \d+: /g)?.length).toBeGreaterThan(2);
    audit(sandbox, lines.map((share) => `${share}\n`).join(""));
    expect(await listing(sandbox)).toEqual(expectedListing(1));
  },
  { smoke: true },
);

scenario(
  "after a wrong answer, another group's too, the share is shown again, and right answers count",
  async (sandbox) => {
    prepare(sandbox);
    const operator = begin(sandbox, `${init} < in.plain && echo it is done`);
    const number = await untilGroup(operator);
    const cleared = operator.screen().lastIndexOf("\u001b[2J");
    expect(cleared).toBeGreaterThan(operator.screen().lastIndexOf("wdshare1"));
    operator.types(`${group(shown(operator), `${(Number(number) % 27) + 1}`)}\r`);
    await operator.sees(/not what was shown/);
    const lines = await obey(operator);
    await end(operator);
    audit(sandbox, `${lines.at(-1)}\n`);
  },
);

scenario("into a pipe goes the line, and nothing of it to the terminal", async (sandbox) => {
  prepare(sandbox);
  const screen = await end(begin(sandbox, `${init} < in.plain | cat > paper`));
  expect(screen).not.toContain("wdshare1");
  audit(sandbox, sandbox.text("paper"));
});

for (const [name, key, codes] of [
  ["Ctrl-C", ctrlC, [130]],
  ["Ctrl-D", ctrlD, [6]],
  ["Ctrl-\\", "\u001c", [131, 3]],
] as const) {
  scenario(
    `${name} where a group is asked for: no new scheme, and destroy what was shown`,
    async (sandbox) => {
      for (const [line, command] of [
        [`${init} < in.plain`, "init"],
        [`${rotate} shares`, "rotate"],
      ] as const) {
        prepare(sandbox);
        const old = command === "rotate" ? twoOfThree(sandbox) : undefined;
        const operator = begin(sandbox, line);
        await untilGroup(operator);
        operator.types(key);
        const screen = await end(operator, [...codes]);
        if (name !== "Ctrl-\\") {
          expect(screen).toMatch(new RegExp(`recovery-${command}: \\w+: .*destroy`));
          if (old) expect(await listing(sandbox)).toEqual(expectedListing(1));
          else expectNoScheme(sandbox);
        }
        if (old) audit(sandbox, old.offline.map((share) => `${share}\n`).join(""));
        else expect(existsSync(join(sandbox.dir, "D/scheme.json"))).toBe(false);
        await sandbox.ok("rm -rf D");
      }
    },
  );
}

scenario(
  "a terminal that goes away while a group is asked for leaves no scheme",
  async (sandbox) => {
    prepare(sandbox);
    const operator = sandbox.operator(`${init} < in.plain`);
    await untilGroup(operator);
    operator.leaves();
    await operator.ends();
    for (let i = 0; i < 100 && existsSync(join(sandbox.dir, "D/lock")); i++) await Bun.sleep(50);
    expectNoScheme(sandbox);
  },
);

scenario(
  "a terminal that is not the controlling one gets no share",
  async (sandbox) => {
    prepare(sandbox);
    const line = `${which("setsid")} -w ${init} < in.plain`;
    const { code, screen } = await sandbox.terminal(line);
    expect(code, screen).toBeGreaterThan(0);
    expect(screen).not.toContain("wdshare1");
    expectNoScheme(sandbox);
  },
  { needs: [program("setsid", "Debian's util-linux")] },
);

scenario("a rotation shows the new offline share and asks it back", async (sandbox) => {
  twoOfThree(sandbox);
  const operator = begin(sandbox, `${rotate} < shares && echo it is done`);
  const lines = await obey(operator);
  const screen = await end(operator);
  expect(screen).toContain("keep the old offline share until every node passes");
  expect(audit(sandbox, `${lines[0]}\n`).scheme.generation).toBe(2);
});

scenario(
  "shares are asked for one at a time or pasted at once, and none is shown",
  async (sandbox) => {
    const { lines } = twoOfThree(sandbox);
    const [one, three] = [nth(lines, 0), nth(lines, 2)];
    const grouped = three.toUpperCase().replace(/(.{4})/g, "$1 ");
    for (const typed of [[one, grouped], [`${one}\r${three}`], [one, three]]) {
      const operator = begin(sandbox, "rm -f out; ./recovery-reconstruct --dir D -o out");
      for (const line of typed) {
        await operator.sees(sharePrompt, 0); // it comes the instant it is asked for
        operator.types(`${line}\r`);
      }
      const screen = await end(operator);
      expect(screen).not.toMatch(/wdshare1|[02-9AC-HJ-NP-Z]{4} [02-9AC-HJ-NP-Z]{4} /);
      expect(screen).not.toContain(one.slice(40, 60));
      expect(hex(sandbox.read("out"))).toBe(hex(plaintext));
    }
  },
);

scenario(
  "a mistyped share is told at once, and asked for again or taken as corrected",
  async (sandbox) => {
    const { lines } = twoOfThree(sandbox);
    const operator = begin(sandbox, "./recovery-reconstruct --dir D -o out");
    for (const reply of ["no", "yes"]) {
      await operator.sees(sharePrompt);
      operator.types(`${mistype(nth(lines, 0), 44)}\r`);
      await operator.sees(/group 12, symbol 1\b[\s\S]*yes or no\W*$/);
      operator.types(`${reply}\r`);
    }
    await operator.sees(sharePrompt);
    operator.types(`${lines[1]}\r`);
    await end(operator);
    expect(hex(sandbox.read("out"))).toBe(hex(plaintext));
  },
);

scenario(
  "a rotation whose lock was removed does not undo the one that came in between",
  async (sandbox) => {
    const { scheme } = twoOfThree(sandbox);
    const operator = begin(sandbox, `${rotate} shares`);
    await operator.sees(enterPrompt);
    await sandbox.ok(`rm D/lock; ${rotate} --expect-set ${scheme.set} shares > new`);
    const kept = sandbox.text("D/scheme.json");
    const line = shown(operator);
    operator.types("\r");
    for (let i = 0; i < 3; i++) {
      const [, number = ""] = await operator.sees(groupPrompt);
      operator.types(`${group(line, number)}\r`);
    }
    expect(await end(operator, [6])).toContain("D was changed while this command ran");
    expect(sandbox.text("D/scheme.json")).toBe(kept);
    // what it made itself stays too: without the lock it is not known to be its own
    expect(await listing(sandbox)).toEqual(expectedListing(1, 2, 3));
  },
  { alone: true },
);

const asOne = `${which("unshare")} --pid --fork --kill-child `;

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

scenarios(
  { "Ctrl-C": 130, SIGTERM: 143 },
  (how) => `process 1 ends by ${how}: what was shown is not put in force, and no prompt stays`,
  async (sandbox, status, how) => {
    const strike = (operator: Operator) => {
      if (how === "Ctrl-C") operator.types(ctrlC);
      else process.kill(processOne(sandbox), "SIGTERM");
    };
    twoOfThree(sandbox);
    for (const line of [`${init.replace("D", "E")} < in.plain`, `${rotate} shares`]) {
      const operator = begin(sandbox, `${asOne}${line}`);
      await operator.sees(enterPrompt);
      strike(operator);
      const screen = await end(operator, [status]);
      expect(screen).not.toContain("hint: in effect");
      expect(screen).toMatch(/did not take effect: destroy/);
    }
    expect(existsSync(join(sandbox.dir, "E"))).toBe(false);
    expect(await listing(sandbox)).toEqual(expectedListing(1));

    const operator = begin(sandbox, `${asOne}${rotate}`);
    await operator.sees(sharePrompt);
    const start = performance.now();
    strike(operator);
    await end(operator, [status]);
    expect(performance.now() - start).toBeLessThan(8000);
    expect(await listing(sandbox)).toEqual(expectedListing(1));
  },
  { alone: true, needs: ownMounts() },
);
