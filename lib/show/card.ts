/**
 * The card of a share, to print, and its form as text. It consists of strings, which cannot be
 * wiped: QR codes are made from strings.
 */

import { toHex, toText, wipe } from "../core/bytes.ts";
import type { Share } from "../core/sharing.ts";
import { numberedRows, splitGroups } from "../typing/groups.ts";
import { encodeShare } from "../wire/share.ts";

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
  /** Below the code: what to type, and when. */
  steps: string[];
}

/** A QR code with its quiet zone: rows of modules, true where dark. */
export type Modules = boolean[][];

export const columns = 80;

/** The card of a share. */
export function makeCard(share: Share, date: string, label?: string): Card {
  const line = encodeShare(share);
  const { setId, k, n, x } = share;
  const { groups } = splitGroups(line);
  const others = k === 2 ? "one more share" : `${k - 1} more shares`;
  const secret = k === 1 ? "it is the whole key" : `with ${others} of this set, it gives the key`;
  const card = {
    title: `worstday: share ${x} of ${n}`,
    date,
    label: label ?? `for ${"_".repeat(60)}`,
    about: [
      `set ${toHex(setId)}: any ${k} of its ${n} shares recover the key`,
      `SECRET: ${secret}. Keep it offline.`,
      "",
      `The share has ${groups.length} groups. Type them on one line, without the row numbers.`,
      "After wdshare1 there is no 1, b, i or o: 0 is the digit zero, l the letter ell.",
      "",
    ],
    rows: numberedRows(line),
    code: toText(line).toUpperCase(),
    steps: stepsOf(k, others),
  };
  wipe(line);
  return card;
}

function stepsOf(k: number, others: string): string[] {
  const open = "./combine | ./vault-open vault.wd -o secrets.tar";
  return [
    "The code holds the same line: any device that scans it has the share.",
    "",
    `On the worst day, with worstday, the vault${k === 1 ? "" : ` and ${others}`}:`,
    "  umask 077; cat > offline.txt  # type it on one line, then Enter, Ctrl-D",
    ...(k === 1
      ? [`  cat offline.txt | ${open}`]
      : [
          "  ./unseal --key node-a.key node-a.sealed >> others.txt  # a node's share",
          `  cat offline.txt others.txt | ${open}`,
        ]),
  ];
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
