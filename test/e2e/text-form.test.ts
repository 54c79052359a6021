// The text form: what hands and editors may do to a line, and what they may not.

import { expect } from "bun:test";
import { concat, hex, nth, sample, utf8 } from "../oracle/bytes.ts";
import { shareBytes } from "../oracle/share.ts";
import { encode, encodeSymbols, mistype, symbols } from "../oracle/text.ts";
import { master, nodeA, oddShare, pick, sealed, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;
const first = nth(twoOfThree.shares, 0);
const second = nth(twoOfThree.shares, 1);
const padded = shareBytes({ ...second, y: sample("padded", 49) });
const both = pick(twoOfThree.lines, 1, 2);
const grouped = (line: string, gap: string): string => line.match(/.{1,5}/g)?.join(gap) ?? "";
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));

const readable: Record<string, string | Uint8Array> = {
  "CRLF line ends": both.replaceAll("\n", "\r\n"),
  "a leading BOM": `\ufeff${both}`,
  "a leading BOM before a comment": `\ufeff# shares\n${both}`,
  "comments and blank lines": `# one\n\n${one}\n#\n   \n\t\n# two\n${two}\n\n# end`,
  "upper case": both.toUpperCase(),
  "one line in upper case, one in lower": `${one.toUpperCase()}\n${two}\n`,
  "groups with spaces": `${grouped(one, " ")}\n${grouped(two, " ")}\n`,
  "groups with tabs": `${grouped(one, "\t")}\n${grouped(two, "\t")}\n`,
  "groups with hyphens": `${grouped(one, "-")}\n${grouped(two, "-")}\n`,
  "groups with all of these, in upper case": `  ${grouped(one, " -\t ").toUpperCase()} \n${two}\t\n`,
  "no newline at the end": both.trimEnd(),
  "CRLF, BOM, comments and groups at once": `\ufeff# a\r\n\r\n${grouped(one.toUpperCase(), "-")}\r\n${grouped(two, " ")}\r\n`,
};
for (const [what, text] of Object.entries(readable)) {
  scenario(`combine reads ${what}`, async (room) => {
    room.file("shares", text);
    expect(hex((await room.ok("./combine < shares")).stdout)).toBe(hex(master));
    expect(hex((await room.ok("./combine shares")).stdout)).toBe(hex(master));
  });
}

scenario("each file named may begin with a BOM and end without a newline", async (room) => {
  room.file("a", `\ufeff${one}`);
  room.file("b", `\ufeff${two}`);
  expect(hex((await room.ok("./combine a b")).stdout)).toBe(hex(master));
});

scenario("a line is sealed and passed on in its canonical form", async (room) => {
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("share", `${grouped(one, " ").toUpperCase()}\r\n`);
  const said = await room.ok(`./seal ${nodeA.publicLine} < share | ./unseal --key a.key`);
  expect(said.text).toBe(`${one}\n`);
  expect((await room.ok("./seal - < share")).text).toBe(`${one}\n`);
});

scenario(
  "keys and sealed lines are read in upper case, in groups and with comments",
  async (room) => {
    room.file("a.key", `# node-a\r\n${grouped(nodeA.secretLine, "-").toUpperCase()}\r\n`);
    room.file("a.pub", `# node-a\n\n${grouped(nodeA.publicLine, " ").toUpperCase()}\n# end\n`);
    room.file("share", `${one}\n`);
    room.file("sealed", grouped(sealed(one, nodeA), " ").toUpperCase());
    expect((await room.ok("./unseal --key a.key sealed")).text).toBe(`${one}\n`);
    expect((await room.ok("./seal a.pub < share | ./unseal --key a.key")).text).toBe(`${one}\n`);
    expect((await room.ok("./keygen -y < a.key")).text).toBe(`${nodeA.publicLine}\n`);
  },
);

/** What stands on line 2 of a file whose line 1 is a good share. */
const faults: Record<string, [string | Uint8Array, RegExp?]> = {
  "mixed case": [two.slice(0, 30) + two.slice(30).toUpperCase(), /case/i],
  "mixed case in the prefix alone": [`W${two.slice(1)}`, /case/i],
  "a wrong symbol": [mistype(two, 40), /check|typ|symbol/i],
  "a wrong symbol in the checksum": [mistype(two, 110), /check|typ|symbol/i],
  "a letter outside the alphabet": [`${two.slice(0, 40)}b${two.slice(41)}`],
  "a missing symbol": [two.slice(0, 50) + two.slice(51)],
  "an added symbol": [`${two.slice(0, 50)}q${two.slice(50)}`],
  "a line cut short": [two.slice(0, 70)],
  "a prefix alone": ["wdshare1"],
  "a prefix without its separator": ["wdshare"],
  "an unknown prefix": [encode("wdshore", shareBytes(second))],
  "no prefix at all": [two.slice(8)],
  words: ["this is not a share"],
  "a comment after the token": [`${two} # mine`],
  "a non-ASCII letter": [`${two.slice(0, 40)}é${two.slice(41)}`, /ASCII|byte|character/i],
  "a non-breaking space": [`${two.slice(0, 40)}\u00a0${two.slice(40)}`, /ASCII|byte|character/i],
  "an en dash": [`${two.slice(0, 40)}–${two.slice(40)}`, /ASCII|byte|character/i],
  "a byte that is not UTF-8": [
    concat(utf8(two.slice(0, 9)), Uint8Array.of(0xff), utf8(two.slice(9))),
  ],
  "a NUL": [`${two.slice(0, 40)}\0${two.slice(40)}`],
  "an escape character": [`${two.slice(0, 40)}\u001b[31m${two.slice(40)}`],
  "a form feed": [`${two.slice(0, 40)}\f${two.slice(40)}`],
  "a lone carriage return inside": [`${two.slice(0, 40)}\r${two.slice(40)}`],
  "a BOM that is not the first thing": [`\ufeff${two}`],
  "an over-long line": ["q".repeat(100_000), /long|symbol/i],
  "an over-long share": [encode("wdshare", concat(shareBytes(second), sample("x", 600)))],
  "padding that is not zero": [encodeSymbols("wdshare", symbols(padded, 1))],
  "a whole group of padding": [encodeSymbols("wdshare", [...symbols(shareBytes(first)), 0])],
  "version 0": [oddShare({ version: 0, x: 2 }), /version/i],
  "version 2": [oddShare({ version: 2, x: 2 }), /hint: /],
  "x = 0": [oddShare({ x: 0 }), /\b0\b/],
  "x above n": [oddShare({ x: 4 }), /\b4\b/],
  "k = 0": [oddShare({ k: 0, x: 2 }), /\b0\b/],
  "k above n": [oddShare({ k: 4, x: 2 }), /\b4\b/],
  "n = 0": [oddShare({ n: 0, x: 0 }), /\b0\b/],
  "a secret of no bytes": [oddShare({ x: 2, secretBytes: 0 })],
  "a secret of 257 bytes": [oddShare({ x: 2, secretBytes: 257 })],
  "no value at all": [oddShare({ x: 2, secretBytes: -16 })],
  "a header cut short": [encode("wdshare", shareBytes(first).slice(0, 11))],
  "no bytes": [encode("wdshare", new Uint8Array(0))],
};
for (const [what, [fault, says = /./]] of Object.entries(faults)) {
  const bytes = typeof fault === "string" ? utf8(fault) : fault;
  const token = [two.slice(8)];
  scenario(`a share line with ${what} is malformed, and its place is told`, async (room) => {
    room.file("good", `${three}\n`);
    room.file("bad", concat(utf8(`${one}\n`), bytes, utf8("\n")));
    room.file("a.key", `${nodeA.secretLine}\n`);
    room.file("sealed", `${sealed(one, nodeA)}\n`);
    await room.fails("./combine < bad", 3, /\b(line |:)2\b/, { secrets: token });
    await room.fails("./combine good bad", 3, /bad.*\b(line |:)2\b/, { secrets: token });
    await room.fails("cat sealed bad | ./unseal --key a.key", 3, /\b(line |:)3\b/);
    await room.fails("./seal - - < bad", 3, /\b(line |:)2\b/);
    await room.fails("./inspect bad", 3, /bad.*\b(line |:)2\b/);
    await room.fails("./combine bad", 3, says, { secrets: token });
  });
}

scenario("the line told is counted over comments, blank lines and CRLF", async (room) => {
  room.file("bad", `# c\r\n\r\n${one}\r\n\r\n# d\r\n${mistype(two, 30)}\r\n`);
  await room.fails("./combine bad", 3, /\b(line |:)6\b/);
});

scenario("a newline missing between two files is named in a hint", async (room) => {
  room.file("a", one);
  room.file("b", two);
  await room.fails("cat a b | ./combine", 3, /hint: .*newline/);
  await room.fails("cat a b | ./inspect", 3, /hint: .*newline/);
  await room.fails("cat a b | ./seal - -", 3, /hint: .*newline/);
  room.file("a.key", nodeA.secretLine);
  room.file("s", sealed(two, nodeA));
  await room.fails("cat a s | ./unseal --key a.key", 3, /hint: .*newline/);
  await room.fails("cat s a | ./unseal --key a.key", 3, /hint: .*newline/);
  room.file("up", `${one.toUpperCase()}${two.toUpperCase()}`);
  await room.fails("./combine up", 3, /hint: .*newline/);
});

const unreadable: Record<string, string | Uint8Array> = {
  "UTF-16": utf16(both),
  "UTF-16 without a BOM": utf16(both).slice(2),
  "old Macintosh line ends": both.replaceAll("\n", "\r"),
  "a vault": concat(utf8("worstday vault 1"), sample("vault", 200)),
  "random bytes": sample("noise", 5000),
  "NUL bytes": new Uint8Array(100),
};
for (const [what, bytes] of Object.entries(unreadable)) {
  scenario(`combine, seal and unseal refuse ${what}`, async (room) => {
    room.file("bad", bytes);
    room.file("a.key", nodeA.secretLine);
    await room.fails("./combine < bad", 3, /./, { secrets: [one, two] });
    await room.fails("./seal - - < bad", 3, /./, { secrets: [one, two] });
    await room.fails("./unseal --key a.key < bad", 3, /./, { secrets: [one, two] });
  });
}

scenario("a token of another kind is refused, its kind and place told", async (room) => {
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("a.pub", `${nodeA.publicLine}\n`);
  room.file("share", `${one}\n`);
  await room.fails("cat share a.pub | ./combine", 3, /(line |:)2\b.*wdpub|public key/i);
  await room.fails("cat share a.key | ./combine", 3, /(line |:)2\b.*wdkey|private key/i);
  await room.fails("cat share a.pub | ./unseal --key a.key", 3, /(line |:)2\b/);
  await room.fails("cat share a.key | ./unseal --key a.key", 3, /(line |:)2\b/);
  await room.fails("cat share a.key | ./seal - -", 3, /(line |:)2\b/);
  room.file("sealed", `${sealed(one, nodeA)}\n`);
  await room.fails("./seal a.pub < sealed", 3, /sealed/);
});
