/**
 * npm run vectors: writes test/vectors/*.json, one case per file, from fixed randomness
 * npm run vectors -- --check: fails unless they are, byte for byte, what would be written
 *
 * A vector names a command and its arguments, stdin and files (as text, or as `hex:…`), and what
 * must come of it: an error code and nothing on stdout, or these bytes. Each has one fault at most.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../lib/core/bytes.ts";
import { root } from "./project.ts";
import { combineVectors } from "./vectors/combine.ts";
import { hybridVectors } from "./vectors/hybrid.ts";
import { keyVectors } from "./vectors/keys.ts";
import { schemeFaultVectors } from "./vectors/scheme-faults.ts";
import { schemeVectors } from "./vectors/schemes.ts";
import { sealedVectors } from "./vectors/sealed.ts";
import { shareVectors } from "./vectors/shares.ts";
import { sshVectors } from "./vectors/ssh.ts";
import { textVectors } from "./vectors/text.ts";
import { updateVectors } from "./vectors/updates.ts";
import { vaultVectors } from "./vectors/vaults.ts";
import type { Vector, Vectors } from "./vectors/vector.ts";

const folder = join(root, "test/vectors");
const vectors: Vectors = {
  ...textVectors(),
  ...shareVectors(),
  ...combineVectors(),
  ...keyVectors(),
  ...schemeVectors(),
  ...schemeFaultVectors(),
  ...(await sealedVectors()),
  ...(await hybridVectors()),
  ...(await sshVectors()),
  ...(await vaultVectors()),
  ...(await updateVectors()),
};
const files = new Map(Object.entries(vectors).map(([name, one]) => [`${name}.json`, render(one)]));
const present = readdirSync(folder).filter((file) => file.endsWith(".json"));

if (process.argv.includes("--check")) {
  const texts = new Map(present.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  const names = new Set([...files.keys(), ...present]);
  for (const file of [...names].filter((file) => texts.get(file) !== files.get(file))) {
    console.error(`vectors: error: ${file} ${files.has(file) ? "differs" : "is not generated"}`);
    process.exitCode = 1;
  }
} else {
  for (const file of present) rmSync(join(folder, file));
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  console.log(`${files.size} vectors`);
}

function render({ about, command, stdin, files, outcome }: Vector): string {
  const contents = Object.entries(files).map(([name, bytes]) => [name, readable(bytes)]);
  const vector = {
    ...{ about, command, stdin: readable(stdin), files: Object.fromEntries(contents) },
    ...(typeof outcome === "string" ? { error: outcome } : { stdout: readable(outcome) }),
  };
  return `${JSON.stringify(vector, undefined, 2)}\n`;
}

/** Text as it is, anything else as `hex:…`. */
function readable(bytes: Uint8Array): string {
  const isText = bytes.every((byte) => byte === 0x0a || (byte >= 0x20 && byte <= 0x7e));
  return isText ? String.fromCharCode(...bytes) : `hex:${toHex(bytes)}`;
}
