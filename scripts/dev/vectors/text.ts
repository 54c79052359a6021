/** The text form: what a line may look like. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import { encodeText } from "../../../lib/wire/text.ts";
import { tokenOf } from "../../../test/oracle/text.ts";
import { bytesOf, lines, secret, shares, type Vectors, vector } from "./vector.ts";

export function textVectors(): Vectors {
  const [a, b] = shares("text", 2, 3).map(encodeShare) as [Uint8Array, Uint8Array];
  const [text, second] = [a, b].map((token) => String.fromCharCode(...token)) as [string, string];
  const mixed = [...text].map((c, i) => (i % 3 === 0 ? c.toUpperCase() : c)).join("");
  const grouped = (text.match(/.{1,5}/g) as string[]).join(" ");
  const good = (about: string, stdin: string | Uint8Array) =>
    vector(about, "combine", bytesOf(stdin), secret);
  const bad = (about: string, stdin: string | Uint8Array) =>
    vector(about, "combine", bytesOf(stdin), "malformed");
  /** What becomes of the first line. */
  const first = (about: string, token: string | Uint8Array) => bad(about, lines(token, b));
  // The 60 bytes of a share fill 96 symbols exactly; the 33 of a key leave one bit of padding.
  const wrongPadding = tokenOf("wdpub", [...Array<number>(52).fill(0), 1]);
  return {
    "text-plain": good("two lines, LF", lines(a, b)),
    "text-crlf": good("CRLF at the ends of lines", `${text}\r\n${second}\r\n`),
    "text-no-newline": good("no newline after the last line", `${text}\n${second}`),
    "text-bom": good("a byte order mark", concat(Uint8Array.of(0xef, 0xbb, 0xbf), lines(a, b))),
    "text-comments": good("comments and blank lines", `# one\n\n${text}\n \t\n#\n${second}\n`),
    "text-upper-case": good("upper case", lines(text.toUpperCase(), b)),
    "text-groups": good("spaces", lines(grouped, b)),
    "text-hyphens": good("hyphens and tabs", lines(`\t${grouped.replaceAll(" ", "-")}`, b)),
    "text-mixed-case": good("mixed case", lines(mixed, b)),
    "text-joined": bad("a newline is missing between two lines", text + second),
    "text-not-ascii": first("a byte above 7f", concat(a, Uint8Array.of(0xe9))),
    "text-control": first("a NUL byte", concat(a, Uint8Array.of(0))),
    "text-bad-character": first("a character outside the alphabet", a.with(20, 0x62)),
    "text-unreadable": first("two symbols are question marks", a.with(20, 0x3f).with(77, 0x3f)),
    "text-wrong-symbol": first("one symbol is another", a.with(20, a[20] === 0x71 ? 0x70 : 0x71)),
    "text-missing-symbol": first("one symbol is missing", text.slice(0, 30) + text.slice(31)),
    "text-added-symbol": first("one symbol is there twice", text.slice(0, 31) + text.slice(30)),
    "text-swapped-symbols": first("two neighbours are swapped", swap(a)),
    "text-unknown-hrp": bad("another human-readable part", `wdother1${text.slice(8)}\n`),
    "text-too-short": bad("nothing but a checksum", lines(encodeText("wdshare", ascii("")))),
    "text-padding": {
      ...bad("padding that is not zero, with a right checksum", lines(wrongPadding)),
      command: ["inspect"],
    },
    "text-empty": vector("no lines", "combine", ascii(""), "too-few"),
  };
}

/** The first two neighbours behind the header that differ. */
function swap(token: Uint8Array): Uint8Array {
  const i = token.findIndex((byte, place) => place > 40 && byte !== token[place + 1]);
  return token.with(i, token[i + 1] as number).with(i + 1, token[i] as number);
}
