/** A fleet with OpenSSH: the drill in both places it can stand, and the steps of RUNBOOK.md. */

import { afterAll, beforeAll, expect, test } from "bun:test";
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

async function runDrill(command: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = start(command, { env: { TMPDIR: folder } });
  const surprises = stderr.split("\n").filter((line) => !/: (hint|error): |^ssh: /.test(line));
  expect([surprises, exitCode]).toEqual([[""], 0]);
  await expectNothingLeft();
  return stdout;
}

drill("the fleet drill, in folders, where namespaces are not permitted", programs, async () => {
  const told = await runDrill([...withoutNamespaces, ...fleetDrill]);
  expect(told).toMatch(/Three hosts in folders[^:]*namespaces are not permitted here: \S/);
  for (const day of [
    /^THE PRIMARY IS DESTROYED.*^secrets\.tar: OK$/ms,
    /^A NODE IS LOST.*^secrets\.tar: OK$.*^authenticated by the master key$/ms,
    /^THE OFFLINE SHARE IS LOST.*^authenticated by the master key$/ms,
    /^A NODE IS COMPROMISED.*^authenticated by the master key$/ms,
    /^FIVE NIGHTS.*^update 5 +good:.*^THE WORST MOMENT.*^secrets\.tar: OK$/ms,
    /\n\nfleet-drill: recovered on every day of the table, bit for bit\n$/,
  ]) {
    expect(told).toMatch(day);
  }
});

for (const [where, prefix] of Object.entries({
  "as it can": [],
  "in folders": withoutNamespaces,
})) {
  drill(`it leaves nothing behind when it is told to stop, ${where}`, programs, async () => {
    const env = { PATH: process.env["PATH"], TMPDIR: folder };
    const child = Bun.spawn([...prefix, ...fleetDrill], { env, stdout: "pipe", stderr: "ignore" });
    let text = "";
    const reader = child.stdout.getReader(); // stays open: a closed pipe would be another end
    while (!text.includes("Peace.")) {
      const { value, done } = await reader.read();
      if (done) break;
      text += Buffer.from(value).toString();
    }
    const parted = mayPartHosts && prefix.length === 0;
    expect(text.includes("Three hosts in network namespaces")).toBe(parted);
    expect(leftRunning()).not.toEqual([]);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    await expectNothingLeft();
  });
}

/** The steps and scripts of RUNBOOK.md, each under its bold name. */
function runbookSteps(): { name: string; text: string }[] {
  const runbook = readFileSync(join(root, "RUNBOOK.md"), "utf8");
  const blocks = runbook.matchAll(/^\*\*(.+?)\*\*[^\n]*(?:\n[^\n]+)*\n\n((?: {4}.*\n)+)/gm);
  const steps = [...blocks].map(([, name = "", block = ""]) => {
    const plainName = name.toLowerCase().replaceAll(/\W+/g, " ").trim();
    return { name: plainName, text: block.replace(/^ {4}/gm, "") };
  });
  expect(runbook.match(/^(?! {4}).*\n+ {4}/gm)?.length).toBe(steps.length);
  return steps;
}

const withRsync = { ...programs, rsync: "rsync" };
const printed = "RUNBOOK.md's steps and scripts, as they are printed, under busybox";
const runbook = async () => {
  const steps = runbookSteps();
  const texts = mkdtempSync(join(tmpdir(), "worstday-runbook-"));
  try {
    for (const { name, text } of steps) writeFileSync(join(texts, name), text);
    const told = await runDrill([...runbooks, texts]);
    for (const { name } of steps) expect(told).toContain(`\n${name}\n`);
    expect(told).toEndWith("runbooks: recovered before and after a rotation\n");
  } finally {
    rmSync(texts, { recursive: true });
  }
};
if (mayPartHosts) drill(printed, withRsync, runbook);
else test.skip(`${printed} [skipped: only root may make namespaces, and not everywhere]`, runbook);
