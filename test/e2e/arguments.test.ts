// Command lines as processes get them. How they are read is test/cli/arguments.test.ts's, what each
// command refuses test/commands/command-lines.test.ts's, and its help test/cli/help.test.ts's.

import { expect } from "bun:test";
import { help } from "../../lib/cli/help.ts";
import { readManuals } from "../../scripts/dev/manual.ts";
import { twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const [worstday, ...manuals] = await readManuals();

scenario(
  "a command has its help, and the version, under its own name and as worstday's",
  async ({ ok, fails, has }) => {
    const about = await help(manuals.find(({ meta }) => meta.name === "split") as never);
    expect((await ok("CLICOLOR_FORCE=1 ./split --help -o new")).text).toBe(about);
    expect((await ok("./worstday help split")).text).toBe(about);
    expect((await ok("./split --version")).text).toMatch(/^split \(worstday\) \d+\.\d+\.\d+\n$/);
    expect((await ok("./worstday -V")).text).toMatch(/^worstday \d+\.\d+\.\d+\n$/);
    await fails("./split --help > /dev/full", 1, /no space left/);
    expect(has("new")).toBe(false);
  },
  { smoke: true },
);

scenario("worstday --help says what each command does", async ({ ok }) => {
  const { text } = await ok("./worstday --help");
  expect((await ok("./worstday help")).text).toBe(text);
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
    ...{ vault: "did you mean vault-close or vault-open?", constructor: "one of" },
    "help unsael": "did you mean unseal?",
  })) {
    const { stderr } = await fails(`./worstday ${name}`, 2, /error: no such command\n/);
    expect(stderr).toContain(`worstday: hint: ${hint}`);
  }
});

scenario(
  "worstday NAME is NAME, with its exit status",
  async ({ ok, fails }) => {
    await ok("./worstday split -k 2 -n 3 < key.master | ./worstday combine | cmp - key.master");
    await fails("./worstday combine < share", 4, /^combine: error/);
    await fails("./worstday combine --bogus < share", 2, /--bogus/);
  },
  { smoke: true },
);

scenario(
  "a command line is refused before stdin is read; behind -- all is a name",
  async ({ ok, fails }) => {
    await fails("./split -k 2 < /dev/full", 2, /-n is missing/);
    await fails("./combine --strct < /dev/full", 2, /--strct\n.*did you mean --strict\?/);
    await ok(`./combine shares --set ${twoOfThree.id} | cmp - key.master`);
    await ok("cp shares ./--strict; ./combine -- --strict | cmp - key.master");
    await ok("cp vault ./-v; ./vault-open -- -v < key.master");
  },
  { smoke: true },
);
