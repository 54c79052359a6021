// What is on the disk, and when: the order of system calls, and disks that fail at each of them. That
// signals at every call leave all or nothing is test/dev/interrupts.test.ts's.

import { expect } from "bun:test";
import { changes, snapshot } from "./evidence.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";
import { program, which } from "./needs.ts";

const options = {
  needs: [program("strace", "to see system calls and to make them fail")],
  only: "dist" as const,
};

/** The calls a command made, in order, told by name and first argument. */
async function trace({ ok, text }: Sandbox, line: string): Promise<string[]> {
  const calls = "trace=openat,open,write,fsync,link,linkat,rename,renameat,renameat2,unlink";
  await ok(`${which("strace")} -f -qq -o trace -e ${calls} ${line} > key`);
  return text("trace").split("\n");
}

scenario(
  "vault-close makes the vault durable before a byte of its key leaves",
  async (sandbox) => {
    const calls = await trace(sandbox, "./vault-close -o v < in.plain");
    const key = calls.findIndex((call) => /\bwrite\(1, .*, 32\)/.test(call));
    const named = calls.findIndex((call) => /\b(link|linkat)\(.*"v"/.test(call));
    const before = calls.slice(0, named).findLastIndex((call) => /\bfsync\(/.test(call));
    const after = calls.slice(named).findIndex((call) => /\bfsync\(.*= 0/.test(call)) + named;
    expect(calls.filter((call) => /\bwrite\(1, (?!"", 0\))/.test(call)).length).toBe(1);
    const order = [before, named, after, key];
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  },
  options,
);

scenario(
  "vault-open -o syncs the file before it has its name, and the directory after",
  async (sandbox) => {
    const calls = await trace(sandbox, "./vault-open vault -o out < key.master");
    const named = calls.findIndex((call) => /\b(link|linkat)\(.*"out"/.test(call));
    expect(calls.slice(0, named).filter((call) => /\bfsync\(/.test(call)).length).toBe(1);
    expect(calls.slice(named).filter((call) => /\bfsync\(/.test(call)).length).toBe(1);
  },
  options,
);

const failing: Record<string, string> = {
  "the file cannot be synced": "fsync:error=EIO:when=1",
  "the directory cannot be synced": "fsync:error=EIO:when=2",
  "the name cannot be linked": "link,linkat:error=EIO",
  "there is no space for the name": "link,linkat:error=ENOSPC",
  "its temporary file cannot be removed":
    "link,linkat:error=EPERM -e inject=unlink,unlinkat:error=EIO",
};
scenarios(
  failing,
  (what) => `vault-close and vault-open exit 1 and leave nothing when ${what}`,
  async ({ dir, run }, fault) => {
    for (const line of [
      "./vault-close -o out < in.plain",
      "./vault-open vault -o out < key.master",
    ]) {
      const before = snapshot(dir);
      const { code, stdout, stderr } = await run(
        `${which("strace")} -f -qq -o /dev/null -e inject=${fault} ${line}`,
      );
      expect([code, stdout.length], stderr).toEqual([1, 0]);
      expect(stderr).toMatch(/^vault-\w+: error: /m);
      if (!fault.includes("unlink")) expect(changes(before, snapshot(dir))).toEqual([]);
      await run("rm -f out");
    }
  },
  options,
);

scenario("a temporary file left by an earlier death is no obstacle", async ({ ok }) => {
  for (const number of [0, 1]) {
    const open = "exec ./vault-open vault -o out < key.master";
    await ok(
      `sh -c 'echo old > .worstday-$$-${number}.tmp; ${open}'`,
      /^vault-open: warning: \.\/\.worstday-\d+-\d\.tmp was left .* plaintext/,
    );
    await ok("cmp out in.plain; rm out .worstday-*");
  }
});

scenario("what a killed run has left is named, and nothing else is", async ({ file, ok }) => {
  await ok("mkdir work; sh -c 'exit 0' & wait; touch work/.worstday-$!-0.tmp");
  const name = (await ok("ls -A work")).text.trim();
  const others = [
    `.worstday-${process.pid}-0.tmp`,
    ".worstday-0-0.tmp",
    ".worstday-x.tmp",
    "a.tmp",
  ];
  for (const other of others) file(`work/${other}`, "");
  const { stderr } = await ok("./keygen -o work/k");
  const what = "was left by a killed run and may hold plaintext: delete it";
  expect(stderr).toBe(`keygen: warning: work/${name} ${what}\n`);
});

scenario(
  "a file without a name that cannot be given one is copied, whole and once",
  async ({ dir, ok, text }) => {
    const strace = `${which("strace")} -f -qq -o trace -e trace=linkat,link -e inject=linkat:error=ENOENT`;
    await ok("cat in.plain in.plain in.plain > plain");
    const before = snapshot(dir);
    await ok(`${strace} ./vault-close -o v --key-file key.master < plain`);
    expect(text("trace")).toMatch(/INJECTED[\s\S]*link\(.*"v"\) += 0/);
    await ok("rm trace; ./vault-open v < key.master | cmp - plain");
    expect(changes(before, snapshot(dir))).toEqual(["v created"]);
  },
  options,
);

scenario(
  "a signal while the vault becomes durable leaves the vault and its key, or neither",
  async ({ run }) => {
    const slow = `${which("strace")} -f -qq -o trace -e inject=fsync:delay_enter=700000`;
    for (const wait of ["0.4", "0.9", "1.2"]) {
      await run(`${slow} ./vault-close -o v < in.plain > key & sleep ${wait}
        kill -TERM $(pidof vault-close); wait $!`);
      const { text } = await run("wc -c < key; ls -A | grep -e '^v$' -e tmp; rm -f v key");
      expect(["32\nv\n", "0\n"]).toContain(text.replaceAll(" ", ""));
    }
  },
  { ...options, alone: true },
);
