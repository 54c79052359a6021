/** scheme.json as a whole. Every small damage to it, and anything in its place, is test/fuzz's. */

import { expect, test } from "bun:test";
import type { Scheme } from "../../lib/scheme/fields.ts";
import { commitmentOf, decodeScheme, encodeScheme, verifyTag } from "../../lib/scheme/scheme.ts";
import { codeOf, expectFailure, flipped } from "../core/helpers.ts";
import { concat, utf8 } from "../oracle/bytes.ts";
import {
  fields,
  file,
  holder,
  holders,
  lines,
  master,
  object,
  put,
  tagOf,
  text,
  type Written,
  withHolders,
} from "./scheme-file.ts";

const slow = 120_000; // for a runtime that does not compile: a bound, no assertion
const good = file(fields);
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
const notAsWritten = /^scheme\.json is not as it was written: spaces, order or fields differ$/;
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
  const all = [holders[0], ...many.slice(1)];
  const bytes = utf8(file(withHolders(all, 255)));
  expect(decodeScheme(bytes).holders).toHaveLength(255);
  expect(fateOf(bytes)).toBe("good");
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
  const changes = [
    ...[{ set: "0".repeat(16) }, { generation: 8 }, { k: 3 }, { n: 4 }, { keyId: "0".repeat(64) }],
    ...[
      { vault: "vault-8.wd" },
      { vaultDigest: "0".repeat(64) },
      { created: "2026-01-02T03:04:06Z" },
    ],
    ...[{ holders: decoded.holders.toReversed() }, { holders: decoded.holders.slice(0, 2) }],
    ...[{ name: "c" }, { index: 4 }, { recipient: "offline" }, { commitment: "00" }].map((one) => {
      return { holders: decoded.holders.with(1, { ...scheme.holders[1], ...one } as never) };
    }),
  ];
  for (const change of changes) expect(verifyTag({ ...decoded, ...change }, master)).toBe(false);
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
  await isMalformed(notJson, "");
  await isMalformed(notJson, "\n");
  await isMalformed(notJson, `${good}{}`);
  await isMalformed(notJson, `${good}\0`);
  await isMalformed(notJson, `\ufeff${good}`);
  await isMalformed(notJson, good.replace('"k":2', '"k":02'));
  await isMalformed(notJson, good.replace('"k":2', '"k":2,'));
  await isMalformed(notJson, good.replace('"k":2', '"k":NaN'));
  await isMalformed(notJson, good.replace('"k":2', "'k':2"));
  await isMalformed(notJson, good.replace('"k"', "/* k */"));
  for (const byte of [0x80, 0xc0, 0xff]) {
    await isMalformed(notJson, concat(bytes.slice(0, 30), Uint8Array.of(byte), bytes.slice(30)));
  }
  const wide = Buffer.from(good, "utf16le");
  await isMalformed(notJson, wide);
  await isMalformed(notJson, concat(Uint8Array.of(0xff, 0xfe), wide));
});

test("decodeScheme() refuses JSON that is no object", async () => {
  for (const value of ["null", "true", "7", '"scheme"', "[]", `[${good}]`]) {
    await isMalformed(notOurs, `${value}\n`);
  }
  await isMalformed(/: invalid version$/, "{}\n");
});

test("decodeScheme() refuses other spaces and ends of lines", async () => {
  const ends = ["", "\n\n", "\r\n", " \n", "\n ", "\t\n"];
  for (const end of ends) await isMalformed(notAsWritten, good.replace(/\n$/, end));
  for (const space of [" ", "\n", "\t", "\r"]) {
    await isMalformed(notAsWritten, space + good);
    for (const place of ["{", "}", "[", "]", ":", ","]) {
      const at = good.indexOf(place) + 1;
      await isMalformed(notAsWritten, good.slice(0, at) + space + good.slice(at));
    }
  }
  await isMalformed(notAsWritten, `${JSON.stringify(scheme, undefined, 2)}\n`);
  await isMalformed(notAsWritten, good.replaceAll("\n", "\r\n"));
});

test("decodeScheme() refuses other ways to write the same text or number", async () => {
  const escaped = scheme.set.replace(/^./, (digit) => `\\u00${digit.charCodeAt(0).toString(16)}`);
  await isMalformed(notAsWritten, file(put(fields, "set", text(escaped))));
  await isMalformed(notAsWritten, good.replace('"k"', '"\\u006b"'));
  await isMalformed(notAsWritten, good.replace("vault-7.wd", "vault-7\\u002ewd"));
  for (const value of ["2.0", "2e0", "0.2e1", "20e-1", "2.0000000000000000001"]) {
    await isMalformed(notAsWritten, file(put(fields, "k", value)));
  }
});

test("decodeScheme() refuses fields in any other order", async () => {
  const all = [...fields, tagOf(fields)];
  for (let i = 0; i + 1 < all.length; i++) {
    const swapped = all.with(i, all[i + 1] as never).with(i + 1, all[i] as never);
    await isMalformed(notAsWritten, `${object(swapped)}\n`);
  }
  const { length } = holders[0];
  for (let i = 0; i + 1 < length; i++) {
    const one = holders[0].with(i, holders[0][i + 1] as never).with(i + 1, holders[0][i] as never);
    await isMalformed(notAsWritten, file(withHolders([one, holders[1], holders[2]])));
  }
});

test("decodeScheme() refuses a field more, wherever it stands", async () => {
  const more = ["more", "__proto__", "toString", "length", "", "Version"];
  for (const name of more) {
    for (let i = 0; i <= fields.length; i++) {
      await isMalformed(notAsWritten, file(fields.toSpliced(i, 0, [name, "1"])));
    }
    const one: Written = [...holders[0], [name, "{}"]];
    await isMalformed(notAsWritten, file(withHolders([one, holders[1], holders[2]])));
  }
  await isMalformed(notAsWritten, good.replace(/}\n$/, ',"more":null}\n'));
});

test("decodeScheme() refuses a field twice, with the same value or with another", async () => {
  const all = [...fields, tagOf(fields)];
  for (const [i, field] of all.entries()) {
    const other: [string, string] = [field[0], "null"];
    for (const twice of [
      [field, field],
      [other, field],
    ] as Written[]) {
      await isMalformed(notAsWritten, `${object(all.toSpliced(i, 1, ...twice))}\n`);
    }
    await isMalformed(
      /: invalid |not a worstday scheme$|unknown/,
      `${object(all.toSpliced(i, 1, field, other))}\n`,
    );
  }
  for (const [i, field] of holders[1].entries()) {
    const one = holders[1].toSpliced(i, 0, [field[0], "null"]);
    await isMalformed(notAsWritten, file(withHolders([holders[0], one, holders[2]])));
  }
});

test(
  "decodeScheme() survives what is huge or deep",
  async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const deepObject = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    for (const huge of [deep, deepObject, "9".repeat(100_000), text("x".repeat(100_000))]) {
      await isMalformed(/./, `${huge}\n`);
      for (const [name] of [...fields, ["tag"] as const]) {
        const all = [...fields, tagOf(fields)] as Written;
        await isMalformed(/./, `${object(put(all, name, huge))}\n`);
      }
      const one = put(put(holders[0], "recipient", huge), "name", text("a"));
      await isMalformed(/: invalid holders$/, file(withHolders([one, holders[1], holders[2]])));
    }
    await isMalformed(notJson, "[".repeat(1_000_000));
    await isMalformed(
      /: invalid holders$/,
      file(put(fields, "holders", `[${"{},".repeat(100_000)}{}]`)),
    );
    await isMalformed(notAsWritten, " ".repeat(1_000_000) + good);
  },
  slow,
);
