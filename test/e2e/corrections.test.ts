// Mistyped lines: where they are wrong is told, and --accept-corrections takes what the checksum says.

import { expect } from "bun:test";
import { hex } from "../oracle/bytes.ts";
import { mistype } from "../oracle/text.ts";
import { master, nodeA, pick, sealed, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;

/** The line with its symbols from `offset` behind the "1" replaced. */
function typed(line: string, offset: number, removed: number, added: string): string {
  const at = line.indexOf("1") + 1 + offset;
  return line.slice(0, at) + added + line.slice(at + removed);
}

/** What became of line 2, what is said of it, and where it is corrected. */
const mistakes: Record<string, [string, RegExp, string]> = {
  "a wrong symbol": [
    mistype(two, 40),
    /line 2: 1 symbol looks wrong: group 11, symbol 1\n/,
    "group 11, symbol 1",
  ],
  "four wrong symbols": [
    [16, 43, 60, 110].reduce(mistype, two),
    /line 2: 4 symbols look wrong: group 5, symbol 1; group 11, symbol 4; group 16, symbol 1; /,
    "group 5, symbol 1; group 11, symbol 4; group 16, symbol 1; group 28, symbol 3",
  ],
  "an unreadable symbol": [
    typed(two, 17, 1, "?"),
    /line 2: 1 symbol is unreadable, and can be filled in: group 5, symbol 2\n/,
    "group 5, symbol 2",
  ],
  "eight unreadable symbols": [
    typed(typed(two, 16, 4, "????"), 110, 1, "?").replace(/(.{60}).{3}/, "$1bio"),
    /line 2: 8 symbols are unreadable, and can be filled in: group 5, symbol 1; /,
    "group 5, symbol 1; group 5, symbol 2; group 5, symbol 3; group 5, symbol 4; " +
      "group 14, symbol 1; group 14, symbol 2; group 14, symbol 3; group 28, symbol 3",
  ],
  "wrong and unreadable symbols": [
    typed(mistype(two, 3), 90, 2, "?!"),
    /line 2: 1 symbol looks wrong: group 1, symbol 4; 2 symbols are unreadable, and can be filled/,
    "group 1, symbol 4; group 23, symbol 3; group 23, symbol 4",
  ],
  "a group missing": [
    typed(two, 40, 4, ""),
    /line 2: 4 symbols are missing, near group 11\n/,
    "group 11",
  ],
  "a group typed twice": [
    typed(two, 40, 0, two.slice(48, 52)),
    /line 2: 4 symbols too many, near group 1[01]\n/,
    "group 1[01]",
  ],
};

for (const [what, [line, says, places]] of Object.entries(mistakes)) {
  scenario(
    `a share with ${what} is refused, and corrected where that is asked for`,
    async (room) => {
      const secrets = [two.slice(8), line.slice(8)];
      const told = new RegExp(`warning: (b: )?line 2: corrected at ${places}\n`);
      room.file("b", `${one}\n${line}\n`);
      room.file("a.key", `${nodeA.secretLine}\n`);
      await room.fails("./combine < b", 3, says, { secrets });
      await room.fails("./combine b", 3, /hint: .* --accept-corrections/, { secrets });
      await room.fails("./combine --strict -o out b", 3, says, { secrets });
      await room.fails("./seal - - < b", 3, says, { secrets });
      await room.fails(`./unseal --key a.key b`, 3, says, { secrets });
      await room.fails("./inspect b", 3, says, { secrets });

      const combined = await room.ok("./combine --accept-corrections b", told);
      expect(hex(combined.stdout)).toBe(hex(master));
      expect((await room.ok("./seal --accept-corrections - - < b", told)).text).toBe(
        `${one}\n${two}\n`,
      );
      const passed = await room.ok("./unseal --accept-corrections --key a.key b", told);
      expect(passed.text).toBe(`${one}\n${two}\n`);
    },
  );
}

scenario("a mistyped sealed share is corrected and opened", async (room) => {
  const line = sealed(two, nodeA);
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("good", `${line}\n`);
  room.file("bad", `${typed(mistype(line, 9), 200, 1, "?").toUpperCase()}\n`);
  const says = /line 1: 1 symbol looks wrong: group 3, symbol 2; 1 symbol is unreadable/;
  await room.fails("./unseal --key a.key bad", 3, says);
  await room.fails("./combine bad", 3, says);
  const told = /bad: line 1: corrected at group 3, symbol 2; group 51, symbol 1\n/;
  const opened = await room.ok("./unseal --accept-corrections --key a.key bad", told);
  expect(opened.text).toBe(`${two}\n`);
  room.file("one", `${one}\n${three}\n`);
  await room.ok("./combine --accept-corrections one bad", /line 1 is sealed and skipped/);
});

scenario("what is wrong in too many places is not corrected", async (room) => {
  const wrong = {
    five: [3, 17, 40, 77, 100].reduce(mistype, two),
    nine: typed(two, 30, 9, "?????????"),
    both: typed([3, 17, 40].reduce(mistype, two), 80, 3, "???"),
    half: two.slice(0, 60),
    joined: `${mistype(one, 20)}${two}`,
    mixed: mistype(two, 50).slice(0, 70) + two.slice(70).toUpperCase(),
    headless: mistype(two, 50).replace("wdshare1", "wdshore1"),
  };
  for (const [name, line] of Object.entries(wrong)) {
    room.file(name, `${one}\n${typed(three, 20, 1, "?")}\n${line}\n`);
    const says = new RegExp(`${name}: line 3: `);
    const secrets = [one.slice(8), two.slice(8), three.slice(8)];
    await room.fails(`./combine --accept-corrections ${name}`, 3, says, { secrets });
    await room.fails(`./seal --accept-corrections - - - < ${name}`, 3, /line 3: /, { secrets });
  }
  await room.fails("./combine --accept-corrections five", 3, /hint: more than 4 symbols are/);
  await room.fails("./combine --accept-corrections nine", 3, /9 symbols are unreadable: .*; …\n/);
  await room.fails("./combine --accept-corrections both", 3, /3 symbols are unreadable: group 21/);
});

scenario("--accept-corrections changes nothing where nothing is wrong", async (room) => {
  room.file("shares", pick(twoOfThree.lines, 1, 3));
  const { stdout, stderr } = await room.ok("./combine --accept-corrections shares");
  expect([hex(stdout), stderr]).toEqual([hex(master), ""]);
});

scenario("a mistyped key says where, and is never corrected", async (room) => {
  room.file("a.key", `${mistype(nodeA.secretLine, 20)}\n`);
  room.file("a.pub", `${typed(nodeA.publicLine, 20, 1, "?")}\n`);
  room.file("share", `${one}\n`);
  room.file("sealed", `${sealed(one, nodeA)}\n`);
  const says = /a\.key: line 1: 1 symbol looks wrong: group 6, symbol 1\n.*hint: .*paper\n/;
  await room.fails("./unseal --key a.key sealed", 3, says);
  await room.fails("./unseal --accept-corrections --key a.key sealed", 3, says);
  await room.fails(
    "./seal --accept-corrections a.pub < share",
    3,
    /a\.pub: line 1: 1 symbol is unr/,
  );
});
