/**
 * The executables at the limits of what they accept, and what they take there: memory at its peak and
 * processor time, each told, and held to a bound far above what was seen. WORSTDAY_FULL=1 takes the
 * sizes that need minutes and 25 GiB of disk.
 */

import { afterAll, beforeAll, expect } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { twoOfFive as five, master, nodeA, nodeB, pick, sealed } from "../e2e/fixtures.ts";
import { sample } from "../oracle/bytes.ts";
import { makeKey } from "../oracle/sealed.ts";
import { drill, start } from "./machine.ts";

const full = process.env["WORSTDAY_FULL"] !== undefined;
const once = (name: string, body: () => Promise<void>) =>
  drill(name, { time: "time" }, body, full ? 3_600_000 : 300_000);

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worstday-resources-"));
  chmodSync(folder, 0o700);
  file("master", master);
  file("a.key", `${nodeA.secretLine}\n`);
  file("a.pub", `${nodeA.publicLine}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return name;
}

interface Bound {
  mebibytes: number;
  /** Of processor time, which does not grow when the machine has other work. */
  seconds: number;
  code?: number;
}

/** Runs a script in which `$TIME` stands before the command that is held to the bound. */
async function within(bound: Bound, script: string): Promise<{ stdout: string; stderr: string }> {
  const figures = join(folder, `figures-${Bun.randomUUIDv7()}`);
  const TIME = `/usr/bin/time -q -o ${figures} -f %U+%S+%M`;
  const child = Bun.spawn(["sh", "-c", `umask 077; ${script}`], {
    ...{ cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    env: { PATH: `${bin}:${process.env["PATH"]}`, LC_ALL: "C", TIME },
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(await child.exited, `${script}\n${stderr.slice(-2000)}`).toBe(bound.code ?? 0);
  const [user = NaN, system = NaN, kibibytes = NaN] = readFileSync(figures, "utf8")
    .split("+")
    .map(Number);
  const [seconds, mebibytes] = [user + system, kibibytes / 1024];
  const command = /\$TIME (.{0,60})/.exec(script)?.[1];
  console.log(`  ${seconds.toFixed(1)} s, ${mebibytes.toFixed(0)} MiB: ${command}`);
  expect(mebibytes, `MiB of ${script}`).toBeLessThan(bound.mebibytes);
  expect(seconds, `seconds of ${script}`).toBeLessThan(bound.seconds);
  return { stdout, stderr };
}

once("255 shares of the longest secret are dealt, sealed, opened and combined", async () => {
  file("secret", sample("long", 256));
  const bound = { mebibytes: 128, seconds: 60 };
  for (const k of full ? [2, 255] : [255]) {
    await within(bound, `$TIME split -k ${k} -n 255 < secret > shares-${k}`);
    await within(bound, `$TIME combine shares-${k} > whole; cmp whole secret`);
  }
  await within(bound, `$TIME seal --force $(yes a.pub | head -255) < shares-255 > sealed`);
  await within(bound, "$TIME unseal --key a.key sealed > opened; cmp opened shares-255");
  await within(bound, "$TIME inspect sealed | grep -c 'share 255 '");
  await within(bound, "$TIME card shares-255 > cards; grep -c . cards");
});

// 141 holders have fewer pairs than are all tried, 255 have more.
const schemes: [string, number][] = [
  ["-k 2", 255],
  ["-k 2", 141],
  ["-k 128", 255],
];
for (const [k, count] of full ? schemes : schemes.slice(0, 1)) {
  once(`a scheme of ${count} holders, ${k}`, async () => {
    const seats = Array.from({ length: count - 1 }, (_, i) => {
      return `--holder n${i}=${makeKey(`node ${i}`).publicLine}`;
    });
    const bound = { mebibytes: 128, seconds: 120 };
    const dir = `D${count}${k.replace(" ", "")}`;
    const line = `--dir ${dir} ${k} ${seats.join(" ")} < a.pub > offline`;
    await within(bound, `$TIME recovery-init ${line}`);
    await within(bound, `$TIME recovery-verify --dir ${dir}`);
  });
}

once(`${full ? "10,000" : "2,000"} lines of input`, async () => {
  const bound = { mebibytes: 256, seconds: 120 };
  const plain = pick(five.lines, 1, 2).repeat(full ? 5_000 : 1_000);
  const [own, foreign] = [nodeA, nodeB].map((key) => `${sealed(five.lines[0] ?? "", key)}\n`);
  file("plain", plain);
  const times = full ? 1_000 : 50;
  file("own", (own as string).repeat(10 * times));
  const tenth = `${own}${foreign}${pick(five.lines, 1, 2).repeat(4)}`;
  file("mixed", tenth.repeat(times));
  const opened = `${pick(five.lines, 1)}${foreign}${pick(five.lines, 1, 2).repeat(4)}`;
  file("opened", opened.repeat(times));
  for (const line of [
    "$TIME combine plain | cmp - master",
    "$TIME unseal --key a.key mixed | cmp - opened",
    "$TIME inspect --json own | grep -c . > /dev/null",
  ]) {
    await within(bound, line);
  }
});

once(`a vault of ${full ? "10 GiB" : "80 MiB"} in less than 100 MiB of memory`, async () => {
  const bytes = (full ? 10_240 : 80) * 1_048_576;
  const bound = { mebibytes: 128, seconds: full ? 1200 : 60 };
  const data = `seq 2000000000 2> seq.log | head -c ${bytes}`;
  const digest = start(["sh", "-c", `${data} | sha256sum`], { cwd: folder }).stdout;
  await within(bound, `${data} | $TIME vault-close -o big --key-file master`);
  const piped = await within(bound, "$TIME vault-open big < master | sha256sum");
  expect(piped.stdout).toBe(digest);
  const file = "$TIME vault-open big -o out < master; sha256sum < out; rm big out";
  expect((await within(bound, file)).stdout).toBe(digest);
  const init = "$TIME recovery-init --dir D -k 2 --holder a=a.pub > offline";
  const held = (generation: number) => `unseal --key a.key D/sealed-${generation}/a offline`;
  await within(bound, `${data} | ${init}; ${held(1)} > held`);
  const back = await within(bound, "$TIME recovery-reconstruct --dir D held | sha256sum");
  expect(back.stdout).toBe(digest);
  await within(bound, `$TIME recovery-rotate --dir D held > offline; ${held(2)} > held`);
  await within(bound, "rm D/vault-1.wd; $TIME recovery-verify --dir D --drill held");
  await within(bound, "$TIME recovery-verify --dir D; rm -r D");
});

const runs = full ? 1000 : 8;
once(`${runs} runs at the same time`, async () => {
  const shares = pick(five.lines, 1, 2);
  const children = Array.from({ length: runs }, () => {
    return Bun.spawn([join(bin, "combine")], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  });
  // All are there, and wait for their input, when the first gets it.
  let [before, kibibytes] = [-1, 0];
  while (kibibytes > before || kibibytes === 0) {
    await Bun.sleep(2_000);
    before = kibibytes;
    kibibytes = children.reduce((sum, { pid }) => sum + ownKibibytes(pid), 0);
  }
  expect(children.filter(({ exitCode }) => exitCode !== null)).toEqual([]);
  for (const { stdin } of children) {
    stdin.write(shares);
    stdin.end();
  }
  for (const { stdout, stderr, exited } of children) {
    expect([await stderr.text(), await exited]).toEqual(["", 0]);
    expect(Buffer.from(await stdout.bytes()).equals(master)).toBe(true);
  }
  console.log(`  ${runs} runs, ${Math.round(kibibytes / 1024)} MiB of their own`);
  expect(kibibytes / 1024 / runs).toBeLessThan(24);
});

/** What a process has for itself alone; what it has of the executable, all share. */
function ownKibibytes(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}
