/** scheme.json as a whole. Every small damage to it, and anything in its place, is test/fuzz's. */

import { expect, setDefaultTimeout, test } from "bun:test";
import type { Scheme } from "../../lib/scheme/fields.ts";
import { commitmentOf, decodeScheme, encodeScheme, verifyTag } from "../../lib/scheme/scheme.ts";
import { codeOf, expectFailure, flipped } from "../core/helpers.ts";
import { concat, utf8 } from "../oracle/bytes.ts";
import type { Written } from "./scheme-file.ts";
import * as written from "./scheme-file.ts";

setDefaultTimeout(60_000); // for a busy machine

const { fields, file, holder, holders, lines, master, object, put, tagOf, text, withHolders } =
  written;

const slow = 120_000; // for a runtime that does not compile: a bound, no assertion
const good = file(fields);
const all: Written = [...fields, tagOf(fields)];
const scheme = JSON.parse(good) as Scheme & { tag: string };
/** What becomes of a file: `good` where the master's tag is right. */
function fateOf(bytes: Uint8Array): string {
  let verified = false;
  const code = codeOf(() => {
    verified = verifyTag(decodeScheme(bytes), master);
  });
  if (code !== "none") return code;
  return verified ? "good" : "other tag";
}

const isMalformed = (words: RegExp, bytes: Uint8Array | string) =>
  expectFailure("malformed", words, () => {
    return decodeScheme(typeof bytes === "string" ? utf8(bytes) : bytes);
  });
const notAsWritten = /^scheme\.json is not as it was written: /;
const notJson = /^scheme\.json is cut short, damaged, or not JSON$/;
const notOurs = /^scheme\.json is not a worstday scheme$/;

test("encodeScheme() writes what SPEC says, byte for byte, and decodeScheme() reads it", () => {
  const { tag: _, ...untagged } = scheme;
  expect(new TextDecoder().decode(encodeScheme(untagged, master))).toBe(good);
  expect(decodeScheme(utf8(good))).toEqual(scheme);
  expect(fateOf(utf8(good))).toBe("good");
});

test("encodeScheme() writes the fields in their order and no others, whatever it is given", () => {
  const mixed = Object.entries({ ...scheme, secret: "none of its business" }).reverse();
  const { holders: people } = scheme;
  const confused = people.map((one) => Object.fromEntries(Object.entries(one).reverse()));
  const given = { ...Object.fromEntries(mixed), holders: confused } as unknown as Scheme;
  expect(new TextDecoder().decode(encodeScheme(given, master))).toBe(good);
});

test("decodeScheme() reads as many holders as there can be", () => {
  const many = Array.from({ length: 255 }, (_, i) => holder(i, `offline-${i + 1}`, "offline"));
  const all = many.with(0, holders[0]);
  expect(fateOf(utf8(file(withHolders(all, 255))))).toBe("good");
});

test("commitmentOf() is BLAKE2b-256 of the share line, another for each", () => {
  const own = lines.map((line) => commitmentOf(utf8(line)));
  expect(own).toEqual(scheme.holders.map(({ commitment }) => commitment));
  expect(new Set(own).size).toBe(3);
  expect(commitmentOf(utf8(`${lines[0]}\n`))).not.toBe(own[0] as string);
});

test("verifyTag() is false for every other key and every other tag", () => {
  const decoded = decodeScheme(utf8(good));
  for (let bit = 0; bit < 256; bit++) {
    expect(verifyTag(decoded, flipped(master, bit))).toBe(false);
    const tag = flipped(Uint8Array.fromHex(decoded.tag), bit).toHex();
    expect(verifyTag({ ...decoded, tag }, master)).toBe(false);
  }
  expect(verifyTag({ ...decoded, tag: "" }, master)).toBe(false);
});

test("verifyTag() is false where any field is another, though well-formed", () => {
  const decoded = decodeScheme(utf8(good));
  const changes: Partial<Record<keyof Scheme, unknown>>[] = [
    ...[{ set: "0".repeat(16) }, { generation: 8 }, { k: 3 }, { n: 4 }, { keyId: "0".repeat(64) }],
    ...[{ vault: "vault-8.wd" }, { vaultDigest: "0".repeat(64) }],
    { created: "2026-01-02T03:04:06Z" },
    ...[{ holders: decoded.holders.toReversed() }, { holders: decoded.holders.slice(0, 2) }],
    ...[{ name: "c" }, { index: 4 }, { recipient: "offline" }, { commitment: "00" }].map((one) => {
      return { holders: decoded.holders.with(1, { ...scheme.holders[1], ...one } as never) };
    }),
  ];
  for (const change of changes) {
    expect(verifyTag({ ...decoded, ...change } as typeof decoded, master)).toBe(false);
  }
});

test("decodeScheme() refuses another version, and says that a newer worstday may read it", async () => {
  for (const version of ["2", "0", "-1", "255", "9007199254740993"]) {
    const bytes = file(put(fields, "version", version));
    const { hint } = await isMalformed(/^unknown version of scheme\.json$/, bytes);
    expect(hint).toBe("a newer worstday may read it");
  }
  await isMalformed(/^unknown version/, '{"version":2}');
});

test("decodeScheme() refuses what is not JSON, or not in UTF-8", async () => {
  const bytes = utf8(good);
  const otherK = ['"k":02', '"k":2,', '"k":NaN', "'k':2", '/* k */"k":2'];
  const wide = Buffer.from(good, "utf16le");
  for (const wrong of [
    ...["", "\n", `${good}{}`, `${good}\0`],
    ...otherK.map((field) => good.replace('"k":2', field)),
    ...[0x80, 0xc0, 0xff].map((byte) => Uint8Array.from([...bytes].toSpliced(30, 0, byte))),
    ...[wide, concat(Uint8Array.of(0xff, 0xfe), wide)],
  ]) {
    await isMalformed(notJson, wrong);
  }
});

test("decodeScheme() refuses JSON that is no object", async () => {
  for (const value of ["null", "true", "7", '"scheme"', "[]", `[${good}]`]) {
    await isMalformed(notOurs, `${value}\n`);
  }
  await isMalformed(/: invalid version$/, "{}\n");
});

/** With these fields for the first holder. */
const withFirst = (one: Written) => file(withHolders(holders.with(0, one)));
const swapped = (written: Written, i: number) =>
  written.toSpliced(i, 2, ...written.slice(i, i + 2).reverse());
const isNull = (name: string): Written[0] => [name, "null"];

const escaped = scheme.set.replace(/^./, (digit) => `\\u00${digit.charCodeAt(0).toString(16)}`);
const places = ["{", "}", "[", "]", ":", ","];
const spellings: Record<string, string[]> = {
  "other ends": ["", "\n\n", "\r\n", " \n", "\n ", "\t\n"].map((end) => good.replace(/\n$/, end)),
  "other spaces": [" ", "\n", "\t", "\r"].flatMap((space) => {
    return [space + good, ...places.map((place) => good.replace(place, place + space))];
  }),
  "lines of its own": [`${JSON.stringify(scheme, undefined, 2)}\n`],
  escapes: [file(put(fields, "set", text(escaped))), good.replace('"k"', '"\\u006b"')],
  "other forms of a number": ["2.0", "2e0", "0.2e1", "20e-1", "2.0000000000000000001"].map((k) =>
    file(put(fields, "k", k)),
  ),
  "another order": [
    ...all.slice(1).map((_, i) => `${object(swapped(all, i))}\n`),
    ...holders[0].slice(1).map((_, i) => withFirst(swapped(holders[0], i))),
  ],
  "a field more": ["more", "__proto__", "toString", "length", "", "Version"].flatMap((name) => [
    ...[...all.keys()].map((i) => file(fields.toSpliced(i, 0, isNull(name)))),
    withFirst([...holders[0], isNull(name)]),
    good.replace(/}\n$/, `,"${name}":null}\n`),
  ]),
  "a field twice": [
    ...all.map((field, i) => `${object(all.toSpliced(i, 0, field))}\n`),
    ...all.map(([name], i) => `${object(all.toSpliced(i, 0, isNull(name)))}\n`),
    ...holders[0].map(([name], i) => withFirst(holders[0].toSpliced(i, 0, isNull(name)))),
  ],
};
test.each(Object.entries(spellings))("decodeScheme() refuses %s", async (_, files) => {
  for (const spelled of files) await isMalformed(notAsWritten, spelled);
});

test(
  "decodeScheme() survives what is huge or deep",
  async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const deepObject = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    for (const huge of [deep, deepObject, "9".repeat(100_000), text("x".repeat(100_000))]) {
      await isMalformed(/./, `${huge}\n`);
      for (const [name] of all) {
        await isMalformed(/./, `${object(put(all, name, huge))}\n`);
      }
      await isMalformed(/: invalid holders$/, withFirst(put(holders[0], "recipient", huge)));
    }
    await isMalformed(notJson, "[".repeat(1_000_000));
    const many = put(fields, "holders", `[${"{},".repeat(100_000)}{}]`);
    await isMalformed(/: invalid holders$/, file(many));
    await isMalformed(notAsWritten, " ".repeat(1_000_000) + good);
  },
  slow,
);
