/** The places that a rescue may have to work in; see machine.ts. */
import { afterAll, expect } from "bun:test";
import { linkedProbe, removeProbes } from "./linked.ts";
import { bootMachine, drill, runInEmptyRoot, start } from "./machine.ts";

const linking = { as: "binutils", ld: "binutils", gcc: "gcc", "musl-gcc": "musl-tools" };
const booting = { "qemu-system-x86_64": "qemu-system-x86", cpio: "cpio", "apt-get": "apt" };
const crossing = {
  "qemu-aarch64": "qemu-user",
  "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
};

afterAll(removeProbes);

drill("one executable works in an empty root", { ...linking, chroot: "coreutils" }, async () => {
  const probe = await linkedProbe("x86_64", true);
  const done = runInEmptyRoot(probe, []);
  expect(done).toEqual({
    stdout: '{"hello":"x86_64-closed-2","zone":0}\n',
    stderr: "",
    exitCode: 0,
  });
});

/** One boot for all: it takes half a minute, emulated. */
drill(
  "a booted kernel of 1 GiB with busybox runs it: threads, children, a heap, memory locked without a limit",
  { ...linking, ...booting },
  async () => {
    const script = `cat /proc/sys/kernel/ostype; ls /sys/class/net; /hello; echo oops >&2; mkdir /etc
    echo "root:x:0:0::/:/bin/sh" > /etc/passwd; echo "user:x:1000:1000::/:/bin/sh" >> /etc/passwd
    for limit in unlimited 64; do
      ulimit -l $limit; su user -c "/hello status" | grep -o "VmLck[^k]*"; su user -c "/hello work"
    done; exit 5`;
    const files = { "/hello": await linkedProbe("x86_64", true) };
    const { stdout, exitCode } = bootMachine({ files, script, memoryMiB: 1024 });
    expect(stdout).toStartWith('Linux\nlo\n{"hello":"hello","zone":0}\noops\n');
    const [open, first = "", limited, second = ""] = stdout.split("\n").slice(4);
    expect(open).toMatch(/[1-9]/);
    expect(limited).toMatch(/\D0 $/);
    for (const work of [first, second]) {
      expect(JSON.parse(work)).toMatchObject({ doubled: 42, heap: 64, hash: 32 });
    }
    expect(exitCode).toBe(5);
  },
  180_000,
);

drill(
  "the aarch64 image runs under qemu-user",
  crossing,
  async () => {
    const done = start(["qemu-aarch64", await linkedProbe("aarch64", true)]);
    expect(done.stdout).toStartWith('{"hello":"aarch64-closed');
    expect(done.exitCode).toBe(0);
  },
  180_000,
);
