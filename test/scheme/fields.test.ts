/** Every field of scheme.json, wrong in every way, under a tag that is right for what is written. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { instant, isName, isOffline, kindOfKey } from "../../lib/scheme/fields.ts";
import { decodeScheme } from "../../lib/scheme/scheme.ts";
import { expectFailure } from "../core/helpers.ts";
import { concat, utf8 } from "../oracle/bytes.ts";
import { updateKeyOf } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { encode } from "../oracle/text.ts";
import type { Written } from "./scheme-file.ts";
import * as written from "./scheme-file.ts";

setDefaultTimeout(60_000); // for a busy machine

const { fields, file, holder, holders, keys, object, put, putIn, text, withHolders } = written;

const decode = (written: Written) => decodeScheme(utf8(file(written)));
const isWrong = (field: string, written: Written) =>
  expectFailure("malformed", new RegExp(`^scheme\\.json is damaged.*: invalid ${field}$`), () => {
    return decode(written);
  });

/** What no field may hold; the last ones have no value as text, or as a number. */
const never = [
  ...["null", "true", "false", "[]", "{}", "[[1]]", '""', '"x"', "1.5", "-1", "0", "1e999"],
  ...['{"toString":1,"valueOf":1}', '[{"toString":null}]', '{"length":16}', '["x"]'],
];
/** The file with this tag, or with none. */
const isWrongTag = (...tag: Written) =>
  expectFailure("malformed", /: invalid tag$/, () =>
    decodeScheme(utf8(`${object([...fields, ...tag])}\n`)),
  );

test("a field that is missing, or of another kind, is named", async () => {
  for (const [i, [name]] of fields.entries()) {
    await isWrong(name, fields.toSpliced(i, 1));
    for (const value of never) {
      if (name === "version" && /^-?\d+$/.test(value)) continue; // that is another version
      await isWrong(name, put(fields, name, value));
    }
  }
  await isWrongTag();
  for (const value of never) await isWrongTag(["tag", value]);
});

test("a field of a holder that is missing, or of another kind, is found", async () => {
  for (const [i, holder] of holders.entries()) {
    for (const [at, [name]] of holder.entries()) {
      await isWrong("holders", withHolders(holders.with(i, holder.toSpliced(at, 1))));
      for (const value of never) {
        if (name !== "name" || value !== '"x"') await isWrong("holders", putIn(i, name, value));
      }
    }
  }
});

test("version is the number 1", async () => {
  for (const value of ['"1"', "[1]", "1.5", "1e400"]) {
    await isWrong("version", put(fields, "version", value));
  }
});

test("set, keyId, vaultDigest, updateKey, tag and commitment are lower-case hex of their length", async () => {
  const digits = (length: number) => "0123456789abcdef".repeat(153).slice(0, length);
  const spoiled = (length: number) =>
    [
      ...[digits(length - 1), digits(length - 2), digits(length + 1), digits(length + 2)],
      ...[digits(length).toUpperCase(), `0x${digits(length - 2)}`, ` ${digits(length - 1)}`],
      ...[`${digits(length - 1)}\\n`, `${digits(length)}\\n`, `${digits(length - 1)}g`],
      ...[`${digits(length - 1)}\uff10`, `${digits(length - 1)}\\u0000`], // full width, and NUL
    ].map(text);
  for (const [name, length] of Object.entries({
    set: 16,
    keyId: 64,
    vaultDigest: 64,
    updateKey: 2432,
  })) {
    const good = digits(length);
    expect(decode(put(fields, name, text(good)))).toMatchObject({ [name]: good });
    for (const value of spoiled(length)) await isWrong(name, put(fields, name, value));
  }
  for (const value of spoiled(64)) {
    await isWrong("holders", putIn(1, "commitment", value));
    await isWrongTag(["tag", value]);
  }
});

test("generation is 1 to 999999, and the vault's name has it", async () => {
  const both = (generation: string, vault: string) =>
    put(put(fields, "generation", generation), "vault", text(vault));
  for (const generation of [1, 9, 10, 255, 256, 65_536, 999_999]) {
    const { vault, ...rest } = decode(both(`${generation}`, `vault-${generation}.wd`));
    expect([rest.generation, vault]).toEqual([generation, `vault-${generation}.wd`]);
  }
  for (const generation of ["0", "-1", "1000000", "4294967296", "1.5", '"1"', "[1]", "1e999"]) {
    await isWrong("generation", both(generation, `vault-${generation.replaceAll('"', "")}.wd`));
  }
  for (const vault of [
    ...["vault-8.wd", "vault-07.wd", "vault-7", "Vault-7.wd", "vault-7.wd ", "-", ""],
    ...["../vault-7.wd", "/vault-7.wd", "./vault-7.wd", "a/vault-7.wd"],
  ]) {
    await isWrong("vault", both("7", vault));
  }
});

test("k is 2 to n, and n is 255 at most and the number of holders", async () => {
  expect(decode(put(fields, "k", "3"))).toMatchObject({ k: 3, n: 3 });
  for (const k of ["0", "1", "256", "-2", "2.5", '"2"', "[2]"]) {
    await isWrong("k", put(fields, "k", k));
  }
  for (const n of ["1", "0", "256", "2.5", '"3"', "[3]"]) await isWrong("n", put(fields, "n", n));
  await isWrong("n", put(fields, "k", "4"));
  for (const n of ["2", "4", "255"]) await isWrong("holders", put(fields, "n", n));
  const many = Array.from({ length: 256 }, (_, i) => holder(i, `offline-${i + 1}`, "offline"));
  await isWrong("n", withHolders(many, 255));
});

test("created is a date that there is, in UTC and whole seconds", async () => {
  const good = ["0000-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "9999-12-31T23:59:59Z"];
  for (const date of good) expect(decode(put(fields, "created", text(date))).created).toBe(date);
  for (const date of [
    ...["2026-01-02T03:04:05", "2026-01-02T03:04:05z", "2026-01-02t03:04:05Z"],
    ...["2026-01-02 03:04:05Z", "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05+00:00"],
    ...["2026-01-02T03:04Z", "2026-01-02", "+002026-01-02T03:04:05Z", "-000001-01-02T03:04:05Z"],
    ...["2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z"],
    ...["2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z"],
    ...["2026-01-02T24:00:00Z", "2026-01-02T23:60:00Z", "2026-01-02T23:59:60Z"],
    ...["2026-01-02T03:04:05Z ", "2026-01-02T03:04:05Z\\n", "\uff12026-01-02T03:04:05Z", "now"],
  ]) {
    await isWrong("created", put(fields, "created", text(date)));
  }
});

test("holders are objects in an array", async () => {
  const [a, b] = holders.map(object);
  for (const value of [
    ...[`{"0":${a}}`, '"abc"', "[1,2,3]", "[null,null,null]", '{"length":3}', "[[],[],[]]"],
    `[${a},${b},null]`,
  ]) {
    await isWrong("holders", put(fields, "holders", value));
  }
});

test("holders are in the order of their indexes, from 1", async () => {
  for (const order of ["bac", "acb", "cba", "bca"]) {
    const moved = [...order].map((letter) => holders["abc".indexOf(letter)] as Written);
    await isWrong("holders", withHolders(moved));
  }
  for (const index of ["0", "1", "3", "-2", "2.5", '"2"', "258"]) {
    await isWrong("holders", putIn(1, "index", index));
  }
});

test("a name has a-z, 0-9 and ._- only and begins with a letter or digit", async () => {
  const first = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (let code = 0; code < 0x300; code++) {
    const character = String.fromCharCode(code);
    expect([code, isName(`${character}x`)]).toEqual([code, first.includes(character)]);
    const later = `${first}._-`.includes(character);
    expect([code, isName(`x${character}`), isName(`x${character}y`)]).toEqual([code, later, later]);
  }
  for (const name of ["a", "0", "offline-2", "offlin", "offline.", "a..b", "x".repeat(64)]) {
    expect(isName(name)).toBe(true);
    expect(decode(putIn(0, "name", text(name))).holders[0]?.name).toBe(name);
  }
  for (const name of [
    ...["offline", "", ".", "..", "../x", "a/b", "-a", "_a", "A", "Node-A", "x".repeat(65), "a b"],
    ...["zoë", "鍵", "node\u2010a", "\u0430", "a\u0301", "\u{1f511}", "a\u202eb", "lock\u0000"],
  ]) {
    expect(isName(name)).toBe(false);
    await isWrong("holders", putIn(0, "name", text(name.replace("\0", "\\u0000"))));
  }
  await isWrong("holders", putIn(0, "name", text("a\\ud800")));
  await isWrong("holders", putIn(1, "name", text("node-a"))); // another's
  await isWrong("holders", putIn(2, "name", text("node-b")));
});

test("a recipient is a canonical public key, or offline", async () => {
  const low = encode("wdpub", concat(Uint8Array.of(1), new Uint8Array(32)));
  const version = encode("wdpub", concat(Uint8Array.of(2), makeKey("c").public));
  const short = encode("wdpub", concat(Uint8Array.of(1), makeKey("c").public.slice(1)));
  const [key] = keys;
  for (const recipient of [
    ...[key.toUpperCase(), ` ${key}`, `${key} `, `${key}\\n`, `${key} comment`, `# ${key}`],
    ...[`${key.slice(0, 20)}-${key.slice(20)}`, key.slice(0, -1), `${key}q`, `\ufeff${key}`],
    ...[key.replace(/.$/, (last) => (last === "q" ? "p" : "q")), "wdpub1", "", "x"],
    ...[low, version, short, makeKey("c").secretLine, key + key, `${key}\\ud800`, "zoë"],
    ...["Offline", "OFFLINE", "offline ", " offline", "offline\\n", "offline-1", "-"],
    ...["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhlbGxv", "node-a.pub"],
  ]) {
    await isWrong("holders", putIn(0, "recipient", text(recipient)));
  }
  await isWrong("holders", putIn(0, "recipient", `[${text(key)}]`));
});

test("no two holders have one recipient, and fewer than k are offline", async () => {
  await isWrong("holders", putIn(1, "recipient", text(keys[0])));
  await isWrong("holders", putIn(1, "recipient", text("offline")));
  const two = putIn(1, "recipient", text("offline"));
  const recipientsOf = (written: Written) => decode(written).holders.map((one) => one.recipient);
  expect(recipientsOf(put(two, "k", "3"))).toEqual([keys[0], "offline", "offline"]);
  const all = holders.map((one) => put(one, "recipient", text("offline")));
  await isWrong("holders", withHolders(all, 3));
  const keyC = makeKey("c").publicLine;
  expect(recipientsOf(putIn(2, "recipient", text(keyC)))).toEqual([...keys, keyC]);
});

test("the first field that is wrong is the one that is named", async () => {
  const wrong = fields.map(([name]): [string, string] => [name, "null"]);
  for (const [i, [name]] of fields.entries()) {
    await isWrong(name, [...fields.slice(0, i), ...wrong.slice(i)]);
  }
});

test("isOffline() and kindOfKey() tell what a holder has", () => {
  const hybrid = encode("wdpub", concat(Uint8Array.of(2), updateKeyOf(written.master)));
  const told = ["offline", keys[0], hybrid].map((recipient) => [
    isOffline({ recipient }),
    kindOfKey(recipient),
  ]);
  const kinds = [
    [true, undefined],
    [false, "X25519"],
    [false, "X25519 and ML-KEM-768"],
  ];
  expect(told).toEqual(kinds);
});

test("instant() leaves away what is less than a second", () => {
  expect(instant(new Date("2026-01-02T03:04:05.999Z"))).toBe("2026-01-02T03:04:05Z");
  expect(instant(new Date(0))).toBe("1970-01-01T00:00:00Z");
});
