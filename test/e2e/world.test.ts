// The world around a command fails, or has little to offer: files that are missing, a full disk, pipes that
// are closed, slow or do not block, no /proc, no working directory. Descriptors that are closed are
// test/dev/descriptors.test.ts's, limits test/dev/limits.test.ts's, missing and empty inputs test/commands's.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { twoOfThree } from "./ceremony.ts";
import { changes, snapshot } from "./evidence.ts";
import { master } from "./fixtures.ts";
import { programFiles, scenario } from "./harness.ts";
import { anotherUser, asNobody, ownMounts, program, which } from "./needs.ts";

scenario(
  "a stdout that is full, closed early or no place for a key is exit 1 or 6, and leaves nothing",
  async ({ dir, file, fails, run }) => {
    file("big", closeVault(master, sample("big", 300_000)));
    const writing = ["./split -k 2 -n 3 < key.master", "./vault-close -o new < in.plain"];
    for (const line of [...writing, "./vault-open big < key.master"]) {
      await fails(`${line} > /dev/full`, 1, /no space left/);
      const before = snapshot(dir);
      const closed = `mkfifo p; ( : < p ) & ( exec 3> p; wait $!; ${line} >&3 ); c=$?; rm p; exit $c`;
      const { code, stderr } = await run(closed);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^[a-z-]+: error: .*: the pipe was closed\n/),
      ]);
      expect(changes(before, snapshot(dir))).toEqual([]);
    }
    await fails("./vault-close -o new < in.plain > /dev/null", 6, /--force/);
    const { text } = await run("./vault-open big < key.master 2> said | head -c 1 | wc -c");
    expect(text.trim()).toBe("1");
  },
);

scenario("a secret in a file that others can read is warned of", async ({ ok }) => {
  const says = /^combine: warning: stdout is a file that others can read/;
  await ok("umask 022; ./combine shares > open", says);
  expect(
    (await ok("umask 077; ./combine shares > shut; ./combine shares | cat > open")).stderr,
  ).toBe("");
});

scenario(
  "a file that is missing, a folder, or may not be read is exit 1",
  async ({ ok, fails }) => {
    await fails("./combine nowhere", 1, /nowhere/);
    await ok("mkdir folder; chmod 000 key.master vault");
    await fails("./vault-open folder < key.master", 1, /folder/);
    for (const line of ["combine", "keygen -y", "vault-close -o new"]) {
      await fails(`./${line} < folder`, 1, /stdin.*directory/);
    }
    await fails(`${asNobody}./vault-open vault < /dev/zero`, 1, /vault/);
    const close = "./vault-close -o n --key-file key.master < a.pub";
    await fails(`${asNobody}${close}`, 1, /key\.master/);
  },
  { needs: anotherUser(...programFiles) },
);

scenario("a pipe ends in a failure without pipefail, wherever it fails", async ({ fails }) => {
  const noise = /missing|not found/;
  for (const [line, code] of [
    ["./vault-close -o no/new < in.plain | ./split -k 2 -n 3 | ./seal a.pub b.pub -", 3],
    ["./unseal --key a.key < missing | ./combine | ./vault-open vault -o out", 3],
    ["./unseall --key a.key sealed | ./combine", 4],
  ] as const) {
    await fails(line, code, /error: .*\n.*did the command before this one in the pipe fail/, {
      noise,
    });
  }
});

scenario("an input without end is refused", async ({ fails }) => {
  for (const line of [
    ...["split -k 2 -n 3 < /dev/zero", "unseal --key /dev/zero sealed", "combine < /dev/zero"],
    ...["vault-open /dev/zero < key.master", "vault-open vault < /dev/zero"],
  ]) {
    await fails(`./${line}`, 3, /error: /);
  }
});

scenario(
  "names with control characters are escaped, and those not in UTF-8 refused",
  async ({ fails }) => {
    const name = "$(printf 'no\\033[31mred\\nkeygen: error: forged\\rx\\007\\302\\233y')";
    await fails(`./combine "${name}"`, 1, /red.*forged.*x.*y/);
    await fails(`./keygen "--${name}"`, 2, /./);
    const [odd, lossy] = ["$(printf 'caf\\351')", "$(printf 'caf\\357\\277\\275')"];
    const script = `touch "${lossy}"; ./combine "${odd}"; code=$?; rm "${lossy}"; exit $code`;
    await fails(script, 2, /an argument is not UTF-8/);
  },
);

scenario(
  "a stderr that is full changes neither the exit status nor the output",
  async ({ run }) => {
    expect((await run("./combine missing 2> /dev/full")).code).toBe(1);
    const { code, stdout } = await run("./combine shares shares 2> /dev/full");
    expect([code, hex(stdout)]).toEqual([0, hex(master)]);
  },
);

scenario("files may be given by descriptor", async ({ ok }) => {
  await ok("./vault-close -o v --key-file /dev/fd/3 3< key.master < in.plain");
  await ok("./vault-open /dev/fd/4 4< v < key.master | cmp - in.plain");
  await ok("cat shares | ./combine /dev/stdin | cmp - key.master");
});

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

// Gives a command its input by a pipe or a socket, and the next byte when the last has been read.
const drip = `
import array, fcntl, os, socket, subprocess, sys, termios, time
kind, name = sys.argv[1:3]
data = open(name, "rb").read()
ends = os.pipe() if kind == "pipe" else [end.detach() for end in socket.socketpair()]
unread = termios.FIONREAD if kind == "pipe" else termios.TIOCOUTQ
child = subprocess.Popen(sys.argv[3:], stdin=ends[0])
os.close(ends[0])
for i in range(len(data)):
    os.write(ends[1], data[i:i + 1])
    left = array.array("i", [1])
    while left[0] > 0 and child.poll() is None:
        time.sleep(0.0005)
        fcntl.ioctl(ends[1], unread, left)
os.close(ends[1])
sys.exit(child.wait())
`;

const python = { needs: [program("python3", "to make pipes that do not block, and slow writers")] };

scenario(
  "pipes that do not block are read and written to the end",
  async ({ file, ok }) => {
    file("nb.py", nonBlocking);
    const big = sample("big", 300_000);
    file("want", big);
    file("big", closeVault(master, big));
    await ok("python3 nb.py shares ./combine | cmp - key.master");
    await ok("python3 nb.py key.master ./vault-open big | cmp - want");
    await ok("python3 nb.py in.plain ./vault-close -o v > new.master");
    await ok("./vault-open v < new.master | cmp - in.plain");
  },
  python,
);

scenario(
  "a writer of single bytes is waited for, into a pipe and a socket",
  async ({ file, ok }) => {
    file("drip.py", drip);
    for (const kind of ["pipe", "socket"]) {
      await ok(`python3 drip.py ${kind} shares ./combine | cmp - key.master`);
      await ok(`python3 drip.py ${kind} key.master ./vault-open vault | cmp - in.plain`);
    }
  },
  python,
);

scenario(
  "commands open no network connection and start no program",
  async ({ ok, text }) => {
    for (const line of ["./unseal --key a.key sealed", "./vault-open vault < key.master"]) {
      await ok(`${which("strace")} -f -qq -o trace ${line} > out`);
      expect(text("trace")).not.toMatch(/\b(connect|bind|sendto)\(/);
      expect(text("trace").match(/\bexecve\(.*= 0$/gm)?.length).toBe(1);
    }
  },
  { only: "dist", needs: [program("strace", "to see system calls")] },
);

const mounts = { needs: ownMounts(), only: "dist" } as const;
const holders = "--holder a=$R/a.pub --holder b=$R/b.pub";

scenario(
  "a working directory that was deleted is no obstacle",
  async ({ ok }) => {
    const refused = ["keygen -o new-here", `recovery-init --dir new-here -k 2 ${holders}`].map(
      (line) => `$R/${line} < $R/in.plain > $R/x 2>> $R/told && exit 9 || test $? = 1`,
    );
    await ok(`sh -euc '
      umask 077; R=$PWD; mkdir gone; cd gone; rmdir ../gone
      $R/unseal --key $R/a.key $R/sealed $R/shares 2> $R/told | $R/combine 2> $R/told |
        $R/vault-open $R/vault -o $R/out; cmp $R/out $R/in.plain
      $R/recovery-init --dir $R/D -k 2 ${holders} < $R/in.plain > $R/offline 2> $R/told
      ${refused.join("\n")}'
      test ! -e /new-here`);
  },
  { only: "dist" },
);

/** Where nothing can be written but in `work`, and there is no /proc and no /dev. */
function bare(script: string): string {
  const remove = "mount -t tmpfs none work; mount -o ro -t tmpfs none /dev; umount -l /proc";
  return `${which("unshare")} -m sh -euc '
    R=$PWD; mount -o remount,bind,ro /; ${remove}
    ${script}'`;
}

scenario(
  "a read-only root without /proc and /dev will do, and is exit 1 where a file would be made",
  async (sandbox) => {
    const { ok, fails } = sandbox;
    twoOfThree(sandbox);
    await ok("mkdir work");
    const read = "./unseal --key a.key work/D/sealed";
    await ok(
      bare(`umask 077
        ./keygen -o work/n.key > work/n.pub
        ./vault-close -o work/v < in.plain | ./split -k 2 -n 3 | ./seal a.pub work/n.pub - > work/s
        ./unseal --key a.key --key work/n.key work/s | ./combine | ./vault-open work/v > work/plain
        cmp work/plain in.plain; ./inspect work/s work/v > work/told; ./card share > work/card
        ./recovery-init --dir work/D -k 2 ${holders} < in.plain > work/one
        ${read}-1/a work/one > work/held
        ./recovery-rotate --dir work/D work/held > work/two
        ${read}-2/a work/two | ./recovery-verify --dir work/D --drill > work/told
        ./recovery-prune --dir work/D; ls work/D/scheme.json work/D/vault-2.wd`),
    );
    await fails(bare("exec ./vault-open vault -o new < key.master"), 1, /read-only/);
    await fails(bare("exec ./recovery-rotate --dir D shares"), 1, /read-only/);
  },
  mounts,
);

scenario(
  "a signal cleans up without /proc, which could tell whether to ignore it",
  async ({ run }) => {
    const { text, stderr } = await run(`mkdir work; mkfifo slow; ${which("unshare")} -m sh -euc '
      R=$PWD; umount -l /proc; exec 3<> slow
      ./recovery-init --dir work/D -k 2 ${holders} < slow > offline &
      echo data >&3; while ! test -e work/D/vault-1.wd; do sleep 0.1; done; ls work/D
      kill -TERM $!; wait $! || echo $?; ls -A work'`);
    expect(text, stderr).toBe("lock\nvault-1.wd\n143\n");
  },
  mounts,
);
