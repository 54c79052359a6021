// Command lines as processes get them. How they are read is test/cli/arguments.test.ts's, and what each
// command refuses test/commands/command-lines.test.ts's.

import { expect } from "bun:test";
import { help } from "../../lib/cli/help.ts";
import { readManuals } from "../../scripts/dev/manual.ts";
import { twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const [worstday, ...manuals] = await readManuals();

scenario(
  "each command has its help, and the version, under its own name and as worstday's",
  async ({ ok, fails, has }) => {
    for (const manual of manuals) {
      const { name } = manual.meta;
      expect((await ok(`CLICOLOR_FORCE=1 ./${name} --help -o new`)).text).toBe(await help(manual));
    }
    const about = await help(manuals.find(({ meta }) => meta.name === "split") as never);
    for (const line of ["split -h", "help split", "split -k 2 --help", "help split more"]) {
      expect((await ok(`./worstday ${line}`)).text).toBe(about);
    }
    for (const line of ["split --version", "worstday split -V", "worstday -V"]) {
      expect((await ok(`./${line}`)).text).toMatch(/^(split \()?worstday\)? \d+\.\d+\.\d+\n$/);
    }
    for (const flag of ["--help", "--version"]) {
      await fails(`./split ${flag} > /dev/full`, 1, /no space left/);
      await fails(`./worstday ${flag} > /dev/full`, 1, /no space left/);
    }
    expect(has("new")).toBe(false);
  },
  { smoke: true },
);

scenario("worstday --help says what each command does", async ({ ok }) => {
  const { text } = await ok("./worstday --help");
  for (const same of ["-h", "help", "help help"]) {
    expect((await ok(`./worstday ${same}`)).text).toBe(text);
  }
  expect(text.split("\n")[0]).toBe(`worstday: ${worstday?.meta.description}`);
  const listed = text.matchAll(/^ {2}([a-z-]+) {2,}(.+)$/gm);
  const meant = manuals.map(({ meta }) => [meta.name, meta.description]);
  expect([...listed].map(([, name = "", what = ""]) => [name, what]).toSorted()).toEqual(
    meant.toSorted(),
  );
});

scenario("worstday without a known name suggests one, and repeats nothing", async ({ fails }) => {
  await fails("./worstday", 2, /error: no command given\n.*hint: one of keygen split .*card\n/);
  for (const [name, hint] of Object.entries({
    ...{ combin: "did you mean combine?", verify: "did you mean recovery-verify?" },
    ...{ vault: "did you mean vault-close or vault-open?", "'help unsael'": "one of keygen" },
    ...{ "help unsael": "did you mean unseal?", constructor: "one of keygen", "''": "one of" },
  })) {
    const { stderr } = await fails(`./worstday ${name}`, 2, /error: no such command\n/);
    expect(stderr).toContain(`worstday: hint: ${hint}`);
  }
});

scenario(
  "a command line is refused before stdin is read; behind -- all is a name",
  async ({ ok, fails }) => {
    await fails("./split -k 2 < /dev/full", 2, /-n is missing/);
    await fails("./combine --strct < /dev/full", 2, /--strct\n.*did you mean --strict\?/);
    await ok(`./combine shares --set ${twoOfThree.id} | cmp - key.master`);
    await ok("cp shares ./--strict; ./combine -- --strict | cmp - key.master");
    await ok("cp vault ./-v; ./vault-open -- -v < key.master");
    await fails("./combine -- --missing", 1, /--missing/);
  },
  { smoke: true },
);
