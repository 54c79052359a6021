/**
 * Lines as people, editors and other programs leave them, through the pipe commands in process. Which
 * mistakes are found is test/typing's, and which faults there are the vectors' and test/wire's.
 */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import * as combine from "../../scripts/combine.ts";
import * as inspect from "../../scripts/inspect.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as seal from "../../scripts/seal.ts";
import * as split from "../../scripts/split.ts";
import * as unseal from "../../scripts/unseal.ts";
import { findLeak } from "../e2e/evidence.ts";
import {
  master,
  nodeA,
  nodeB,
  pick,
  sealed,
  sshA,
  threeOfFive,
  twoOfFive,
  twoOfThree,
  vault,
} from "../e2e/fixtures.ts";
import { concat, hex, nth } from "../oracle/bytes.ts";
import { recipientId } from "../oracle/sealed.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { keyId } from "../oracle/vault.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);

const [one = "", two = "", three = ""] = twoOfThree.lines;
const both = `${one}\n${two}\n`;

beforeEach(() => {
  enterFolder();
  put("a.key", nodeA.secretLine);
  put("a.pub", nodeA.publicLine);
  put("b.pub", nodeB.publicLine);
});

/** Combines these lines; what is told. */
async function combines(lines: string, flags = "", secret: string | Uint8Array = master) {
  const { told } = await succeed(combine, `${flags} -o @out`.trim(), lines);
  expect(hex(fs.readFileSync(at("out")))).toBe(Buffer.from(secret).toString("hex"));
  return told;
}

const grouped = (line: string, gap: string): string => line.match(/.{1,5}/g)?.join(gap) ?? "";

test("lines are read as editors and hands leave them, and written in the canonical form", async () => {
  for (const text of [
    both.replaceAll("\n", "\r\n"),
    `\ufeff# shares\n${both}`,
    `# one\n\n${one}\n#\n   \n\t\n# two\n${two}\n\n# end`,
    `${one.slice(0, 30)}${one.slice(30).toUpperCase()}\n${two}`,
    `  ${grouped(one, " -\t ").toUpperCase()} \n${two}\t\n`,
  ]) {
    expect(await combines(text)).toBe("");
    expect((await succeed(seal, "- -", text)).stdout).toBe(both);
  }
  put("x", `\ufeff${one}`);
  put("y", `\ufeff${two}`);
  await combines("", "@x @y");
  put("x.key", `# node-a\r\n${grouped(nodeA.secretLine, "-").toUpperCase()}\r\n`);
  put("x.pub", `# node-a\n\n${grouped(nodeA.publicLine, " ").toUpperCase()}\n# end\n`);
  const toX = (await succeed(seal, "@x.pub", one)).stdout;
  expect((await succeed(unseal, "--key @x.key", grouped(toX, " "))).stdout).toBe(`${one}\n`);
  const x = fs.readFileSync(at("x.key"));
  expect((await succeed(keygen, "-y", x)).stdout).toBe(`${nodeA.publicLine}\n`);
});

test("a secret of any bytes comes back", async () => {
  for (const secret of ["hunter2\n", "a\r\n", "\0\0\0", `${one}\n`, "x", "y".repeat(256)]) {
    await combines((await succeed(split, "-k 2 -n 3", secret)).stdout, "--strict", secret);
  }
});

test("a file of a key has 65,536 bytes at most", async () => {
  const files = { pub: nodeA.publicLine, key: nodeA.secretLine };
  for (const [kind, line] of Object.entries(files)) {
    put(`good.${kind}`, `${line}\n#`.padEnd(65_536, "x"));
    put(`long.${kind}`, `${line}\n#`.padEnd(65_537, "x"));
  }
  const toA = (await succeed(seal, "@good.pub", one)).stdout;
  expect((await succeed(unseal, "--key @good.key", toA)).stdout).toBe(`${one}\n`);
  const says = /has more than 65536 bytes/;
  await refuse("malformed", says, seal, "@long.pub", one);
  await refuse("malformed", says, unseal, "--key @long.key", toA);
});

test("combine names each share that disagrees, by its line; --strict takes none", async () => {
  const wide = makeSet("alone", 1, 3, master).lines;
  for (const [lines, bad, places] of [
    [twoOfThree.lines, [3], [1, 2, 3]],
    [threeOfFive.lines, [2], [5, 2, 1, 3]],
    [twoOfFive.lines, [1, 3, 4], [4, 5, 1, 2, 3]],
    [wide, [2], [1, 2, 3]],
  ] as const) {
    const bent = lines.map((line, i) => {
      return bad.some((x) => x === i + 1) ? shareLine(bend(parseShare(line))) : line;
    });
    const text = pick(bent, ...places);
    const warnings = (await combines(text)).split("\n").filter((one) => /disagree/.test(one));
    const wanted = places.flatMap((x, i) => {
      const isBad = bad.some((index) => index === x);
      return isBad ? `warning: line ${i + 1}: share ${x} disagrees with the others` : [];
    });
    expect(warnings).toEqual(wanted);
    await refuse("mismatch", /disagree/, combine, "--strict", text);
  }
  expect(await combines(pick(wide, 3, 1))).toMatch(/^warning: with k = 1/);
});

test("combine skips sealed lines with a warning", async () => {
  const line = sealed(one, nodeA);
  expect(await combines(`${line}\n${two}\n${three}`)).toMatch(/warning: line 1 is sealed/);
  await refuse("too-few", /1 of the 2/, combine, "-", `${line}\n${two}`);
});

/** The line with its symbols from `offset` behind the "1" replaced. */
function typed(line: string, offset: number, removed: number, added: string): string {
  const at = line.indexOf("1") + 1 + offset;
  return line.slice(0, at) + added + line.slice(at + removed);
}

/** The line, refused by all that read it, with its place told and nothing of it. */
async function refuses(says: RegExp, lines: string): Promise<void> {
  for (const [command, line] of [
    [combine, "--strict"],
    [seal, "- -"],
    [unseal, "--key @a.key"],
    [inspect, "--json"],
  ] as const) {
    const { message, hint } = await refuse("malformed", says, command, line, lines);
    expect(findLeak(`${message} ${hint}`, [...lines.split("\n"), two])).toBeUndefined();
    if (command !== inspect) expect(hint).toMatch(/--accept-corrections/);
  }
}

test.each([
  [
    "four wrong symbols",
    [16, 43, 60, 110].reduce(mistype, two),
    "4 symbols look wrong: group 5, symbol 1; group 11, symbol 4; group 16, symbol 1; group 28, symbol 3",
  ],
  [
    "wrong and unreadable symbols",
    typed(mistype(two, 3), 90, 2, "?!"),
    "1 symbol looks wrong: group 1, symbol 4; 2 .*: group 23, symbol 3; group 23, symbol 4",
  ],
  ["a group missing", typed(two, 40, 4, ""), "4 symbols are missing, near group 11"],
])("%s: refused, and corrected where that is asked for", async (_, line, places) => {
  const lines = `${one}\n${line}\n`;
  await refuses(new RegExp(`^line 2: ${places.split(":")[0]}`), lines);
  const told = new RegExp(`^warning: line 2: corrected: ${places}$`);
  expect(await combines(lines, "--accept-corrections")).toMatch(told);
  for (const [command, flags] of [
    [seal, "- -"],
    [unseal, "--key @a.key"],
  ] as const) {
    const done = await succeed(command, `--accept-corrections ${flags}`, lines);
    expect([done.stdout, done.told]).toEqual([both, expect.stringMatching(told)]);
  }
});

test("a mistyped sealed share is corrected and opened", async () => {
  const line = typed(mistype(sealed(two, nodeA), 9), 200, 1, "?").toUpperCase();
  const says = /^line 1: 1 symbol looks wrong: group 3, symbol 2; 1 symbol is unreadable/;
  await refuse("malformed", says, unseal, "--key @a.key", line);
  const opened = await succeed(unseal, "--accept-corrections --key @a.key", line);
  expect(opened.stdout).toBe(`${two}\n`);
  expect(opened.told).toMatch(/corrected: 1 .*: group 3, symbol 2; 1 .*: group 51, symbol 1$/);
});

test("what is wrong in too many places, or in a key, is not corrected", async () => {
  for (const [line, says] of [
    [[3, 17, 40, 77, 100].reduce(mistype, two), /more than 4 symbols are/],
    [typed(two, 30, 9, "?????????"), /9 symbols are unreadable: .*; …/],
    [`${mistype(one, 20)}${two}`, /line 3: /],
  ] as const) {
    const lines = `${one}\n${typed(three, 20, 1, "?")}\n${line}\n`;
    for (const [command, flags] of [
      [combine, "--accept-corrections"],
      [seal, "--accept-corrections - - -"],
    ] as const) {
      const { message, hint } = await refuse("malformed", /^line 3: /, command, flags, lines);
      expect(`${message} ${hint}`).toMatch(says);
      expect(findLeak(`${message} ${hint}`, [one, two, three])).toBeUndefined();
    }
  }
  put("typo.key", mistype(nodeA.secretLine, 20));
  const place = /typo\.key: line 1: 1 symbol looks wrong: group 6, symbol 1$/;
  const key = "--accept-corrections --key @typo.key";
  const { hint } = await refuse("malformed", place, unseal, key, sealed(one, nodeA));
  expect(hint).toMatch(/paper$/);
});

/** Every string, number and boolean in a JSON value, as text. */
function leaves(value: unknown): string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(leaves);
  return [String(value)];
}

test("inspect tells the public facts of each kind as text and as JSON, and nothing secret", async () => {
  const secrets = [nodeA.secretLine, nodeA.secret, master, ...threeOfFive.lines];
  const id = hex(recipientId(nodeA.public));
  for (const [content, text, ...facts] of [
    [pick(threeOfFive.lines, 4), /share/, threeOfFive.id, "3", "5", "4"],
    [sealed(nth(threeOfFive.lines, 0), nodeA), /sealed/, threeOfFive.id, "3", "5", "1", id],
    [nodeA.publicLine, /public/, nodeA.publicLine],
    [nodeA.secretLine, /private/, nodeA.publicLine],
    [sshA.publicLine, /SSH public/, sshA.node.publicLine],
    [sshA.privateFile, /SSH private/, sshA.node.publicLine],
    [concat(vault, new Uint8Array(10)), /vault/, hex(keyId(master))], // nor is its end read
  ] as [string | Uint8Array, RegExp, ...string[]][]) {
    put("x\u001b[31m\nforged", content);
    const said = (await succeed(inspect, "@x\u001b[31m\nforged")).stdout;
    expect(said).toMatch(text);
    expect(said).toMatch(/^[\n -~]*\n$/);
    expect(said).not.toMatch(/^forged/m);
    const json = (await succeed(inspect, "--json", content)).stdout;
    for (const fact of facts) expect(said).toContain(fact);
    expect(leaves(JSON.parse(json))).toEqual(expect.arrayContaining(facts));
    expect(findLeak(said + json, secrets)).toBeUndefined();
  }
  put("bad", `${one}\n${mistype(one, 33)}\n`);
  put("cut", vault.slice(0, 79));
  put("headless", vault.slice(0, 95));
  await refuse("malformed", /bad: line 2/, inspect, "@a.pub @bad");
  await refuse("malformed", /cut/, inspect, "@cut");
  await refuse("mismatch", /headless/, inspect, "--json @headless");
});

test("inspect --recipients names whom a share is sealed to", async () => {
  const [id, line] = [hex(recipientId(nodeA.public)), sealed(one, nodeA)];
  for (const file of ["a.pub", "a.key"]) {
    const flags = `--recipients @b.pub --recipients @${file}`;
    expect((await succeed(inspect, flags, line)).stdout).toContain(`${id}, ${at(file)}`);
    const { items } = JSON.parse((await succeed(inspect, `--json ${flags}`, line)).stdout);
    expect(items).toMatchObject([{ recipient: id, recipientName: at(file) }]);
  }
  expect((await succeed(inspect, "--recipients @b.pub", line)).stdout).not.toContain("b.pub");
  await refuse("io", /none/, inspect, "--recipients @none", line);
});
