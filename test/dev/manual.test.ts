/** The definitions as manuals: complete, said once, and rendered by mandoc without a warning. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manual } from "../../lib/cli/command.ts";
import { examplesOf, exitMeanings, paragraphs } from "../../lib/cli/manual.ts";
import { manualPages, readManuals } from "../../scripts/dev/manual.ts";
import { root, temporaryFolder } from "../../scripts/dev/project.ts";
import { drill, start } from "./machine.ts";

const manuals = await readManuals();
const mandoc = { mandoc: "mandoc" };
let folder = "";

beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "man1")); // for mandoc to look up SEE ALSO
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A page as a terminal without bold and underline shows it. */
function render(page: string): string {
  const file = join(folder, "page.1");
  writeFileSync(file, page);
  const { stdout, exitCode } = start(["mandoc", "-Tascii", "-O", "width=200", file]);
  expect(exitCode).toBe(0);
  return stdout.replace(/.[\b]/g, "");
}

function pageOf(manual: Manual): string {
  const pages = manualPages([...manuals.filter((one) => one !== manual), manual]);
  return [...pages.values()].at(-1) as string;
}

test("each definition has all that a manual needs, in plain text of 80 columns", () => {
  for (const manual of manuals) {
    const { meta, description, args, exit = {} } = manual;
    const texts = [...paragraphs(description), ...examplesOf(manual).map(({ line }) => line)];
    expect(examplesOf(manual), meta.name).not.toEqual([]);
    for (const line of texts.flatMap((text) => text.split("\n"))) {
      expect(line).toMatch(/^[ -~]{1,80}$/);
    }
    for (const { about, line } of examplesOf(manual)) {
      expect(about).toMatch(/^[A-Z][^\n]*:$/);
      expect(line).toMatch(new RegExp(`\\./${meta.name} `));
    }
    expect(meta.description).toMatch(/^[a-z].*[^.]$/);
    for (const flag of Object.values(args)) expect(flag.description).toMatch(/^[ -~]+[^.]$/);
    for (const status of Object.keys(exit)) expect(Object.keys(exitMeanings)).toContain(status);
  }
});

test("the first line of each command is its name and description", () => {
  for (const { meta } of manuals.slice(1)) {
    const source = readFileSync(join(root, "scripts", `${meta.name}.ts`), "utf8");
    expect(source.split("\n")[2]).toBe(` * ${meta.name}: ${meta.description}`);
  }
});

test("TROUBLESHOOTING.md gives exit statuses the meaning that the manuals give them", () => {
  const troubleshooting = readFileSync(join(root, "TROUBLESHOOTING.md"), "utf8");
  for (const [status, meaning] of Object.entries(exitMeanings)) {
    expect(troubleshooting).toContain(`| ${status} | ${meaning} |`);
  }
});

drill("mandoc has no warning for any page", mandoc, async () => {
  const pages = manualPages(manuals);
  expect([...pages.keys()]).toContain("worstday-combine.1");
  expect(pages.size).toBe(manuals.length);
  for (const [name, page] of pages) writeFileSync(join(folder, "man1", name), page);
  const files = [...pages.keys()].map((name) => join("man1", name));
  const lint = start(["mandoc", "-Tlint", "-Wwarning", ...files], { cwd: folder });
  expect(lint).toEqual({ stdout: "", stderr: "", exitCode: 0 });
});

drill("a page has its sections, each flag as it is typed, and the examples", mandoc, async () => {
  const sections = "NAME SYNOPSIS DESCRIPTION OPTIONS EXIT_STATUS EXAMPLES SEE_ALSO".split(" ");
  for (const manual of manuals) {
    const text = render(pageOf(manual));
    const found = text.match(/^[A-Z ]+$/gm)?.map((title) => title.replace(" ", "_"));
    expect(found).toEqual(sections);
    for (const [name, flag] of Object.entries(manual.args)) {
      if (flag.type !== "positional") expect(text).toMatch(new RegExp(`^ .*--${name}\\b`, "m"));
      if ("alias" in flag) expect(text).toMatch(new RegExp(`^ +-${flag.alias}[ ,]`, "m"));
      expect(text).toContain(flag.description as string);
    }
    for (const { line } of examplesOf(manual)) {
      for (const part of line.split("\n")) expect(text).toContain(`           ${part}\n`);
    }
  }
});

drill("what would be markup is shown as it is", mandoc, async () => {
  const odd = "An .Sh of \\fBthe 'C' \"No\" -x --y [Ar] \\";
  const manual: Manual = {
    meta: { name: "odd", description: `${odd} , . Op` },
    description: `\n    .Sh ${odd}\n    '\\" ${odd}\n`,
    args: { "a-b": { type: "string", valueHint: "FILE", description: `.br ${odd}` } },
    exit: { 4: `.${odd}` },
    examples: `\n    'As ${odd}:\n\n      .Bd ${odd} |\n        'x\n`,
  };
  const text = render(pageOf(manual)).replace(/ +/g, " ");
  const all = [
    `worstday-odd - ${odd} , . Op`,
    `.Sh ${odd} '\\" ${odd}`,
    `.br ${odd}`,
    `here: .${odd}`,
    `'As ${odd}:`,
    ` .Bd ${odd} |\n 'x\n`,
    "--a-b FILE",
  ];
  for (const shown of all) expect(text).toContain(shown);
});
