/** The text form: what a line may look like. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { checksum } from "../../../lib/wire/checksum.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import { encodeText } from "../../../lib/wire/text.ts";
import { lines, secret, shareLines, shares, type Vector } from "./vector.ts";

export function textVectors(): Record<string, Vector> {
  const [a, b] = shares("text", 2, 3).map(encodeShare) as [Uint8Array, Uint8Array];
  const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
  const grouped = (text(a).match(/.{1,5}/g) as string[]).join(" ");
  const good = (about: string, stdin: Uint8Array): Vector => ({
    about,
    command: ["combine"],
    stdin,
    stdout: secret,
  });
  const bad = (about: string, stdin: Uint8Array): Vector => ({
    about,
    command: ["combine"],
    stdin,
    error: "malformed",
  });
  return {
    "text-plain": good("two lines, LF", lines(a, b)),
    "text-crlf": good("CRLF at the ends of lines", ascii(`${text(a)}\r\n${text(b)}\r\n`)),
    "text-no-newline": good("no newline after the last line", ascii(`${text(a)}\n${text(b)}`)),
    "text-bom": good("a byte order mark", concat(Uint8Array.of(0xef, 0xbb, 0xbf), lines(a, b))),
    "text-comments": good(
      "comments and blank lines",
      ascii(`# one\n\n${text(a)}\n \t\n#\n${text(b)}\n`),
    ),
    "text-upper-case": good("upper case", ascii(`${text(a).toUpperCase()}\n${text(b)}\n`)),
    "text-groups": good("spaces", ascii(`${grouped}\n${text(b)}\n`)),
    "text-hyphens": good(
      "hyphens and tabs",
      ascii(`\t${grouped.replaceAll(" ", "-")}\n${text(b)}\n`),
    ),
    "text-mixed-case": bad("mixed case", ascii(`${text(a).replace("q", "Q")}\n${text(b)}\n`)),
    "text-joined": bad("a newline is missing between two lines", ascii(text(a) + text(b))),
    "text-not-ascii": bad("a byte above 7f", lines(concat(a, Uint8Array.of(0xe9)), b)),
    "text-control": bad("a NUL byte", lines(concat(a, Uint8Array.of(0)), b)),
    "text-bad-character": bad("a character outside the alphabet", lines(a.with(20, 0x62), b)),
    "text-unreadable": bad(
      "two symbols are question marks",
      lines(a.with(20, 0x3f).with(77, 0x3f), b),
    ),
    "text-wrong-symbol": bad(
      "one symbol is another",
      lines(a.with(20, a[20] === 0x71 ? 0x70 : 0x71), b),
    ),
    "text-missing-symbol": bad(
      "one symbol is missing",
      lines(concat(a.slice(0, 30), a.slice(31)), b),
    ),
    "text-added-symbol": bad(
      "one symbol is there twice",
      lines(concat(a.slice(0, 31), a.slice(30)), b),
    ),
    "text-swapped-symbols": bad("two neighbours are swapped", lines(swap(a), b)),
    "text-unknown-hrp": bad("another human-readable part", ascii(`wdother1${text(a).slice(8)}\n`)),
    "text-too-short": bad("nothing but a checksum", lines(encodeText("wdshare", new Uint8Array()))),
    "text-padding": {
      ...bad("padding that is not zero, with a right checksum", wrongPadding()),
      command: ["inspect"],
    },
    "text-empty": {
      about: "no lines",
      command: ["combine"],
      stdin: shareLines(),
      error: "too-few",
    },
  };
}

/** The 60 bytes of a share fill 96 symbols exactly; the 33 of a key leave one bit of padding. */
function wrongPadding(): Uint8Array {
  const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const data = Array.from({ length: 53 }, (_, i) => (i === 52 ? 1 : 0));
  const symbols = [...data, ...checksum("wdpub", data)];
  return ascii(`wdpub1${symbols.map((symbol) => alphabet[symbol]).join("")}\n`);
}

/** The first two neighbours behind the header that differ. */
function swap(token: Uint8Array): Uint8Array {
  const i = token.findIndex((byte, place) => place > 40 && byte !== token[place + 1]);
  return token.with(i, token[i + 1] as number).with(i + 1, token[i] as number);
}
