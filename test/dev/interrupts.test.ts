/**
 * Commands that make files get a signal at system calls by which they change something: every fifth,
 * of a few every second, or with WORSTDAY_FULL=1 every one. What they were to make is then whole, or there is no trace of it.
 * kill -9 and failing calls are faults.test.ts's.
 */

import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changes, snapshot } from "../e2e/evidence.ts";
import { MiB, master, nodeA, nodeB, plaintext, vault } from "../e2e/fixtures.ts";
import { sample } from "../oracle/bytes.ts";
import { full, inParallel, listPoints, shell, strikeAt } from "./faults.ts";
import { drill, type Finished } from "./machine.ts";

const signals = ["SIGTERM", "SIGINT", "SIGHUP"];

interface Case {
  line: string;
  /** What is there afterwards and was not before, and how it is seen to be good. */
  makes: string[];
  good: string;
  /** What stdout holds that nobody may have without the files. */
  gives?: RegExp;
}

const holders = "--holder a=a.pub --holder b=b.pub";
const generation = (folder: string, number: number) =>
  ["", "/a", "/b"]
    .map((name) => `${folder}/sealed-${number}${name}`)
    .concat(`${folder}/vault-${number}.wd`);
const cases: Case[] = [
  { line: "keygen -o new", makes: ["new"], good: "keygen -y < new" },
  {
    ...{ line: "vault-close -o new plain", makes: ["new"], gives: /^.{32}$/s },
    good: "vault-open new < out | cmp - plain",
  },
  { line: "vault-open vault -o new < master", makes: ["new"], good: "cmp new text" },
  {
    ...{ line: `recovery-init --dir E -k 2 ${holders} --secrets plain`, gives: /^wdshare1/ },
    makes: ["E", ...generation("E", 1), "E/scheme.json"],
    good: "unseal --key a.key E/sealed-1/a out | recovery-verify --dir E --drill",
  },
  {
    ...{ line: "recovery-rotate --dir D held", makes: generation("D", 2), gives: /^wdshare1/ },
    good: "unseal --key a.key D/sealed-2/a out | recovery-verify --dir D --drill",
  },
];

let template = "";

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "worstday-interrupts-"));
  const files = { master, vault, text: plaintext, plain: sample("plain", MiB + 9) };
  const keys = { "a.key": nodeA.secretLine, "a.pub": nodeA.publicLine, "b.pub": nodeB.publicLine };
  for (const [name, content] of Object.entries({ ...files, ...keys })) {
    writeFileSync(join(template, name), content, { mode: 0o600 });
  }
  const init = `recovery-init --dir D -k 2 ${holders} --secrets plain > offline`;
  const made = await shell(`${init}; unseal --key a.key D/sealed-1/a offline > held`, template);
  expect(made.exitCode, made.stderr).toBe(0);
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

/** Holds what is left in a folder to "all or nothing". */
async function judge(one: Case, done: Finished, folder: string): Promise<"nothing" | "whole"> {
  const { exitCode, stderr } = done;
  const told = `${one.line}: status ${exitCode}\n${stderr}`;
  expect(stderr, told).not.toMatch(/fault of worstday|: error: /);
  const out = readFileSync(join(folder, "out"), "latin1");
  const left = changes(snapshot(template), snapshot(folder)).filter((one) => one !== "out created");
  if (left.length === 0) {
    expect(exitCode, told).not.toBe(0);
    if (out.length > 0 && one.gives) expect(stderr, told).toMatch(/destroy/);
    return "nothing";
  }
  const replaced = one.line.startsWith("recovery-rotate") ? /^D\/scheme.json changed/ : /^$/;
  const made = left.filter((change) => !replaced.test(change));
  expect(made.toSorted(), told).toEqual(one.makes.map((name) => `${name} created`).toSorted());
  if (one.gives) expect(out, told).toMatch(one.gives);
  const judged = await shell(one.good, folder);
  expect(judged.exitCode, `${told}\n${one.good}: ${judged.stderr}`).toBe(0);
  return "whole";
}

for (const one of cases) {
  const name = one.line.split(" ")[0];
  const strike = async () => {
    const script = `${one.line} > out`;
    const points = (await listPoints(script, template)).filter(({ reads }) => !reads);
    const [step, first] = [full ? 1 : points.length < 15 ? 2 : 5, points.length - 1];
    const fromEnd = points.toReversed().filter((_, i) => i % step === 0 || i === first);
    const counts = { nothing: 0, whole: 0 };
    const jobs = fromEnd.map((point, i) => ({ point, signal: `signal=${signals[i % 3]}` }));
    await inParallel(jobs, async ({ point, signal }) => {
      await strikeAt(point, signal, script, template, async (done, folder) => {
        counts[await judge(one, done, folder)]++;
      });
    });
    console.log(`  ${name}: ${points.length} calls, ${JSON.stringify(counts)}`);
    expect(Math.min(counts.nothing, counts.whole)).toBeGreaterThan(0);
  };
  const title = `${name} leaves all or nothing when a signal comes`;
  drill(title, { strace: "strace" }, strike, 480_000);
}
