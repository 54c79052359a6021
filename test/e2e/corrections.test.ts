// Mistyped lines: where they are wrong is told, and --accept-corrections takes what the checksum says.
// Which mistakes are found is test/typing's.

import { expect } from "bun:test";
import { hex } from "../oracle/bytes.ts";
import { mistype } from "../oracle/text.ts";
import { master, nodeA, sealed, twoOfThree } from "./fixtures.ts";
import { scenario, scenarios } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;

/** The line with its symbols from `offset` behind the "1" replaced. */
function typed(line: string, offset: number, removed: number, added: string): string {
  const at = line.indexOf("1") + 1 + offset;
  return line.slice(0, at) + added + line.slice(at + removed);
}

/** What became of line 2, what is said of it, and where it is corrected. */
const mistakes: Record<string, [string, RegExp, string]> = {
  "four wrong symbols": [
    [16, 43, 60, 110].reduce(mistype, two),
    /line 2: 4 symbols look wrong: group 5, symbol 1; group 11, symbol 4; group 16, symbol 1; /,
    "4 symbols look wrong: group 5, symbol 1; group 11, symbol 4; group 16, symbol 1; group 28, symbol 3",
  ],
  "wrong and unreadable symbols": [
    typed(mistype(two, 3), 90, 2, "?!"),
    /line 2: 1 symbol looks wrong: group 1, symbol 4; 2 symbols are unreadable, and can be filled/,
    "1 symbol looks wrong: group 1, symbol 4; 2 .*: group 23, symbol 3; group 23, symbol 4",
  ],
  "a group missing": [
    typed(two, 40, 4, ""),
    /line 2: 4 symbols are missing, near group 11\n/,
    "4 symbols are missing, near group 11",
  ],
};
scenarios(
  mistakes,
  (what) => `a share with ${what} is refused, and corrected where that is asked for`,
  async ({ file, fails, ok }, [line, says, places]) => {
    const secrets = [two.slice(8), line.slice(8)];
    const told = new RegExp(`warning: (b: )?line 2: corrected: ${places}\n`);
    file("b", `${one}\n${line}\n`);
    await fails("./combine < b", 3, says, { secrets });
    await fails("./combine --strict -o out b", 3, /hint: .* --accept-corrections/, { secrets });
    await fails("./seal - - < b", 3, says, { secrets });
    await fails("./unseal --key a.key b", 3, says, { secrets });
    await fails("./inspect b", 3, says, { secrets });
    const { stdout } = await ok("./combine --accept-corrections b", told);
    expect(hex(stdout)).toBe(hex(master));
    for (const command of [
      "./seal --accept-corrections - -",
      "./unseal --accept-corrections --key a.key",
    ]) {
      expect((await ok(`${command} < b`, told)).text).toBe(`${one}\n${two}\n`);
    }
  },
);

scenario("a mistyped sealed share is corrected and opened", async ({ file, fails, ok }) => {
  file("bad", `${typed(mistype(sealed(two, nodeA), 9), 200, 1, "?").toUpperCase()}\n`);
  const says = /line 1: 1 symbol looks wrong: group 3, symbol 2; 1 symbol is unreadable/;
  await fails("./unseal --key a.key bad", 3, says);
  await fails("./combine bad", 3, says);
  const told = /bad: line 1: corrected: 1 .*: group 3, symbol 2; 1 .*: group 51, symbol 1\n/;
  const opened = await ok("./unseal --accept-corrections --key a.key bad", told);
  expect(opened.text).toBe(`${two}\n`);
  await ok("./combine --accept-corrections share offline bad", /line 1 is sealed, and was skipped/);
});

scenario(
  "what is wrong in too many places, or not at all, is not corrected",
  async ({ file, fails, ok }) => {
    const wrong = {
      five: [3, 17, 40, 77, 100].reduce(mistype, two),
      nine: typed(two, 30, 9, "?????????"),
      joined: `${mistype(one, 20)}${two}`,
    };
    const says = {
      five: /hint: more than 4 symbols are/,
      nine: /9 symbols are unreadable: .*; …\n/,
      joined: /line 3: /,
    };
    for (const [name, line] of Object.entries(wrong)) {
      file(name, `${one}\n${typed(three, 20, 1, "?")}\n${line}\n`);
      const secrets = [one.slice(8), two.slice(8), three.slice(8)];
      await fails(`./combine --accept-corrections ${name}`, 3, says[name as keyof typeof says], {
        secrets,
      });
      await fails(`./seal --accept-corrections - - - < ${name}`, 3, /line 3: /, { secrets });
    }
    const { stdout, stderr } = await ok("./combine --accept-corrections shares");
    expect([hex(stdout), stderr]).toEqual([hex(master), ""]);
  },
);

scenario("a mistyped key says where, and is never corrected", async ({ file, fails }) => {
  file("typo.key", `${mistype(nodeA.secretLine, 20)}\n`);
  file("typo.pub", `${typed(nodeA.publicLine, 20, 1, "?")}\n`);
  const says = /typo\.key: line 1: 1 symbol looks wrong: group 6, symbol 1\n.*hint: .*paper\n/;
  await fails("./unseal --accept-corrections --key typo.key sealed", 3, says);
  const unread = /typo\.pub: line 1: 1 symbol is unr/;
  await fails("./seal --accept-corrections typo.pub < share", 3, unread);
});
