/** Calls of the C library that mean more in the static executables: calls.c. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkedProbe, removeProbes } from "./linked.ts";
import { type Finished, start } from "./machine.ts";

setDefaultTimeout(120_000);

const isRoot = process.getuid?.() === 0;
const nobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

let folder = "";
let probe = "";

beforeAll(async () => {
  const linked = await linkedProbe("x86_64", true);
  folder = mkdtempSync(join(tmpdir(), "probe-calls-"));
  probe = join(folder, "probe");
  linkSync(linked, probe);
  chmodSync(folder, 0o755);
  if (isRoot) chownSync(folder, 65534, 65534);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeProbes();
});

function inFolder(command: string[]): Finished {
  return start(command, { cwd: folder });
}

/** The file is there, whole, and only under this name. */
function expectFile(name: string): void {
  const path = join(folder, name);
  expect(readFileSync(path, "utf8")).toBe("whole\n");
  expect(statSync(path)).toMatchObject({ nlink: 1 });
}

const quiet = { stdout: "", stderr: "", exitCode: 0 };

test("a file without a name gets one, as an ordinary user", () => {
  expect(inFolder([...nobody, probe, "link", "user"])).toEqual(quiet);
  expectFile("user");
});

const bare = "a file without a name gets one in an empty root, without /proc";
test.skipIf(!isRoot)(`${bare}${isRoot ? "" : " [skipped: not root]"}`, () => {
  expect(inFolder(["chroot", folder, "/probe", "link", "root"])).toEqual(quiet);
  expectFile("root");
});

test("an existing file is never replaced, and a missing folder is told", () => {
  expect(inFolder([...nobody, probe, "link", "old"])).toEqual(quiet);
  const before = statSync(join(folder, "old"));
  for (const user of [[], nobody]) {
    expect(inFolder([...user, probe, "link", "old"]).stdout).toBe('"EEXIST"\n');
    expect(inFolder([...user, probe, "link", "absent/new"]).stdout).toBe('"ENOENT"\n');
  }
  expect(statSync(join(folder, "old")).ino).toBe(before.ino);
});
