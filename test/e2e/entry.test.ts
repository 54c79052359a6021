// combine with a person at the terminal, who types shares from paper.

import { expect } from "bun:test";
import { hex, nth } from "../oracle/bytes.ts";
import { mistype } from "../oracle/text.ts";
import type { Operator } from "../terminal.ts";
import { later, master, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";

const prompt = /share (\d): $/;
const [one = "", two = "", three = ""] = twoOfThree.lines;

const begin = ({ operator }: Sandbox, flags = "") => {
  return operator(`trap : INT; ./combine ${flags} -o out.secret`);
};

async function enter(operator: Operator, line: string): Promise<string> {
  const [, number = ""] = await operator.sees(prompt);
  operator.types(`${line}\r`);
  return number;
}

async function ended({ has, read }: Sandbox, operator: Operator, status: number): Promise<string> {
  const { code, screen, restored } = await operator.ends();
  expect([code, restored], screen).toEqual([status, true]);
  if (status === 0) expect(hex(read("out.secret"))).toBe(hex(master));
  else expect(has("out.secret")).toBe(false);
  return screen;
}

scenario(
  "combine asks for one share after another, and says how many are missing",
  async (sandbox) => {
    const operator = begin(sandbox);
    await enter(operator, one.toUpperCase().replace(/(.{4})/g, "$1 "));
    await operator.sees(new RegExp(`share 1 of set ${twoOfThree.id}: good; 1 more needed`));
    await enter(operator, three.replace(/(.{4})/g, "$1-"));
    await operator.sees(new RegExp(`share 3 of set ${twoOfThree.id}: good; that is enough`));
    expect(await ended(sandbox, operator, 0)).not.toMatch(/wdshare1/i);
  },
  { smoke: true },
);

scenario("combine names what it does not take, and asks again", async (sandbox) => {
  const operator = begin(sandbox, `--set ${twoOfThree.id}`);
  await enter(operator, one);
  for (const [line, says] of [
    [one, /share 1 was already entered/],
    [nth(later.lines, 1), new RegExp(`of set ${later.id}, expected set ${twoOfThree.id}`)],
    [sandbox.text("sealed").trim(), /sealed share: unseal it/],
    ["good evening", /expected a line that begins with wdshare1/],
  ] as const) {
    expect(await enter(operator, line)).toBe("2");
    await operator.sees(says);
  }
  expect(await enter(operator, "")).toBe("2");
  await enter(operator, two);
  await ended(sandbox, operator, 0);
});

scenario(
  "a mistyped share is located at once, and taken as corrected or typed again",
  async (sandbox) => {
    const wrong = mistype(mistype(one, 16), 43);
    const asking = begin(sandbox, "--echo");
    for (const reply of ["no", "yes"]) {
      await enter(asking, wrong);
      await asking.sees(/2 symbols look wrong: group 5, symbol 1; group 11, symbol 4/);
      await asking.sees(/yes or no\) $/);
      asking.types(`${reply}\r`);
      if (reply === "no") await asking.sees(/only a row, after its number/);
    }
    await enter(asking, two);
    const screen = (await ended(sandbox, asking, 0)).replaceAll("\r", "");
    expect(screen).toContain(two); // with --echo what is typed is shown, and what the checksum suggests
    expect(screen.replace(/^ *\d+ {2}/gm, "").replace(/\s/g, "")).toContain(one);
    await sandbox.ok("rm out.secret");
    const accepting = begin(sandbox, "--accept-corrections");
    await enter(accepting, wrong);
    await accepting.sees(/group 5, symbol 1; group 11, symbol 4/);
    await enter(accepting, two);
    expect(await ended(sandbox, accepting, 0)).not.toContain("yes or no");
  },
);

for (const [name, key, status] of [
  ["Ctrl-C", "\u0003", 130],
  ["Ctrl-D", "\u0004", 4],
] as const) {
  scenario(`${name} ends combine, and leaves nothing behind`, async (sandbox) => {
    const operator = begin(sandbox);
    await enter(operator, one);
    await operator.sees(prompt);
    operator.types(key);
    const screen = await ended(sandbox, operator, status);
    if (status === 4) expect(screen).toMatch(/too few shares: .* 1 of the 2 shares needed/);
    expect(screen).not.toMatch(/wdshare1/);
  });
}
