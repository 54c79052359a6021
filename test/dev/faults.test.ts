/**
 * Every system call by which a recovery command changes something is struck: the command is killed
 * before it, or told that it failed. The old generation or the new one must then be whole. Of the two
 * ways to fail each call has one by turns, and with WORSTDAY_FULL=1 both.
 */
import { describe, expect, setDefaultTimeout } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { utf8 } from "../oracle/bytes.ts";
import { auditScheme, type Made, makeScheme, readScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { inParallel, listPoints, type Point, run, type Strike, strikeAt } from "./faults.ts";
import { drill } from "./machine.ts";

setDefaultTimeout(600_000);

const keys = Object.fromEntries(
  ["node-a", "node-b", "node-c"].map((name) => [name, makeKey(name)]),
);
const nodes = { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") };
const plaintext = utf8("what must survive\n");
const fresh = utf8("what is new\n");
const first = makeScheme({ nodes, plaintext, seed: "first" });
const second = makeScheme({ nodes, plaintext, seed: "second", generation: 2 });
const env = { PATH: `${bin}:${process.env["PATH"]}`, LC_ALL: "C" };
const full = process.env["WORSTDAY_FULL"] !== undefined;
const strikes: [Strike, ...Strike[]] = ["signal=SIGKILL", "error=EIO", "error=ENOSPC"];

type Case = {
  name: string;
  /** What D holds before; the last scheme.json counts. */
  before: Made[];
  /** What runs before each time, unharmed. */
  prelude?: string;
  script: string;
  /** What the new vault holds. */
  holds: Uint8Array;
  /** The generations that must stay as they were, whatever happens. */
  keeps: Made[];
  leastPoints: number;
};

const holders = "--holder node-a=node-a.pub --holder node-b=node-b.pub";
const init = `recovery-init --dir $PWD/D -k 2 ${holders} --secrets plain`;
const rotate = "recovery-rotate --dir $PWD/D";
const cases: Case[] = [
  {
    ...{ name: "init", before: [], holds: plaintext, keeps: [], leastPoints: 28 },
    script: `${init} > share`,
  },
  {
    ...{ name: "rotate", before: [first], holds: plaintext, keeps: [first], leastPoints: 28 },
    script: `${rotate} shares-1 > share`,
  },
  {
    ...{ name: "rotate, changed", before: [first], holds: fresh, keeps: [first], leastPoints: 28 },
    script: `${rotate} --holder node-c=node-c.pub --drop node-a --secrets fresh shares-1 > share`,
  },
  {
    ...{ name: "drill", before: [first], holds: plaintext, keeps: [first], leastPoints: 5 },
    script: "recovery-verify --dir $PWD/D --drill shares-1",
  },
  {
    ...{ name: "prune", before: [first, second], holds: plaintext, keeps: [second] },
    ...{
      prelude: "recovery-verify --dir D --drill shares-2",
      script: "recovery-prune --dir $PWD/D",
    },
    leastPoints: 7,
  },
];

/** A folder as it is before the command. */
function prepare(folder: string, { before }: Case): void {
  mkdirSync(folder, { recursive: true });
  for (const made of before) {
    for (const [name, bytes] of made.files) {
      mkdirSync(dirname(join(folder, "D", name)), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, "D", name), bytes, { mode: 0o600 });
    }
    const shares = `${made.lines.slice(1).join("\n")}\n`;
    writeFileSync(join(folder, `shares-${made.scheme.generation}`), shares, { mode: 0o600 });
  }
  for (const [name, key] of Object.entries(keys)) {
    writeFileSync(join(folder, `${name}.pub`), `${key.publicLine}\n`);
  }
  writeFileSync(join(folder, "plain"), plaintext, { mode: 0o600 });
  writeFileSync(join(folder, "fresh"), fresh, { mode: 0o600 });
  chmodSync(folder, 0o700);
}

const reader = (folder: string) => (name: string) =>
  new Uint8Array(readFileSync(join(folder, "D", name)));
const linesIn = (file: string) =>
  existsSync(file) ? (readFileSync(file, "utf8").match(/^wdshare1\w+$/gm) ?? []) : [];

/** Which generation is current after the fault, all of it held to the oracle. */
function whole(folder: string, one: Case): Made | undefined {
  if (!existsSync(join(folder, "D/scheme.json"))) {
    if (one.before.length > 0) throw new Error("scheme.json is gone");
    return undefined;
  }
  const { scheme } = readScheme(reader(folder)("scheme.json"));
  const old = one.before.find((made) => made.scheme.set === scheme.set);
  const made = auditScheme(reader(folder), keys, old?.offline ?? linesIn(join(folder, "share")));
  const holds = old?.plaintext ?? one.holds;
  if (!Buffer.from(made.plaintext).equals(holds)) throw new Error("the vault holds other contents");
  return made;
}

function expectKept(folder: string, made: Made): void {
  for (const [name, bytes] of made.files) {
    if (name === "scheme.json") continue;
    const now = reader(folder)(name);
    if (!Buffer.from(now).equals(bytes)) throw new Error(`${name} is not what it was`);
  }
}

/** What must be true after a fault, and what must work; throws at the first that is not. */
async function judge(folder: string, one: Case, strike: Strike, done: Struck): Promise<void> {
  const made = whole(folder, one);
  for (const kept of one.keeps) expectKept(folder, kept);
  const isNew =
    made !== undefined && !one.before.some(({ scheme }) => scheme.set === made.scheme.set);
  const given = linesIn(join(folder, "share")).length > 0;
  const { stderr } = done;
  if (made !== undefined) {
    const verified = await run(["recovery-verify", "--dir", "D"], folder, env);
    if (verified.exitCode !== 0) throw new Error(`verify says ${verified.stderr}`);
  }
  if (strike !== "signal=SIGKILL") {
    if (done.exitCode !== 0 && !/^[\w-]+: error: /m.test(stderr)) throw new Error("no error line");
    if (/fault of worstday itself/.test(stderr)) throw new Error("internal");
    if (done.exitCode === 0 && one.script.includes("share") && one.name !== "drill" && !isNew) {
      throw new Error("exit 0, and no new generation");
    }
    if (isNew && /destroy (it|them)/.test(stderr) && !/keep the old/.test(stderr)) {
      throw new Error(`it says to destroy shares that are current: ${stderr}`);
    }
    if (given && !isNew && !/destroy/.test(stderr)) throw new Error(`shares are out: ${stderr}`);
  }
  await goOn(folder, one, made);
}

/** The next command works, at most after the lock has been deleted as it says. */
async function goOn(folder: string, one: Case, made: Made | undefined): Promise<void> {
  rmSync(join(folder, "share"), { force: true });
  const names = existsSync(join(folder, "D")) ? readdirSync(join(folder, "D")) : [];
  const highest = Math.max(
    0,
    ...names.map((name) => Number(/^(?:vault|sealed)-(\d+)(?:\.wd)?$/.exec(name)?.[1] ?? 0)),
  );
  if (made !== undefined)
    writeFileSync(join(folder, "now"), `${made.lines.slice(0, 2).join("\n")}\n`);
  const next = made === undefined ? init : `${rotate} now`;
  const again = () => run(["sh", "-c", `umask 077; ${next} > share`], folder, env);
  let done = await again();
  if (existsSync(join(folder, "D/lock")) && done.exitCode === 6) {
    if (!/lock/.test(done.stderr) || !/delete|remove/.test(done.stderr))
      throw new Error(done.stderr);
    rmSync(join(folder, "D/lock"));
    done = await again();
  }
  if (done.exitCode !== 0) throw new Error(`afterwards, ${next}: ${done.stderr}`);
  const after = auditScheme(reader(folder), keys, linesIn(join(folder, "share")));
  if (!Buffer.from(after.plaintext).equals(made?.plaintext ?? one.holds)) throw new Error("lost");
  if (after.scheme.generation <= highest) {
    throw new Error(`generation ${after.scheme.generation} where ${highest} had been begun`);
  }
}

type Struck = Awaited<ReturnType<typeof strikeAt>>;

/** Runs the case once, struck at a point; says what went wrong. */
async function attempt(
  template: string,
  one: Case,
  point: Point,
  strike: Strike,
): Promise<string[]> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const base = mkdtempSync(join(tmpdir(), "worstday-fault-"));
    const folder = join(base, "here");
    try {
      cpSync(template, folder, { recursive: true, preserveTimestamps: true });
      const done = await strikeAt(point, strike, one.script, folder, env);
      if (!done.struck) continue;
      await judge(folder, one, strike, done);
      return [];
    } catch (error) {
      const left = existsSync(join(folder, "D"))
        ? readdirSync(join(folder, "D")).join(" ")
        : "no D";
      return [`${strike} at ${point.call} ${point.nth}, ${point.label}: ${error} [${left}]`];
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  }
  return [`${strike} never met ${point.call} ${point.nth}, ${point.label}`];
}

/** Whatever the new scheme.json names is on the disk before it, and the shares are delivered. */
function expectDurable(calls: string[]): void {
  const commit = calls.findIndex((call) => /^(rename|link)\w*\(.*scheme\.json"/.test(call));
  const before = calls.slice(0, commit);
  const syncs = (call: string, path: string) =>
    /^f(data)?sync\(/.test(call) && call.includes(`<${path}>`);
  for (const [i, call] of before.entries()) {
    const path = /^(?:openat|mkdir)\w*\([^"]*"([^"]+)".*(?:O_CREAT|0700\) += 0)/.exec(call)?.[1];
    if (path === undefined || path.endsWith("/lock")) continue;
    if (call.startsWith("open")) {
      const wrote = before.findLastIndex(
        (one) => /^p?write/.test(one) && one.includes(`<${path}>`),
      );
      const synced = before.findIndex((one, at) => at > wrote && syncs(one, path));
      expect(synced, `${path} is synced`).toBeGreaterThan(wrote);
    }
    if (path.endsWith(".tmp")) continue;
    const above = before.findIndex((one, at) => at > i && syncs(one, path.replace(/\/[^/]+$/, "")));
    expect(above, `where ${path} lies is synced`).toBeGreaterThan(i);
  }
  expect(calls.findLastIndex((call) => call.startsWith("write(1<"))).toBeWithin(1, commit);
  expect(calls.findLastIndex((call) => syncs(call, "/D"))).toBeGreaterThan(commit);
}

describe("a fault at any system call leaves one generation whole", () => {
  for (const one of cases) {
    drill(
      one.name,
      { strace: "strace" },
      async () => {
        const base = mkdtempSync(join(tmpdir(), "worstday-fault-"));
        const [template, listed] = [join(base, "template"), join(base, "listed")];
        try {
          prepare(template, one);
          if (one.prelude !== undefined) {
            const { exitCode, stderr } = await run(["sh", "-c", one.prelude], template, env);
            expect(exitCode, stderr).toBe(0);
          }
          cpSync(template, listed, { recursive: true });
          const points = await listPoints(one.script, listed, env);
          if (one.script.endsWith("> share")) expectDurable(points.map(({ label }) => label));
          const faults: string[] = [];
          const jobs = points.flatMap((point, i) => {
            const [kill, ...fail] = strikes;
            const turn = full ? fail : fail.slice(i % 2, (i % 2) + 1);
            return (point.reads ? turn : [kill, ...turn]).map((strike) => ({ point, strike }));
          });
          await inParallel(jobs, async ({ point, strike }) => {
            faults.push(...(await attempt(template, one, point, strike)));
          });
          const kills = points.filter(({ reads }) => !reads).length;
          console.log(`${one.name}: ${kills} calls to be killed at, ${jobs.length} faults in all`);
          expect(faults).toEqual([]);
          expect(kills).toBeGreaterThanOrEqual(one.leastPoints);
        } finally {
          rmSync(base, { recursive: true, force: true });
        }
      },
      600_000,
    );
  }
});
