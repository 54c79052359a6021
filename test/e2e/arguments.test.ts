// Command lines as processes get them: refused before anything is read, --help and --version. How flags
// are read is test/cli/arguments.test.ts's.

import { expect } from "bun:test";
import { examplesOf, operandName } from "../../lib/cli/manual.ts";
import { readManuals } from "../../scripts/dev/manual.ts";
import { twoOfThree } from "./fixtures.ts";
import { commands, scenario, scenarios } from "./harness.ts";

/** For every command, a line that works, or would if its scheme were there. */
const works: Record<(typeof commands)[number], string> = {
  card: "./card shares",
  combine: "./combine shares",
  inspect: "./inspect shares",
  keygen: "./keygen",
  "recovery-init": "./recovery-init --dir new -k 2 --holder a=a.pub",
  "recovery-prune": "./recovery-prune --dir scheme",
  "recovery-reconstruct": "./recovery-reconstruct --dir scheme",
  "recovery-rotate": "./recovery-rotate --dir scheme",
  "recovery-verify": "./recovery-verify --dir scheme",
  seal: "./seal a.pub -",
  split: "./split -k 2 -n 3",
  unseal: "./unseal --key a.key sealed",
  "vault-close": "./vault-close -o new",
  "vault-open": "./vault-open vault",
};

scenarios(
  works,
  (name) => `${name} refuses flags that it does not have`,
  async ({ fails }, line) => {
    const flags = ["bogus", "bogus=x", "no-bogus", "Help", "__proto__", "no-help", "no-force"];
    for (const flag of flags) {
      await fails(`${line} --${flag} < /dev/null`, 2, new RegExp(`--${flag.split("=")[0]}`));
    }
    await fails(`${line} -z < /dev/null`, 2, /-z\b/);
  },
);

const manuals = await readManuals();
for (const manual of manuals) {
  const { name } = manual.meta;
  scenario(
    `${name} --help is one screen of plain text with all flags, --version one line`,
    async ({ ok, fails, has }) => {
      const { text, stderr } = await ok(`FORCE_COLOR=3 CLICOLOR_FORCE=1 ./${name} --help`);
      const lines = text.split("\n").slice(0, -1);
      expect([stderr, lines.length <= 24]).toEqual(["", true]);
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(text).toMatch(/^[\n -~]+\n$/);
      expect(text).not.toMatch(/ $|--[a-z]\b/m);
      expect(lines[0]).toBe(`${name}: ${manual.meta.description}`);
      for (const [long, flag] of Object.entries(manual.args)) {
        if (flag.type === "positional") expect(text).toContain(operandName(long, flag));
        else expect(text).toMatch(new RegExp(`^ *(-[a-z], )?--${long}\\b`, "m"));
        if ("alias" in flag)
          expect(text).toMatch(new RegExp(`^ *-${flag.alias}, --${long}\\b`, "m"));
      }
      const first = examplesOf(manual)[0]?.line.replace(/^/gm, "  ");
      expect(text.endsWith(`\n\nEXAMPLE\n${first}\n`)).toBe(true);
      const line = works[name as keyof typeof works];
      for (const same of line ? [`${line} --help`, `./worstday ${name} --help`] : []) {
        expect((await ok(same)).text).toBe(text);
      }
      expect(has("new")).toBe(false);
      const version = await ok(`./${name} --version`);
      expect(version.text + version.stderr).toMatch(/^[^\n]*\b\d+\.\d+\.\d+[^\n]*\n$/);
      for (const flag of ["--help", "--version"]) {
        await fails(`./${name} ${flag} > /dev/full`, 1, /space|write|ENOSPC/i);
      }
    },
    { smoke: true },
  );
}

scenario("worstday --help says what each command does", async ({ ok }) => {
  const { text } = await ok("./worstday --help");
  const listed = text.matchAll(/^ {2}([a-z-]+) {2,}(.+)$/gm);
  const meant = manuals.slice(1).map(({ meta }) => [meta.name, meta.description]);
  expect([...listed].map(([, name = "", what = ""]) => [name, what]).toSorted()).toEqual(
    meant.toSorted(),
  );
});

/** What each command refuses of its own flags and operands. */
const refused: [string, RegExp][] = [
  ["./keygen extra", /extra|argument/],
  ["./keygen -- extra", /extra|argument/],
  ["./split -k 2 -n 3 extra", /extra|argument/],
  ["./vault-close -o new one two", /two|argument/],
  ["./vault-open vault extra", /extra|argument/],
  ["./combine --set 0011223344556677 --set 0011223344556677 shares", /--set/],
  ["./split -k 2 -n 3 -n 4", /-n/],
  ["./keygen -o x --out y", /-o/],
  ["./card --label a --label b shares", /--label/],
  ["./vault-close -o x --key-file key.master --key-file key.master", /--key-file/],
  ["./combine ''", /empty|argument|file/i],
  ["./split -k '' -n 3", /-k/],
  ["./vault-close -o ''", /-o/],
  ["./vault-close -o new --key-file=", /--key-file/],
  ["./vault-open ''", /empty|vault/i],
  ["./unseal --key= sealed", /--key/],
  ["./seal a.pub ''", /empty|recipient/i],
  ["./card --date= shares", /--date/],
  ["./split", /-k/],
  ["./split -k 2", /-n/],
  ["./seal", /recipient/i],
  ["./unseal sealed", /--key/],
  ["./vault-close", /-o/],
  ["./vault-close -o new --key-file -", /file|plaintext/i],
  ["./vault-open", /vault/i],
  ["./combine shares --set", /--set/],
  ["./split -k 0 -n 3", /\bk\b/],
  ["./split -k 1 -n 256", /\bn\b/],
  ["./split -k 4 -n 3", /\bk\b|threshold/],
  ["./split -k 10 -n 9", /\bk\b|threshold/],
  ["./combine --set 00112233445566778 shares", /16|hex/],
  ["./combine --strict=yes shares", /--strict/],
  ["./vault-close -o new --allow-empty=1", /--allow-empty/],
  ["./card --date 2026-02-30 offline", /--date/],
  ["./card --date 2026-01-01T00:00 offline", /--date/],
  ["./recovery-init -k 2 --holder a=a.pub", /--dir/],
  ["./recovery-init --dir D --holder a=a.pub", /-k/],
  ["./recovery-init --dir D -k 2", /holder|share/],
  ["./recovery-init --dir D -k 2 -k 2 --holder a=a.pub", /-k/],
  ["./recovery-init --dir D -k 2 --holder a=a.pub surplus", /too many/],
  ["./recovery-init --dir D -k 2 --holder a=a.pub --offline 2", /offline/],
  ["./recovery-init --dir D -k 3 --holder a=a.pub", /share|holder|-k/],
  ["./recovery-init --dir D -k 1 --holder a=a.pub --holder b=b.pub", /-k/],
  ["./recovery-init --dir D -k 2 --holder a=a.pub --holder a=b.pub", /\ba\b|twice/],
  ["./recovery-init --dir D -k 2 --holder a=a.pub --holder ../x=b.pub", /name|holder/],
  ["./recovery-verify", /--dir/],
  ["./recovery-verify --dir D --dir D", /--dir/],
  ["./recovery-verify --dir D shares", /drill|too many/],
  ["./recovery-verify --dir D --expect-set xyz", /set/],
  ["./recovery-reconstruct", /--dir/],
  ["./recovery-reconstruct --dir D --expect-set 12", /set/],
  ["./recovery-rotate", /--dir/],
  ["./recovery-rotate --dir D --holder c", /holder/],
  ["./recovery-rotate --dir D --prune", /recovery-prune does that/],
  ["./worstday", /combine/],
  ["./worstday nonsense", /combine/],
  ["./worstday constructor", /combine/],
  ["./worstday ''", /combine|command|name/i],
];
for (const name of commands) {
  scenario(`${name} refuses a command line before stdin is read`, async ({ fails }) => {
    for (const [line, says] of refused.filter(
      ([line]) => line.startsWith(`./${name} `) || line === `./${name}`,
    )) {
      await fails(`${line} < /dev/full`, 2, says);
    }
  });
}
scenario("worstday without a known name is a usage error", async ({ fails }) => {
  for (const [line, says] of refused.filter(([line]) => line.startsWith("./worstday"))) {
    await fails(line, 2, says);
  }
});

scenario(
  "flags come anywhere, with = or without, and behind -- all is a name",
  async ({ ok, fails }) => {
    await ok(`./combine --set=${twoOfThree.id} shares | cmp - key.master`);
    await ok(`./combine shares --set ${twoOfThree.id} | cmp - key.master`);
    await ok("cp shares ./--strict; ./combine -- --strict | cmp - key.master");
    await ok("cp vault ./-v; ./vault-open -- -v < key.master");
    await fails("./combine -- --missing", 1, /--missing/);
  },
  { smoke: true },
);
