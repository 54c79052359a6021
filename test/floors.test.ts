/** The floors of lib/ (CONTRIBUTING): each room imports only what is below it. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..");

/** The TypeScript files of a folder and all folders in it, named from the root. */
function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith(".ts"))
    .sort();
}

const sources = new Map(
  [...filesUnder("lib"), ...filesUnder("scripts")].map((file) => {
    return [file, withoutComments(readFileSync(join(root, file), "utf8"))];
  }),
);

/** The code without its comments; strings stay as they are, since they may look like comments. */
function withoutComments(source: string): string {
  const stringOrComment = /("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*/g;
  return source.replace(stringOrComment, (_, string: string | undefined) => string ?? "");
}

/** What a file imports or exports again, statically or not, types included. */
function importsOf(source: string): string[] {
  const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)"([^"\n]+)"/g;
  return [...source.matchAll(specifier)].map((match) => match[1] as string);
}

/** The lines of code that name a thing which only lib/cli and scripts/ may touch. */
function worldlyLines(source: string): string[] {
  const worldly = /\bBun\.|\bprocess\b|\bconsole\b|"(?:node:|bun)|\bfetch\(|\bDeno\./;
  return source.split("\n").filter((line) => worldly.test(line));
}

/** What each layer may import: beginnings of paths from the root, or of packages' names. */
const floors: Record<string, string[]> = {
  "lib/core/": ["lib/core/", "@noble/"],
  "lib/wire/": ["lib/core/", "lib/wire/", "lib/typing/", "lib/ssh/", "@noble/"],
  "lib/typing/": ["lib/core/", "lib/wire/", "lib/typing/", "lib/scheme/"],
  "lib/ssh/": ["lib/core/", "lib/wire/", "lib/ssh/", "@noble/"],
  "lib/scheme/": ["lib/core/", "lib/wire/", "lib/typing/", "lib/scheme/", "lib/cli/", "node:"],
  "lib/show/": ["lib/core/", "lib/wire/", "lib/typing/", "lib/ssh/", "lib/scheme/", "lib/show/"],
  "lib/cli/": [
    "lib/core/bytes.ts",
    "lib/core/errors.ts",
    "lib/cli/",
    "package.json",
    "citty",
    "node:",
  ],
  "scripts/": [""],
};

/** The arrows of a file that lead up, or out of the project's five packages. */
function wrongImports(file: string, source: string): string[] {
  const floor = Object.keys(floors).find((start) => file.startsWith(start));
  if (floor === undefined) return ["this file is on no floor"];
  return importsOf(source).filter((specifier) => {
    const isFile = specifier.startsWith(".");
    const target = isFile ? relative(root, join(root, dirname(file), specifier)) : specifier;
    return !(floors[floor] as string[]).some((start) => target.startsWith(start));
  });
}

/** Every offence that `find` sees in any of the files, with the file's name. */
function offences(find: (file: string, source: string) => string[]): string[] {
  return [...sources].flatMap(([file, source]) => {
    return find(file, source).map((offence) => `${file}: ${offence}`);
  });
}

test("there are files on every floor, and no file on none", () => {
  for (const floor of Object.keys(floors)) {
    expect([...sources.keys()].filter((file) => file.startsWith(floor))).not.toEqual([]);
  }
  const entries = readdirSync(join(root, "lib")).toSorted();
  expect(entries).toEqual(["cli", "core", "scheme", "show", "ssh", "typing", "wire"]);
});

test("no import in lib/ leads upwards, sideways or to an unknown package", () => {
  expect(offences(wrongImports)).toEqual([]);
});

test("lib/core, lib/wire and lib/ssh are the only folders that import @noble", () => {
  const noble = (file: string, source: string) =>
    /^lib\/(core|wire|ssh)\//.test(file)
      ? []
      : importsOf(source).filter((s) => s.startsWith("@noble"));
  expect(offences(noble).filter((offence) => !offence.startsWith("scripts/dev/"))).toEqual([]);
});

test("the QR package is imported by scripts/card.ts alone", () => {
  const qr = (file: string, source: string) => (importsOf(source).includes("qr") ? [file] : []);
  expect([...sources].flatMap(([file, source]) => qr(file, source))).toEqual(["scripts/card.ts"]);
});

test("noble's curves, slow to load, are imported where an SSH key is met, and not before", () => {
  const early = (_: string, source: string) =>
    source.match(/\bfrom "[^"]*(?:@noble\/curves\/|\/ed25519-key\.ts)[^"]*"/g) ?? [];
  const files = offences(early).map((offence) => offence.split(":")[0]);
  const own = files.filter((file) => !file?.startsWith("scripts/dev/"));
  expect(own).toEqual(["lib/ssh/ed25519-key.ts"]);
});

test("there is no input or output in lib/core, lib/wire, lib/typing, lib/ssh and lib/show", () => {
  const pure = /^lib\/(core|wire|typing|ssh|show)/;
  const worldly = offences((file, source) => (pure.test(file) ? worldlyLines(source) : []));
  const hashes = [
    '  const hasher = new Bun.CryptoHasher("sha256");', // primitives like the other two
    '  new Bun.CryptoHasher("sha512").update(plain(bytes)).digest(digest);',
  ];
  expect(worldly).toEqual(hashes.map((line) => `lib/core/native.ts: ${line}`));
});

test("every import of a file gives its extension", () => {
  const bare = (_: string, source: string) =>
    importsOf(source).filter((s) => s.startsWith(".") && !/\.(ts|json)$/.test(s));
  expect(offences(bare)).toEqual([]);
});

test("every import of a file finds it", () => {
  const missing = (file: string, source: string) =>
    importsOf(source)
      .filter((specifier) => specifier.startsWith("."))
      .filter((specifier) => {
        const path = join(root, dirname(file), specifier);
        return statSync(path, { throwIfNoEntry: false }) === undefined;
      });
  expect(offences(missing)).toEqual([]);
});

test("there are no default exports, and no class but RecoveryError", () => {
  const defaults = (_: string, source: string) =>
    source.match(/\bexport\s+default\b|\bas\s+default\b/g) ?? [];
  const classes = (_: string, source: string) => source.match(/\bclass\s+\w+|=\s*class\b/g) ?? [];
  expect(offences(defaults)).toEqual([]);
  expect(offences(classes)).toEqual(["lib/core/errors.ts: class RecoveryError"]);
});

test("scripts/ holds commands and dev/, and nothing else at its top level", () => {
  const entries = readdirSync(join(root, "scripts"), { withFileTypes: true });
  expect(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["common", "dev"]);
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files.filter((name) => !/^[a-z][a-z-]*\.ts$/.test(name))).toEqual([]);
  for (const name of files) {
    const file = join(root, "scripts", name);
    const source = readFileSync(file, "utf8");
    expect([name, source.split("\n")[0]]).toEqual([name, "#!/usr/bin/env bun"]);
    expect([name, statSync(file).mode & 0o111]).toEqual([name, 0o111]);
    expect([name, source.includes("if (import.meta.main)")]).toEqual([name, true]);
    if (name === "worstday.ts") continue;
    expect([name, /^export const command = defineCommand\(/m.test(source)]).toEqual([name, true]);
  }
});

test("package.json has five packages for run time, pinned exactly", () => {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { dependencies, devDependencies } = JSON.parse(text) as Record<string, object>;
  const names = ["@noble/ciphers", "@noble/curves", "@noble/hashes", "citty", "qr"];
  expect(Object.keys(dependencies ?? {}).toSorted()).toEqual(names);
  for (const version of Object.values({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test("the rules see what they are there to see", () => {
  expect(importsOf('import { a } from "./a.ts";\nexport * from "../b.ts";')).toEqual([
    "./a.ts",
    "../b.ts",
  ]);
  expect(
    importsOf('import "x";\nconst y = await import("y");\nimport type { T } from "z";'),
  ).toEqual(["x", "y", "z"]);
  expect(importsOf(withoutComments('/* import "a" */ // from "b"\nimport "c";'))).toEqual(["c"]);
  expect(withoutComments('const a = "// kept"; // dropped')).toBe('const a = "// kept"; ');

  const upward = [
    ["lib/core/x.ts", "../wire/share.ts"],
    ["lib/core/x.ts", "node:crypto"],
    ["lib/core/x.ts", "left-pad"],
    ["lib/wire/x.ts", "../scheme/read.ts"],
    ["lib/wire/x.ts", "../cli/input.ts"],
    ["lib/cli/x.ts", "../wire/text.ts"],
    ["lib/cli/x.ts", "../core/random.ts"],
    ["lib/cli/x.ts", "@noble/hashes/blake2.js"],
    ["lib/show/x.ts", "../../scripts/combine.ts"],
  ] as const;
  for (const [file, specifier] of upward) {
    expect(wrongImports(file, `import { x } from "${specifier}";`)).toEqual([specifier]);
  }
  expect(wrongImports("lib/other/x.ts", "")).not.toEqual([]);

  const worldly = ["Bun.file(a)", "process.env", "console.log(1)", 'from "node:fs"', "fetch(a)"];
  for (const line of worldly) expect(worldlyLines(line)).toEqual([line]);
  expect(worldlyLines("const processed = 1; crypto.subtle.encrypt(a)")).toEqual([]);
});
