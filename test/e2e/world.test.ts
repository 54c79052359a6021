// The world fails: files missing, disks full, pipes closed, an empty stdin where data should be.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB, master, putFiles } from "./fixtures.ts";
import { programFiles, scenario } from "./harness.ts";
import { anotherUser, asNobody } from "./needs.ts";

/** Every command that writes to stdout, in a form that succeeds. */
const writing: [string, string][] = [
  ["keygen", "./keygen"],
  ["keygen", "./keygen -y < a.key"],
  ["split", "./split -k 2 -n 3 < key.master"],
  ["split", "./split -k 255 -n 255 < key.master"],
  ["seal", "./seal a.pub - < shares"],
  ["unseal", "./unseal --key a.key sealed"],
  ["combine", "./combine shares"],
  ["vault-close", "./vault-close -o new < in.plain"],
  ["vault-open", "./vault-open vault < key.master"],
  ["inspect", "./inspect shares vault"],
  ["inspect", "./inspect --json shares vault"],
  ["card", "./card shares"],
];

for (const [name, line] of writing) {
  scenario(`a full device on stdout is exit 1: ${line}`, async (room) => {
    putFiles(room);
    await room.fails(`${line} > /dev/full`, 1, /space|ENOSPC|full|writ/i, { by: name });
  });

  scenario(`a closed pipe on stdout is exit 1: ${line}`, async (room) => {
    putFiles(room);
    const { stderr } = await room.run(`( sleep 0.2; ${line}; echo "code $?" >&2 ) | true`);
    expect(stderr).toMatch(/^code 1$/m);
    expect(stderr).not.toMatch(/internal|\bat .*:\d+:\d+/);
    expect(room.has("new")).toBe(false);
  });

  // Bun puts /dev/null in the place of a closed stdout: nothing tells the two apart.
  scenario(`a closed stdout lets nothing into the files opened after it: ${line}`, async (room) => {
    putFiles(room);
    const before = snapshot(room.dir);
    const { code, stderr } = await room.run(`${line} >&-`);
    expect([0, 1, 6], stderr).toContain(code);
    expect(changes(before, snapshot(room.dir))).toEqual([]);
  });

  scenario(`nothing of it goes to stderr: ${line}`, async (room) => {
    putFiles(room);
    const { stdout } = await room.ok(line);
    expect(stdout.length).toBeGreaterThan(31);
  });
}

scenario("keygen -o that cannot print the public key is exit 1", async (room) => {
  const { code, stderr } = await room.run("./keygen -o a > /dev/full");
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/^keygen: error: /m);
});

scenario("vault-close does not throw the only key of a vault away", async (room) => {
  putFiles(room);
  await room.fails("./vault-close -o new < in.plain > /dev/null", 6, /--force/);
});

scenario("a large plaintext into a pipe that closes early is exit 1", async (room) => {
  putFiles(room);
  room.file("big", closeVault(master, sample("big", 3 * MiB)));
  const { stderr, text } = await room.run(
    '( ./vault-open big < key.master; echo "code $?" >&2 ) | head -c 1 | wc -c',
  );
  expect(text.trim()).toBe("1");
  expect(stderr).toMatch(/^code 1$/m);
});

const absent: [string, RegExp][] = [
  ["./combine nowhere", /nowhere/],
  ["./combine shares nowhere", /nowhere/],
  ["./unseal --key nowhere sealed", /nowhere/],
  ["./unseal --key a.key nowhere", /nowhere/],
  ["./unseal --key a.key --key nowhere sealed", /nowhere/],
  ["./seal nowhere - < shares", /nowhere/],
  ["./vault-open nowhere < key.master", /nowhere/],
  ["./vault-close -o new --key-file nowhere < in.plain", /nowhere/],
  ["./vault-close -o new --key-file - nowhere < key.master", /nowhere/],
  ["./inspect nowhere", /nowhere/],
  ["./card nowhere", /nowhere/],
];
for (const [line, says] of absent) {
  scenario(`a file that is missing is exit 1: ${line}`, async (room) => {
    putFiles(room);
    await room.fails(line, 1, says);
  });

  scenario(
    `a directory in place of a file is exit 1: ${line.replace("nowhere", "folder")}`,
    async (room) => {
      putFiles(room);
      await room.ok("mkdir folder");
      await room.fails(line.replace("nowhere", "folder"), 1, /folder/);
    },
  );
}

scenario(
  "a file that may not be read is exit 1",
  async (room) => {
    putFiles(room);
    await room.ok("mv shares locked; chmod 000 locked key.master vault");
    await room.fails(`${asNobody}./combine locked`, 1, /locked/);
    await room.fails(`${asNobody}./vault-open vault < /dev/zero`, 1, /vault/);
    await room.fails(
      `${asNobody}./vault-close -o n --key-file key.master < a.pub`,
      1,
      /key\.master/,
    );
  },
  { needs: anotherUser(...programFiles) },
);

const hungry: [string, number][] = [
  ["./keygen -y", 3],
  ["./split -k 2 -n 3", 3],
  ["./seal a.pub b.pub -", 3],
  ["./unseal --key a.key", 3],
  ["./combine", 4],
  ["./combine --strict", 4],
  ["./vault-close -o new", 3],
  ["./vault-close -o new --key-file key.master", 3],
  ["./vault-close -o new --key-file - in.plain", 3],
  ["./vault-open vault", 3],
  ["./vault-open vault -o out", 3],
  ["./inspect", 3],
  ["./card", 3],
];
for (const [line, code] of hungry) {
  scenario(`an empty stdin asks whether the command before it failed: ${line}`, async (room) => {
    putFiles(room);
    await room.fails(`false | ${line}`, code, /before|preced|earlier|previous|upstream/i);
    await room.fails(`${line} < /dev/null`, code, /empty|nothing|no /i);
  });

  scenario(`a stdin that is closed is a failure: ${line}`, async (room) => {
    putFiles(room);
    const result = await room.run(`${line} <&-`);
    expect([1, 3, 4], result.stderr).toContain(result.code);
    expect(result.text).toBe("");
    expect(room.has("new") || room.has("out")).toBe(false);
  });
}

scenario("an empty file among the named ones is not a share", async (room) => {
  putFiles(room);
  room.file("nothing", "");
  await room.fails("./combine nothing", 4, /too few|empty|no /i);
  await room.fails("./inspect nothing", 3, /nothing/);
  await room.fails("./unseal --key a.key nothing", 3, /nothing|empty/);
});

const brokenPipes: [string, number][] = [
  ["false | ./split -k 2 -n 3 | ./seal a.pub b.pub -", 3],
  ["false | ./vault-close -o new | ./split -k 2 -n 3", 3],
  ["false | ./vault-close -o new | ./split -k 2 -n 3 | ./seal a.pub b.pub -", 3],
  ["./vault-close -o no/new < in.plain | ./split -k 2 -n 3 | ./seal a.pub b.pub -", 3],
  ["./vault-close -o new --bogus < in.plain | ./split -k 2 -n 3", 3],
  ["false | ./unseal --key a.key | ./combine | ./vault-open vault -o out", 3],
  ["./unseal --key a.key < missing | ./combine | ./vault-open vault -o out", 3],
  ["./unseal --key nowhere sealed | ./combine | ./vault-open vault -o out", 3],
  ["./unseal --key a.key sealed | ./combine | ./vault-open vault -o out", 3],
  ["./unseal --key a.key sealed | ./combine", 4],
  ["false | ./combine | ./vault-open vault -o out", 3],
  ["./combine nowhere | ./vault-open vault -o out", 3],
  ["./combine --bogus shares | ./vault-open vault", 3],
  ["false | ./combine | ./split -k 2 -n 3", 3],
  ["./vault-open nowhere < key.master | ./vault-close -o new", 3],
  ["false | ./inspect", 3],
];
for (const [line, code] of brokenPipes) {
  scenario(`a pipe ends in a failure without pipefail: ${line}`, async (room) => {
    putFiles(room);
    await room.fails(line, code, /error: /, { noise: /missing/ });
  });
}

scenario("a pipe with a mistyped command in it ends in a failure", async (room) => {
  putFiles(room);
  const noise = /not found/;
  await room.fails("./unseall --key a.key sealed | ./combine", 4, /before/, { noise });
  await room.fails("./combinee shares | ./vault-open vault", 3, /before/, { noise });
  await room.fails("./tarr c . | ./vault-close -o new | ./split -k 2 -n 3", 3, /before/, { noise });
});

const endless: [string, number][] = [
  ["./keygen -y < /dev/zero", 3],
  ["./split -k 2 -n 3 < /dev/zero", 3],
  ["./seal a.pub - < /dev/zero", 3],
  ["./seal /dev/zero - < shares", 3],
  ["./unseal --key a.key < /dev/zero", 3],
  ["./unseal --key /dev/zero sealed", 3],
  ["./combine < /dev/zero", 3],
  ["./combine /dev/zero", 3],
  ["./vault-open vault < /dev/zero", 3],
  ["./vault-open /dev/zero < key.master", 3],
  ["./vault-close -o new --key-file /dev/zero < in.plain", 3],
  ["./inspect < /dev/zero", 3],
  ["./card < /dev/zero", 3],
  ["yes '' | ./combine", 3],
  ["yes '# a comment' | ./combine", 3],
  ["yes '' | ./unseal --key a.key", 3],
  ["yes '' | ./seal a.pub b.pub", 3],
  ["yes '' | ./inspect", 3],
  ["yes q | tr -d '\\n' | ./combine", 3],
  ["yes '' | ./seal /dev/stdin", 3],
];
for (const [line, code] of endless) {
  scenario(`an input without end is refused: ${line}`, async (room) => {
    putFiles(room);
    await room.fails(line, code, /error: /);
  });
}

scenario("control characters in names are escaped on stderr", async (room) => {
  putFiles(room);
  const name = "$(printf 'no\\033[31mred\\nkeygen: error: forged\\rx\\007\\302\\233y')";
  for (const line of [
    `./combine "${name}"`,
    `./inspect "${name}"`,
    `./unseal --key "${name}" sealed`,
    `./seal "${name}" - < shares`,
    `./vault-open "${name}" < key.master`,
    `./vault-close -o new --key-file "${name}" < in.plain`,
    `./keygen -o "no/${name}"`,
  ]) {
    await room.fails(line, 1, /red.*forged.*x.*y/);
  }
  for (const line of [`./keygen "--${name}"`, `./split -k "${name}" -n 2 < a.pub`]) {
    await room.fails(line, 2, /./);
  }
  await room.fails(`./worstday "${name}"`, 2, /./);
  await room.fails(`./combine --set "${name}" shares`, 2, /./);
});

scenario("a name that is not UTF-8 is told without raw bytes", async (room) => {
  putFiles(room);
  await room.fails("./combine \"$(printf 'caf\\351')\"", 1, /caf/);
});
