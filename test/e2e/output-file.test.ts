// -o FILE: created exclusively, mode 0600, whole or not at all, wherever it goes.

import { expect } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { hex, sample } from "../oracle/bytes.ts";
import { changes, snapshot } from "./evidence.ts";
import { master, nodeA, pick, plaintext, twoOfThree, vault } from "./fixtures.ts";
import { programFiles, type Room, scenario } from "./harness.ts";
import { anotherUser, asNobody, exfat, ownMounts, program, which } from "./needs.ts";

type Writer = (path: string) => string;

const writers: Record<string, Writer> = {
  combine: (path) => `./combine shares -o ${path}`,
  keygen: (path) => `./keygen -o ${path}`,
  "vault-close": (path) => `./vault-close --key-file key.master -o ${path} < in.plain`,
  "vault-open": (path) => `./vault-open vault -o ${path} < key.master`,
};
const otherWriters: Record<string, Writer> = {
  card: (path) => `./card -o ${path} shares`,
  inspect: (path) => `./inspect --out ${path} shares`,
  seal: (path) => `./seal - - --out=${path} < shares`,
  split: (path) => `./split -k 2 -n 3 -o ${path} < key.master`,
  unseal: (path) => `./unseal --key a.key -o ${path} shares`,
};
const allWriters = Object.entries({ ...writers, ...otherWriters });

function furnish(room: Room): void {
  room.file("shares", pick(twoOfThree.lines, 1, 2), 0o644);
  room.file("a.key", `${nodeA.secretLine}\n`, 0o644);
  room.file("key.master", master, 0o644);
  room.file("in.plain", plaintext, 0o644);
  room.file("vault", vault, 0o644);
}

for (const [name, write] of allWriters) {
  scenario(`${name} -o makes a file of mode 0600 whatever the umask`, async (room) => {
    furnish(room);
    for (const mask of ["000", "022", "077", "777"]) {
      const before = snapshot(room.dir);
      const { text } = await room.ok(`umask ${mask}; ${write(`out-${mask}`)}`);
      if (name !== "keygen") expect(text).toBe("");
      expect(changes(before, snapshot(room.dir))).toEqual([`out-${mask} created`]);
      const stat = statSync(join(room.dir, `out-${mask}`));
      expect(stat.mode & 0o7777).toBe(0o600);
      expect(stat.nlink).toBe(1);
      expect(stat.size).toBeGreaterThan(31);
    }
  });

  scenario(`${name} -o does not overwrite a file`, async (room) => {
    furnish(room);
    room.file("old", "precious");
    await room.fails(write("old"), 6, /old/);
    room.file("empty", "");
    await room.fails(write("empty"), 6, /empty/);
    room.file("locked", "precious", 0o000);
    await room.fails(write("locked"), 6, /locked/);
  });

  scenario(`${name} -o does not follow or replace a symlink`, async (room) => {
    furnish(room);
    room.file("old", "precious");
    await room.ok("ln -s old good; ln -s nowhere dangling; ln -s self self");
    await room.fails(write("good"), 6, /good/);
    await room.fails(write("dangling"), 6, /dangling/);
    await room.fails(write("self"), 6, /self/);
  });

  scenario(`${name} -o refuses a directory, a fifo and a device`, async (room) => {
    furnish(room);
    await room.ok("mkdir folder; mkfifo pipe");
    await room.fails(write("folder"), 6, /folder/);
    await room.fails(write("pipe"), 6, /pipe/);
    await room.fails(write("/dev/null"), 6, /\/dev\/null/);
  });

  scenario(`${name} -o into a directory that is missing or is a file exits 1`, async (room) => {
    furnish(room);
    await room.fails(write("no/such/out"), 1, /no\/such/);
    await room.fails(write("in.plain/out"), 1, /in\.plain/);
  });
}

for (const [name, write] of Object.entries(writers)) {
  scenario(
    `${name} -o into a directory that may not be written exits 1`,
    async (room) => {
      furnish(room);
      await room.ok("mkdir -m 555 sealed-off");
      const line = write("sealed-off/out").replace("./", `${asNobody}./`);
      await room.fails(line, 1, /sealed-off/, { by: name });
    },
    { needs: anotherUser(...programFiles) },
  );

  scenario(
    `${name} -o writes whole on a file system that refuses hard links`,
    async (room) => {
      furnish(room);
      const line = write("out").replace("./", `${strace}./`);
      const { code, stderr } = await room.run(`${line} > said; echo $? >&2`);
      expect(code, stderr).toBe(0);
      expect(stderr.trimEnd().split("\n").at(-1)).toBe("0");
      expect(statSync(join(room.dir, "out")).mode & 0o7777).toBe(0o600);
      expect((await room.ok("ls -A")).text).not.toMatch(/tmp|part|~|\.out/);
      await room.run("rm said");
      await room.fails(write("out"), 6, /out/);
      if (name === "vault-open") expect(hex(room.read("out"))).toBe(hex(plaintext));
    },
    { needs: [program("strace", "to refuse hard links")] },
  );

  scenario(
    `${name} -o works on exFAT, which has neither links nor modes`,
    async (room) => {
      furnish(room);
      const { stderr, text } = await room.run(
        onExfat(`
      ${write("stick/out")} > /dev/null; echo "first $?"
      ${write("stick/out")} > /dev/null; echo "second $?"
      ls -A stick; cp stick/out out`),
      );
      expect(text, stderr).toBe("first 0\nsecond 6\nout\n");
      expect(stderr).toMatch(/warning: .*(0600|mode|permission|other|read)/);
      if (name === "vault-open") expect(hex(room.read("out"))).toBe(hex(plaintext));
    },
    { needs: exfat() },
  );

  scenario(
    `${name} -o works on a stick that root has mounted for all, and another user uses`,
    async (room) => {
      furnish(room);
      const line = write("stick/out").replace("./", `${asNobody}./`);
      const { stderr, text } = await room.run(
        onExfat(
          `${line} > /dev/null; echo "first $?"; ls -A stick; cp stick/out out`,
          "-o umask=000,allow_other",
        ),
      );
      expect(text, stderr).toBe("first 0\nout\n");
      expect(stderr).toMatch(/warning: others may read stick\/out/);
      if (name === "vault-open") expect(hex(room.read("out"))).toBe(hex(plaintext));
    },
    { needs: [...exfat(), ...anotherUser(...programFiles)] },
  );

  scenario(
    `${name} -o on a full disk exits 1 and leaves nothing`,
    async (room) => {
      furnish(room);
      const { stderr, text } = await room.run(
        onFullDisk(`
      ${write("full/out")} > /dev/null; echo "first $?"; ls -A full`),
      );
      expect(text, stderr).toBe("first 1\nfiller\n");
      expect(stderr).toMatch(new RegExp(`${name}: error: .*(space|ENOSPC|full)`));
    },
    { needs: ownMounts() },
  );
}

const strace = "strace -f -qq -o /dev/null -e inject=link,linkat:error=EPERM ";

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

function onFullDisk(script: string): string {
  return `
    mkdir full
    unshare -m sh -c '
      mount -t tmpfs -o size=64k none full || exit 97
      cat /dev/zero > full/filler 2> /dev/null
      ${script}
      umount full'`;
}

scenario("-o is looked at before stdin is read", async (room) => {
  furnish(room);
  room.file("old", "precious");
  for (const line of [
    "exec ./vault-close -o old",
    "exec ./combine -o old",
    "exec ./split -k 2 -n 3 -o old",
    "exec ./seal - -o old",
    "exec ./unseal --key a.key -o old",
    "exec ./inspect -o old",
    "exec ./keygen -y -o old",
    "exec ./vault-open vault -o old",
    "exec ./vault-close -o no/such/place",
    "exec ./vault-open vault -o no/such/place",
  ]) {
    const child = Bun.spawn(["sh", "-c", line], {
      cwd: room.dir,
      env: room.env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    const code = await Promise.race([child.exited, Bun.sleep(20_000).then(() => "it waits")]);
    child.kill("SIGKILL");
    expect(code, line).toBe(line.includes("no/such") ? 1 : 6);
  }
});

scenario("vault-open -o leaves nothing of a vault that is damaged at its end", async (room) => {
  furnish(room);
  await room.ok("head -c 3000000 /dev/zero > big.plain");
  await room.ok("./vault-close --key-file key.master -o big < big.plain");
  await room.ok("head -c 3000000 big > cut");
  await room.fails("./vault-open cut -o out < key.master", 5, /chunk/);
});

scenario("-o and --out are one flag", async (room) => {
  furnish(room);
  await room.fails("./keygen -o one --out two", 2, /-o/);
  await room.ok("./vault-open --out=opened vault < key.master; cmp opened in.plain");
});

scenario("keygen -o prints the public key, and the file holds the private one", async (room) => {
  const { text } = await room.ok("./keygen -o node.key");
  expect(text).toMatch(/^wdpub1[02-9ac-hj-np-z]{68}\n$/);
  expect((await room.ok("./keygen -y < node.key")).text).toBe(text);
  expect(new TextDecoder().decode(room.read("node.key"))).toMatch(/^wdkey1[02-9ac-hj-np-z]{68}$/m);
});

scenario("two commands racing for one name leave one whole winner", async (room) => {
  room.file("in.plain", sample("race", 100));
  const { text } = await room.run(
    "for i in 1 2 3 4 5 6; do ( ./keygen -o same > pub.$i 2> /dev/null; echo $? > code.$i ) & done;" +
      " wait; cat code.* | sort | tr -d '\\n'",
  );
  expect(text).toBe("066666");
  await room.ok("./keygen -y < same > winner; cat pub.* | cmp - winner");
});
