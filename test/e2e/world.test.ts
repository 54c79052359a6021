// The world fails: files missing, disks full, pipes closed, an empty stdin where data should be.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB, master, putFiles } from "./fixtures.ts";
import { programFiles, scenario } from "./harness.ts";
import { anotherUser, asNobody, ownMounts, which } from "./needs.ts";

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

const badDescriptor = "cannot write to stdout: bad file descriptor";

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

  // From source, Bun puts /dev/null in the place of a closed stdout: nothing tells the two apart.
  scenario(`a closed stdout lets nothing into the files opened after it: ${line}`, async (room) => {
    putFiles(room);
    const before = snapshot(room.dir);
    const { code, stderr } = await room.run(`${line} >&-`);
    if (room.target === "source") expect([0, 6], stderr).toContain(code);
    else expect([code, stderr]).toEqual([1, `${name}: error: ${badDescriptor}\n`]);
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
  const code = room.target === "source" ? 6 : 1;
  await room.fails("./vault-close -o new < in.plain >&-", code, /--force|bad file descriptor/);
});

scenario(
  "a closed stdout is no success: no key of which nobody knows the other half, no help, no vault",
  async (room) => {
    putFiles(room);
    for (const line of [
      "./keygen -o new",
      "./vault-close --force -o new < in.plain",
      "./keygen --help",
      "./keygen --version",
      "./worstday --help",
    ]) {
      await room.fails(`${line} >&-`, 1, new RegExp(`error: ${badDescriptor}\n$`));
    }
  },
  { only: "dist" },
);

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

const odd = "$(printf 'caf\\351 \\303\\274')";
const lossy = "$(printf 'caf\\357\\277\\275 \\303\\274')";

scenario("a name that is not UTF-8 is told without raw bytes", async (room) => {
  putFiles(room);
  await room.fails(
    `touch "${lossy}"; ./combine "${odd}"; code=$?; rm "${lossy}"; exit $code`,
    1,
    /caf\\xe9 .*: no such file/,
  );
  await room.fails(`./keygen -o "no${odd}/x"`, 1, /nocaf\\xe9/);
});

scenario("a file whose name is not UTF-8 is read, and written, and no other", async (room) => {
  putFiles(room);
  const holders = `--holder "a=${odd}/a" --holder b=b.pub`;
  const { code, text, stderr } = await room.run(`set -e; umask 077; D="${odd}"; mkdir "$D"
    cp shares sealed vault in.plain "$D"; cp a.key "$D/k"; cp a.pub "$D/a"
    ./unseal --key "$D/k" "$D/sealed" "$D/shares" 2> told | ./combine 2> told |
      ./vault-open "$D/vault" -o "$D/out" && cmp "$D/out" in.plain
    ./combine "$D/shares" | ./vault-close -o "$D/v" --key-file - "$D/in.plain"
    ./keygen -o "$D/$D.k" > pub; ./keygen -y < "$D/$D.k" | cmp - pub; ./inspect "$D/v" "$D/k" > told
    ./seal "$D/a" - < shares > s
    ./recovery-init --dir "$D/$D" -k 2 ${holders} --secrets "$D/in.plain" > one 2> told
    ./unseal --key "$D/k" "$D/$D/sealed-1/a" one > held
    ./recovery-verify --dir "$D/$D" --drill held > told; ./recovery-rotate --dir "$D/$D" held > two
    ./unseal --key "$D/k" "$D/$D/sealed-2/a" two > held
    ./recovery-verify --dir "$D/$D" --drill held > told
    ./recovery-reconstruct --dir "$D/$D" held | cmp - in.plain
    ./recovery-rotate --dir "$D/$D" --prune; ls -A "$D/$D"
    ./keygen -o "$D/out" && exit 9 || echo $?; test ! -e "${lossy}"
    rm -r "$D"`);
  expect([code, text], stderr).toEqual([0, `drilled-2\nscheme.json\nsealed-2\nvault-2.wd\n6\n`]);
  expect(stderr).toMatch(/keygen: error: caf\\xe9 .*out exists already/);
});

scenario(
  "without /proc a name that is not UTF-8 is refused, whatever else has its name",
  async (room) => {
    putFiles(room);
    await room.ok(`cp shares "${lossy}"`);
    const bare = `${which("unshare")} -m sh -c 'umount -l /proc; exec ./combine "$0"'`;
    await room.fails(`${bare} "${odd}"`, 2, /an argument is not UTF-8/);
    await room.fails(`${bare} nowhere`, 1, /nowhere/);
  },
  { only: "dist", needs: ownMounts() },
);

const leaving: Record<string, string> = {
  deleted: "mkdir gone; cd gone; rmdir ../gone",
  unmounted: "mkdir gone; mount -t tmpfs none gone; cd gone; umount -l ../gone",
};
for (const [what, leave] of Object.entries(leaving)) {
  scenario(
    `a working directory that was ${what} is no obstacle`,
    async (room) => {
      putFiles(room);
      const holders = "--holder a=$R/a.pub --holder b=$R/b.pub";
      const refused = [
        "keygen -o new-here",
        "inspect new-here",
        `recovery-init --dir new-here -k 2 ${holders} --secrets $R/in.plain`,
      ].map((line) => `$R/${line} > $R/x 2>> $R/told && exit 9 || test $? = 1`);
      await room.ok(`${which("unshare")} -m sh -euc '
        umask 077; R=$PWD; ${leave}
        $R/keygen --help > $R/help; $R/keygen -y < $R/a.key | cmp - $R/a.pub
        $R/unseal --key $R/a.key $R/sealed $R/shares 2> $R/told | $R/combine 2> $R/told |
          $R/vault-open $R/vault -o $R/out; cmp $R/out $R/in.plain
        $R/recovery-init --dir $R/D -k 2 ${holders} < $R/in.plain > $R/offline 2> $R/told
        ${what === "deleted" ? refused.join("\n") : "$R/keygen -o new-here > $R/x; test -s new-here"}'
        test ! -e /new-here`);
    },
    { only: "dist", needs: ownMounts() },
  );
}
