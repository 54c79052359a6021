import { expect, setDefaultTimeout, test } from "bun:test";
import * as files from "../../lib/scheme/files.ts";
import { generationOf, nextGeneration } from "../../lib/scheme/files.ts";
import { expectFailure } from "../core/helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

test("a generation's files have its number in their names", () => {
  expect(files.schemeFile).toBe("scheme.json");
  expect(files.vaultFile(12)).toBe("vault-12.wd");
  expect(files.sealedFolder(12)).toBe("sealed-12");
  expect(files.sealedFile(12, "node-a")).toBe("sealed-12/node-a");
  expect(files.drillFile(12)).toBe("drilled-12");
});

test("generationOf() knows the names of our files, and of no others", () => {
  for (const number of [1, 2, 10, 65_536, 999_999]) {
    for (const name of [`vault-${number}.wd`, `sealed-${number}`, `drilled-${number}`]) {
      expect([name, generationOf(name)]).toEqual([name, number]);
    }
  }
  for (const name of [
    ...["scheme.json", "lock", "", "1", "vault", "vault-", "vault-.wd", "vault-1", "vault-1.wd.gz"],
    ...["vault-0.wd", "vault-01.wd", "vault-1000000.wd", "vault--1.wd", "vault-1.0.wd"],
    ...["vault-a.wd", "vault-NaN.wd", "vault-1xwd", "Vault-1.wd", "old-vault-1.wd"],
    ...["sealed", "sealed-0", "sealed-01", "sealed-1x", "sealed-1/a", " sealed-1", "sealed-1\n"],
    ...["sealed-1.wd", "drilled-1.wd", "drilled-\uff11", ".worstday-1-0.tmp"],
  ]) {
    expect([name, generationOf(name)]).toEqual([name, undefined]);
  }
});

test("nextGeneration() is above every generation that has files, whatever else is there", () => {
  expect(nextGeneration([])).toBe(1);
  expect(nextGeneration(["scheme.json", "lock", "notes", "vault-1", "sealed-9.wd"])).toBe(1);
  expect(nextGeneration(["vault-2.wd", "sealed-10", "vault-9.wd", "drilled-3"])).toBe(11);
  expect(nextGeneration(["drilled-4", "vault-1.wd"])).toBe(5);
  expect(nextGeneration(["vault-999998.wd"])).toBe(999_999);
});

test("nextGeneration() looks at more names than the stack has room for", () => {
  expect(nextGeneration([...Array<string>(1_000_000).fill("x"), "vault-7.wd"])).toBe(8);
});

test("nextGeneration() refuses to go beyond what scheme.json may say", async () => {
  const words = /^there are files of generation 999999, the last possible one$/;
  for (const name of ["vault-999999.wd", "sealed-999999"]) {
    await expectFailure("refused", words, () => nextGeneration(["vault-1.wd", name]));
  }
});
