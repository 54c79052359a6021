// Descriptors of every kind: non-blocking pipes, slow readers, directories, a stderr that is gone.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB, master, pick, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";
import { program, which } from "./needs.ts";

const python = program("python3", "to make pipes that do not block");

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
  async ({ file, ok }) => {
    file("nb.py", nonBlocking);
    file("want", sample("big", 2 * MiB));
    file("big", closeVault(master, sample("big", 2 * MiB)));
    await ok("python3 nb.py shares ./combine | cmp - key.master");
    await ok("python3 nb.py key.master ./vault-open big | cmp - want");
    const { text } = await ok("python3 nb.py key.master ./split -k 2 -n 255");
    expect(text.length).toBe(255 * 120);
    await ok("python3 nb.py in.plain ./vault-close -o v > new.master");
    await ok("./vault-open v < new.master | cmp - in.plain");
    await ok("python3 nb.py shares ./seal - - | cmp - shares");
    await ok("./vault-open big < key.master | ( sleep 0.3; cmp - want )"); // and to a slow reader
  },
  { needs: [python], smoke: true },
);

scenario("a directory on stdin is exit 1", async ({ ok, fails }) => {
  await ok("mkdir folder");
  for (const line of [
    ...["card", "combine", "inspect", "keygen -y", "seal a.pub", "split -k 2 -n 3"],
    ...["unseal --key a.key", "vault-close -o new", "vault-close -o new --key-file - in.plain"],
    "vault-open vault",
  ]) {
    await fails(`./${line} < folder`, 1, /stdin|directory/);
  }
});

scenario(
  "a stderr that is gone or full changes neither the exit status nor the output",
  async ({ dir, run }) => {
    for (const away of ["2> /dev/full", "2>&-"]) {
      const before = snapshot(dir);
      for (const [line, code] of [
        ["./combine missing", 1],
        ["./combine --bogus", 2],
        ["./vault-open vault < a.pub", 3],
        ["./keygen -o vault", 6],
      ] as const) {
        expect((await run(`${line} ${away}`)).code).toBe(code);
      }
      const duplicates = await run(`./combine shares shares ${away}`);
      expect([duplicates.code, hex(duplicates.stdout)]).toEqual([0, hex(master)]);
      expect(changes(before, snapshot(dir))).toEqual([]);
    }
  },
);

scenario("files may be given by descriptor", async ({ ok }) => {
  await ok("./vault-close -o v --key-file /dev/fd/3 3< key.master < in.plain");
  await ok("./vault-open /dev/fd/4 4< v < key.master | cmp - in.plain");
  const opened = await ok("./unseal --key /dev/fd/3 3< a.key sealed");
  expect(opened.text).toBe(pick(twoOfThree.lines, 1));
  await ok("cat shares | ./combine /dev/stdin | cmp - key.master");
  await ok("cat a.key | ./unseal --key /dev/stdin sealed");
});

scenario(
  "commands open no network connection and start no program",
  async ({ ok, text }) => {
    for (const line of [
      ...["./keygen", "./card shares", "./combine shares", "./seal a.pub - < shares"],
      ...["./unseal --key a.key sealed", "./vault-open vault < key.master"],
      "./vault-close -o v --key-file key.master < in.plain",
    ]) {
      const traced = line.replace("./", `${which("strace")} -f -qq -o trace ./`);
      await ok(`rm -f v; ${traced} > /dev/null`);
      expect(text("trace")).not.toMatch(/\b(connect|bind|sendto)\(/);
      expect(text("trace").match(/\bexecve\(.*= 0$/gm)?.length).toBe(1);
    }
  },
  { only: "dist", needs: [program("strace", "to see system calls")] },
);
