/**
 * The hardened executable is deaf and closed. Where it can be, each attack is first tried on the
 * unhardened link of the same program, to know that the test would notice one that works.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attacks, namesInside } from "./attacks.ts";
import { linkedProbe, removeProbes } from "./linked.ts";
import { type Env, start } from "./machine.ts";

setDefaultTimeout(120_000);

let closed = "";
let open = "";
let autoloading = "";
let folder = "";
let mark = "";

beforeAll(async () => {
  closed = await linkedProbe("x86_64", true);
  open = await linkedProbe("x86_64", false);
  autoloading = await linkedProbe("x86_64", false, []);
  folder = mkdtempSync(join(tmpdir(), "hostile-"));
  mark = join(folder, "mark");
  const leave = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`;
  writeFileSync(join(folder, "preload.cjs"), leave);
  mkdirSync(join(folder, "home"));
  const toml = `preload = [${JSON.stringify(join(folder, "preload.cjs"))}]\nlogLevel = "debug"\n`;
  writeFileSync(join(folder, "home/.bunfig.toml"), toml);
  writeFileSync(join(folder, "jsc.conf"), "jscOptions { dumpOptions = 3 }\n");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeProbes();
});

/** What it says and does, and whether the preload ran. */
function outcome(executable: string, env: Env, cwd = folder, args: string[] = []): unknown {
  rmSync(mark, { force: true });
  const done = start([executable, ...args], { env, cwd });
  return { ...done, marked: existsSync(mark) };
}

describe("environment", () => {
  test("the test would notice: the unhardened program obeys", () => {
    const normal = outcome(open, {});
    const { BUN_BE_BUN, BUN_JSC_dumpOptions, TZ } = attacks(folder);
    for (const env of [BUN_BE_BUN, BUN_JSC_dumpOptions, TZ]) {
      expect(outcome(open, env as Env)).not.toEqual(normal);
    }
    expect(outcome(open, { BUN_OPTIONS: `--preload ${join(folder, "preload.cjs")}` })).toEqual({
      ...(normal as object),
      marked: true,
    });
  });

  test("no known variable changes what the hardened program does or prints", () => {
    const normal = outcome(closed, {});
    expect(normal).toMatchObject({ exitCode: 0, stderr: "", marked: false });
    for (const [name, env] of Object.entries(attacks(folder))) {
      expect({ name, ...(outcome(closed, env) as object) }).toEqual({
        name,
        ...(normal as object),
      });
    }
  });

  test("nor does any name found in the executable, whatever its value", () => {
    const names = namesInside(closed);
    expect(names.length).toBeGreaterThan(500);
    const normal = outcome(closed, {});
    for (const value of ["1", "0", "true", "nonsense", join(folder, "preload.cjs")]) {
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
    expect(outcome(autoloading, {}, hostile())).not.toMatchObject({ marked: false, stderr: "" });
  });

  test("no file in it changes what the hardened program does or prints", () => {
    const normal = outcome(closed, {}, "/", ["env"]);
    expect(outcome(closed, {}, hostile(), ["env"])).toEqual(normal);
  });
});
