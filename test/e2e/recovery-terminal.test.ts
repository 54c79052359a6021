// The ceremony with a person at the terminal: what is shown, what is asked, and how one leaves.

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hex, nth } from "../oracle/bytes.ts";
import { parseShare } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import {
  audit,
  expectedListing,
  furnish,
  init,
  listing,
  plaintext,
  rotate,
  twoOfThree,
} from "./ceremony.ts";
import { type Room, scenario } from "./harness.ts";
import { ownMounts, program, which } from "./needs.ts";
import type { Operator } from "./terminal.ts";

const groupPrompt = /group (\d+): $/;
const enterPrompt = /press (Enter)[^\n]*: $/i;
const sharePrompt = /share \d+: $/;
const [ctrlC, ctrlD] = ["\u0003", "\u0004"];

/** Runs a line with an operator; what `stty -a` says is noted before and after. */
function begin(room: Room, line: string): Operator {
  return room.operator(
    `trap : INT; stty -a > before; ${line}; code=$?; stty -a > after; exit $code`,
  );
}

async function end(room: Room, operator: Operator): Promise<{ code: number; screen: string }> {
  const ended = await operator.ends();
  expect(Buffer.from(room.read("after")).toString(), "the terminal's settings").toBe(
    Buffer.from(room.read("before")).toString(),
  );
  return ended;
}

/** The share line that the screen showed last: rows of groups, each with its first one's number. */
function shown(operator: Operator): string {
  const [, rows = ""] =
    /^\s*\n([\s\S]*?)\n\s*\n/.exec(
      `\n${operator.screen().replaceAll("\r", "").split("wdshare1").at(-1)}`,
    ) ?? [];
  const line = `wdshare1${rows.replace(/^ *\d+ {2}/gm, "").replace(/\s/g, "")}`;
  parseShare(line);
  return line;
}

function group(line: string, number: string): string {
  return line.slice(8).slice(4 * Number(number) - 4, 4 * Number(number));
}

/** What is asked next, or the end that is waited for. */
async function asked(operator: Operator, over: RegExp): Promise<"over" | "enter" | string> {
  const any = new RegExp(`${groupPrompt.source}|${enterPrompt.source}|${over.source}`, "i");
  const [, number, enter] = await operator.sees(any);
  return number ?? (enter === undefined ? "over" : "enter");
}

/** Answers rightly whatever is asked, until the end; the shares shown, and how much was asked. */
async function obey(
  operator: Operator,
  over: RegExp,
  spell = (text: string) => text,
): Promise<{ lines: string[]; groups: number }> {
  const lines: string[] = [];
  for (let groups = 0; ; ) {
    const what = await asked(operator, over);
    if (what === "over") return { lines, groups };
    if (what === "enter") {
      const line = shown(operator);
      if (!lines.includes(line)) lines.push(line);
      operator.types("\r");
    } else {
      operator.types(`${spell(group(lines.at(-1) ?? "", what))}\r`);
      groups++;
    }
  }
}

/** Waits for the first group that is asked for. */
async function untilGroup(operator: Operator): Promise<void> {
  await operator.sees(enterPrompt);
  operator.types("\r");
  await operator.sees(groupPrompt);
}

function expectNoScheme(room: Room): void {
  const dir = join(room.dir, "D");
  expect(existsSync(dir) ? readdirSync(dir) : []).toEqual([]);
}

for (const [how, line] of [
  ["with the secrets on stdin", `${init} < in.plain`],
  ["with the secrets from a pipe", `cat in.plain | ${init}`],
  ["with the secrets from a file", `${init} --secrets in.plain`],
] as const) {
  scenario(`an offline share is shown once and asked back, ${how}`, async (room) => {
    furnish(room);
    const operator = begin(room, `${line} && echo it is done`);
    const { lines, groups } = await obey(operator, /it is done/);
    const { code, screen } = await end(room, operator);
    expect(code, screen).toBe(0);
    expect(groups).toBeGreaterThan(0);
    expect(screen.match(/wdshare1/g)?.length).toBe(1);
    audit(room, `${lines.join("\n")}\n`);
    expect(await listing(room)).toEqual(expectedListing(1));
  });
}

scenario("several offline shares are shown and asked back one by one", async (room) => {
  furnish(room);
  const line = `${init.replace("-k 2", "-k 3")} --offline 2 < in.plain && echo it is done`;
  const operator = begin(room, line);
  const { lines } = await obey(operator, /it is done/);
  const { code, screen } = await end(room, operator);
  expect(code, screen).toBe(0);
  expect(screen.match(/wdshare1/g)?.length).toBe(2);
  audit(room, lines.map((share) => `${share}\n`).join(""));
});

scenario("what was shown is wiped from the screen before groups are asked for", async (room) => {
  furnish(room);
  const operator = begin(room, `${init} < in.plain`);
  await untilGroup(operator);
  const cleared = operator.screen().lastIndexOf("\u001b[2J");
  expect(cleared).toBeGreaterThan(operator.screen().lastIndexOf("wdshare1"));
  operator.types(ctrlC);
  await end(room, operator);
});

scenario("into a pipe goes the line, and nothing of it to the terminal", async (room) => {
  furnish(room);
  const operator = begin(room, `${init} < in.plain | cat > share`);
  const { code, screen } = await end(room, operator);
  expect(code, screen).toBe(0);
  expect(screen).not.toContain("wdshare1");
  audit(room, Buffer.from(room.read("share")).toString());
});

scenario("an answer in upper case or with spaces around it will do", async (room) => {
  furnish(room);
  const operator = begin(room, `${init} < in.plain && echo it is done`);
  await obey(operator, /it is done/, (text) => ` ${text.toUpperCase()} `);
  expect((await end(room, operator)).code).toBe(0);
});

for (const [what, keys] of Object.entries({ "wrong answers": "bbbb\r", "empty answers": "\r" })) {
  scenario(`${what} only, and there is no scheme`, async (room) => {
    furnish(room);
    const operator = begin(room, `${init} < in.plain; echo it is over`);
    for (let i = 0; i < 30; i++) {
      const what = await asked(operator, /it is over/);
      if (what === "over") break;
      operator.types(i === 28 ? ctrlC : what === "enter" ? "\r" : keys);
    }
    const { screen } = await end(room, operator);
    expect(screen).toMatch(/recovery-init: \w+: .*destroy/);
    expectNoScheme(room);
  });
}

scenario("after a wrong answer the share is shown again, and right answers count", async (room) => {
  furnish(room);
  const operator = begin(room, `${init} < in.plain && echo it is done`);
  await untilGroup(operator);
  operator.types("bbbb\r");
  const { lines } = await obey(operator, /it is done/);
  const { code, screen } = await end(room, operator);
  expect(code, screen).toBe(0);
  expect(screen).toMatch(/not what was shown/);
  audit(room, `${lines.at(-1)}\n`);
});

scenario("a right answer to another group is wrong", async (room) => {
  furnish(room);
  const operator = begin(room, `${init} < in.plain`);
  await operator.sees(enterPrompt);
  operator.types("\r");
  const [, number = ""] = await operator.sees(groupPrompt);
  operator.types(`${group(shown(operator), `${(Number(number) % 27) + 1}`)}\r`);
  await operator.sees(/not what was shown/);
  operator.types(ctrlC);
  await end(room, operator);
  expectNoScheme(room);
});

for (const [name, key, status] of [
  ["Ctrl-C", ctrlC, /^130$/],
  ["Ctrl-D", ctrlD, /^([1-9]|130)$/],
  ["Ctrl-\\", "\u001c", /^([1-9]\d*)$/],
] as const) {
  scenario(
    `${name} where a group is asked for: no scheme, and destroy what was shown`,
    async (room) => {
      furnish(room);
      const operator = begin(room, `trap : QUIT; ${init} < in.plain`);
      await untilGroup(operator);
      operator.types(key);
      const { code, screen } = await end(room, operator);
      expect(`${code}`, screen).toMatch(status);
      if (name !== "Ctrl-\\") {
        expect(screen).toMatch(/recovery-init: \w+: .*destroy/);
        expectNoScheme(room);
      }
      expect(existsSync(join(room.dir, "D/scheme.json"))).toBe(false);
    },
  );

  scenario(`${name} in a rotation: the old generation stays`, async (room) => {
    const old = twoOfThree(room);
    const operator = begin(room, `trap : QUIT; ${rotate} shares`);
    await untilGroup(operator);
    operator.types(key);
    const { code, screen } = await end(room, operator);
    expect(`${code}`, screen).toMatch(status);
    if (name !== "Ctrl-\\") {
      expect(screen).toMatch(/recovery-rotate: \w+: .*destroy/);
      expect(await listing(room)).toEqual(expectedListing(1));
    }
    audit(room, old.offline.map((line) => `${line}\n`).join(""));
  });
}

scenario("a terminal that goes away while a group is asked for leaves no scheme", async (room) => {
  furnish(room);
  const operator = room.operator(`${init} < in.plain`);
  await untilGroup(operator);
  operator.leaves();
  await operator.ends();
  for (let i = 0; i < 100 && existsSync(join(room.dir, "D/lock")); i++) await Bun.sleep(50);
  expectNoScheme(room);
});

scenario(
  "a terminal that is not the controlling one gets no share",
  async (room) => {
    furnish(room);
    const { code, screen } = await room.terminal(`${which("setsid")} -w ${init} < in.plain`);
    expect(code, screen).toBeGreaterThan(0);
    expect(screen).not.toContain("wdshare1");
    expectNoScheme(room);
  },
  { needs: [program("setsid", "Debian's util-linux")] },
);

scenario("a rotation shows the new offline share and asks it back", async (room) => {
  twoOfThree(room);
  const operator = begin(room, `${rotate} < shares && echo it is done`);
  const { lines } = await obey(operator, /it is done/);
  const { code, screen } = await end(room, operator);
  expect(code, screen).toBe(0);
  expect(screen).toContain("keep the old offline share until recovery-verify passes");
  expect(audit(room, `${lines[0]}\n`).scheme.generation).toBe(2);
});

scenario("shares are asked for one at a time, without being shown", async (room) => {
  const { lines } = twoOfThree(room);
  const operator = begin(room, "./recovery-reconstruct --dir D -o out");
  await operator.sees(sharePrompt);
  operator.types(`${lines[0]}\r`);
  await operator.sees(sharePrompt);
  operator.types(
    `${nth(lines, 2)
      .toUpperCase()
      .replace(/(.{4})/g, "$1 ")}\r`,
  );
  const { code, screen } = await end(room, operator);
  expect(code, screen).toBe(0);
  expect(screen).not.toMatch(/qqz[02-9ac-hj-np-z]{20}|[02-9AC-HJ-NP-Z]{4} [02-9AC-HJ-NP-Z]{4} /);
  expect(screen).not.toContain(nth(lines, 0).slice(40, 60));
  expect(hex(room.read("out"))).toBe(hex(plaintext));
});

scenario("shares that are pasted at once are all taken, and none is shown", async (room) => {
  const { lines } = twoOfThree(room);
  const operator = begin(room, "./recovery-reconstruct --dir D -o out");
  await operator.sees(sharePrompt);
  operator.types(`${lines[0]}\r${lines[2]}\r`);
  const { code, screen } = await end(room, operator);
  expect(code, screen).toBe(0);
  expect(screen).not.toMatch(/wdshare1/);
  expect(hex(room.read("out"))).toBe(hex(plaintext));
});

scenario("a share that comes the instant it is asked for is not shown either", async (room) => {
  const { lines } = twoOfThree(room);
  for (let i = 0; i < 3; i++) {
    const operator = begin(room, "rm -f out; ./recovery-reconstruct --dir D -o out");
    await operator.sees(sharePrompt, 0);
    operator.types(`${lines[0]}\r`);
    await operator.sees(sharePrompt, 0);
    operator.types(`${lines[2]}\r`);
    const { code, screen } = await end(room, operator);
    expect(code, screen).toBe(0);
    expect(screen).not.toMatch(/wdshare1/);
  }
});

for (const [what, reply] of [
  ["taken as corrected", "yes"],
  ["asked for again", "no"],
] as const) {
  scenario(`a mistyped share is told at once, and ${what}`, async (room) => {
    const { lines } = twoOfThree(room);
    const operator = begin(room, "./recovery-reconstruct --dir D -o out");
    await operator.sees(sharePrompt);
    operator.types(`${mistype(nth(lines, 0), 44)}\r`);
    await operator.sees(/group 12, symbol 1\b[\s\S]*yes or no\W*$/);
    operator.types(`${reply}\r`);
    await operator.sees(sharePrompt);
    if (reply === "no") {
      operator.types(`${lines[0]}\r`);
      await operator.sees(sharePrompt);
    }
    operator.types(`${lines[1]}\r`);
    const { code, screen } = await end(room, operator);
    expect(code, screen).toBe(0);
    expect(hex(room.read("out"))).toBe(hex(plaintext));
  });
}

for (const [name, key, status] of [
  ["Ctrl-C", ctrlC, [130]],
  ["Ctrl-D", ctrlD, [3, 4]],
] as const) {
  scenario(`${name} where a share is asked for leaves the terminal as it was`, async (room) => {
    const { lines } = twoOfThree(room);
    const operator = begin(room, "./recovery-reconstruct --dir D -o out");
    await operator.sees(sharePrompt);
    operator.types(`${lines[0]}\r`);
    await operator.sees(sharePrompt);
    operator.types(key);
    const { code, screen } = await end(room, operator);
    expect([...status], screen).toContain(code as never);
    expect(room.has("out")).toBe(false);
  });
}

scenario(
  "a rotation whose lock was removed does not undo the one that came in between",
  async (room) => {
    twoOfThree(room);
    const operator = begin(room, `${rotate} shares`);
    await operator.sees(enterPrompt);
    await room.ok(`rm D/lock; ${rotate} shares > new`);
    const kept = room.read("D/scheme.json");
    const line = shown(operator);
    operator.types("\r");
    for (let i = 0; i < 3; i++) {
      const [, number = ""] = await operator.sees(groupPrompt);
      operator.types(`${group(line, number)}\r`);
    }
    const { code, screen } = await end(room, operator);
    expect([code, screen.includes("D was changed meanwhile")], screen).toEqual([6, true]);
    expect(hex(room.read("D/scheme.json"))).toBe(hex(kept));
    expect(await listing(room)).toEqual(expectedListing(1, 3));
  },
  { alone: true },
);

const asOne = `${which("unshare")} --pid --fork --kill-child `;

/** The process in this room that is number 1 where it lives. */
function processOne(room: Room): number {
  const isIt = (pid: string) => {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== room.dir) return false;
      return /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false; // no process, or one that has just ended
    }
  };
  return Number(readdirSync("/proc").find(isIt));
}

for (const [how, status] of [
  ["Ctrl-C", 130],
  ["SIGTERM", 143],
] as const) {
  const strike = (room: Room, operator: Operator) => {
    if (how === "Ctrl-C") operator.types(ctrlC);
    else process.kill(processOne(room), "SIGTERM");
  };

  scenario(
    `process 1 ends by ${how} at "Write it down", and nothing is put in force`,
    async (room) => {
      const { lines } = twoOfThree(room);
      room.file("shares", `${lines[0]}\n${lines[1]}\n`);
      for (const line of [init.replace("D", "E"), rotate]) {
        const secrets = line === rotate ? "shares" : "< in.plain";
        const operator = begin(room, `${asOne}${line} ${secrets}`);
        await operator.sees(enterPrompt);
        strike(room, operator);
        const { code, screen } = await end(room, operator);
        expect([code, screen.includes("hint: in force")], screen).toEqual([status, false]);
        expect(screen).toMatch(/was not put in force: destroy/);
      }
      expect(existsSync(join(room.dir, "E"))).toBe(false);
      expect(await listing(room)).toEqual(expectedListing(1));
    },
    { alone: true, needs: ownMounts() },
  );

  scenario(
    `process 1 ends by ${how} at a hidden prompt, at once`,
    async (room) => {
      twoOfThree(room);
      const operator = begin(room, `${asOne}${rotate}`);
      await operator.sees(sharePrompt);
      const start = performance.now();
      strike(room, operator);
      expect((await end(room, operator)).code).toBe(status);
      expect(performance.now() - start).toBeLessThan(8000);
      expect(await listing(room)).toEqual(expectedListing(1));
    },
    { alone: true, needs: ownMounts() },
  );
}
