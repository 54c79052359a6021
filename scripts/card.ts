#!/usr/bin/env bun
/**
 * card: make a card of a share, to print and to keep
 *
 *   card [--label TEXT] [--date YYYY-MM-DD] [--svg] [FILE…] < SHARES
 */

import { encodeQR } from "qr";
import { defineCommand, outFlag } from "../lib/cli/command.ts";
import { failEmpty, readSources } from "../lib/cli/input.ts";
import { main } from "../lib/cli/main.ts";
import { escapeControls } from "../lib/cli/messages.ts";
import { destination, send } from "../lib/cli/output.ts";
import { isTerminal } from "../lib/cli/terminal.ts";
import { wipe } from "../lib/core/bytes.ts";
import { at, fail } from "../lib/core/errors.ts";
import { type Card, cardText, columns, makeCard } from "../lib/show/card.ts";
import { cardSvg } from "../lib/show/card-svg.ts";
import { type Line, readLines } from "../lib/wire/lines.ts";
import { hrpOf } from "../lib/wire/text.ts";

export const command = defineCommand({
  meta: { name: "card", description: "make a card of a share, to print and to keep" },
  description: `
    Writes what a person needs on the worst day on one page: the share in numbered
    groups that can be read aloud and copied, a QR code of it, how many more it
    takes, and what to type.

    Of several shares each gets a page of its own; --svg makes one page, of one
    share. The date is today's, in UTC, unless --date gives another. Whoever reads a
    card has the share.
  `,
  args: {
    label: { type: "string", valueHint: "TEXT", description: "what the share belongs to" },
    date: { type: "string", valueHint: "YYYY-MM-DD", description: "instead of today's" },
    svg: { type: "boolean", description: "make a page that a browser prints" },
    out: outFlag,
    files: { type: "positional", multiple: true, required: false, description: "instead of stdin" },
  },
  examples: `
    Print the offline share:

      ./card --label "acme fleet, generation 2" offline.txt | lp

    Make a page that a browser prints:

      ./card --svg -o card.svg offline.txt
  `,
  async run({ label, date, svg, out, files }) {
    const text = label === undefined ? undefined : checkLabel(label);
    const day = date === undefined ? new Date().toISOString().slice(0, 10) : checkDate(date);
    const to = await destination(out, "text");
    const sources = await readSources(files);
    const lines = sources.flatMap(({ bytes, file }) => readLines(bytes, file));
    if (lines.length === 0) failEmpty(sources, "malformed", "share");
    const cards: Card[] = [];
    for (const line of lines) cards.push(await at(line.where, () => cardOf(line, day, text)));
    wipe(...sources.map(({ bytes }) => bytes));
    if (svg && lines[1]) {
      fail("malformed", `${lines[1].where}: --svg makes one page`, "one share at a time");
    }
    const onScreen = out === undefined && (await isTerminal(1));
    const pages = cards.map((card) => {
      const modules = encodeQR(card.code, "raw", { encoding: "alphanumeric", border: 4 });
      return svg ? cardSvg(card, modules) : cardText(card, modules, onScreen);
    });
    await send(to, [new TextEncoder().encode(pages.join("\f"))]);
  },
});

function cardOf({ token }: Line, date: string, label: string | undefined): Card {
  if (hrpOf(token) === "wdsealed") {
    fail("malformed", "this share is sealed", "unseal it first, on its node or with its key");
  }
  return makeCard(token, date, label);
}

function checkLabel(label: string): string {
  const text = escapeControls(label);
  if (Bun.stringWidth(text) > columns) fail("usage", `--label takes ${columns} columns at most`);
  return text;
}

function checkDate(date: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(date)) {
    fail("usage", "--date takes a day, as in 2026-02-28");
  }
  return date;
}

if (import.meta.main) await main(command);
