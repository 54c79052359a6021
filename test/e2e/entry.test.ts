// combine with a person at the terminal, who types shares from paper.

import { expect } from "bun:test";
import { hex, nth } from "../oracle/bytes.ts";
import { mistype } from "../oracle/text.ts";
import { later, master, nodeA, sealed, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";
import type { Operator } from "./terminal.ts";

const prompt = /share (\d): $/;
const [one = "", two = "", three = ""] = twoOfThree.lines;

/** What `stty -a` says is noted before and after. */
function begin(room: Room, flags = ""): Operator {
  const combine = `./combine ${flags} -o out.secret`;
  return room.operator(
    `trap : INT; stty -a > before; ${combine}; code=$?; stty -a > after; exit $code`,
  );
}

async function enter(operator: Operator, line: string): Promise<string> {
  const [, number = ""] = await operator.sees(prompt);
  operator.types(`${line}\r`);
  return number;
}

async function ended(room: Room, operator: Operator, status: number): Promise<string> {
  const { code, screen } = await operator.ends();
  expect(code, screen).toBe(status);
  expect(hex(room.read("after")), "the terminal's settings").toBe(hex(room.read("before")));
  return screen;
}

/** The text without line ends as a terminal shows it. */
function plain(screen: string): string {
  return screen.replaceAll("\r", "");
}

scenario(
  "combine asks for one share after another, and says how many are missing",
  async (room) => {
    const operator = begin(room);
    await enter(operator, one.toUpperCase().replace(/(.{4})/g, "$1 "));
    await operator.sees(new RegExp(`share 1 of set ${twoOfThree.id}: good; 1 more needed`));
    await enter(operator, three.replace(/(.{4})/g, "$1-"));
    await operator.sees(new RegExp(`share 3 of set ${twoOfThree.id}: good; that is enough`));
    const screen = await ended(room, operator, 0);
    expect(screen).not.toMatch(/wdshare1/i);
    expect(hex(room.read("out.secret"))).toBe(hex(master));
  },
);

scenario("combine names what it does not take, and asks again", async (room) => {
  const operator = begin(room);
  await enter(operator, one);
  expect(await enter(operator, one)).toBe("2");
  await operator.sees(/share 1 was already entered/);
  expect(await enter(operator, nth(later.lines, 1))).toBe("2");
  await operator.sees(
    new RegExp(`of set ${later.id}, but the first one is of set ${twoOfThree.id}`),
  );
  expect(await enter(operator, sealed(two, nodeA))).toBe("2");
  await operator.sees(/sealed share: unseal it/);
  expect(await enter(operator, "good evening")).toBe("2");
  await operator.sees(/expected a line that begins with wdshare1/);
  expect(await enter(operator, "")).toBe("2");
  await enter(operator, two);
  await ended(room, operator, 0);
  expect(hex(room.read("out.secret"))).toBe(hex(master));
});

scenario("combine --set takes shares of that set only", async (room) => {
  const operator = begin(room, `--set ${twoOfThree.id}`);
  await enter(operator, nth(later.lines, 0));
  await operator.sees(new RegExp(`of set ${later.id}, expected set ${twoOfThree.id}`));
  await enter(operator, one);
  await enter(operator, two);
  await ended(room, operator, 0);
  expect(hex(room.read("out.secret"))).toBe(hex(master));
});

scenario("a mistyped share is located at once; --accept-corrections takes it", async (room) => {
  const wrong = mistype(mistype(one, 16), 43);
  const asking = begin(room);
  await enter(asking, wrong);
  await asking.sees(/2 symbols look wrong: group 5, symbol 1; group 11, symbol 4/);
  await asking.sees(/yes or no\) $/);
  asking.types("yes\r");
  await enter(asking, two);
  await ended(room, asking, 0);
  expect(hex(room.read("out.secret"))).toBe(hex(master));
  await room.ok("rm out.secret");
  const accepting = begin(room, "--accept-corrections");
  await enter(accepting, wrong);
  await accepting.sees(/group 5, symbol 1; group 11, symbol 4/);
  await enter(accepting, two);
  expect(await ended(room, accepting, 0)).not.toContain("yes or no");
});

scenario("--echo shows what is typed, and what the checksum suggests", async (room) => {
  const operator = begin(room, "--echo");
  await enter(operator, mistype(one, 16));
  await operator.sees(/yes or no\) $/);
  operator.types("yes\r");
  await enter(operator, two);
  const screen = plain(await ended(room, operator, 0));
  expect(screen).toContain(two);
  const rows = screen.replace(/^ *\d+ {2}/gm, "").replace(/\s/g, "");
  expect(rows).toContain(one);
});

for (const [name, key, status] of [
  ["Ctrl-C", "\u0003", 130],
  ["Ctrl-D", "\u0004", 4],
] as const) {
  scenario(`${name} ends combine, and leaves nothing behind`, async (room) => {
    const operator = begin(room);
    await enter(operator, one);
    await operator.sees(prompt);
    operator.types(key);
    const screen = await ended(room, operator, status);
    if (status === 4) expect(screen).toMatch(/too few shares: .* 1 of the 2 shares needed/);
    expect(screen).not.toMatch(/wdshare1/);
    expect(room.has("out.secret")).toBe(false);
  });
}
