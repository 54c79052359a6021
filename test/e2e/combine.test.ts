// combine: which sets and shares it takes, and what it says of the others. What makes shares good or bad
// is test/core/recover.test.ts's and sharing.test.ts's.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { bend, makeSet, parseShare, type Share, shareLine, sharePayload } from "../oracle/share.ts";
import {
  later,
  master,
  oddShare,
  otherMaster,
  payloadOf,
  pick,
  threeOfFive,
  twoOfFive,
  twoOfThree,
} from "./fixtures.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";

const [one = "", two = ""] = twoOfThree.lines;
const setId = sample("set first", 8);

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

scenario("combine counts identical duplicates once, with a warning", async (sandbox) => {
  const grouped = one.toUpperCase().replace(/.{5}/g, "$&-");
  const says = /warning: .*(twice|duplicate|same|again|repeat)/;
  await combines(sandbox, `${one}\n${one}\n${two}\n`, master, says);
  await combines(sandbox, `${one}\n${grouped}\n${two}\n`, master, /warning: .*\b2\b/);
  await refuses(sandbox, `${one}\n`.repeat(5), 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
});

scenario(
  "combine refuses two different shares of one index, naming both places",
  async (sandbox) => {
    const other = bent(twoOfThree.lines, 1)[0] ?? "";
    await refuses(sandbox, `# c\n${other}\n${one}\n`, 5, /\b2\b.*\b3\b|\b3\b.*\b2\b/);
    sandbox.file("b", `\n${other}\n`);
    await sandbox.fails("./combine share b", 5, /\bshare\b.*\bb\b|\bb\b.*\bshare\b/);
  },
);

const odd: Record<string, Partial<Share>> = {
  "another k": { k: 3 },
  "another n": { n: 4 },
  "another length": { y: sample("longer", 49) },
};
scenarios(
  odd,
  (what) => `combine refuses ${what} inside one set`,
  async (sandbox, fields) => {
    const strange = shareLine({ ...parseShare(two), ...fields });
    await refuses(sandbox, `${one}\n${strange}\n`, 5, /\b2\b/);
    await refuses(sandbox, `${pick(twoOfThree.lines, 1, 3)}${strange}\n`, 5, /\b3\b/);
  },
);

scenario("combine never chooses between sets, and prints the flag that does", async (sandbox) => {
  const { ok } = sandbox;
  const halves = pick(twoOfThree.lines, 1) + pick(later.lines, 2);
  const { stderr } = await refuses(sandbox, halves, 4, new RegExp(twoOfThree.id));
  expect(stderr).toContain(later.id);
  const half = pick(twoOfThree.lines, 1, 3) + pick(later.lines, 2);
  await refuses(sandbox, half, 6, new RegExp(`--set ${twoOfThree.id}`));
  await refuses(sandbox, half, 4, new RegExp(later.id), `--set ${later.id}`);
  await ok(`./combine --set ${twoOfThree.id} given | cmp - key.master`);
  const whole = pick(twoOfThree.lines, 1, 3) + pick(later.lines, 2, 1) + pick(twoOfFive.lines, 5);
  const both = await refuses(sandbox, whole, 6, new RegExp(`--set ${twoOfThree.id}`));
  expect(both.stderr).toContain(`--set ${later.id}`);
  await ok(`./combine --set ${later.id} given | cmp - other.master`);
  const planted = pick(makeSet("planted", 1, 1, otherMaster).lines, 1);
  await refuses(sandbox, planted + pick(twoOfThree.lines, 1, 3), 6, /--set/);
  await ok(`./combine --set ${twoOfThree.id} given | cmp - key.master`);
  await refuses(
    sandbox,
    pick(twoOfThree.lines, 1, 2),
    4,
    new RegExp(later.id),
    `--set ${later.id}`,
  );
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

scenario(
  "combine of shares that do not verify says what would help, or that nothing does",
  async (sandbox) => {
    for (const bad of [1, 2]) {
      const pair = pick(bent(twoOfThree.lines, bad), 1, 2);
      await refuses(sandbox, pair, 5, /at least one.*one more share/s);
    }
    await refuses(sandbox, pick(bent(threeOfFive.lines, 4), 1, 4, 5), 5, /one more share/);
    const many = pick(bent(threeOfFive.lines, 1, 2), 1, 2, 3, 4);
    await refuses(sandbox, many, 5, /verif|consisten|wrong/);
  },
);

scenario("two secrets among the shares of one set id are a mismatch", async (sandbox) => {
  const header = { set: setId, k: 2, n: 5 };
  const real = sharePayload(payloadOf(setId, 2, 5, master), header, "real");
  const forged = sharePayload(payloadOf(setId, 2, 5, otherMaster), header, "forged");
  const lines = [...real.slice(0, 3), ...forged.slice(3)].map(shareLine);
  await refuses(sandbox, pick(lines, 1, 2, 3, 4, 5), 5, /second|two|different|both/);
  await refuses(sandbox, pick(lines, 1, 2, 4, 5), 5, /second|two|different|both/);
  await refuses(sandbox, pick(lines, 3, 4), 5, /one more share/);
});

scenario("a share at x = 0 never becomes the secret", async (sandbox) => {
  await refuses(sandbox, `${one}\n${two}\n${oddShare({ x: 0 })}\n`, 3, /\b3\b/);
});

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

scenario(
  "combine does not guess if too many are wrong, and finds a few at once",
  async (sandbox) => {
    const wide = makeSet("twenty", 10, 20, master);
    const bad = Array.from({ length: 14 }, (_, i) => i + 1);
    const text = bent(wide.lines, ...bad).join("\n");
    await refuses(sandbox, `${text}\n`, 5, /too many shares disagree to tell which are right/);
    const three = bent(wide.lines, 10, 19, 20).join("\n");
    const { stderr } = await combines(sandbox, `${three}\n`, master);
    expect(stderr.match(/warning: .*disagree/g)?.length).toBe(3);
  },
);
