/**
 * npm run reading [-- NAME...]: what one must read to believe in these commands, file by file with
 * its lines: the static imports of their scripts, types included. Without a name: of unseal, combine
 * and vault-open. With --write the list goes into CONTRIBUTING.md.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./project.ts";

export const worstDay = ["unseal", "combine", "vault-open"];

/** The code without its comments; strings stay as they are, since they may look like comments. */
export function withoutComments(source: string): string {
  const stringOrComment = /("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*/g;
  return source.replace(stringOrComment, (_, string: string | undefined) => string ?? "");
}

/** What a file imports or exports again, types included; and what it loads when it is called for. */
export function importsOf(source: string): { fixed: string[]; lazy: string[] } {
  const code = withoutComments(source);
  const find = (pattern: RegExp) => [...code.matchAll(pattern)].map((match) => match[1] as string);
  return {
    fixed: find(/(?:\bfrom\s*|\bimport\s*)"([^"\n]+)"/g),
    lazy: find(/\b(?:import|require)\s*\(\s*"([^"\n]+)"/g),
  };
}

/** A file of the project that `specifier` names in `file`, from the root; undefined for a package. */
export function resolveImport(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(root, join(root, dirname(file), specifier));
}

/** The files that are loaded with these, from the root, in order. */
export function closureOf(files: string[]): string[] {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file) || !file.endsWith(".ts")) return;
    seen.add(file);
    for (const specifier of importsOf(readFileSync(join(root, file), "utf8")).fixed) {
      const target = resolveImport(file, specifier);
      if (target !== undefined) visit(target);
    }
  };
  files.forEach(visit);
  return [...seen].sort();
}

/** Lines of a file, comments included. */
export function linesOf(file: string): number {
  return readFileSync(join(root, file), "utf8").split("\n").length - 1;
}

/** The list as it is printed, and as CONTRIBUTING.md has it. */
export function readingList(names: string[]): string {
  const files = closureOf(names.map((name) => `scripts/${name}.ts`));
  const lines = files.map((file) => `${String(linesOf(file)).padStart(5)}  ${file}`);
  const total = files.reduce((sum, file) => sum + linesOf(file), 0);
  return [...lines, `${String(total).padStart(5)}  ${files.length} files`, ""].join("\n");
}

/** The one indented block of CONTRIBUTING.md that ends with a count of files. */
function writeList(): void {
  const file = join(root, "CONTRIBUTING.md");
  const list = readingList(worstDay).replace(/^(?=.)/gm, "    ");
  const block = /(?:^ {4,}\d+ {2}\S+\.ts\n)+^ {4,}\d+ {2}\d+ files\n/m;
  writeFileSync(file, readFileSync(file, "utf8").replace(block, list));
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  if (names[0] === "--write") writeList();
  else process.stdout.write(readingList(names.length > 0 ? names : worstDay));
}
