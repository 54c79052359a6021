// combine: which sets and shares it takes, and what it says of the others. What makes shares good or bad
// is test/core/recover.test.ts's and sharing.test.ts's, how sets are told apart test/pipes/gather.test.ts's.

import { expect } from "bun:test";
import { hex } from "../oracle/bytes.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { later, master, pick, threeOfFive, twoOfFive, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";

const [, two = ""] = twoOfThree.lines;

/** The lines of a set with the shares at the given places bent out of shape. */
function bent(lines: string[], ...places: number[]): string[] {
  return lines.map((line, i) =>
    places.includes(i + 1) ? shareLine(bend(parseShare(line))) : line,
  );
}

async function combines({ file, ok }: Sandbox, lines: string, secret: Uint8Array, says?: RegExp) {
  file("given", lines);
  const result = await ok("./combine given", says);
  expect(hex(result.stdout)).toBe(hex(secret));
  return result;
}

async function refuses(sandbox: Sandbox, lines: string, code: number, says: RegExp, flags = "") {
  sandbox.file("given", lines);
  return sandbox.fails(`./combine ${flags} given`, code, says);
}

scenario(
  "combine takes k shares and more, in any order, of several files, silently",
  async (sandbox) => {
    const { file, ok } = sandbox;
    for (const places of [
      [1, 2, 3],
      [5, 3, 1],
      [4, 1, 2],
      [5, 4, 3, 2, 1],
    ]) {
      const { stderr } = await combines(sandbox, pick(threeOfFive.lines, ...places), master);
      expect(stderr).toBe("");
    }
    await ok("./combine --strict given | cmp - key.master");
    file("x", pick(threeOfFive.lines, 1));
    file("y", pick(threeOfFive.lines, 4, 2));
    await ok("./combine x y | cmp - key.master");
  },
  { smoke: true },
);

scenario(
  "combine says how many shares are there and how many are needed",
  async (sandbox) => {
    await refuses(sandbox, pick(twoOfThree.lines, 3), 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
    await refuses(sandbox, pick(threeOfFive.lines, 3, 5), 4, /\b2\b.*\b3\b|\b3\b.*\b2\b/);
    await refuses(sandbox, "# nothing but a comment\n\n", 4, /no |none|empty/i);
  },
  { smoke: true },
);

scenario("combine never chooses between sets, and prints the flag that does", async (sandbox) => {
  const whole = pick(twoOfThree.lines, 1, 3) + pick(later.lines, 2, 1);
  const { stderr } = await refuses(sandbox, whole, 6, new RegExp(`--set ${twoOfThree.id}`));
  expect(stderr).toContain(`--set ${later.id}`);
  await sandbox.ok(`./combine --set ${later.id} given | cmp - other.master`);
  const few = pick(twoOfThree.lines, 1, 2);
  await refuses(sandbox, few, 4, new RegExp(later.id), `--set ${later.id}`);
});

const someBad: Record<string, [string[], number[], number[]]> = {
  "the last of three": [twoOfThree.lines, [3], [1, 2, 3]],
  "one of four": [threeOfFive.lines, [2], [5, 2, 1, 3]],
  "three of five, in no order": [twoOfFive.lines, [1, 3, 4], [4, 5, 1, 2, 3]],
};
scenarios(
  someBad,
  (what) => `combine names the shares that disagree: ${what}`,
  async (sandbox, [lines, bad, places]) => {
    const text = pick(bent(lines, ...bad), ...places);
    const { stderr } = await combines(sandbox, text, master, /disagree/);
    const warnings = stderr
      .split("\n")
      .filter((line) => /^combine: warning: .*disagree/.test(line));
    expect(warnings.length, stderr).toBe(bad.length);
    for (const index of bad) {
      const at = places.indexOf(index) + 1;
      const telling = warnings.filter((line) => {
        return new RegExp(`given.*\\b${at}\\b`).test(line) && line.match(`\\b${index}\\b`);
      });
      expect(telling.length, `index ${index} at line ${at}: ${stderr}`).toBeGreaterThan(0);
    }
    await refuses(sandbox, text, 5, /disagree/, "--strict");
  },
);

scenario("combine of k = 1 works, with a warning", async (sandbox) => {
  const alone = makeSet("alone", 1, 3, master);
  await combines(sandbox, pick(alone.lines, 3, 1, 2), master, /warning: .*(secret|1)/);
  await combines(sandbox, pick(bent(alone.lines, 2), 1, 2, 3), master, /disagree/);
});

scenario("combine skips sealed lines with a warning", async (sandbox) => {
  const line = sandbox.text("sealed");
  await combines(sandbox, `${line}${pick(twoOfThree.lines, 2, 3)}`, master, /warning: .*sealed/);
  await refuses(sandbox, `${line}${two}\n`, 4, /sealed/);
  await refuses(sandbox, line, 4, /sealed/);
});
