// The world around a command fails: files missing, disks full, pipes closed, an empty stdin where data
// should be; and terminals, on which a raw secret is not shown unless forced.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { MiB, master } from "./fixtures.ts";
import { programFiles, scenario, scenarios } from "./harness.ts";
import { anotherUser, asNobody, ownMounts, which } from "./needs.ts";

/** Every command that writes to stdout, in a form that succeeds. */
const writing: Record<string, string> = {
  keygen: "./keygen",
  split: "./split -k 255 -n 255 < key.master",
  seal: "./seal a.pub - < shares",
  unseal: "./unseal --key a.key sealed",
  combine: "./combine shares",
  "vault-close": "./vault-close -o new < in.plain",
  "vault-open": "./vault-open vault < key.master",
  inspect: "./inspect --json shares vault",
  card: "./card shares",
};
const badDescriptor = "cannot write to stdout: bad file descriptor";
scenarios(
  writing,
  (name) => `${name} exits 1 where stdout is full or closed, and else writes to it alone`,
  async ({ dir, target, ok, run, fails, has }, line, name) => {
    await fails(`${line} > /dev/full`, 1, /space|ENOSPC|full|writ/i, { by: name });
    const { stderr } = await run(`( sleep 0.2; ${line}; echo "code $?" >&2 ) | true`);
    expect(stderr).toMatch(/^code 1$/m);
    expect(stderr).not.toMatch(/internal|\bat .*:\d+:\d+/);
    expect(has("new")).toBe(false);
    // From source, Bun puts /dev/null in the place of a closed stdout: nothing tells the two apart.
    const before = snapshot(dir);
    const closed = await run(`${line} >&-`);
    if (target === "source") expect([0, 6], closed.stderr).toContain(closed.code);
    else expect([closed.code, closed.stderr]).toEqual([1, `${name}: error: ${badDescriptor}\n`]);
    expect(changes(before, snapshot(dir))).toEqual([]);
    expect((await ok(line)).stdout.length).toBeGreaterThan(31);
  },
);

scenario("a key that would be lost is not thrown away", async ({ target, fails, run }) => {
  const { code, stderr } = await run("./keygen -o k > /dev/full");
  expect(code, stderr).toBe(1);
  await fails("./vault-close -o new < in.plain > /dev/null", 6, /--force/);
  const status = target === "source" ? 6 : 1;
  await fails("./vault-close -o new < in.plain >&-", status, /--force|bad file descriptor/);
});

scenario(
  "a closed stdout is no success: no key of which nobody knows the other half, no help, no vault",
  async ({ fails }) => {
    for (const line of [
      ...["./keygen -o new", "./vault-close --force -o new < in.plain"],
      ...["./keygen --help", "./keygen --version", "./worstday --help"],
    ]) {
      await fails(`${line} >&-`, 1, new RegExp(`error: ${badDescriptor}\n$`));
    }
  },
  { only: "dist" },
);

scenario("a large plaintext into a pipe that closes early is exit 1", async ({ file, run }) => {
  file("big", closeVault(master, sample("big", 3 * MiB)));
  const { stderr, text } = await run(
    '( ./vault-open big < key.master; echo "code $?" >&2 ) | head -c 1 | wc -c',
  );
  expect([text.trim(), stderr.match(/^code \d$/m)?.[0]]).toEqual(["1", "code 1"]);
});

scenario(
  "a file that is missing, or a directory in its place, is exit 1",
  async ({ ok, fails }) => {
    await ok("mkdir folder");
    for (const line of [
      ...["combine nowhere", "unseal --key nowhere sealed", "unseal --key a.key nowhere"],
      ...["seal nowhere - < shares", "vault-open nowhere < key.master", "inspect nowhere"],
      ...["vault-close -o new --key-file nowhere < in.plain", "card nowhere"],
      "vault-close -o new --key-file - nowhere < key.master",
    ]) {
      await fails(`./${line}`, 1, /nowhere/);
      await fails(`./${line.replace("nowhere", "folder")}`, 1, /folder/);
    }
  },
  { smoke: true },
);

scenario(
  "a file that may not be read is exit 1",
  async ({ ok, fails }) => {
    await ok("chmod 000 shares key.master vault");
    await fails(`${asNobody}./combine shares`, 1, /shares/);
    await fails(`${asNobody}./vault-open vault < /dev/zero`, 1, /vault/);
    const close = "./vault-close -o n --key-file key.master < a.pub";
    await fails(`${asNobody}${close}`, 1, /key\.master/);
  },
  { needs: anotherUser(...programFiles) },
);

const hungry: [string, number][] = [
  ...([
    ["keygen -y", 3],
    ["split -k 2 -n 3", 3],
    ["seal a.pub b.pub -", 3],
  ] as [string, number][]),
  ...([
    ["unseal --key a.key", 3],
    ["combine", 4],
    ["combine --strict", 4],
  ] as [string, number][]),
  ...([
    ["vault-close -o new", 3],
    ["vault-close -o new --key-file - in.plain", 3],
  ] as [string, number][]),
  ...([
    ["vault-open vault", 3],
    ["vault-open vault -o out", 3],
    ["inspect", 3],
    ["card", 3],
  ] as [string, number][]),
];
scenario("an empty stdin asks whether the command before it failed", async ({ run, fails }) => {
  for (const [line, code] of hungry) {
    await fails(`false | ./${line}`, code, /before|preced|earlier|previous|upstream/i);
    const closed = await run(`./${line} <&-; code=$?; rm -f new out; exit $code`);
    expect([1, 3, 4], closed.stderr).toContain(closed.code);
    expect(closed.text).toBe("");
  }
});

scenario("a pipe ends in a failure without pipefail, wherever it fails", async ({ fails }) => {
  const noise = /missing|not found/;
  for (const [line, code] of [
    ["false | ./vault-close -o new | ./split -k 2 -n 3 | ./seal a.pub b.pub -", 3],
    ["./vault-close -o no/new < in.plain | ./split -k 2 -n 3 | ./seal a.pub b.pub -", 3],
    ["./vault-close -o new --bogus < in.plain | ./split -k 2 -n 3", 3],
    ["./unseal --key a.key < missing | ./combine | ./vault-open vault -o out", 3],
    ["./unseal --key nowhere sealed | ./combine | ./vault-open vault -o out", 3],
    ["./combine --bogus shares | ./vault-open vault", 3],
    ["false | ./combine | ./split -k 2 -n 3", 3],
    ["./vault-open nowhere < key.master | ./vault-close -o new", 3],
    ["./unseall --key a.key sealed | ./combine", 4],
    ["./tarr c . | ./vault-close -o new | ./split -k 2 -n 3", 3],
  ] as const) {
    await fails(line, code, /error: /, { noise });
  }
});

scenario("an input without end is refused", async ({ fails }) => {
  for (const line of [
    ...["keygen -y < /dev/zero", "split -k 2 -n 3 < /dev/zero", "seal a.pub - < /dev/zero"],
    ...["seal /dev/zero - < shares", "unseal --key a.key < /dev/zero", "combine /dev/zero"],
    ...["unseal --key /dev/zero sealed", "vault-open vault < /dev/zero", "inspect < /dev/zero"],
    ...["vault-open /dev/zero < key.master", "vault-close -o new --key-file /dev/zero < in.plain"],
    "card < /dev/zero",
  ]) {
    await fails(`./${line}`, 3, /error: /);
  }
  for (const yes of ["yes ''", "yes '# a comment'", "yes q | tr -d '\\n'"]) {
    await fails(`${yes} | ./combine`, 3, /error: /);
  }
});

scenario("control characters in names are escaped on stderr", async ({ fails }) => {
  const name = "$(printf 'no\\033[31mred\\nkeygen: error: forged\\rx\\007\\302\\233y')";
  for (const line of [
    ...[`combine "${name}"`, `inspect "${name}"`, `unseal --key "${name}" sealed`],
    ...[`seal "${name}" - < shares`, `vault-open "${name}" < key.master`, `keygen -o "no/${name}"`],
  ]) {
    await fails(`./${line}`, 1, /red.*forged.*x.*y/);
  }
  for (const line of [`keygen "--${name}"`, `split -k "${name}" -n 2`, `worstday "${name}"`]) {
    await fails(`./${line} < /dev/null`, 2, /./);
  }
});

scenario("a name that is not UTF-8 is refused, whatever else has its name", async ({ fails }) => {
  const [odd, lossy] = ["$(printf 'caf\\351')", "$(printf 'caf\\357\\277\\275')"];
  const script = `touch "${lossy}"; ./combine "${odd}"; code=$?; rm "${lossy}"; exit $code`;
  await fails(script, 2, /an argument is not UTF-8/);
});

scenarios(
  {
    deleted: "mkdir gone; cd gone; rmdir ../gone",
    unmounted: "mkdir gone; mount -t tmpfs none gone; cd gone; umount -l ../gone",
  },
  (what) => `a working directory that was ${what} is no obstacle`,
  async ({ ok }, leave, what) => {
    const holders = "--holder a=$R/a.pub --holder b=$R/b.pub";
    const refused = [
      "keygen -o new-here",
      "inspect new-here",
      `recovery-init --dir new-here -k 2 ${holders} --secrets $R/in.plain`,
    ].map((line) => `$R/${line} > $R/x 2>> $R/told && exit 9 || test $? = 1`);
    const made = "$R/keygen -o new-here > $R/x; test -s new-here";
    await ok(`${which("unshare")} -m sh -euc '
      umask 077; R=$PWD; ${leave}
      $R/keygen --help > $R/help; $R/keygen -y < $R/a.key | cmp - $R/a.pub
      $R/unseal --key $R/a.key $R/sealed $R/shares 2> $R/told | $R/combine 2> $R/told |
        $R/vault-open $R/vault -o $R/out; cmp $R/out $R/in.plain
      $R/recovery-init --dir $R/D -k 2 ${holders} < $R/in.plain > $R/offline 2> $R/told
      ${what === "deleted" ? refused.join("\n") : made}'
      test ! -e /new-here`);
  },
  { only: "dist", needs: ownMounts() },
);

const revealing: Record<string, string> = {
  combine: "./combine shares < /dev/null",
  "vault-open": "./vault-open vault < key.master",
  "vault-close": "./vault-close -o v < in.plain",
};
scenarios(
  revealing,
  (name) =>
    `${name} writes a secret to no terminal unless forced, and warns where others can read it`,
  async ({ dir, terminal, file, ok, read }, line, name) => {
    const before = snapshot(dir);
    const { code, screen } = await terminal(line);
    expect(code, screen).toBe(6);
    expect(screen).toMatch(new RegExp(`^${name}: error: .*terminal[^]*--force`));
    expect(screen).not.toContain("fox");
    expect(changes(before, snapshot(dir))).toEqual([]);
    const quiet = await terminal(`${line} 2> said`);
    expect([quiet.code, quiet.screen]).toEqual([6, ""]);

    const forced = await terminal(`stty raw; ${line.replace(" <", " --force <")} 2> said`);
    expect(forced.code).toBe(0);
    const shown = Buffer.from(forced.screen, "latin1");
    if (name === "combine") expect(hex(shown)).toBe(hex(master));
    if (name === "vault-open") expect(hex(shown)).toBe(hex(read("in.plain")));
    if (name === "vault-close") {
      file("got.master", shown.subarray(0, 32));
      await ok("./vault-open v < got.master | cmp - in.plain");
    }
    const piped = await terminal(`rm -f v; ${line} | cat > got`);
    expect([piped.code, read("got").length > 31]).toEqual([0, true]);

    const says = new RegExp(`${name}: warning: .*(read|0644|644|mode)`);
    await ok(`umask 022; rm -f v; ${line} > open`, says);
    for (const shut of ["umask 077; rm -f v", "rm -f v; true"]) {
      const into = shut.startsWith("umask") ? "> shut" : "| cat > open";
      expect((await ok(`${shut}; ${line} ${into}`)).stderr).not.toMatch(/others/);
    }
  },
);

scenario(
  "what shows no secret, or is told to, may run on a terminal, and fails there in one plain line",
  async ({ terminal }) => {
    for (const line of [
      ...["vault-open vault -o out < key.master", "keygen -o k", "keygen -y < a.key"],
      ...[
        "inspect shares",
        "combine shares -o got",
        "unseal --key a.key sealed --force",
        "combine --help",
      ],
    ]) {
      const { code, screen } = await terminal(`./${line}`);
      expect(code, `${line}: ${screen}`).toBe(0);
      expect(screen).not.toContain("error");
    }
    for (const line of ["./combine \"$(printf 'no\\033[31m')\"", "./combine --bogus shares"]) {
      const { code, screen } = await terminal(line);
      expect(code).toBeGreaterThan(0);
      const plain = screen.replaceAll(/\p{Cc}\[[\d;]*m/gu, "");
      expect(plain.split("\r\n").filter((said) => said.includes("error")).length).toBe(1);
      expect(plain).not.toMatch(/\p{Cc}(?<![\r\n])/u);
    }
  },
);
