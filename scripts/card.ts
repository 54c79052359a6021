#!/usr/bin/env bun
/**
 * card: make a card of a share, to print and to keep
 *
 *   card [--label TEXT] [--date YYYY-MM-DD] [--svg] [FILE…] < SHARES
 */

import { encodeQR } from "qr";
import { type Args, defineManual, filesArgument, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { escapeControls } from "../lib/cli/messages.ts";
import { fail } from "../lib/core/errors.ts";
import { linesOf } from "../lib/pipes/lines.ts";
import { type Card, cardText, columns, makeCard } from "../lib/show/card.ts";
import { cardSvg } from "../lib/show/card-svg.ts";
import { decodeLine } from "../lib/wire/lines.ts";
import { decodeAnyShare, isSealed } from "../lib/wire/sealed-share.ts";

export const manual = defineManual({
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
    files: filesArgument,
  },
  examples: `
    Print the offline share:

      ./card --label "acme fleet, generation 2" offline.txt | lp

    Make a page that a browser prints:

      ./card --svg -o card.svg offline.txt
  `,
});

export async function run(
  { label, date, svg, out, files }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  const text = label === undefined ? undefined : checkLabel(label);
  const day = date === undefined ? new Date().toISOString().slice(0, 10) : checkDate(date);
  const to = await io.output(out, "text");
  const lines = await linesOf(io, files, { wanted: "share" });
  const cards: Card[] = [];
  for (const line of lines)
    cards.push(await decodeLine(line, (token) => cardOf(io, token, day, text)));
  if (svg && lines[1]) {
    fail("malformed", `${lines[1].where}: --svg makes one page`, "one share at a time");
  }
  const onScreen = to.kind === "stdout" && (await io.isTerminal("stdout"));
  const pages = cards.map((card) => {
    const modules = encodeQR(card.code, "raw", { encoding: "alphanumeric", border: 4 });
    return svg ? cardSvg(card, modules) : cardText(card, modules, onScreen);
  });
  await to.send([new TextEncoder().encode(pages.join("\f"))]);
}

function cardOf(io: Io, token: Uint8Array, date: string, label: string | undefined): Card {
  const share = decodeAnyShare(token);
  if (isSealed(share)) {
    fail("malformed", "this share is sealed", "unseal it first, on its node or with its key");
  }
  io.secret(share.y);
  return makeCard(share, date, label);
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

if (import.meta.main) await main({ manual, run });
