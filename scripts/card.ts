#!/usr/bin/env bun
/**
 * card: make a card of a share, to print and to keep
 *
 *   card [--label TEXT] [--contact TEXT] [--where TEXT] [--dir DIR] [--svg | --rows] [FILE…] < SHARES
 */

import { encodeQR } from "qr";
import { type Args, defineManual, filesArgument, outFlag } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { fail } from "../lib/core/errors.ts";
import { linesOf } from "../lib/pipes/lines.ts";
import { dirFlag, readScheme } from "../lib/scheme/read.ts";
import { type Card, cardRows, cardText, makeCard } from "../lib/show/card.ts";
import { columns, type Remarks } from "../lib/show/card-steps.ts";
import { cardSvg } from "../lib/show/card-svg.ts";
import { escapeControls } from "../lib/system/messages.ts";
import { decodeLine } from "../lib/wire/lines.ts";
import { decodeAnyShare, isSealed } from "../lib/wire/sealed-share.ts";

export const manual = defineManual({
  meta: { name: "card", description: "make a card of a share, to print and to keep" },
  description: `
    Writes on one page what a person needs on the worst day: the share in
    numbered groups that can be read aloud and copied, its QR code, how many
    more shares are needed, whom to ask, and what to type.

    With --dir, the card also has the generation and the other holders of the
    scheme in that folder, and the commands that recover its newest contents from
    a folder named scheme. Without --contact or --where, there is a blank to fill
    in by hand.

    Each share gets a page of its own; --svg takes only one share. --rows prints
    the share alone, which fits on any screen. The date is today's, in UTC, unless
    --date gives another. Anyone who can read a card has the share.
  `,
  args: {
    label: { type: "string", valueHint: "TEXT", description: "what the share belongs to" },
    contact: { type: "string", valueHint: "TEXT", description: "whom a finder should tell" },
    where: {
      type: "string",
      valueHint: "TEXT",
      description: "where the vault and the software are",
    },
    dir: { ...dirFlag, required: false, description: "the folder of the share's scheme" },
    date: {
      type: "string",
      valueHint: "YYYY-MM-DD",
      description: "the date on the card, if not today",
    },
    svg: { type: "boolean", description: "write an SVG page, to print from a browser" },
    rows: { type: "boolean", description: "print the share alone, in rows" },
    out: outFlag,
    files: filesArgument,
  },
  examples: `
    Print the offline share:

      ./card --label "acme fleet" --contact "ops@acme.example" offline.txt | lp

    Make an SVG page, to print from a browser:

      ./card --svg -o card.svg offline.txt
  `,
});

export async function run(
  { label, contact, where, dir, date, svg, rows, out, files }: Args<typeof manual>,
  io: Io,
): Promise<void> {
  if (svg && rows) fail("usage", "--svg and --rows exclude each other");
  const remarks: Remarks = {
    date: date === undefined ? new Date().toISOString().slice(0, 10) : checkDate(date),
    label: checkText("--label", label, columns),
    contact: checkText("--contact", contact, columns - "contact: ".length),
    where: checkText("--where", where, columns - "vault and software: ".length),
    scheme: dir === undefined ? undefined : await readScheme(io, dir),
  };
  const to = await io.output(out, "shown");
  const lines = await linesOf(io, files, { wanted: "share" });
  const cards: Card[] = [];
  for (const line of lines)
    cards.push(await decodeLine(line, (token) => cardOf(io, token, remarks)));
  if (svg && lines[1]) {
    fail(
      "malformed",
      `${lines[1].where}: --svg takes only one share`,
      "run it once for each share",
    );
  }
  const onScreen = to.kind === "stdout" && (await io.isTerminal("stdout"));
  const pages = cards.map((card) => {
    if (rows) return cardRows(card);
    const modules = encodeQR(card.code, "raw", { encoding: "alphanumeric", border: 4 });
    return svg ? cardSvg(card, modules) : cardText(card, modules, onScreen);
  });
  await to.send([new TextEncoder().encode(pages.join(rows ? "" : "\f"))]);
}

function cardOf(io: Io, token: Uint8Array, remarks: Remarks): Card {
  const share = decodeAnyShare(token);
  if (isSealed(share)) {
    fail("malformed", "this share is sealed", "unseal it first, on its node or with its key");
  }
  io.secret(share.y);
  return makeCard(share, remarks);
}

function checkText(flag: string, given: string | undefined, most: number): string | undefined {
  const text = given === undefined ? undefined : escapeControls(given);
  if (Bun.stringWidth(text ?? "") > most) fail("usage", `${flag} takes at most ${most} columns`);
  return text;
}

function checkDate(date: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(date)) {
    fail("usage", "--date takes a date, such as 2026-02-28");
  }
  return date;
}

if (import.meta.main) await main({ manual, run });
