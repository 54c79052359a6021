/** A fleet with OpenSSH: the drill in both places it can stand, and the README's scripts for it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/dev/project.ts";
import { drill, start } from "./machine.ts";

const fleetDrill = ["sh", join(root, "scripts/dev/fleet-drill.sh")];
const runbooks = ["sh", join(root, "test/dev/runbooks.sh")];
const programs = {
  ssh: "openssh-client",
  "/usr/sbin/sshd": "openssh-server",
  busybox: "busybox-static",
};

const isRoot = process.getuid?.() === 0;
const mayPartHosts =
  isRoot && start(["unshare", "--mount", "--net", "--pid", "true"]).exitCode === 0;
const withoutNamespaces = isRoot ? ["setpriv", "--bounding-set=-sys_admin"] : [];

/** Where fleets stand, so that whatever they leave behind is seen. */
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worstday-fleet-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A test of a fleet whose hosts are namespaces. */
function partedDrill(name: string, body: () => Promise<void>): void {
  if (mayPartHosts) drill(name, programs, body);
  else test.skip(`${name} [skipped: only root may make namespaces, and not everywhere]`, body);
}

/** Processes with the fleets' folder in their command line. */
function leftRunning(): string[] {
  const commandLine = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1");
    } catch {
      return ""; // it has ended meanwhile
    }
  };
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(commandLine).filter((line) => line.includes(folder));
}

/** All is gone: at once, but for processes whose end the kernel has yet to carry out. */
async function expectNothingLeft(): Promise<void> {
  for (let tries = 0; leftRunning().length > 0 && tries < 100; tries++) await Bun.sleep(20);
  expect([readdirSync(folder), leftRunning()]).toEqual([[], []]);
}

async function play(command: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = start(command, { env: { TMPDIR: folder } });
  const surprises = stderr.split("\n").filter((line) => !/: (hint|error): |^ssh: /.test(line));
  expect([surprises, exitCode]).toEqual([[""], 0]);
  await expectNothingLeft();
  return stdout;
}

describe("the fleet drill", () => {
  const days = [
    /^THE PRIMARY IS DESTROYED.*^secrets\.tar: OK$/ms,
    /^A NODE IS LOST.*^secrets\.tar: OK$.*^authenticated by the master key$/ms,
    /^THE OFFLINE SHARE IS LOST.*^authenticated by the master key$/ms,
    /^A NODE IS COMPROMISED.*^authenticated by the master key$/ms,
    /^THE WORST MOMENT.*^secrets\.tar: OK$/ms,
    /\n\nfleet-drill: recovered on every day of the table, bit for bit\n$/,
  ];

  partedDrill("in namespaces", async () => {
    const told = await play(fleetDrill);
    expect(told).toContain("Three hosts in network namespaces");
    for (const day of days) expect(told).toMatch(day);
  });

  drill("in folders, where namespaces are not permitted", programs, async () => {
    const told = await play([...withoutNamespaces, ...fleetDrill]);
    expect(told).toMatch(/Three hosts in folders[^:]*namespaces are not permitted here: \S/);
    for (const day of days) expect(told).toMatch(day);
  });

  for (const [where, prefix] of [
    ["as it can", []],
    ["in folders", withoutNamespaces],
  ] as const) {
    drill(`leaves nothing behind when it is told to stop, ${where}`, programs, async () => {
      const command = [...prefix, ...fleetDrill];
      const env = { PATH: process.env["PATH"], TMPDIR: folder };
      const child = Bun.spawn(command, { env, stdout: "pipe", stderr: "ignore" });
      const told = child.stdout.getReader();
      let text = "";
      while (!text.includes("Peace.")) {
        const { value, done } = await told.read();
        if (done) break;
        text += Buffer.from(value).toString();
      }
      expect(leftRunning()).not.toEqual([]);
      child.kill("SIGTERM");
      expect(await child.exited).toBe(143);
      await expectNothingLeft();
    });
  }
});

/** The scripts of the README's section on fleets: their bold names, and what is to be run where. */
function readmeScripts(): { name: string; where: string; text: string }[] {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const section = /^## The fleet\n(.*?)^## /ms.exec(readme)?.[1] ?? "";
  const blocks = section.matchAll(/^\*\*(.+?)\*\*[^\n]*(?:\n[^\n]+)*\n\n((?: {4}.*\n)+)/gm);
  const scripts = [...blocks].map(([, name = "", block = ""]) => {
    const where = /^ {4}\( # on the (.+)\n/.exec(block)?.[1] ?? "?";
    return { name, where, text: block.replace(/^ {4}/gm, "") };
  });
  expect(section.match(/^(?! {4}).*\n+ {4}/gm)?.length).toBe(scripts.length);
  return scripts;
}

partedDrill("the README's scripts for a fleet, as they are printed, under busybox", async () => {
  const scripts = readmeScripts();
  expect(scripts.map(({ name, where }) => `${name} on the ${where}`)).toEqual([
    "Create. on the primary",
    "Distribute. on the primary",
    "Drill on the primary",
    "Check on the primary",
    "The worst day. on the rescue image",
    "Rotate on the primary",
    "Prune on the primary",
  ]);
  const texts = mkdtempSync(join(tmpdir(), "worstday-readme-"));
  try {
    for (const { name, text } of scripts) {
      writeFileSync(join(texts, name.toLowerCase().replaceAll(/\W+/g, " ").trim()), text);
    }
    const told = await play([...runbooks, texts]);
    expect(told).toEndWith("runbooks: recovered before and after a rotation\n");
  } finally {
    rmSync(texts, { recursive: true });
  }
});
