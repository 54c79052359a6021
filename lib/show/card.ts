/**
 * The card of a share, to print, and its form as text. It consists of strings, which cannot be
 * wiped: QR codes are made from strings.
 */

import { toHex, toText, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import type { Share } from "../core/sharing.ts";
import { commitmentOf } from "../scheme/scheme.ts";
import { numberedRows, splitGroups } from "../typing/groups.ts";
import { encodeShare } from "../wire/share.ts";
import { columns, isKey, more, type Remarks, stepsOf } from "./card-steps.ts";

/** Lines of 80 columns at most, without their newlines. */
export interface Card {
  title: string;
  date: string;
  label: string;
  about: string[];
  /** The share in numbered rows. */
  rows: string[];
  /** The share line for the QR code, in its alphanumeric mode, which has no lower case. */
  code: string;
  /** Below the code: what this is, whom to ask, and what to type. */
  steps: string[];
}

/** A QR code with its quiet zone: rows of modules, true where dark. */
export type Modules = boolean[][];

/** The card of a share. @throws mismatch: it is not one of the scheme's */
export function makeCard(share: Share, remarks: Remarks): Card {
  const line = encodeShare(share);
  const { setId, k, n, x } = share;
  const { date, scheme } = remarks;
  if (scheme && commitmentOf(line) !== scheme.holders[x - 1]?.commitment) {
    fail("mismatch", `this share is not one of set ${scheme.set}, which the scheme has`);
  }
  const { groups } = splitGroups(line);
  const secret = k === 1 ? "it is the whole key" : `with ${more(k)} of this set, it gives the key`;
  const generation = scheme ? `, generation ${scheme.generation}` : "";
  const card = {
    title: `worstday: share ${x} of ${n}`,
    date,
    label: remarks.label ?? `for ${"_".repeat(60)}`,
    about: [
      `set ${toHex(setId)}${generation}: any ${k} of its ${n} shares recover the key`,
      `SECRET: ${secret}. Keep it offline.`,
      "",
      `The share has ${groups.length} groups. Type it row by row, or all on one line.`,
      "After wdshare1 there is no 1, b, i or o: 0 is the digit zero, l the letter ell.",
      ...(isKey(share) ? [""] : []),
    ],
    rows: numberedRows(line),
    code: toText(line).toUpperCase(),
    steps: stepsOf(share, remarks),
  };
  wipe(line);
  return card;
}

/** The rows alone, to be copied from a screen or typed into a file; all else is comments. */
export function cardRows({ title, about, rows }: Card): string {
  return [`# ${title}`, `# ${about[0]}`, ...rows].map((row) => `${row}\n`).join("");
}

/**
 * The card as one page of text. With `onScreen`, the code is coloured, since a screen may show
 * light text on dark.
 */
export function cardText(card: Card, modules: Modules, onScreen: boolean): string {
  const { title, date, label, about, rows, steps } = card;
  const [colour, plain] = onScreen ? ["\u001b[30;47m", "\u001b[0m"] : ["", ""];
  const code = halfBlocks(modules).map((row) => `  ${colour}${row}${plain}`);
  const head = `${title}${date.padStart(columns - title.length)}`;
  return `${[head, label, "", ...about, ...rows, ...code, ...steps].join("\n")}\n`;
}

/** Each character shows two modules, one above the other. */
function halfBlocks(modules: Modules): string[] {
  const lines: string[] = [];
  for (let at = 0; at < modules.length; at += 2) {
    const below = modules[at + 1];
    const cells = (modules[at] as boolean[]).map((top, i) =>
      top ? (below?.[i] ? "█" : "▀") : below?.[i] ? "▄" : " ",
    );
    lines.push(cells.join(""));
  }
  return lines;
}
