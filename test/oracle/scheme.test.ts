// The oracle of schemes, held to schemes that were made once and are never made again.

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hex, sample } from "./bytes.ts";
import { auditScheme, makeScheme, readScheme, schemeText, tagOfScheme } from "./scheme.ts";
import { makeKey, type NodeKey, nodeKey } from "./sealed.ts";
import { decode } from "./text.ts";

const frozen = join(import.meta.dir, "..", "vectors", "v1");
const folders = readdirSync(frozen).filter((name) => existsSync(join(frozen, name, "scheme")));
const textOf = (...path: string[]) => readFileSync(join(frozen, ...path), "utf8");

test("there are frozen schemes", () => expect(folders.length).toBeGreaterThan(1));

/** A node's key out of its file; an SSH key stands for the hash of its seed. */
function keyIn(text: string): NodeKey {
  const [line] = text.match(/^wdkey1\w+$/m) ?? [];
  if (line !== undefined) return nodeKey(decode("wdkey", line).slice(1));
  const bytes = Buffer.from(text.replace(/^-.*$/gm, ""), "base64");
  const seed = bytes.subarray(bytes.lastIndexOf(Buffer.from([0, 0, 0, 64])) + 4).subarray(0, 32);
  return nodeKey(createHash("sha512").update(seed).digest().subarray(0, 32));
}

for (const folder of folders) {
  test(`${folder} is whole, by the design`, () => {
    const names = readdirSync(join(frozen, folder)).filter((name) => name.endsWith(".key"));
    const keys = names.map((name) => [name.slice(0, -4), keyIn(textOf(folder, name))] as const);
    const offline = textOf(folder, "offline.txt").match(/^wdshare1\w+$/gm) ?? [];
    const read = (name: string) =>
      new Uint8Array(readFileSync(join(frozen, folder, "scheme", name)));
    const made = auditScheme(read, Object.fromEntries(keys), offline);
    expect(hex(made.plaintext)).toBe(hex(readFileSync(join(frozen, folder, "plaintext"))));
  });
}

test("the audit sees what it is there to see", () => {
  const nodes = { a: makeKey("a"), b: makeKey("b") };
  const { files, offline, scheme, master } = makeScheme({ nodes });
  const audit = (changed: Record<string, string | Uint8Array>) =>
    auditScheme(
      (name) => new Uint8Array(Buffer.from(changed[name] ?? files.get(name) ?? "")),
      nodes,
      offline,
    );
  expect(audit({}).scheme).toEqual(scheme);
  const text = schemeText(scheme, tagOfScheme(scheme, master));
  const vault = files.get("vault-1.wd") ?? new Uint8Array();
  for (const changed of [
    { "scheme.json": text.replace(",", ", ") },
    { "scheme.json": text.slice(0, -1) },
    { "scheme.json": schemeText(scheme, hex(sample("tag", 32))) },
    { "scheme.json": text.replace('"generation":1', '"generation":2') },
    { "vault-1.wd": vault.with(90, (vault[90] ?? 0) ^ 1) },
    { "sealed-1/a": files.get("sealed-1/b") ?? "" },
    { "sealed-1/a": Buffer.from(files.get("sealed-1/a") ?? "").subarray(0, -1) },
  ]) {
    expect(() => audit(changed)).toThrow();
  }
  expect(() => readScheme(new TextEncoder().encode(`\ufeff${text}`))).toThrow();
});
