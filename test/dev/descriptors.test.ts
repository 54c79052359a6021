/** Standard descriptors that are closed are not taken for open ones, by any command. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { cases, makeInputs, runCase } from "./commands.ts";
import { runInEmptyRoot, start } from "./machine.ts";

setDefaultTimeout(120_000);

let inputs = "";

beforeAll(() => {
  inputs = makeInputs();
});

afterAll(() => rmSync(inputs, { recursive: true, force: true }));

describe("with stdout closed", () => {
  for (const one of cases) {
    test(`${one.line} fails with 1 and leaves nothing`, () => {
      const { stderr, exitCode, made } = runCase(one, inputs, '"$@" >&-');
      expect({ exitCode, made }).toEqual({ exitCode: 1, made: [] });
      expect(stderr).toMatch(/^[a-z-]+: error: cannot write to stdout: bad file descriptor\n/m);
    });
  }
});

describe("with stdin closed", () => {
  for (const one of cases.filter(({ stdin }) => stdin !== undefined)) {
    test(`${one.line} fails with 1: it is not taken for empty`, () => {
      const { stdout, stderr, exitCode, made } = runCase(one, inputs, '"$@" <&-');
      expect({ stdout, exitCode, made }).toEqual({ stdout: "", exitCode: 1, made: [] });
      expect(stderr).toMatch(/^[a-z-]+: error: cannot read stdin: bad file descriptor\n/m);
    });
  }
});

describe("with stderr closed", () => {
  for (const one of cases.filter(({ line }) => !line.includes(" --help"))) {
    test(`${one.line} does the same, and no message gets into a file`, () => {
      const written = one.out ? { ...one, line: `${one.line} -o made` } : one;
      const search = 'grep -rqE "^[a-z-]+: (error|hint|warning): " .';
      const closed = runCase(written, inputs, `"$@" 2>&- || exit; ! ${search}`);
      expect(closed).toMatchObject({ exitCode: 0, stderr: "" });
    });
  }
});

test("with all three closed, or two, the exit status still tells", () => {
  for (const around of ['"$@" <&- >&- 2>&-', '"$@" >&- 2>&-', '"$@" <&- >&-']) {
    const { stdout, exitCode } = runCase({ line: "keygen" }, inputs, around);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
  }
});

const isRoot = process.getuid?.() === 0;
const bare = "in an empty root";
test.skipIf(!isRoot)(`${bare}${isRoot ? "" : " [skipped: not root]"}`, () => {
  expect(runInEmptyRoot(join(bin, "keygen"), [])).toMatchObject({ exitCode: 0 });
  const done = start(["sh", "-c", 'exec chroot "$0" /keygen >&-', bin]);
  expect(done.exitCode).toBe(1);
  expect(done.stderr).toBe("keygen: error: cannot write to stdout: bad file descriptor\n");
});
