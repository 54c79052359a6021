// -o FILE: created exclusively, mode 0600, whole or not at all, wherever it goes; what is on the disk, and
// when. Signals at every system call are test/dev/interrupts.test.ts's.

import { expect } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { master } from "./fixtures.ts";
import { programFiles, type Sandbox, scenario } from "./harness.ts";
import { anotherUser, asNobody, exfat, ownMounts, program, which } from "./needs.ts";

const open = (path: string) => `./vault-open vault -o ${path} < key.master`;

scenario(
  "a new file of mode 0600 is made, and nothing that is there is touched",
  async ({ dir, ok, fails, file }) => {
    for (const mask of ["000", "777"]) {
      const before = snapshot(dir);
      expect((await ok(`umask ${mask}; ${open(`out-${mask}`)}`)).text).toBe("");
      expect(changes(before, snapshot(dir))).toEqual([`out-${mask} created`]);
      const { mode, nlink, size } = statSync(join(dir, `out-${mask}`));
      expect([mode & 0o7777, nlink, size > 31]).toEqual([0o600, 1, true]);
    }
    file("old", "precious");
    file("locked", "precious", 0o000);
    await ok("ln -s old good; ln -s nowhere dangling; mkdir folder; mkfifo pipe");
    for (const taken of ["locked", "good", "dangling", "folder", "pipe", "/dev/null"]) {
      await fails(open(taken), 6, new RegExp(taken));
    }
    await fails(open("no/such/out"), 1, /no\/such/);
    await fails(open("in.plain/out"), 1, /in\.plain/);
    const name = "v".repeat(255);
    await ok(`${open(name)}; cmp ${name} in.plain`);
    await fails(open(`${name}v`), 1, /long/);
  },
);

scenario("every command looks at -o before it reads stdin", async ({ dir, env, file }) => {
  file("old", "precious");
  const lines = [
    ...["vault-close -o old", "vault-open vault -o old", "combine -o old", "card --out=old"],
    ...["split -k 2 -n 3 -o old", "seal - -o old", "unseal --key a.key -o old", "inspect -o old"],
    ...["keygen -y -o old", "recovery-init --dir D -k 2 --holder a=a.pub -o old"],
  ];
  for (const line of lines) {
    const child = Bun.spawn(["sh", "-c", `exec ./${line}`], {
      ...{ cwd: dir, env, stdin: "pipe", stdout: "pipe", stderr: "pipe" },
      ...{ timeout: 100_000, killSignal: "SIGKILL" },
    });
    expect([line, await child.exited]).toEqual([line, 6]);
  }
});

scenario(
  "a folder that may not be written is exit 1",
  async ({ ok, fails }) => {
    await ok("chmod 644 vault key.master; mkdir -m 555 sealed-off");
    const line = open("sealed-off/out").replace("./", `${asNobody}./`);
    await fails(line, 1, /sealed-off/);
  },
  { needs: anotherUser(...programFiles) },
);

const strace = `${which("strace")} -f -qq`;
const tracing = [program("strace", "to see system calls and to make them fail")];

scenario(
  "a file system that refuses hard links is no obstacle",
  async ({ dir, ok, run, fails }) => {
    const flags = "-o /dev/null -e inject=link,linkat:error=EPERM ./";
    const { code, stderr } = await run(open("out").replace("./", `${strace} ${flags}`));
    expect(code, stderr).toBe(0);
    expect(statSync(join(dir, "out")).mode & 0o7777).toBe(0o600);
    expect((await ok("cmp out in.plain; ls -A")).text).not.toMatch(/tmp|part|~|\.out/);
    await fails(open("out"), 6, /out/);
  },
  { needs: tracing },
);

/** Runs a script where an exFAT file system is mounted at ./stick. */
function onExfat(script: string, options = ""): string {
  return `
    mkdir stick && truncate -s 8M stick.img && mkfs.exfat stick.img > /dev/null || exit 99
    loop=$(${which("losetup")} -f --show stick.img) || exit 98
    unshare -m sh -c '
      mount.exfat-fuse ${options} "$0" stick > /dev/null 2>&1 || exit 97
      ${script}
      umount stick' $loop
    ${which("losetup")} -d $loop`;
}

scenario(
  "exFAT, which has neither links nor modes, does, mounted by root for all too",
  async ({ ok, run }) => {
    await ok("chmod 644 vault key.master");
    for (const [user, options] of [
      ["", ""],
      [asNobody, "-o umask=000,allow_other"],
    ] as const) {
      const line = open("stick/out").replace("./", `${user}./`);
      const script = `${line}; ${line}; echo "second $?"; ls -A stick; cmp stick/out in.plain`;
      const { stderr, text } = await run(onExfat(script, options));
      expect(text, stderr).toBe("second 6\nout\n");
      expect(stderr).toMatch(/warning: other users may be able to read stick\/out/);
      await ok("rm -r stick stick.img");
    }
  },
  { needs: [...exfat(), ...anotherUser(...programFiles)] },
);

scenario(
  "a full disk is exit 1 and leaves nothing",
  async ({ run }) => {
    const { stderr, text } = await run(`
      mkdir full
      unshare -m sh -c '
        mount -t tmpfs -o size=64k none full || exit 97
        cat /dev/zero > full/filler 2> /dev/null
        ${open("full/out")}; echo "first $?"; ls -A full
        umount full'`);
    expect(text, stderr).toBe("first 1\nfiller\n");
    expect(stderr).toMatch(/vault-open: error: .*(space|ENOSPC|full)/);
  },
  { needs: ownMounts() },
);

// A pipe takes 64 KiB: what comes behind that is written when the command has read the first of it.
scenario(
  "no part of a file is ever seen, and a name that is taken meanwhile is left alone",
  async ({ file, ok, run, read, text }) => {
    file("big", closeVault(master, sample("whole", 300_000)));
    await ok(`mkfifo pipe; ( head -c 250000 big; ls -A > seen; tail -c +250001 big ) > pipe &
      ./vault-open pipe -o out < key.master`);
    expect(text("seen").split("\n")).not.toContain("out");
    expect(read("out").length).toBe(300_000);
    const { stderr, text: given } = await run(
      '( cat big; echo precious > taken ) | ./vault-close -o taken; echo "code $?" >&2',
    );
    expect(stderr).toMatch(/^vault-close: error: .*taken[\s\S]*^code 6$/m);
    expect([given, text("taken")]).toEqual(["", "precious\n"]);
    await ok("test $(ls -A | grep -c taken) = 1");
  },
);

scenario("of commands that race for one name one is the whole winner", async ({ ok, run }) => {
  const { text } = await run(
    "for i in 1 2 3 4; do ( ./keygen -o same > pub.$i 2> /dev/null; echo $? > code.$i ) & done;" +
      " wait; cat code.* | sort | tr -d '\\n'",
  );
  expect(text).toBe("0666");
  await ok("./keygen -y < same > winner; cat pub.* | cmp - winner");
});

const onDist = { needs: tracing, only: "dist" as const };

/** The calls a command made, in order, told by name and first argument. */
async function trace({ ok, text }: Sandbox, line: string): Promise<string[]> {
  const calls = "trace=openat,open,write,fsync,link,linkat,rename,renameat,renameat2,unlink";
  await ok(`${strace} -o trace -e ${calls} ${line} > key`);
  return text("trace").split("\n");
}

scenario(
  "a vault is durable before a byte of its key leaves, and a file before it has its name",
  async (sandbox) => {
    for (const [line, name] of [
      ["./vault-close -o v < in.plain", "v"],
      [open("out"), "out"],
    ] as const) {
      const calls = await trace(sandbox, line);
      const link = new RegExp(`\\b(link|linkat)\\(.*"${name}"`);
      const named = calls.findIndex((call) => link.test(call));
      const synced = calls.flatMap((call, i) => (/\bfsync\(.*= 0/.test(call) ? [i] : []));
      const [before = -1, after = -1, ...more] = synced;
      const sent = calls.flatMap((call, i) => (/\bwrite\(1, (?!"", 0\))/.test(call) ? [i] : []));
      const key = name === "v" ? sent : [Infinity];
      expect([more, sent.length]).toEqual([[], name === "v" ? 1 : 0]);
      const order = [0, before, named, after, ...key];
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
  },
  onDist,
);

for (const [what, fault] of Object.entries({
  "the file cannot be synced": "fsync:error=EIO:when=1",
  "the folder cannot be synced": "fsync:error=EIO:when=2",
  "the name cannot be linked": "link,linkat:error=EIO",
  "there is no space for the name": "link,linkat:error=ENOSPC",
  "its temporary file cannot be removed":
    "link,linkat:error=EPERM -e inject=unlink,unlinkat:error=EIO",
})) {
  const name = `vault-close exits 1, gives no key and leaves nothing when ${what}`;
  const strike = async ({ dir, run }: Sandbox) => {
    const before = snapshot(dir);
    const line = `${strace} -o /dev/null -e inject=${fault} ./vault-close -o out < in.plain`;
    const { code, stdout, stderr } = await run(line);
    expect([code, stdout.length], stderr).toEqual([1, 0]);
    expect(stderr).toMatch(/^vault-close: error: /m);
    if (!fault.includes("unlink")) expect(changes(before, snapshot(dir))).toEqual([]);
  };
  scenario(name, strike, onDist);
}

scenario(
  "a file without a name that cannot be given one is copied, whole and once",
  async ({ dir, ok, text }) => {
    const flags = "-o trace -e trace=linkat,link -e inject=linkat:error=ENOENT";
    await ok("cat in.plain in.plain in.plain > plain");
    const before = snapshot(dir);
    await ok(`${strace} ${flags} ./vault-close -o v --key-file key.master < plain`);
    expect(text("trace")).toMatch(/INJECTED[\s\S]*link\(.*"v"\) += 0/);
    await ok("rm trace; ./vault-open v < key.master | cmp - plain");
    expect(changes(before, snapshot(dir))).toEqual(["v created"]);
  },
  onDist,
);

scenario("what a killed run has left is named, and nothing else is", async ({ file, ok }) => {
  await ok("mkdir work; sh -c 'exit 0' & wait; touch work/.worstday-$!-0.tmp");
  const name = (await ok("ls -A work")).text.trim();
  const alive = `.worstday-${process.pid}-0.tmp`;
  for (const other of [alive, ".worstday-0-0.tmp", ".worstday-x.tmp", "a.tmp"]) {
    file(`work/${other}`, "");
  }
  const { stderr } = await ok("./keygen -o work/k");
  const what = "was left by a killed run and may hold plaintext: delete it";
  expect(stderr).toBe(`keygen: warning: work/${name} ${what}\n`);
  const own = `sh -c 'echo old > .worstday-$$-0.tmp; exec ${open("out")}'`; // and is no obstacle
  await ok(own, /^vault-open: warning: \.\/\.worstday-\d+-0\.tmp was left .* plaintext/);
  await ok("cmp out in.plain");
});
