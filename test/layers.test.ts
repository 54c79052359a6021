/** The layers of lib/ (CONTRIBUTING): what each imports, how long it is, and what one must read. */

import { expect, test } from "bun:test";
import { globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/dev/project.ts";
import {
  closureOf,
  importsOf,
  linesOf,
  readingList,
  resolveImport,
  withoutComments,
  worstDay,
} from "../scripts/dev/reading.ts";

const files = globSync("{lib,scripts}/**/*.ts", { cwd: root }).sort();
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

const core = ["lib/core/"];
const nacl = [...core, "lib/nacl/"];
const wire = [...nacl, "lib/wire/"];
const system = ["lib/core/bytes.ts", "lib/core/errors.ts", "lib/system/", "node:"];
const cli = [...system, "lib/cli/", "package.json"];
const pipes = [...wire, "lib/pipes/", "lib/cli/command.ts", "lib/cli/io.ts"];
const tokens = ["lib/update/token.ts", "lib/update/writer.ts"];
const scheme = [...pipes, ...system, "lib/cli/", "lib/typing/groups.ts", ...tokens, "lib/scheme/"];

/**
 * Of each layer, how many lines it may have, comments included; what it may import, types included,
 * as beginnings of paths from the root or of packages; and what it may load when it is called for.
 */
const layers: Record<string, { budget: number; fixed: string[]; lazy?: string[] }> = {
  "lib/core/": { budget: 720, fixed: core },
  "lib/nacl/": { budget: 300, fixed: [...nacl, "@noble/hashes/"] },
  "lib/wire/": { budget: 700, fixed: wire, lazy: ["lib/typing/", "lib/hybrid/"] },
  "lib/hybrid/": { budget: 250, fixed: [...wire, "lib/hybrid/"] },
  "lib/system/": { budget: 430, fixed: system },
  "lib/cli/": { budget: 857, fixed: [...cli, "citty"] },
  "lib/pipes/": { budget: 506, fixed: pipes, lazy: ["lib/typing/", "lib/ssh/"] },
  "lib/typing/": { budget: 781, fixed: [...pipes, "lib/typing/"] },
  "lib/ssh/": { budget: 300, fixed: [...wire, "lib/ssh/", "@noble/curves/"] },
  "lib/scheme/": { budget: 1645, fixed: scheme },
  "lib/update/": { budget: 522, fixed: [...scheme, "lib/hybrid/", "lib/update/"] },
  "lib/show/": {
    budget: 522,
    fixed: [...pipes, "lib/typing/groups.ts", ...tokens, "lib/scheme/", "lib/show/"],
  },
  "scripts/": { budget: Number.POSITIVE_INFINITY, fixed: [""], lazy: [""] },
};

/** The imports of a file that lead up, or to an unknown package. */
function wrongImports(file: string, source: string): string[] {
  const layer = layers[Object.keys(layers).find((start) => file.startsWith(start)) ?? ""];
  if (!layer) return ["this file is in no layer"];
  const { fixed, lazy } = importsOf(source);
  const strays = (specifiers: string[], allowed: string[]) =>
    specifiers.filter((specifier) => {
      const target = resolveImport(file, specifier) ?? specifier;
      return !allowed.some((start) => target.startsWith(start));
    });
  return [...strays(fixed, layer.fixed), ...strays(lazy, [...layer.fixed, ...(layer.lazy ?? [])])];
}

/** Every offence that `find` sees in any of the files, with the file's name. */
function offences(find: (file: string, source: string) => string[]): string[] {
  return [...sources].flatMap(([file, source]) => {
    return find(file, source).map((offence) => `${file}: ${offence}`);
  });
}

test("no import in lib/ leads upwards, sideways or to an unknown package", () => {
  expect(offences(wrongImports)).toEqual([]);
});

test("there is no cycle of imports", () => {
  const cyclic = [...sources.keys()].filter((file) => {
    const { fixed } = importsOf(sources.get(file) as string);
    const targets = fixed.flatMap((specifier) => resolveImport(file, specifier) ?? []);
    return closureOf(targets).includes(file);
  });
  expect(cyclic).toEqual([]);
});

test("every layer keeps to its budget of lines, and every file of lib/ to 150", () => {
  for (const [layer, { budget }] of Object.entries(layers)) {
    const files = [...sources.keys()].filter((file) => file.startsWith(layer));
    const lines = files.reduce((sum, file) => sum + linesOf(file), 0);
    expect([layer, lines <= budget ? "kept" : `${lines} lines`]).toEqual([layer, "kept"]);
  }
  const long = [...sources.keys()].filter((file) => file.startsWith("lib/") && linesOf(file) > 150);
  expect(long).toEqual([]);
});

test("CONTRIBUTING has the reading list of the worst day, and it keeps to its budget", () => {
  const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  expect(contributing).toContain(readingList(worstDay).replace(/^/gm, "    ").trimEnd());
  const files = closureOf(worstDay.map((name) => `scripts/${name}.ts`));
  expect(files.length).toBeLessThanOrEqual(41);
  expect(files.reduce((sum, file) => sum + linesOf(file), 0)).toBeLessThanOrEqual(2968);
  const convenience =
    /^lib\/(typing|ssh|scheme|show)\/|\/(exclusive-file|signals|tty|help|manual)\.ts$/;
  expect(files.filter((file) => convenience.test(file))).toEqual([]);
});

test("the QR package and noble's curves are loaded where they are needed, and not before", () => {
  const users = (wanted: RegExp) =>
    [...sources.keys()].filter((file) => {
      const { fixed } = importsOf(sources.get(file) as string);
      return !file.startsWith("scripts/dev/") && fixed.some((specifier) => wanted.test(specifier));
    });
  expect(users(/^qr$/)).toEqual(["scripts/card.ts"]);
  expect(users(/noble\/curves|ed25519-key/)).toEqual(["lib/ssh/ed25519-key.ts"]);
});

test("only lib/system, lib/cli, lib/scheme, lib/update and scripts/ touch the system", () => {
  const worldly = /\bBun\.(?!CryptoHasher\()|\bprocess\b|\bconsole\b|\bfetch\(|\bDeno\./;
  const pure = /^lib\/(core|wire|hybrid|pipes|typing|ssh|show)\//;
  const lines = offences((file, source) => {
    const code = pure.test(file) ? withoutComments(source).split("\n") : [];
    return code.filter((line) => worldly.test(line));
  });
  expect(lines).toEqual([]);
});

test("there are no default exports, no class but the error, and no import without extension", () => {
  const bad = /\bexport\s+default\b|\bas\s+default\b|\bclass\s+\w+|=\s*class\b/g;
  expect(offences((_, source) => withoutComments(source).match(bad) ?? [])).toEqual([
    "lib/core/errors.ts: class RecoveryError",
  ]);
  const bare = (_: string, source: string) => {
    const { fixed, lazy } = importsOf(source);
    return [...fixed, ...lazy].filter((one) => one.startsWith(".") && !/\.(ts|json)$/.test(one));
  };
  expect(offences(bare)).toEqual([]);
});

test("scripts/ holds commands and dev/, and nothing else at its top level", () => {
  const entries = readdirSync(join(root, "scripts"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders).toEqual(["dev"]);
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const file = join(root, "scripts", name);
    const source = readFileSync(file, "utf8");
    expect(name).toMatch(/^[a-z][a-z-]*\.ts$/);
    expect([name, source.split("\n")[0]]).toEqual([name, "#!/usr/bin/env bun"]);
    expect([name, statSync(file).mode & 0o111]).toEqual([name, 0o111]);
    expect([name, source.includes("if (import.meta.main)")]).toEqual([name, true]);
    if (name === "worstday.ts") continue;
    expect([name, /^export const manual = defineManual\(/m.test(source)]).toEqual([name, true]);
    expect([name, /^export async function run\(/m.test(source)]).toEqual([name, true]);
  }
});

test("package.json has four packages for run time, pinned exactly", () => {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { dependencies, devDependencies } = JSON.parse(text) as Record<string, object>;
  const names = ["@noble/curves", "@noble/hashes", "citty", "qr"];
  expect(Object.keys(dependencies ?? {}).toSorted()).toEqual(names);
  for (const version of Object.values({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});
