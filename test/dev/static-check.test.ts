/** A harmed result of the link does not pass the check. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache } from "../../scripts/dev/project.ts";
import { checkLinked, checkSymbols } from "../../scripts/dev/static/check.ts";
import { type Elf, parseElf, readElf } from "../../scripts/dev/static/elf.ts";
import { linkStatic } from "../../scripts/dev/static/link.ts";
import { makePlan } from "../../scripts/dev/static/plan.ts";
import { run } from "../../scripts/dev/static/run.ts";
import { smallElf } from "./small-elf.ts";

setDefaultTimeout(60_000); // as and ld are slow on a busy machine

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "check-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the check", () => {
  test("refuses a result that is not what was wanted", async () => {
    const bytes = smallElf();
    const [input, output] = [join(folder, "input"), join(folder, "output")];
    writeFileSync(input, bytes);
    await linkStatic({ input, output, arch: "x86_64", harden: true, cache });
    const original = parseElf(bytes, "input");
    const plan = makePlan(original, "x86_64");
    const linked = readFileSync(output);
    const verdict = (change: (copy: Buffer) => unknown): string => {
      const copy = Buffer.from(linked);
      change(copy);
      try {
        checkLinked(parseElf(copy, "linked"), original, plan);
        return "nothing";
      } catch (error) {
        return (error as Error).message;
      }
    };
    const header = (type: number): number => {
      const index = parseElf(linked, "linked").segments.findIndex((found) => found.type === type);
      return 64 + index * 56;
    };
    const text = linked.indexOf("ok\n");
    const loads = parseElf(linked, "linked").segments.filter((found) => found.type === 1);
    const dataAt = loads[5]?.offset ?? NaN;
    expect(verdict(() => 0)).toBe("nothing");
    expect(verdict((copy) => copy.writeUInt32LE(0x1234, 24))).toContain(
      "entry is 0x1234, not 0x201",
    );
    expect(verdict((copy) => copy.writeUInt32LE(3, header(7)))).toContain(
      "a PT_INTERP: not static",
    );
    expect(verdict((copy) => copy.writeUInt32LE(2, header(7)))).toContain(
      "a PT_DYNAMIC: not static",
    );
    expect(verdict((copy) => copy.writeUInt32LE(4, header(7)))).toContain("no PT_TLS");
    expect(verdict((copy) => copy.writeUInt32LE(64, header(7) + 48))).toContain(
      "thread-locals are at",
    );
    expect(verdict((copy) => copy.writeUInt32LE(7, 64 + 4))).toContain("flags are 7,5,6,4,5,6");
    const slot = plan.slots[0]?.address ?? NaN;
    const at = dataAt + slot - plan.loads[2].address;
    expect(verdict((copy) => copy.fill(0, at, at + 8))).toContain("is empty");
    expect(verdict((copy) => copy.write("k", text))).toContain("bytes differ between 0x200000 and");
    expect(verdict((copy) => copy.writeUInt32LE(9, header(0x6474e551) + 40))).toContain(
      "stack size",
    );
  });
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
