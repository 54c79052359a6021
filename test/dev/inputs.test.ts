/** What decided the bits of an image is beside it, and what differs between two is named. */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences, readInputs } from "../../scripts/dev/inputs.ts";
import { bin, cache, ownArch } from "../../scripts/dev/project.ts";
import { findToolchain } from "../../scripts/dev/static/toolchain.ts";

const inputs = readInputs(join(bin, "inputs.json"));

test("Bun's hash is the lock file's, and the archives' are those of this machine's libraries", () => {
  const lock = readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8");
  expect(inputs.bun.version).toBe(Bun.version);
  expect(lock).toContain(`"integrity": "${inputs.bun.integrity}"`);
  const { archives } = findToolchain(ownArch, cache);
  const hashes = archives.map((file) =>
    createHash("sha256").update(readFileSync(file)).digest("hex"),
  );
  expect(Object.values(inputs.archives).map(({ sha256 }) => sha256)).toEqual(hashes);
  for (const origin of Object.values(inputs.archives)) {
    expect(`${origin.package} ${origin.version}`).toMatch(/^\S+-dev \d\S*$/);
  }
  expect(Object.keys(inputs.tools)).toEqual(["as", "ld", "strip", "cc"]);
  expect(Object.values(inputs.tools).join("\n")).toMatch(/(?:GNU .* \d+\.\d+\n){3}.*\d+\.\d+/);
});

test("each input that differs is named with both values", () => {
  expect(differences(inputs, structuredClone(inputs))).toEqual([]);
  const other = structuredClone(inputs);
  other.bun.version = "9.9.9";
  other.tools = { ...other.tools, ld: "mold" };
  delete other.archives["libc.a"];
  const named = differences(inputs, other);
  expect(named.slice(0, 2)).toEqual([
    `bun.version: ${Bun.version} / 9.9.9`,
    `tools.ld: ${inputs.tools["ld"]} / mold`,
  ]);
  expect(named).toContain("archives.libc.a.package: musl-dev / none");
  expect(named.length).toBe(5);
});
