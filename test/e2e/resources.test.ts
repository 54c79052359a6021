// What the system offers little of: writers that are slow, stdin of every kind, a system without
// /proc, /dev and anything to write to, and signals that are ignored from the start.

import { expect } from "bun:test";
import { type Sandbox, scenario } from "./harness.ts";
import { ownMounts, program, which } from "./needs.ts";

async function prepare({ ok }: Sandbox, scheme: boolean): Promise<void> {
  const holders = "--holder a=a.pub --holder b=b.pub";
  await ok("mkdir work");
  if (!scheme) return;
  await ok(`umask 077; ./recovery-init --dir D -k 2 ${holders} < in.plain > paper
    ./unseal --key a.key D/sealed-1/a paper > held`);
}

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

/** Commands that read stdin in different ways, what they get there, and what then holds. */
const reading: [line: string, input: string, then: string][] = [
  ["./combine", "shares", "cmp out key.master"],
  ["./vault-close -o v", "in.plain", "./vault-open v < out | cmp - in.plain"],
  ["./vault-open vault", "key.master", "cmp out in.plain"],
  ["./recovery-verify --dir D --drill", "held", "test -e D/drilled-1"],
];
for (const kind of ["pipe", "socket"]) {
  scenario(
    `a writer of single bytes is waited for, into a ${kind}`,
    async (sandbox) => {
      const { file, ok } = sandbox;
      await prepare(sandbox, true);
      file("drip.py", drip);
      for (const [line, input, then] of reading) {
        await ok(`umask 077; python3 drip.py ${kind} ${input} ${line} > out`);
        await ok(then);
      }
    },
    { needs: [program("python3", "to write single bytes")] },
  );
}

/** Where nothing can be written but in `work`, and there is no /proc and no /dev. */
function bare(script: string): string {
  const remove = "mount -t tmpfs none work; mount -o ro -t tmpfs none /dev; umount -l /proc";
  return `${which("unshare")} -m sh -euc '
    mount -o remount,bind,ro /; ${remove}
    ${script}'`;
}

const mounts = { needs: ownMounts(), only: "dist" } as const;

scenario(
  "every command works on a read-only root without /proc and /dev",
  async (sandbox) => {
    await prepare(sandbox, false);
    const holders = "--holder a=a.pub --holder b=b.pub";
    await sandbox.ok(
      bare(`umask 077
        ./keygen -o work/n.key > work/n.pub; ./keygen -y < work/n.key | cmp - work/n.pub
        ./unseal --key a.key sealed shares | ./combine | ./vault-open vault -o work/plain
        cmp work/plain in.plain
        ./vault-close -o work/v < in.plain | ./split -k 2 -n 3 | ./seal a.pub work/n.pub - > work/s
        ./unseal --key a.key --key work/n.key work/s | ./combine | ./vault-open work/v |
          cmp - in.plain
        ./inspect work/s work/v > work/told; ./card share > work/card; ./worstday --help > work/list
        ./recovery-init --dir work/D -k 2 ${holders} < in.plain > work/one
        ./unseal --key a.key work/D/sealed-1/a work/one > work/held
        ./recovery-verify --dir work/D --drill work/held > work/told
        ./recovery-reconstruct --dir work/D work/held | cmp - in.plain
        ./recovery-rotate --dir work/D work/held > work/two
        ./unseal --key a.key work/D/sealed-2/a work/two > work/held
        ./recovery-verify --dir work/D --drill work/held > work/told
        ./recovery-prune --dir work/D; ls work/D/scheme.json work/D/vault-2.wd`),
    );
  },
  mounts,
);

scenario(
  "a read-only root is exit 1, without /proc and /dev too",
  async (sandbox) => {
    await prepare(sandbox, true);
    for (const line of [
      ...["keygen -o new", "vault-close -o new < in.plain", "vault-open vault -o new < key.master"],
      ...[
        "recovery-init --dir new -k 2 --holder a=a.pub < in.plain",
        "recovery-rotate --dir D held",
      ],
    ]) {
      await sandbox.fails(bare(`exec ./${line}`), 1, /read-only/);
    }
  },
  mounts,
);

scenario(
  "a signal cleans up without /proc, which could tell whether to ignore it",
  async (sandbox) => {
    await prepare(sandbox, false);
    const holders = "--holder a=a.pub --holder b=b.pub";
    const { text, stderr } = await sandbox.run(`mkfifo slow; ${which("unshare")} -m sh -euc '
      umount -l /proc; exec 3<> slow
      ./recovery-init --dir work/D -k 2 ${holders} < slow > offline &
      echo data >&3; while ! test -e work/D/vault-1.wd; do sleep 0.1; done; ls work/D
      kill -TERM $!; wait $! || echo $?; ls -A work'`);
    expect(text, stderr).toBe("lock\nvault-1.wd\n143\n");
  },
  mounts,
);

// nohup has SIGHUP ignored, and a shell without job control SIGINT for what it starts with `&`.
for (const [start, signal] of [
  ["nohup", "SIGHUP"],
  ['sh -c \'trap "" INT; exec "$@"\' sh', "SIGINT"],
] as const) {
  scenario(
    `${signal}, ignored from the start, stays ignored while a file is made`,
    async (sandbox) => {
      const { dir, env, ok } = sandbox;
      await prepare(sandbox, false);
      const line = `exec ${start} ./vault-close -o work/v --key-file key.master 2> errors`;
      const child = Bun.spawn(["sh", "-c", line], {
        ...{ cwd: dir, env, stdin: "pipe", stdout: "pipe" },
        ...{ timeout: 20_000, killSignal: "SIGKILL" },
      });
      child.stdin.write("first ");
      await child.stdin.flush();
      await Bun.sleep(1000); // what is being made has no name that could be waited for
      child.kill(signal);
      await Bun.sleep(200);
      child.stdin.write("second");
      await child.stdin.end();
      expect(await child.exited).toBe(0);
      expect((await ok("./vault-open work/v < key.master")).text).toBe("first second");
    },
    { alone: true },
  );
}
