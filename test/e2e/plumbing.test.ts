// Descriptors of every kind: non-blocking pipes, slow readers, directories, a stderr that is gone.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB, master, nodeA, pick, plaintext, sealed, twoOfThree, vault } from "./fixtures.ts";
import { commands, type Room, scenario } from "./harness.ts";
import { program, which } from "./needs.ts";

const python = program("python3", "to make pipes that do not block");

function furnish(room: Room): void {
  room.file("shares", pick(twoOfThree.lines, 1, 2));
  room.file("sealed", `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("a.pub", `${nodeA.publicLine}\n`);
  room.file("in.plain", plaintext);
  room.file("key.master", master);
  room.file("vault", vault);
}

// Runs a command between two pipes that do not block, feeds it in two late pieces, reads it late.
const nonBlocking = `
import fcntl, os, subprocess, sys, threading, time
data = open(sys.argv[1], "rb").read()
from_us, to_it = os.pipe()
from_it, to_us = os.pipe()
for fd in (from_us, to_us):
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
child = subprocess.Popen(sys.argv[2:], stdin=from_us, stdout=to_us)
os.close(from_us)
os.close(to_us)
def feed():
    time.sleep(0.3)
    os.write(to_it, data[:5])
    time.sleep(0.2)
    os.write(to_it, data[5:])
    os.close(to_it)
threading.Thread(target=feed).start()
time.sleep(0.7)
while True:
    piece = os.read(from_it, 65536)
    if not piece:
        break
    sys.stdout.buffer.write(piece)
sys.exit(child.wait())
`;

scenario(
  "pipes that do not block are read and written to the end",
  async (room) => {
    furnish(room);
    const big = sample("big", 2 * MiB);
    room.file("nb.py", nonBlocking);
    room.file("big", closeVault(master, big));
    room.file("want", big);
    await room.ok("python3 nb.py shares ./combine | cmp - key.master");
    await room.ok("python3 nb.py key.master ./vault-open big | cmp - want");
    const { text } = await room.ok("python3 nb.py key.master ./split -k 2 -n 255");
    expect(text.length).toBe(255 * 120);
    await room.ok("python3 nb.py in.plain ./vault-close -o v > new.master");
    await room.ok("./vault-open v < new.master | cmp - in.plain");
    expect((await room.ok("python3 nb.py shares ./seal - -")).text).toBe(
      pick(twoOfThree.lines, 1, 2),
    );
  },
  { needs: [python] },
);

scenario("a slow reader gets everything", async (room) => {
  furnish(room);
  const big = sample("slow", 3 * MiB);
  room.file("big", closeVault(master, big));
  room.file("want", big);
  await room.ok("./vault-open big < key.master | ( sleep 0.3; cmp - want )");
});

const fromStdin = [
  "./card",
  "./combine",
  "./inspect",
  "./keygen -y",
  "./seal a.pub",
  "./split -k 2 -n 3",
  "./unseal --key a.key",
  "./vault-close -o new",
  "./vault-close -o new --key-file - in.plain",
  "./vault-open vault",
];
for (const line of fromStdin) {
  scenario(`a directory on stdin is exit 1: ${line}`, async (room) => {
    furnish(room);
    await room.ok("mkdir folder");
    await room.fails(`${line} < folder`, 1, /stdin|directory/);
  });
}

scenario(
  "a stderr that is gone or full changes neither the exit status nor the output",
  async (room) => {
    furnish(room);
    for (const away of ["2> /dev/full", "2>&-"]) {
      const before = snapshot(room.dir);
      expect((await room.run(`./combine missing ${away}`)).code).toBe(1);
      expect((await room.run(`./combine --bogus ${away}`)).code).toBe(2);
      expect((await room.run(`./vault-open vault < a.pub ${away}`)).code).toBe(3);
      expect((await room.run(`./keygen -o vault ${away}`)).code).toBe(6);
      const duplicates = await room.run(`./combine shares shares ${away}`);
      expect(duplicates.code).toBe(0);
      expect(hex(duplicates.stdout)).toBe(hex(master));
      expect(changes(before, snapshot(room.dir))).toEqual([]);
    }
  },
);

scenario("files may be given by descriptor", async (room) => {
  furnish(room);
  await room.ok("./vault-close -o v --key-file /dev/fd/3 3< key.master < in.plain");
  await room.ok("./vault-open /dev/fd/4 4< v < key.master | cmp - in.plain");
  expect((await room.ok("./unseal --key /dev/fd/3 3< a.key sealed")).text).toBe(
    pick(twoOfThree.lines, 1),
  );
  await room.ok("cat shares | ./combine /dev/stdin | cmp - key.master");
  await room.ok("cat a.key | ./unseal --key /dev/stdin sealed");
});

scenario("help is plain text in a pipe whatever the environment asks for", async (room) => {
  for (const name of commands) {
    const { text } = await room.ok(
      `FORCE_COLOR=3 CLICOLOR_FORCE=1 COLORTERM=truecolor ./${name} --help`,
    );
    expect(text).not.toContain("\u001b");
  }
});

const options: Record<(typeof commands)[number], string[]> = {
  card: ["--label", "--date", "--svg", "-o"],
  combine: ["--set", "--strict", "--accept-corrections", "--echo", "--force"],
  inspect: ["--json", "--recipients"],
  keygen: ["-o", "-y"],
  "recovery-init": ["--dir", "-k", "--holder", "--offline", "--secrets"],
  "recovery-prune": ["--dir"],
  "recovery-reconstruct": ["--dir", "--master", "--expect-set", "-o"],
  "recovery-rotate": ["--dir", "--holder", "--drop", "-k", "--offline", "--secrets"],
  "recovery-verify": ["--dir", "--key", "--drill", "--expect-set", "--json"],
  seal: ["--accept-corrections", "--force"],
  split: ["-k", "-n"],
  unseal: ["--key", "--accept-corrections"],
  "vault-close": ["-o", "--key-file", "--allow-empty"],
  "vault-open": ["-o", "--force"],
};
for (const name of commands) {
  scenario(`the help of ${name} spells its flags as they are typed`, async (room) => {
    const { text } = await room.ok(`./${name} --help`);
    for (const flag of options[name]) {
      expect(text).toMatch(new RegExp(`(^|[\\s,[(|])${flag}\\b`, "m"));
    }
    expect(text).not.toMatch(/--[a-z]\b/);
  });
}

const fills: [string, string][] = [
  ["vault-close", "./vault-close -o taken --key-file key.master"],
  ["vault-close", "./vault-close -o taken"],
  ["vault-open", "./vault-open vault -o taken"],
];
for (const [name, line] of fills) {
  scenario(`a name that is taken while ${line} works is left alone`, async (room) => {
    furnish(room);
    const input = name === "vault-open" ? "key.master" : "in.plain";
    const { stderr, text } = await room.run(
      `( sleep 0.6; echo precious > taken; cat ${input} ) | ${line}; echo "code $?" >&2`,
    );
    expect(stderr).toMatch(/^code 6$/m);
    expect(stderr).toMatch(new RegExp(`^${name}: error: .*taken`, "m"));
    expect(text).toBe("");
    expect(new TextDecoder().decode(room.read("taken"))).toBe("precious\n");
    expect((await room.ok("ls -A | grep -c taken")).text.trim()).toBe("1");
  });
}

scenario("a file name of the greatest length serves for -o", async (room) => {
  furnish(room);
  const name = "v".repeat(255);
  await room.ok(`./vault-close -o ${name} --key-file key.master < in.plain`);
  await room.ok(`./vault-open ${name} < key.master | cmp - in.plain`);
  await room.fails(`./keygen -o ${name}v`, 1, /long/);
});

scenario(
  "commands open no network connection and start no program",
  async (room) => {
    furnish(room);
    for (const line of [
      "./keygen",
      "./card shares",
      "./combine shares",
      "./seal a.pub - < shares",
      "./unseal --key a.key sealed",
      "./vault-open vault < key.master",
      "./vault-close -o v --key-file key.master < in.plain",
    ]) {
      const traced = line.replace("./", `${which("strace")} -f -qq -o trace ./`);
      await room.ok(`rm -f v; ${traced} > /dev/null`);
      const trace = new TextDecoder().decode(room.read("trace"));
      expect(trace).not.toMatch(/\b(connect|bind|sendto)\(/);
      expect(trace.match(/\bexecve\(.*= 0$/gm)?.length).toBe(1);
    }
  },
  { only: "dist", needs: [program("strace", "to see system calls")] },
);
