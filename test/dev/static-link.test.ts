/** The whole link, on a small executable, and the check of its result, which no harmed one passes. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkIntegrity, muslBun } from "../../scripts/dev/musl-bun.ts";
import { cache } from "../../scripts/dev/project.ts";
import { assemblerFile } from "../../scripts/dev/static/assemble.ts";
import { checkLinked, checkSymbols } from "../../scripts/dev/static/check.ts";
import { type Elf, parseElf, readElf, segmentTypes } from "../../scripts/dev/static/elf.ts";
import { linkStatic } from "../../scripts/dev/static/link.ts";
import { makePlan } from "../../scripts/dev/static/plan.ts";
import { run } from "../../scripts/dev/static/run.ts";
import { findToolchain } from "../../scripts/dev/static/toolchain.ts";
import { smallElf } from "./small-elf.ts";

setDefaultTimeout(60_000); // as and ld are slow on a busy machine

let folder = "";
let output = "";
let linked = Buffer.alloc(0);
const small = smallElf();

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
    for (const harden of [false, true]) {
      await link(small, harden);
      const done = Bun.spawnSync([output]);
      expect(done.stdout.toString()).toBe("ok\n");
      expect(done.exitCode).toBe(42);
    }
    linked = readFileSync(output);
  });

  test("is the same from another folder, and names no folder", async () => {
    const before = folder;
    folder = mkdtempSync(join(before, "another-"));
    await link(small);
    folder = before;
    expect(readFileSync(output).equals(linked)).toBe(true);
    expect(linked.includes(Buffer.from(tmpdir()))).toBe(false);
  });

  test("is not made when a name is undefined, and an old one does not stay", async () => {
    writeFileSync(output, "old");
    const message = "undefined reference to `no_such_name'";
    await expect(link(smallElf("no_such_name"))).rejects.toThrow(message);
    expect(existsSync(output)).toBe(false);
  });
});

describe("the assembler file", () => {
  test("declares weak names, and has code to store a thread-local's distance", () => {
    const plan = makePlan(parseElf(small, "small"), "x86_64");
    plan.weak.add("absent");
    plan.threads.push({ address: 0x202000, symbol: "local", bytes: 8 });
    expect(assemblerFile(plan, "input")).toContain("\n.weak absent\n");
    expect(assemblerFile(plan, "input")).toContain("movq $local@tpoff, 0x202000\nret\n");
    plan.arch = "aarch64";
    expect(assemblerFile(plan, "input")).toContain("ldr x1, =0x202000\nstr x0, [x1]\nret\n");
  });
});

/** What is harmed, what the check says, and the harm. */
type Harm = [string, string, (copy: Buffer) => unknown];

test("the check refuses a result that is not what was wanted", () => {
  const original = parseElf(small, "input");
  const { segments } = parseElf(linked, "linked");
  const plan = makePlan(original, "x86_64");
  const { load, dynamic, interp, tls, stack } = segmentTypes;
  const header = (type: number) => 64 + segments.findIndex((found) => found.type === type) * 56;
  const put = (value: number, at: number) => (copy: Buffer) => copy.writeUInt32LE(value, at);
  const data = segments.filter(({ type }) => type === load)[5]?.offset ?? NaN;
  const slot = data + (plan.slots[0]?.address ?? NaN) - plan.loads[2].address;
  const harms: Harm[] = [
    ["nothing", "nothing", () => 0],
    ["the entry", "entry is 0x1234, not 0x201", put(0x1234, 24)],
    ["a segment's type", "a PT_INTERP: not static", put(interp, header(tls))],
    ["a segment's type", "a PT_DYNAMIC: not static", put(dynamic, header(tls))],
    ["a segment's type", "no PT_TLS", put(4, header(tls))],
    ["an alignment", "thread-locals are at", put(64, header(tls) + 48)],
    ["the flags", "flags are 7,5,6,4,5,6", put(7, 64 + 4)],
    ["a slot", "is empty", (copy) => copy.fill(0, slot, slot + 8)],
    [
      "the text",
      "bytes differ between 0x200000 and",
      (copy) => copy.write("k", copy.indexOf("ok\n")),
    ],
    ["the stack", "stack size", put(9, header(stack) + 40)],
  ];
  for (const [what, message, harm] of harms) {
    const copy = Buffer.from(linked);
    harm(copy);
    const check = () => checkLinked(parseElf(copy, "linked"), original, plan);
    if (message === "nothing") check();
    else expect(check, what).toThrow(message);
  }
});

describe("the symbols", () => {
  /** An executable of a few lines of assembler that defines _start. */
  const assemble = (lines: string, flags: string[] = []): Elf => {
    writeFileSync(join(folder, "a.s"), `.global _start\n_start: ret\n${lines}\n`);
    run("as", ["-o", "a.o", "a.s"], folder);
    run("ld", [...flags, "-o", "a", "a.o"], folder);
    return readElf(join(folder, "a"), "a");
  };

  test("must be there and defined", () => {
    const none = new Set<string>();
    expect(() => checkSymbols(assemble("", ["-s"]), none, [])).toThrow("a: no symbols to check");
    expect(() => checkSymbols(assemble(""), none, [])).not.toThrow();
    const elf = assemble(".global odd\n.set odd, 0x123456789a");
    // st_shndx, 2 bytes, stands before st_value, which is found by its odd bytes
    elf.bytes.writeUInt16LE(0, elf.bytes.indexOf(Buffer.from("9a78563412", "hex")) - 2);
    expect(() => checkSymbols(elf, none, [])).toThrow("a: odd is undefined");
  });

  test("must have the size that is copied, and be either Bun's or a library's", () => {
    const elf = assemble(".global table\n.size table, 16\ntable: .quad 1, 2");
    const copies = [{ address: 0x1000, symbol: "table", bytes: 24 }];
    const size = "a: table has 16 bytes, but Bun wants 24";
    expect(() => checkSymbols(elf, new Set(), copies)).toThrow(size);
    const both = "a: table is Bun's and a library's";
    expect(() => checkSymbols(elf, new Set(["table"]), [])).toThrow(both);
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
