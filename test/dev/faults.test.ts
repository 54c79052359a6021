/**
 * System calls of the commands that change a scheme are struck: the command is killed before the call, or
 * told that it failed. The old generation or the new one must then be whole, and the next command work.
 *
 * Of the calls of one name on files of one kind (both nodes' sealed shares are one) the last is taken. It
 * fails in one of two ways by turns, where no case before has met that kind, and in every case if it is a
 * sync. In every case it has the kill, unless it only reads or leaves what the call behind it finds, as a
 * sync does, or it is the lock's again. WORSTDAY_FULL=1 takes every call, killed and failing both ways.
 */
import { describe, expect } from "bun:test";
import {
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
import * as init from "../../scripts/recovery-init.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import { succeed } from "../commands/folder-io.ts";
import { changes, snapshot } from "../e2e/evidence.ts";
import { utf8 } from "../oracle/bytes.ts";
import { auditScheme, type Made, makeScheme, readScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { openUpdate, writerLine } from "../oracle/update.ts";
import { full, inParallel, kindOf, listPoints, type Point, shell, strikeAt } from "./faults.ts";
import { drill, type Finished } from "./machine.ts";

const keys = { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") };
const plaintext = utf8("what must survive\n");
const fresh = utf8("what is new\n");
const first = makeScheme({ nodes: keys, plaintext, seed: "first" });
const second = makeScheme({ nodes: keys, plaintext, seed: "second", generation: 2 });

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
  leastKills: number;
  /** It writes an update, after one that holds "plain". */
  updates?: true;
};

const afterFirst = { before: [first], holds: plaintext, keeps: [first] };
const cases: Case[] = [
  {
    ...{ name: "init", before: [], holds: plaintext, keeps: [], leastKills: 10 },
    script: `${initLine("$PWD")} > share`,
  },
  {
    ...{ ...afterFirst, name: "rotate", leastKills: 7 },
    script: "recovery-rotate --dir $PWD/D shares-1 > share",
  },
  {
    ...{ ...afterFirst, name: "drill", leastKills: 3 },
    script: "recovery-verify --dir $PWD/D --drill shares-1",
  },
  {
    ...{ name: "prune", before: [first, second], holds: plaintext, keeps: [second] },
    prelude: "recovery-verify --dir D --drill shares-2",
    ...{ script: "recovery-prune --dir $PWD/D", leastKills: 3 },
  },
  {
    ...{ ...afterFirst, name: "update", holds: fresh, updates: true, leastKills: 5 },
    prelude: "recovery-update --dir D --writer writer < plain",
    script: "recovery-update --dir $PWD/D --writer writer --keep 1 < fresh",
  },
];

function initLine(folder: string): string {
  const holders = Object.keys(keys).map((name) => `--holder ${name}=${folder}/${name}.pub`);
  return `recovery-init --dir ${folder}/D -k 2 ${holders.join(" ")} --secrets ${folder}/plain`;
}

/** A folder as it is before the command. */
async function prepare(folder: string, { before, prelude = ":" }: Case): Promise<void> {
  const put = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  };
  for (const { files, lines, scheme } of before) {
    for (const [name, bytes] of files) put(join("D", name), bytes);
    put(`shares-${scheme.generation}`, `${lines.slice(1).join("\n")}\n`);
  }
  for (const [name, key] of Object.entries(keys)) put(`${name}.pub`, `${key.publicLine}\n`);
  if (before[0]) put("writer", `${writerLine(before[0])}\n`);
  put("plain", plaintext);
  put("fresh", fresh);
  const { exitCode, stderr } = await shell(prelude, folder);
  expect(exitCode, stderr).toBe(0);
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

/** What the newest update holds, by the oracle; it must be the one before or the new one. */
async function contentsOf(folder: string, made: Made, { exitCode }: Finished) {
  const tokens = namesIn(folder).flatMap((name) => /^update-1\.(\d+)$/.exec(name)?.[1] ?? []);
  const contents = await openUpdate(made, Math.max(...tokens.map(Number)), reader(folder));
  const isNew = Buffer.from(contents).equals(fresh);
  if (!isNew && !Buffer.from(contents).equals(plaintext)) throw new Error("other contents");
  if (exitCode === 0 && !isNew) throw new Error("exit 0, and no new contents");
  return contents;
}

function expectKept(folder: string, made: Made): void {
  for (const [name, bytes] of made.files) {
    if (name === "scheme.json") continue;
    const now = reader(folder)(name);
    if (!Buffer.from(now).equals(bytes)) throw new Error(`${name} is not what it was`);
  }
}

/** What must be true after a fault, and what must work; throws at the first that is not. */
async function judge(
  folder: string,
  template: string,
  one: Case,
  killed: boolean,
  done: Finished,
): Promise<void> {
  const made = whole(folder, one);
  if (made && one.updates) made.plaintext = await contentsOf(folder, made, done);
  for (const kept of one.keeps) expectKept(folder, kept);
  if (killed && made !== undefined) await succeed(verify, `--dir ${folder}/D`);
  if (!killed) {
    const isNew =
      made !== undefined && !one.before.some(({ scheme }) => scheme.set === made.scheme.set);
    expectTold(one, done, isNew, linesIn(join(folder, "share")).length > 0);
  }
  const left = changes(snapshot(template), snapshot(folder));
  // where nothing is, it is as before, and the next command is known to work
  if (left.some((change) => !change.startsWith("share "))) await goOn(folder, one, made);
}

/** What a command that lived on says and does not say. */
function expectTold(one: Case, { exitCode, stderr }: Finished, isNew: boolean, given: boolean) {
  if (exitCode !== 0 && !/^[\w-]+: error: /m.test(stderr)) throw new Error("no error line");
  if (/fault of worstday itself/.test(stderr)) throw new Error("internal");
  if (exitCode === 0 && one.script.endsWith("> share") && !isNew) {
    throw new Error("exit 0, and no new generation");
  }
  if (isNew && /destroy (it|them)/.test(stderr) && !/keep the old/.test(stderr)) {
    throw new Error(`it says to destroy shares that are current: ${stderr}`);
  }
  if (given && !isNew && !/destroy/.test(stderr)) throw new Error(`shares are out: ${stderr}`);
}

/** The next command works, once a lock that was left is deleted. */
async function goOn(folder: string, one: Case, made: Made | undefined): Promise<void> {
  rmSync(join(folder, "D/lock"), { force: true });
  const begun = namesIn(folder).map((name) => /^(?:vault|sealed)-(\d+)(?:\.wd)?$/.exec(name)?.[1]);
  const highest = Math.max(0, ...begun.map((number) => Number(number ?? 0)));
  const held = made?.lines.slice(0, 2).join("\n");
  const { stdout } = made
    ? await succeed(rotate, `--dir ${folder}/D --expect-set ${made.scheme.set}`, held)
    : await succeed(init, initLine(folder).replace("recovery-init ", ""));
  const after = auditScheme(reader(folder), keys, stdout.trim().split("\n"));
  if (!Buffer.from(after.plaintext).equals(made?.plaintext ?? one.holds)) throw new Error("lost");
  if (after.scheme.generation <= highest) {
    throw new Error(`generation ${after.scheme.generation} where ${highest} had been begun`);
  }
}

function namesIn(folder: string): string[] {
  return existsSync(join(folder, "D")) ? readdirSync(join(folder, "D")) : [];
}

const met = new Set<string>();

/** The points to strike, each with the strikes it gets. */
function strikesOf(points: Point[]): { point: Point; strike: string }[] {
  const last = new Map(points.map((point) => [kindOf(point), point]));
  const kills = ({ reads, call }: Point) => !reads && (full || !/^f(sync|chmod)$/.test(call));
  return points.flatMap((point, i) => {
    const kind = kindOf(point);
    const fails = ["error=EIO", "error=ENOSPC"];
    const kill = kills(point) ? ["signal=SIGKILL"] : [];
    if (full) return [...kill, ...fails].map((strike) => ({ point, strike }));
    const isAgain = met.has(kind);
    if (last.get(kind) !== point || (isAgain && kind.endsWith("/lock"))) return [];
    met.add(kind);
    const fail = isAgain && point.call !== "fsync" ? [] : fails.slice(i % 2, (i % 2) + 1);
    return [...kill, ...fail].map((strike) => ({ point, strike }));
  });
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
    const inTime = async () => {
      const template = mkdtempSync(join(tmpdir(), "worstday-fault-"));
      try {
        await prepare(template, one);
        const points = await listPoints(one.script, template);
        if (one.script.endsWith("> share")) expectDurable(points.map(({ label }) => label));
        const faults: string[] = [];
        const jobs = strikesOf(points);
        await inParallel(jobs, async ({ point, strike }) => {
          await strikeAt(point, strike, one.script, template, async (done, folder) => {
            await judge(folder, template, one, strike === "signal=SIGKILL", done).catch((error) => {
              const left = namesIn(folder).join(" ");
              faults.push(
                `${strike} at ${point.call} ${point.nth}, ${point.label}: ${error} [${left}]`,
              );
            });
          });
        });
        const kills = jobs.filter(({ strike }) => strike === "signal=SIGKILL").length;
        console.log(`${one.name}: ${kills} calls to be killed at, ${jobs.length} faults in all`);
        expect(faults).toEqual([]);
        expect(kills).toBeGreaterThanOrEqual(one.leastKills);
      } finally {
        rmSync(template, { recursive: true, force: true });
      }
    };
    drill(one.name, { strace: "strace" }, inTime, 600_000);
  }
});
