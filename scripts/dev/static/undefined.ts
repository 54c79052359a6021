/** From what ld prints to a message on the names that nothing defines: who asks, and what to do. */
import { basename } from "node:path";
import { originOf } from "./origin.ts";

/** undefined if ld failed for another reason */
export function undefinedNames(printed: string): string | undefined {
  const asking = new Map<string, Set<string>>();
  let by = "";
  for (const line of printed.split("\n")) {
    // "ld: ARCHIVE(MEMBER): in function ..." stands before what follows, or on the same line
    by = /(?:^|: )(\S+\.a\([^)]+\)|\S+\.o):/.exec(line)?.[1] ?? by;
    const name = /undefined reference to `([^']+)'/.exec(line)?.[1];
    if (!name) continue;
    asking.set(name, (asking.get(name) ?? new Set()).add(describe(by)));
  }
  if (asking.size === 0) return undefined;
  const lines = [...asking].map(
    ([name, from]) => `  ${name}, asked for by ${[...from].join(", ")}`,
  );
  return [
    `nothing defines ${asking.size === 1 ? "a name" : `${asking.size} names`}:`,
    ...lines,
    advice,
  ].join("\n");
}

const advice =
  "If libc has the function under another name, add it to aliases.ts; if not, write it in gaps.c.";

function describe(by: string): string {
  const [, archive = "", member = ""] = /^(.*)\((.*)\)$/.exec(by) ?? [];
  if (!archive) return by === "bun.o" ? "the executable that is linked" : by;
  const { package: name, version } = originOf(archive);
  return `${basename(archive)}(${member}) of ${name ? `${name} ${version}` : "no known package"}`;
}
