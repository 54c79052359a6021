/**
 * The hardened process keeps its memory to itself: no core file, no debugger, no swap. The case of
 * no limit on locked memory, which few may set, is in rescue.test.ts.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkedProbe, removeProbes } from "./linked.ts";
import { runInEmptyRoot, start } from "./machine.ts";

setDefaultTimeout(120_000);

const isRoot = process.getuid?.() === 0;
const asRoot = (name: string, body: () => void | Promise<void>): void => {
  if (isRoot) test(name, body);
  else test.skip(`${name} [skipped: not root]`, body);
};
const nobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
const limited = (bytes: string): string[] => ["prlimit", `--memlock=${bytes}`, "--"];

let folder = "";
let closed = "";
let open = "";

beforeAll(async () => {
  // a folder that nobody may enter as well
  folder = mkdtempSync(join(tmpdir(), "closed-"));
  chmodSync(folder, 0o755);
  [closed, open] = [join(folder, "closed"), join(folder, "open")];
  copyFileSync(await linkedProbe("x86_64", true), closed);
  copyFileSync(await linkedProbe("x86_64", false), open);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeProbes();
});

/** A line of /proc/self/status in KiB, as the process itself reads it. */
function ownStatus(command: string[], field: string): number {
  const done = start([...command, "status"]);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  const { status } = JSON.parse(done.stdout) as { status: string };
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}

/** Starts it as an ordinary user, and while it waits gives its number to `look`. */
async function whileRunning(
  executable: string,
  look: (pid: number) => void,
  by: string[] = nobody,
): Promise<void> {
  const child = Bun.spawn([...by, executable, "wait"], {
    env: { PATH: process.env["PATH"] },
    stdin: "pipe",
    stdout: "pipe",
  });
  const reader = child.stdout.getReader();
  await reader.read();
  try {
    look(child.pid);
  } finally {
    child.stdin.end();
    await child.exited;
  }
}

/** Whether the same ordinary user may read what only a process's owner may. */
function readable(pid: number): boolean {
  return start([...nobody, "cat", `/proc/${pid}/environ`]).exitCode === 0;
}

describe("another process of the same user", () => {
  test("can look into the unhardened program", async () => {
    await whileRunning(open, (pid) => expect(readable(pid)).toBe(true));
  });

  test("cannot look into the hardened one, whose /proc files are root's", async () => {
    await whileRunning(closed, (pid) => {
      expect(readable(pid)).toBe(false);
      expect(statSync(`/proc/${pid}/mem`).uid).toBe(0);
    });
  });
});

test("core files are off, and a killed process leaves none", async () => {
  const { limits } = JSON.parse(start([closed, "status"]).stdout) as { limits: string };
  expect(limits).toMatch(/^Max core file size +0 +0 /m);
  const cwd = mkdtempSync(join(folder, "core-"));
  const script = 'ulimit -S -c "$(ulimit -H -c)"; exec "$0" wait';
  const child = Bun.spawn(["sh", "-c", script, closed], { cwd, stdin: "pipe", stdout: "pipe" });
  await child.stdout.getReader().read();
  child.kill("SIGQUIT");
  await child.exited;
  expect(child.signalCode).toBe("SIGQUIT");
  expect(readdirSync(cwd)).toEqual([]);
});

describe("memory", () => {
  /** Limits in bytes that this user may set here; raising one takes CAP_SYS_RESOURCE. */
  const possible = (wanted: string[]): string[] =>
    wanted.filter((bytes) => start([...limited(bytes), "true"]).exitCode === 0);
  const finite = possible(["0", "65536", "8388608", "134217728", "8589934592"]);
  asRoot("is locked for root whatever the limit, and the limit stays", () => {
    for (const bytes of finite) {
      expect(ownStatus([...limited(bytes), closed], "VmLck")).toBeGreaterThan(0);
      const { stdout } = start([...limited(bytes), closed, "status"]);
      expect(stdout).toMatch(new RegExp(`Max locked memory +${bytes} +${bytes} `));
    }
  });

  test("is not locked for others under a limit, however large", () => {
    for (const bytes of finite) {
      expect(ownStatus([...limited(bytes), ...nobody, closed], "VmLck")).toBe(0);
    }
  });

  const inNamespace = [...nobody, "unshare", "--map-root-user"];
  const forbidden = start([...inNamespace, "true"]).exitCode !== 0;
  const name = "is not locked for the root of a user namespace under a limit";
  test.skipIf(forbidden)(`${name}${forbidden ? " [skipped: no user namespaces]" : ""}`, () => {
    for (const bytes of finite) {
      expect(ownStatus([...limited(bytes), ...inNamespace, closed], "VmLck")).toBe(0);
    }
  });

  test("can grow in every case", () => {
    for (const bytes of [...finite, ...possible(["unlimited"])]) {
      for (const user of isRoot ? [[], nobody] : [nobody]) {
        const done = start([...limited(bytes), ...user, closed, "work"]);
        expect(done).toMatchObject({ exitCode: 0, stderr: "" });
        expect(JSON.parse(done.stdout)).toMatchObject({ doubled: 42, heap: 64 });
      }
    }
  });
});

asRoot("no memory is writable and executable: JavaScript is interpreted", async () => {
  const writableCode = (pid: number) => / .wx/.test(readFileSync(`/proc/${pid}/maps`, "utf8"));
  await whileRunning(open, (pid) => expect(writableCode(pid)).toBe(true));
  for (const by of [[], ["env", "-i"]]) {
    await whileRunning(closed, (pid) => expect(writableCode(pid)).toBe(false), by);
  }
});

test("all of it holds without /proc, in an empty root", () => {
  const done = runInEmptyRoot(closed, ["env"], { BUN_BE_BUN: "1", BUN_OPTIONS: "--print 1" });
  const seen = '{"BUN_JSC_useJIT":"0"}'; // the one that the start-up code sets
  const stdout = `{"process":${seen},"bun":${seen}}\n`;
  expect(done).toEqual({ stdout, stderr: "", exitCode: 0 });
});

asRoot("a program that may not read its own file runs", () => {
  chmodSync(closed, 0o711);
  expect(start([...nobody, closed])).toMatchObject({ exitCode: 0, stderr: "" });
  chmodSync(closed, 0o755);
  expect(readFileSync(closed).length).toBeGreaterThan(0);
});
