/** The whole link, on a small executable. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkIntegrity, muslBun } from "../../scripts/dev/musl-bun.ts";
import { cache } from "../../scripts/dev/project.ts";
import { assemblerFile } from "../../scripts/dev/static/assemble.ts";
import { parseElf } from "../../scripts/dev/static/elf.ts";
import { linkStatic } from "../../scripts/dev/static/link.ts";
import { makePlan } from "../../scripts/dev/static/plan.ts";
import { findToolchain } from "../../scripts/dev/static/toolchain.ts";
import { smallElf } from "./small-elf.ts";

setDefaultTimeout(60_000); // as and ld are slow on a busy machine

let folder = "";
let output = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "small-"));
  output = join(folder, "output");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function link(bytes: Buffer, harden = true): Promise<void> {
  const input = join(folder, "input");
  writeFileSync(input, bytes);
  await linkStatic({ input, output, arch: "x86_64", harden, cache });
}

describe("the linked executable", () => {
  test("runs: slots, copies, thread-locals, constructors and environ are bound", async () => {
    for (const harden of [true, false]) {
      await link(smallElf(), harden);
      const done = Bun.spawnSync([output]);
      expect(done.stdout.toString()).toBe("ok\n");
      expect(done.exitCode).toBe(42);
    }
  });

  test("is the same from another folder, and names no folder", async () => {
    await link(smallElf());
    const first = readFileSync(output);
    const before = folder;
    folder = mkdtempSync(join(before, "another-"));
    await link(smallElf());
    folder = before;
    expect(readFileSync(output).equals(first)).toBe(true);
    expect(first.includes(Buffer.from(tmpdir()))).toBe(false);
  });

  test("is not made when a name is undefined, and an old one does not stay", async () => {
    writeFileSync(output, "old");
    const message =
      "nothing defines a name:\n  no_such_name, asked for by the executable that is linked\n" +
      "If libc has the function under another name, add it to aliases.ts; ";
    await expect(link(smallElf("no_such_name"))).rejects.toThrow(message);
    expect(existsSync(output)).toBe(false);
  });
});

describe("the assembler file", () => {
  test("declares weak names, and has code to store a thread-local's distance", () => {
    const plan = makePlan(parseElf(smallElf(), "small"), "x86_64");
    plan.weak.add("absent");
    plan.threads.push({ address: 0x202000, symbol: "local", bytes: 8 });
    expect(assemblerFile(plan, "input")).toContain("\n.weak absent\n");
    expect(assemblerFile(plan, "input")).toContain("movq $local@tpoff, 0x202000\nret\n");
    plan.arch = "aarch64";
    expect(assemblerFile(plan, "input")).toContain("ldr x1, =0x202000\nstr x0, [x1]\nret\n");
  });
});

describe("what is absent", () => {
  test("is named, with the packages to install on Debian and on Alpine", () => {
    const script = `import { findToolchain } from "./scripts/dev/static/toolchain.ts";
      findToolchain("x86_64", "/nonexistent");`;
    // BUN_BE_BUN: where this test itself runs on a linked executable
    const env = { ...process.env, PATH: "/nonexistent" };
    const done = Bun.spawnSync([process.execPath, "-e", script], { env });
    expect(done.stderr.toString()).toContain(
      "no as to link statically for x86_64; on Debian: apt-get install musl-tools g++; " +
        "on Alpine: apk add build-base",
    );
    expect(() => findToolchain("x86_64", "/nonexistent")).not.toThrow();
  });

  test("a package of another hash is refused, and one that the lock file does not list", async () => {
    const file = join(folder, "package");
    writeFileSync(file, "other bytes");
    const wrong = `sha512-${Buffer.alloc(64).toString("base64")}`;
    expect(() => checkIntegrity(file, wrong)).toThrow(`${file}: SHA-512 is `);
    expect(() => checkIntegrity(file, "sha1-AAAA")).toThrow(`${file}: sha1 is not sha512`);
    const lock = join(folder, "lock.json");
    writeFileSync(lock, '{"packages":{}}');
    const absent = "no version and hash of @oven/bun-linux";
    await expect(muslBun("x86_64", folder, lock)).rejects.toThrow(absent);
  });
});
