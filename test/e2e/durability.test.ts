// What is on the disk, and when: the order of system calls, and disks that fail at each of them.

import { expect } from "bun:test";
import { changes, snapshot } from "./evidence.ts";
import { master, plaintext, vault } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";
import { program, which } from "./needs.ts";

const needs = [program("strace", "to see system calls and to make them fail")];

function furnish(room: Room): void {
  room.file("key.master", master);
  room.file("in.plain", plaintext);
  room.file("vault", vault);
}

/** The calls a command made, in order, told by name and first argument. */
async function trace(room: Room, line: string): Promise<string[]> {
  const calls = "trace=openat,open,write,fsync,link,linkat,rename,renameat,renameat2,unlink";
  await room.ok(`${which("strace")} -f -qq -o trace -e ${calls} ${line} > key`);
  return new TextDecoder().decode(room.read("trace")).split("\n");
}

scenario(
  "vault-close makes the vault durable before a byte of its key leaves",
  async (room) => {
    furnish(room);
    const calls = await trace(room, "./vault-close -o v < in.plain");
    const key = calls.findIndex((call) => /\bwrite\(1, .*, 32\)/.test(call));
    const named = calls.findIndex((call) => /\b(link|linkat)\(.*"v"/.test(call));
    const before = calls.slice(0, named).findLastIndex((call) => /\bfsync\(/.test(call));
    const after = calls.slice(named).findIndex((call) => /\bfsync\(.*= 0/.test(call)) + named;
    expect(calls.filter((call) => /\bwrite\(1, /.test(call)).length).toBe(1);
    expect([before, named, after, key].every((at) => at >= 0)).toBe(true);
    expect([before, named, after, key]).toEqual(
      [before, named, after, key].toSorted((a, b) => a - b),
    );
  },
  { only: "dist", needs },
);

scenario(
  "vault-open -o syncs the file before it has its name, and the directory after",
  async (room) => {
    furnish(room);
    const calls = await trace(room, "./vault-open vault -o out < key.master");
    const named = calls.findIndex((call) => /\b(link|linkat)\(.*"out"/.test(call));
    expect(calls.slice(0, named).filter((call) => /\bfsync\(/.test(call)).length).toBe(1);
    expect(calls.slice(named).filter((call) => /\bfsync\(/.test(call)).length).toBe(1);
  },
  { only: "dist", needs },
);

const failing: Record<string, string> = {
  "the file cannot be synced": "fsync:error=EIO:when=1",
  "the directory cannot be synced": "fsync:error=EIO:when=2",
  "the name cannot be linked": "link,linkat:error=EIO",
  "there is no room for the name": "link,linkat:error=ENOSPC",
};
const lines: Record<string, string> = {
  "vault-close": "./vault-close -o out < in.plain",
  "vault-open": "./vault-open vault -o out < key.master",
};
for (const [name, line] of Object.entries(lines)) {
  for (const [what, fault] of Object.entries(failing)) {
    scenario(
      `${name} exits 1 and leaves nothing when ${what}`,
      async (room) => {
        furnish(room);
        const before = snapshot(room.dir);
        const strace = `${which("strace")} -f -qq -o /dev/null -e inject=${fault}`;
        const { code, stdout, stderr } = await room.run(`${strace} ${line}`);
        expect(code, stderr).toBe(1);
        expect(stderr).toMatch(new RegExp(`^${name}: error: `, "m"));
        expect(stdout.length).toBe(0);
        expect(changes(before, snapshot(room.dir))).toEqual([]);
      },
      { only: "dist", needs },
    );
  }

  scenario(
    `${name} exits 1 when its temporary file cannot be removed`,
    async (room) => {
      furnish(room);
      const strace = `${which("strace")} -f -qq -o /dev/null -e inject=link,linkat:error=EPERM -e inject=unlink,unlinkat:error=EIO`;
      const { code, stdout, stderr } = await room.run(`${strace} ${line}`);
      expect(code, stderr).toBe(1);
      expect(stdout.length).toBe(0);
    },
    { only: "dist", needs },
  );
}

scenario("a temporary file left by an earlier death is no obstacle", async (room) => {
  furnish(room);
  await room.ok("./vault-close -o v --key-file key.master < in.plain");
  for (const number of [0, 1]) {
    const { code, stderr } = await room.run(
      `sh -c 'echo old > .worstday-$$-${number}.tmp; exec ./vault-open v -o out < key.master'`,
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^vault-open: warning: \.\/\.worstday-\d+-\d\.tmp was left .* plaintext/,
    );
    await room.ok("cmp out in.plain; rm out .worstday-*");
  }
});

scenario("what a killed run has left is named, and nothing else is", async (room) => {
  furnish(room);
  await room.ok("mkdir work; sh -c 'exit 0' & wait; touch work/.worstday-$!-0.tmp");
  const name = (await room.ok("ls -A work")).text.trim();
  const others = [
    `.worstday-${process.pid}-0.tmp`,
    ".worstday-0-0.tmp",
    ".worstday-x.tmp",
    "a.tmp",
  ];
  for (const other of others) room.file(`work/${other}`, "");
  const { stderr } = await room.ok("./keygen -o work/k");
  const what = "was left by a killed run and may hold plaintext: delete it";
  expect(stderr).toBe(`keygen: warning: work/${name} ${what}\n`);
});

scenario(
  "a file without a name that cannot be given one is copied, whole and once",
  async (room) => {
    furnish(room);
    const strace = `${which("strace")} -f -qq -o trace -e trace=linkat,link -e inject=linkat:error=ENOENT`;
    await room.ok("cat in.plain in.plain in.plain > plain");
    const before = snapshot(room.dir);
    await room.ok(`${strace} ./vault-close -o v --key-file key.master < plain`);
    expect(new TextDecoder().decode(room.read("trace"))).toMatch(
      /INJECTED[\s\S]*link\(.*"v"\) += 0/,
    );
    await room.ok("rm trace; ./vault-open v < key.master | cmp - plain");
    expect(changes(before, snapshot(room.dir))).toEqual(["v created"]);
  },
  { only: "dist", needs },
);

scenario(
  "a signal while the vault becomes durable leaves the vault and its key, or neither",
  async (room) => {
    furnish(room);
    const slow = `${which("strace")} -f -qq -o trace -e inject=fsync:delay_enter=700000`;
    for (const wait of ["0.4", "0.9", "1.2"]) {
      await room.run(`${slow} ./vault-close -o v < in.plain > key & sleep ${wait}
        kill -TERM $(pidof vault-close); wait $!`);
      const { text } = await room.run("wc -c < key; ls -A | grep -e '^v$' -e tmp || true");
      expect(["32\nv\n", "0\n"]).toContain(text.replaceAll(" ", ""));
      await room.ok("rm -f v key");
    }
  },
  { only: "dist", needs, alone: true },
);
