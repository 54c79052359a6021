/**
 * The manual pages, from the definitions in scripts/: mdoc(7), for mandoc and groff alike
 *
 * They are called worstday-NAME, as git's are: split and combine are other programs' pages, and an
 * install puts only worstday on PATH.
 */

import { join } from "node:path";
import type { Flag, Manual } from "../../lib/cli/command.ts";
import {
  examplesOf,
  exitMeanings,
  isOperand,
  operandName,
  paragraphs,
} from "../../lib/cli/manual.ts";
import { version } from "../../package.json" with { type: "json" };
import { commandNames, root } from "./project.ts";

/** Of the texts, not of the build, which must give the same bytes on any day. */
const date = "November 22, 2026";

/** What scripts/worstday.ts and the commands say of themselves, worstday first. */
export async function readManuals(): Promise<Manual[]> {
  const scripts = ["worstday", ...commandNames()].map(
    (name) => import(join(root, "scripts", `${name}.ts`)),
  );
  return (await Promise.all(scripts)).map(({ manual }) => manual);
}

/** The pages by their file names. */
export function manualPages(manuals: Manual[]): Map<string, string> {
  return new Map(manuals.map((one) => [`${pageOf(one)}.1`, manualPage(one, manuals)]));
}

function manualPage(manual: Manual, manuals: Manual[]): string {
  const { meta, exit = {} } = manual;
  const name = pageOf(manual);
  const isAll = meta.name === "worstday";
  const others = manuals.filter((one) => one !== manual);
  const lines = [
    `.Dd ${date}`,
    `.Dt ${name.toUpperCase()} 1`,
    `.Os worstday ${version}`,
    ".Sh NAME",
    `.Nm ${name}`,
    `.Nd ${argument(meta.description)}`,
    ".Sh SYNOPSIS",
    `.Nm ${isAll ? name : `worstday ${meta.name}`}`,
    ...Object.entries(manual.args).map(synopsis),
    ".Sh DESCRIPTION",
    paragraphs(manual.description).map(text).join("\n.Pp\n"),
    ...(isAll ? list(others.map((one) => [`Xr ${pageOf(one)} 1`, one.meta.description])) : []),
    ".Sh OPTIONS",
    ...list([
      ...Object.entries(manual.args).map(([name, flag]): [string, string] => [
        isOperand(flag)
          ? `Ar ${operand(name, flag)}`
          : [...new Set([short(name, flag), long(name, flag)])].join(" , "),
        `${flag.description ?? ""}${flag.required ? " (required)" : ""}`,
      ]),
      ["Fl \\-help", "print a summary and exit"],
      ["Fl \\-version", "print the version and exit"],
    ]),
    ".Sh EXIT STATUS",
    ...list(
      Object.entries(exitMeanings).map(([status, meaning]) => {
        const here = exit[Number(status)];
        return [status, here === undefined ? meaning : `${meaning};\nhere: ${here}`];
      }),
    ),
    ".Sh EXAMPLES",
    "As typed in the folder of the executables; where worstday is installed,",
    "worstday NAME stands for ./NAME.",
    ...examplesOf(manual).flatMap(({ about, line }) => {
      return [".Pp", text(about), ".Bd -literal -offset indent", literal(line), ".Ed"];
    }),
    ".Sh SEE ALSO",
    seeAlso(manual, others),
  ];
  return `${lines.join("\n")}\n`;
}

function pageOf({ meta: { name } }: Manual): string {
  return name === "worstday" ? name : `worstday-${name}`;
}

function synopsis([name, flag]: [string, Flag]): string {
  const one = isOperand(flag) ? `Ar ${operand(name, flag)}` : short(name, flag);
  const repeats = !isOperand(flag) && "multiple" in flag ? "\n.No ..." : "";
  return `.${flag.required ? "" : "Op "}${one}${repeats}`;
}

/** `FILE ...`, with a space, as mdoc does. */
function operand(name: string, flag: Flag): string {
  return operandName(name, flag).replace("...", " ...");
}

function short(name: string, flag: Flag): string {
  return "alias" in flag ? `Fl ${flag.alias}${value(flag)}` : long(name, flag);
}

function long(name: string, flag: Flag): string {
  return `Fl \\-${literal(name)}${value(flag)}`;
}

function value(flag: Flag): string {
  return flag.type === "string" ? ` Ar ${literal(flag.valueHint ?? "VALUE")}` : "";
}

function list(items: [head: string, body: string][]): string[] {
  const entries = items.map(([head, body]) => `.It ${head}\n${text(body)}`);
  return [".Bl -tag -width Ds", ...entries, ".El"];
}

/** The page of all, and those of the commands in the examples. */
function seeAlso(manual: Manual, others: Manual[]): string {
  const words = examplesOf(manual).flatMap(({ line }) => line.replaceAll("./", "").split(/\s+/));
  const named = others.filter(({ meta: { name } }) => name === "worstday" || words.includes(name));
  const pages = named.map(pageOf).toSorted();
  return pages.map((page) => `.Xr ${page} 1`).join(" ,\n");
}

/** Running text, each sentence on a line of its own. */
function text(words: string): string {
  return literal(words.replace(/([.:]) (?=[A-Z])/g, "$1\n"));
}

/** Every character as it is, and no line a macro. */
function literal(words: string): string {
  return words
    .replace(/\\/g, "\\e")
    .replace(/-/g, "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
}

/** Text on a macro's line, where some words would be macros themselves. */
function argument(words: string): string {
  return literal(words).replace(/(?<=^| )(?=[A-Z%"]|[.,:;()[\]|?!]( |$))/g, "\\&");
}
