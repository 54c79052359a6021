// combine's rules: sets, duplicates, wrong shares, and when it says which.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import {
  bend,
  bendBit,
  makeSet,
  parseShare,
  type Share,
  shareLine,
  sharePayload,
} from "../oracle/share.ts";
import {
  later,
  master,
  nodeA,
  oddShare,
  otherMaster,
  payloadOf,
  pick,
  sealed,
  threeOfFive,
  twoOfFive,
  twoOfThree,
} from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const [one = "", two = ""] = twoOfThree.lines;
const setId = sample("set first", 8);

/** The lines of a set with the shares at the given places bent out of shape. */
function bent(lines: string[], ...places: number[]): string[] {
  return lines.map((line, i) =>
    places.includes(i + 1) ? shareLine(bend(parseShare(line))) : line,
  );
}

async function combines(room: Room, lines: string, secret: Uint8Array, says?: RegExp) {
  room.file("shares", lines);
  const result = await room.ok("./combine shares", says);
  expect(hex(result.stdout)).toBe(hex(secret));
  return result;
}

async function refuses(room: Room, lines: string, code: number, says: RegExp, flags = "") {
  room.file("shares", lines);
  return room.fails(`./combine ${flags} shares`, code, says);
}

function warnings(stderr: string): string[] {
  return stderr.split("\n").filter((line) => line.startsWith("combine: warning: "));
}

scenario("combine takes any k shares in any order, silently", async (room) => {
  for (const places of [
    [1, 2, 3],
    [5, 3, 1],
    [2, 5, 4],
    [4, 1, 2],
  ]) {
    const { stderr } = await combines(room, pick(threeOfFive.lines, ...places), master);
    expect(stderr).toBe("");
  }
});

scenario("combine takes all shares, more than k of them, silently", async (room) => {
  const { stderr } = await combines(room, pick(threeOfFive.lines, 5, 4, 3, 2, 1), master);
  expect(stderr).toBe("");
});

scenario("combine reads several files as one set", async (room) => {
  room.file("a", pick(threeOfFive.lines, 1));
  room.file("b", pick(threeOfFive.lines, 4, 2));
  expect(hex((await room.ok("./combine a b")).stdout)).toBe(hex(master));
});

scenario("combine says how many shares are there and how many are needed", async (room) => {
  await refuses(room, pick(twoOfThree.lines, 3), 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
  await refuses(room, pick(threeOfFive.lines, 3, 5), 4, /\b2\b.*\b3\b|\b3\b.*\b2\b/);
  await refuses(room, "# nothing but a comment\n\n", 4, /no |none|empty/i);
});

scenario("combine counts identical duplicates once, with a warning", async (room) => {
  const noisy = `${one}\n${one
    .toUpperCase()
    .match(/.{1,5}/g)
    ?.join("-")}\n${two}\n`;
  await combines(
    room,
    `${one}\n${one}\n${two}\n`,
    master,
    /warning: .*(twice|duplicate|same|again|repeat)/,
  );
  await combines(room, noisy, master, /warning: .*\b2\b/);
  await refuses(room, `${one}\n${one}\n`, 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
  await refuses(room, `${one}\n`.repeat(5), 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
});

scenario("combine refuses two different shares of one index, naming both lines", async (room) => {
  const other = bent(twoOfThree.lines, 1)[0] ?? "";
  await refuses(room, `${one}\n${two}\n${other}\n`, 5, /\b1\b.*\b3\b|\b3\b.*\b1\b/);
  await refuses(room, `# c\n${other}\n${one}\n`, 5, /\b2\b.*\b3\b|\b3\b.*\b2\b/);
  room.file("a", `${one}\n`);
  room.file("b", `\n${other}\n`);
  await room.fails("./combine a b", 5, /\ba\b.*\bb\b|\bb\b.*\ba\b/);
});

const odd: Record<string, Partial<Share>> = {
  "another k": { k: 3 },
  "another n": { n: 4 },
  "another length": { y: sample("longer", 49) },
};
for (const [what, fields] of Object.entries(odd)) {
  scenario(`combine refuses ${what} inside one set`, async (room) => {
    const strange = shareLine({ ...parseShare(two), ...fields });
    await refuses(room, `${one}\n${strange}\n`, 5, /\b2\b/);
    await refuses(room, `${strange}\n${one}\n`, 5, /\b2\b/);
    await refuses(room, `${pick(twoOfThree.lines, 1, 3)}${strange}\n`, 5, /\b3\b/);
  });
}

scenario("combine of two sets, none complete, is too few", async (room) => {
  const mixed = pick(twoOfThree.lines, 1) + pick(later.lines, 2);
  const { stderr } = await refuses(room, mixed, 4, /set/);
  expect(stderr).toContain(twoOfThree.id);
  expect(stderr).toContain(later.id);
  await refuses(room, mixed, 4, new RegExp(later.id), `--set ${later.id}`);
});

scenario("combine never chooses between sets, and prints the flag that does", async (room) => {
  const mixed = pick(twoOfThree.lines, 1, 3) + pick(later.lines, 2);
  await refuses(room, mixed, 6, new RegExp(`--set ${twoOfThree.id}`));
  await refuses(room, mixed, 4, new RegExp(later.id), `--set ${later.id}`);
  const { stdout } = await room.ok(`./combine --set ${twoOfThree.id} shares`);
  expect(hex(stdout)).toBe(hex(master));
});

scenario("combine prints a --set for each complete set", async (room) => {
  const mixed = pick(twoOfThree.lines, 1, 3) + pick(later.lines, 2, 1) + pick(twoOfFive.lines, 5);
  const { stderr } = await refuses(room, mixed, 6, new RegExp(`--set ${twoOfThree.id}`));
  expect(stderr).toContain(`--set ${later.id}`);
  expect(hex((await room.ok(`./combine --set ${later.id} shares`)).stdout)).toBe(hex(otherMaster));
});

scenario("combine --set of a set that is not there is too few", async (room) => {
  await refuses(room, pick(twoOfThree.lines, 1, 2), 4, new RegExp(later.id), `--set ${later.id}`);
});

scenario("a planted set cannot displace the one that is asked for", async (room) => {
  const planted = makeSet("planted", 1, 1, otherMaster);
  const mixed = pick(planted.lines, 1) + pick(twoOfThree.lines, 1, 3);
  await refuses(room, mixed, 6, /--set/);
  expect(hex((await room.ok(`./combine --set ${twoOfThree.id} shares`)).stdout)).toBe(hex(master));
});

const someBad: [string, string[], number[], number[]][] = [
  ["the first of three", twoOfThree.lines, [1], [1, 2, 3]],
  ["the second of three", twoOfThree.lines, [2], [1, 2, 3]],
  ["the last of three", twoOfThree.lines, [3], [1, 2, 3]],
  ["one of four", threeOfFive.lines, [2], [5, 2, 1, 3]],
  ["two of five", threeOfFive.lines, [1, 2], [1, 2, 3, 4, 5]],
  ["three of five, in no order", twoOfFive.lines, [1, 3, 4], [4, 5, 1, 2, 3]],
];
for (const [what, lines, bad, places] of someBad) {
  scenario(`combine names the shares that disagree: ${what}`, async (room) => {
    const text = pick(bent(lines, ...bad), ...places);
    const { stderr } = await combines(room, text, master, /disagree/);
    const named = warnings(stderr).filter((line) => line.includes("disagree"));
    expect(named.length, stderr).toBe(bad.length);
    for (const index of bad) {
      const at = places.indexOf(index) + 1;
      const telling = named.filter((line) => {
        return (
          new RegExp(`shares.*\\b${at}\\b`).test(line) && new RegExp(`\\b${index}\\b`).test(line)
        );
      });
      expect(telling.length, `index ${index} at line ${at}: ${stderr}`).toBeGreaterThan(0);
    }
    await refuses(room, text, 5, /disagree/, "--strict");
  });
}

scenario("combine --strict is content with shares that all agree", async (room) => {
  room.file("shares", pick(threeOfFive.lines, 1, 2, 3, 4, 5));
  expect(hex((await room.ok("./combine --strict shares")).stdout)).toBe(hex(master));
});

scenario(
  "combine of exactly k shares, one wrong, says that one more would tell which",
  async (room) => {
    for (const bad of [1, 2]) {
      await refuses(
        room,
        pick(bent(twoOfThree.lines, bad), 1, 2),
        5,
        /at least one.*one more share/s,
      );
    }
    await refuses(room, pick(bent(threeOfFive.lines, 4), 1, 4, 5), 5, /one more share/);
  },
);

scenario("combine of more than k shares, too many wrong, does not verify", async (room) => {
  await refuses(room, pick(bent(threeOfFive.lines, 1, 2), 1, 2, 3, 4), 5, /verif|consisten|wrong/);
  await refuses(room, pick(bent(twoOfThree.lines, 1, 2), 1, 2, 3), 5, /verif|consisten|wrong/);
});

scenario("a change in the secret's bytes or in the tag's is noticed alike", async (room) => {
  const share = parseShare(two);
  for (const at of [0, 15, 16, 47]) {
    await refuses(room, `${one}\n${shareLine(bendBit(share, at))}\n`, 5, /one more share/);
  }
});

scenario("two secrets among the shares of one set id are a mismatch", async (room) => {
  const header = { set: setId, k: 2, n: 5 };
  const real = sharePayload(payloadOf(setId, 2, 5, master), header, "real");
  const forged = sharePayload(payloadOf(setId, 2, 5, otherMaster), header, "forged");
  const lines = [...real.slice(0, 3), ...forged.slice(3)].map(shareLine);
  await refuses(room, pick(lines, 1, 2, 3, 4, 5), 5, /second|two|different|both/);
  await refuses(room, pick(lines, 5, 4, 3, 2, 1), 5, /second|two|different|both/);
  await refuses(room, pick(lines, 1, 2, 4, 5), 5, /second|two|different|both/);
  await refuses(room, pick(lines, 3, 4), 5, /one more share/);
});

scenario("a set whose tag is of other parameters does not verify", async (room) => {
  const header = { set: setId, k: 2, n: 3 };
  for (const [k, n, set] of [
    [2, 4, setId],
    [3, 3, setId],
    [2, 3, sample("other", 8)],
  ] as const) {
    const lines = sharePayload(payloadOf(set, k, n, master), header, "relabelled").map(shareLine);
    await refuses(room, pick(lines, 1, 2), 5, /verif|wrong/);
  }
});

scenario("a share at x = 0 never becomes the secret", async (room) => {
  const forged = oddShare({ x: 0 });
  await refuses(room, `${forged}\n`, 3, /\b0\b/);
  await refuses(room, `${one}\n${forged}\n`, 3, /\b2\b/);
  await refuses(room, `${one}\n${two}\n${forged}\n`, 3, /\b3\b/);
});

scenario("combine of k = 1 works, with a warning", async (room) => {
  const alone = makeSet("alone", 1, 3, master);
  await combines(room, pick(alone.lines, 2), master, /warning: .*(secret|1)/);
  await combines(room, pick(alone.lines, 3, 1, 2), master, /warning: .*(secret|1)/);
  const text = pick(bent(alone.lines, 2), 1, 2, 3);
  await combines(room, text, master, /disagree/);
});

scenario("combine skips sealed lines with a warning", async (room) => {
  const line = sealed(one, nodeA);
  await combines(room, `${line}\n${pick(twoOfThree.lines, 2, 3)}`, master, /warning: .*sealed/);
  await refuses(room, `${line}\n${two}\n`, 4, /sealed/);
  await refuses(room, `${line}\n`, 4, /sealed/);
});

scenario(
  "combine does not guess where too many are wrong, and finds a few at once",
  async (room) => {
    const wide = makeSet("twenty", 10, 20, master);
    const bad = Array.from({ length: 14 }, (_, i) => i + 1);
    const text = bent(wide.lines, ...bad).join("\n");
    await refuses(room, `${text}\n`, 5, /too many shares disagree to tell who is right/);
    const three = bent(wide.lines, 10, 19, 20).join("\n");
    const { stderr } = await combines(room, `${three}\n`, master);
    expect(warnings(stderr).filter((line) => line.includes("disagree")).length).toBe(3);
  },
);

for (const size of [1, 256]) {
  scenario(`combine gives a secret of ${size} bytes back, and blames as well`, async (room) => {
    const secret = sample("sized", size);
    const set = makeSet(`sized ${size}`, 2, 4, secret);
    await combines(room, pick(set.lines, 4, 1), secret);
    await combines(room, pick(bent(set.lines, 1), 1, 2, 3, 4), secret, /disagree/);
  });
}

scenario("combine keeps every secret off its messages when shares disagree", async (room) => {
  room.file("shares", pick(bent(twoOfThree.lines, 2), 1, 2, 3));
  room.file("key.master", master);
  await room.ok("./combine shares | cmp - key.master", /disagree/);
  await room.fails("./combine --strict shares", 5, /disagree/);
});
