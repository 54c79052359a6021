/**
 * The hardened executable is deaf, closed, and told more by the C library than others are. Where it can
 * be, each attack is first tried on the unhardened link of the same program, to know that the test would
 * notice one that works. Memory under no limit, which few may set, is in drills.test.ts.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { muslBun } from "../../scripts/dev/musl-bun.ts";
import { cache } from "../../scripts/dev/project.ts";
import { linkStatic } from "../../scripts/dev/static/link.ts";
import { run } from "../../scripts/dev/static/run.ts";
import { type Env, runInEmptyRoot, start } from "./machine.ts";

const timeout = 400_000; // compiling and linking is slow on a busy machine
setDefaultTimeout(timeout);

const isRoot = process.getuid?.() === 0;
const asRoot = (name: string, body: () => void | Promise<void>): void => {
  if (isRoot) test(name, body);
  else test.skip(`${name} [skipped: not root]`, body);
};
const nobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

let folder = "";
let mark = "";
let closed = "";
let open = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hostile-"));
  chmodSync(folder, 0o755); // nobody must get in as well
  mark = join(folder, "mark");
  closed = join(folder, "closed");
  open = join(folder, "open");
  for (const [output, harden] of [
    [closed, true],
    [open, false],
  ] as const) {
    const input = await compileProbe(!harden);
    await linkStatic({ input, output, arch: "x86_64", harden, cache });
  }
  const preload = join(folder, "preload.cjs");
  writeFileSync(preload, `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`);
  mkdirSync(join(folder, "home"));
  const toml = `preload = [${JSON.stringify(preload)}]\nlogLevel = "debug"\n`;
  writeFileSync(join(folder, "home/.bunfig.toml"), toml);
  writeFileSync(join(folder, "jsc.conf"), "jscOptions { dumpOptions = 3 }\n");
}, timeout);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The probe, dynamic, on musl: one that reads no .env and no bunfig.toml, or one that does. */
async function compileProbe(autoload: boolean): Promise<string> {
  const output = join(folder, `compiled-${autoload}`);
  const { path } = await muslBun("x86_64");
  const deaf = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const options = ["--minify", "--bytecode", "--format=esm", ...(autoload ? [] : deaf)];
  const flags = [`--compile-executable-path=${path}`, ...options, `--outfile=${output}`];
  run(process.execPath, ["build", "--compile", ...flags, join(import.meta.dirname, "probe.ts")]);
  return output;
}

/** What an environment may hold that a Bun, Node, JavaScriptCore or C library obeys. */
function hostileEnv(): Env {
  const [preload, home] = [join(folder, "preload.cjs"), join(folder, "home")];
  return {
    ...{ BUN_BE_BUN: "1", BUN_OPTIONS: `--preload ${preload}`, BUN_INSPECT_PRELOAD: preload },
    ...{ BUN_JSC_dumpOptions: "3", JSC_configFile: join(folder, "jsc.conf"), BUN_INSTALL: home },
    ...{ NODE_OPTIONS: `--require ${preload}`, NODE_DEBUG: "fs", NODE_CHANNEL_FD: "1" },
    ...{ MIMALLOC_VERBOSE: "3", MIMALLOC_SHOW_STATS: "1", MIMALLOC_SHOW_ERRORS: "1" },
    ...{ HOME: home, XDG_CONFIG_HOME: home, TMPDIR: "/nonexistent", FORCE_COLOR: "3" },
    ...{ TZ: "Asia/Kathmandu", LANG: "de_DE.UTF-8", LC_ALL: "tr_TR.UTF-8", LD_PRELOAD: preload },
    ...{ GLIBC_TUNABLES: "glibc.malloc.check=3", MALLOC_CHECK_: "3", CI: "1", DEBUG: "*" },
  };
}

/** Names in the executable that look like a variable's; many are not, but that does no harm. */
function namesInside(executable: string): string[] {
  const text = readFileSync(executable, "latin1");
  const prefix = "BUN|NODE|JSC|MIMALLOC|MALLOC|UV|WTF|SSL|NPM|npm_config|__BUN|OPENSSL|ICU";
  const names = text.match(new RegExp(`\\b(${prefix})_[A-Za-z0-9_]{2,60}\\b`, "g")) ?? [];
  return [...new Set(names)];
}

/** What it says and does, and whether the preload ran. */
function outcome(executable: string, env: Env, cwd = folder, args: string[] = []) {
  rmSync(mark, { force: true });
  const done = start([executable, ...args], { env, cwd });
  return { ...done, marked: existsSync(mark) };
}

describe("environment", () => {
  test("the test would notice: the unhardened program obeys", () => {
    const normal = outcome(open, {});
    const hostile = hostileEnv();
    for (const name of ["BUN_BE_BUN", "BUN_JSC_dumpOptions", "TZ"]) {
      expect(outcome(open, { [name]: hostile[name] as string })).not.toEqual(normal);
    }
    const { BUN_OPTIONS = "" } = hostile;
    expect(outcome(open, { BUN_OPTIONS })).toEqual({ ...normal, marked: true });
  });

  test("no known variable changes what the hardened program does or prints", () => {
    const normal = outcome(closed, {});
    expect(normal).toMatchObject({ exitCode: 0, stderr: "", marked: false });
    expect(outcome(closed, hostileEnv())).toEqual(normal);
  });

  test("nor does any name found in the executable, whatever its value", () => {
    const names = namesInside(closed);
    expect(names.length).toBeGreaterThan(500);
    const normal = outcome(closed, {});
    for (const value of ["1", "nonsense", join(folder, "preload.cjs")]) {
      const env = Object.fromEntries(names.map((name) => [name, value]));
      expect(outcome(closed, env)).toEqual(normal);
    }
  });

  test("the program sees four variables and no others, not even PATH", () => {
    const kept = { TERM: "vt100", COLUMNS: "80", LINES: "24", NO_COLOR: "1" };
    const env = { TERMINFO: "/x", ...kept, XTERM: "y", HOME: "/", BUN_BE_BUN: "1" };
    const { stdout } = start([closed, "env"], { env });
    const seen = { ...kept, BUN_JSC_useJIT: "0" }; // the one that the start-up code sets
    expect(JSON.parse(stdout)).toEqual({ process: seen, bun: seen });
  });

  test("what is set is set in an empty environment too, and among very many", () => {
    const seen = { BUN_JSC_useJIT: "0" };
    const { stdout } = start(["env", "-i", closed, "env"]);
    expect(JSON.parse(stdout)).toEqual({ process: seen, bun: seen });
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`BUN_X${i}`, "y"]));
    const { stdout: same } = start([closed, "env"], { env: { ...many, BUN_JSC_useJIT: "1" } });
    expect(same).toBe(stdout);
  });

  test("arguments arrive as they are: none, an empty one, thousands", () => {
    for (const args of [[], [""], ["", "-", "--", "é\n", ""], Array(20_000).fill("x".repeat(20))]) {
      const { stdout } = start([closed, "arguments", ...args]);
      expect(JSON.parse(stdout)).toEqual(args);
    }
  });
});

describe("working directory", () => {
  const hostile = (): string => {
    const cwd = mkdtempSync(join(folder, "cwd-"));
    const preload = JSON.stringify(join(folder, "preload.cjs"));
    const files: Record<string, string> = {
      ".env": "TZ=Asia/Kathmandu\nNODE_ENV=hostile\nHOSTILE=1\n",
      ".env.local": "TZ=Asia/Kathmandu\nHOSTILE=1\n",
      ".env.production": "TZ=Asia/Kathmandu\nHOSTILE=1\n",
      "bunfig.toml": `preload = [${preload}]\nlogLevel = "debug"\nsmol = "bad"\n`,
      ".bunfig.toml": `preload = [${preload}]\n`,
      "package.json": '{"name":1,"type":"nonsense","imports":{"#a":"./preload.cjs"},"main":',
      "tsconfig.json": '{"extends":"./absent.json","compilerOptions":{"paths":{"*":[',
      "jsconfig.json": "{",
      ".npmrc": "registry=://\n",
      node_modules: "",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    return cwd;
  };

  test("the test would notice: a program that loads such files obeys or complains", () => {
    expect(outcome(open, {}, hostile())).not.toMatchObject({ marked: false, stderr: "" });
  });

  test("no file in it changes what the hardened program does or prints", () => {
    const normal = outcome(closed, {}, "/", ["env"]);
    expect(outcome(closed, {}, hostile(), ["env"])).toEqual(normal);
  });
});

/** How much of its memory is locked, in KiB, and its limits, as the process itself reads them. */
function ownStatus(command: string[]): { locked: number; limits: string } {
  const done = start([...command, "status"]);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  const { status, limits } = JSON.parse(done.stdout) as { status: string; limits: string };
  return { locked: Number(/^VmLck:\s+(\d+)/m.exec(status)?.[1]), limits };
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

test("another process of the same user can look into the unhardened program only", async () => {
  const readable = (pid: number) =>
    start([...nobody, "cat", `/proc/${pid}/environ`]).exitCode === 0;
  await whileRunning(open, (pid) => expect(readable(pid)).toBe(true));
  await whileRunning(closed, (pid) => {
    expect(readable(pid)).toBe(false);
    expect(statSync(`/proc/${pid}/mem`).uid).toBe(0);
  });
});

test("core files are off, and a killed process leaves none", async () => {
  expect(ownStatus([closed]).limits).toMatch(/^Max core file size +0 +0 /m);
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
  const limited = (bytes: string) => ["prlimit", `--memlock=${bytes}`, "--"];
  /** Limits in bytes that this user may set here; raising one takes CAP_SYS_RESOURCE. */
  const possible = (wanted: string[]): string[] =>
    wanted.filter((bytes) => start([...limited(bytes), "true"]).exitCode === 0);
  const finite = possible(["0", "8388608", "8589934592"]);
  asRoot("is locked for root whatever the limit, and the limit stays", () => {
    for (const bytes of finite) {
      const { locked, limits } = ownStatus([...limited(bytes), closed]);
      expect(locked).toBeGreaterThan(0);
      expect(limits).toMatch(new RegExp(`Max locked memory +${bytes} +${bytes} `));
    }
  });

  test("is not locked for others under a limit, however large", () => {
    for (const bytes of finite) {
      expect(ownStatus([...limited(bytes), ...nobody, closed]).locked).toBe(0);
    }
  });

  const inNamespace = [...nobody, "unshare", "--map-root-user"];
  const forbidden = start([...inNamespace, "true"]).exitCode !== 0;
  const name = "is not locked for the root of a user namespace under a limit";
  test.skipIf(forbidden)(`${name}${forbidden ? " [skipped: no user namespaces]" : ""}`, () => {
    for (const bytes of finite) {
      expect(ownStatus([...limited(bytes), ...inNamespace, closed]).locked).toBe(0);
    }
  });

  test("can grow in every case", () => {
    for (const bytes of possible(["0", "unlimited"])) {
      for (const user of isRoot ? [[], nobody] : [nobody]) {
        const done = start([...limited(bytes), ...user, closed, "work"]);
        expect(done).toMatchObject({ exitCode: 0, stderr: "" });
        expect(JSON.parse(done.stdout)).toMatchObject({ doubled: 42, heap: 16 });
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

describe("a file without a name", () => {
  const link = (by: string[], name: string, probe = closed) =>
    start([...by, probe, "link", name], { cwd: place });
  const expectFile = (name: string): void => {
    expect(readFileSync(join(place, name), "utf8")).toBe("whole\n");
    expect(statSync(join(place, name)).nlink).toBe(1);
  };
  const quiet = { stdout: "", stderr: "", exitCode: 0 };

  let place = "";
  beforeAll(() => {
    place = mkdtempSync(join(folder, "place-"));
    if (isRoot) chownSync(place, 65534, 65534);
  });

  test("gets one, as an ordinary user", () => {
    expect(link(nobody, "user")).toEqual(quiet);
    expectFile("user");
  });

  asRoot("gets one in an empty root, without /proc", () => {
    copyFileSync(closed, join(place, "probe"));
    expect(link(["chroot", place], "root", "/probe")).toEqual(quiet);
    expectFile("root");
  });

  test("never replaces an existing file, and a missing folder is told", () => {
    expect(link(nobody, "old")).toEqual(quiet);
    const before = statSync(join(place, "old"));
    for (const by of [[], nobody]) {
      expect(link(by, "old").stdout).toBe('"EEXIST"\n');
      expect(link(by, "absent/new").stdout).toBe('"ENOENT"\n');
    }
    expect(statSync(join(place, "old")).ino).toBe(before.ino);
  });
});
