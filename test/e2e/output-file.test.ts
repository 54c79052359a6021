// -o FILE: created exclusively, mode 0600, whole or not at all, wherever it goes.

import { expect } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB, master } from "./fixtures.ts";
import { programFiles, scenario, scenarios } from "./harness.ts";
import { anotherUser, asNobody, exfat, ownMounts, program, which } from "./needs.ts";

type Writer = (path: string) => string;
/** One that writes lines, one that writes as it reads, and one that gives something to stdout as well. */
const some: Record<string, Writer> = {
  keygen: (path) => `./keygen -o ${path}`,
  "vault-close": (path) => `./vault-close --key-file key.master -o ${path} < in.plain`,
  "vault-open": (path) => `./vault-open vault -o ${path} < key.master`,
};
const writers: Record<string, Writer> = {
  ...some,
  card: (path) => `./card -o ${path} shares`,
  combine: (path) => `./combine shares -o ${path}`,
  inspect: (path) => `./inspect --out ${path} shares`,
  seal: (path) => `./seal - - --out=${path} < shares`,
  split: (path) => `./split -k 2 -n 3 -o ${path} < key.master`,
  unseal: (path) => `./unseal --key a.key -o ${path} shares`,
};

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

scenarios(
  writers,
  (name) => `${name} -o makes a new file of mode 0600, and touches nothing that is there`,
  async ({ dir, ok, fails, file }, write, name) => {
    for (const mask of ["000", "022", "777"]) {
      const before = snapshot(dir);
      const { text } = await ok(`umask ${mask}; ${write(`out-${mask}`)}`);
      if (name !== "keygen") expect(text).toBe("");
      expect(changes(before, snapshot(dir))).toEqual([`out-${mask} created`]);
      const { mode, nlink, size } = statSync(join(dir, `out-${mask}`));
      expect([mode & 0o7777, nlink, size > 31]).toEqual([0o600, 1, true]);
    }
    file("old", "precious");
    file("locked", "precious", 0o000);
    await ok("ln -s old good; ln -s nowhere dangling; mkdir folder; mkfifo pipe");
    for (const taken of ["old", "locked", "good", "dangling", "folder", "pipe", "/dev/null"]) {
      await fails(write(taken), 6, new RegExp(taken));
    }
    await fails(write("no/such/out"), 1, /no\/such/);
    await fails(write("in.plain/out"), 1, /in\.plain/);
  },
);

scenario(
  "vault-open -o into a directory that may not be written exits 1",
  async ({ ok, fails }) => {
    await ok("chmod 644 vault key.master; mkdir -m 555 sealed-off");
    const line = `${asNobody}./vault-open vault -o sealed-off/out < key.master`;
    await fails(line, 1, /sealed-off/, { by: "vault-open" });
  },
  { needs: anotherUser(...programFiles) },
);

scenarios(
  some,
  (name) => `${name} -o writes whole on a file system that refuses hard links`,
  async ({ dir, ok, run, fails }, write) => {
    const strace = "strace -f -qq -o /dev/null -e inject=link,linkat:error=EPERM ./";
    const { code, stderr } = await run(`${write("out").replace("./", strace)} > said`);
    expect(code, stderr).toBe(0);
    expect(statSync(join(dir, "out")).mode & 0o7777).toBe(0o600);
    expect((await ok("rm said; ls -A")).text).not.toMatch(/tmp|part|~|\.out/);
    await fails(write("out"), 6, /out/);
  },
  { needs: [program("strace", "to refuse hard links")] },
);

scenarios(
  some,
  (name) => `${name} -o works on exFAT, which has neither links nor modes`,
  async ({ run }, write) => {
    const { stderr, text } = await run(
      onExfat(`
        ${write("stick/out")} > /dev/null; echo "first $?"
        ${write("stick/out")} > /dev/null; echo "second $?"
        ls -A stick; cp stick/out out`),
    );
    expect(text, stderr).toBe("first 0\nsecond 6\nout\n");
    expect(stderr).toMatch(/warning: .*(0600|mode|permission|other|read)/);
  },
  { needs: exfat() },
);

scenarios(
  some,
  (name) => `${name} -o works on a stick that root has mounted for all, and another user uses`,
  async ({ ok, run }, write, name) => {
    await ok("chmod 644 vault key.master");
    const line = write("stick/out").replace("./", `${asNobody}./`);
    const script = `${line} > /dev/null; echo "first $?"; ls -A stick; cp stick/out out`;
    const { stderr, text } = await run(onExfat(script, "-o umask=000,allow_other"));
    expect(text, stderr).toBe("first 0\nout\n");
    expect(stderr).toMatch(/warning: other users may be able to read stick\/out/);
    if (name === "vault-open") await ok("cmp out in.plain");
  },
  { needs: [...exfat(), ...anotherUser(...programFiles)] },
);

scenarios(
  some,
  (name) => `${name} -o on a full disk exits 1 and leaves nothing`,
  async ({ run }, write, name) => {
    const { stderr, text } = await run(`
      mkdir full
      unshare -m sh -c '
        mount -t tmpfs -o size=64k none full || exit 97
        cat /dev/zero > full/filler 2> /dev/null
        ${write("full/out")} > /dev/null; echo "first $?"; ls -A full
        umount full'`);
    expect(text, stderr).toBe("first 1\nfiller\n");
    expect(stderr).toMatch(new RegExp(`${name}: error: .*(space|ENOSPC|full)`));
  },
  { needs: ownMounts() },
);

scenario("-o is looked at before stdin is read", async ({ dir, env, file }) => {
  file("old", "precious");
  for (const line of [
    ...["vault-close -o old", "combine -o old", "split -k 2 -n 3 -o old", "seal - -o old"],
    ...["unseal --key a.key -o old", "inspect -o old", "keygen -y -o old"],
    ...[
      "vault-open vault -o old",
      "vault-close -o no/such/place",
      "vault-open vault -o no/such/place",
    ],
  ]) {
    const child = Bun.spawn(["sh", "-c", `exec ./${line}`], {
      ...{ cwd: dir, env, stdin: "pipe", stdout: "pipe", stderr: "pipe" },
    });
    const code = await Promise.race([child.exited, Bun.sleep(20_000).then(() => "it waits")]);
    child.kill("SIGKILL");
    expect(code, line).toBe(line.includes("no/such") ? 1 : 6);
  }
});

scenario("a name that is taken while a command works is left alone", async ({ ok, run, text }) => {
  for (const [line, input] of [
    ["./vault-close -o taken", "in.plain"],
    ["./vault-open vault -o taken", "key.master"],
  ]) {
    const { stderr, text: given } = await run(
      `( sleep 0.6; echo precious > taken; cat ${input} ) | ${line}; echo "code $?" >&2`,
    );
    expect(stderr).toMatch(/^code 6$/m);
    expect(stderr).toMatch(/^vault-\w+: error: .*taken/m);
    expect([given, text("taken")]).toEqual(["", "precious\n"]);
    await ok("test $(ls -A | grep -c taken) = 1; rm taken");
  }
});

scenario(
  "vault-open -o never shows a part of the file under its name",
  async ({ dir, env, file, ok, run, read, text }) => {
    file("big", closeVault(master, sample("whole", 3 * MiB)));
    await ok("mkfifo pipe");
    const child = Bun.spawn(["sh", "-c", "exec ./vault-open pipe -o out < key.master"], {
      ...{ cwd: dir, env, stderr: "pipe" },
    });
    await run(
      "( head -c 2500000 big; sleep 0.6; tail -c +2500001 big ) > pipe & sleep 0.4; ls -A > seen",
    );
    expect(await child.exited).toBe(0);
    expect(text("seen").split("\n")).not.toContain("out");
    expect(read("out").length).toBe(3 * MiB);
  },
);

scenario("a file name of the greatest length serves for -o", async ({ ok, fails }) => {
  const name = "v".repeat(255);
  await ok(`./vault-close -o ${name} --key-file key.master < in.plain`);
  await ok(`./vault-open ${name} < key.master | cmp - in.plain`);
  await fails(`./keygen -o ${name}v`, 1, /long/);
});

scenario("of commands that race for one name one is the whole winner", async ({ ok, run }) => {
  const { text } = await run(
    "for i in 1 2 3 4 5 6; do ( ./keygen -o same > pub.$i 2> /dev/null; echo $? > code.$i ) & done;" +
      " wait; cat code.* | sort | tr -d '\\n'",
  );
  expect(text).toBe("066666");
  await ok("./keygen -y < same > winner; cat pub.* | cmp - winner");
});
