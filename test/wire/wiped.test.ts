/** Secrets are wiped: what a function has allocated is looked through when it has ended. */

import { expect, test } from "bun:test";
import { sha512 } from "@noble/hashes/sha2.js";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { derive } from "../../lib/core/hash.ts";
import { closeVault, headerBytes, openVault } from "../../lib/core/vault.ts";
import { sealBox } from "../../lib/nacl/sealed-box.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { decodeBase64 } from "../../lib/ssh/base64.ts";
import { parseSshPrivateKey } from "../../lib/ssh/ssh-private-key.ts";
import { correct } from "../../lib/typing/explain.ts";
import { checksum } from "../../lib/wire/checksum.ts";
import { encodePrivateKey } from "../../lib/wire/keys.ts";
import { decodeSealedShare, openSealedShare, sealShare } from "../../lib/wire/sealed-share.ts";
import { decodeShare, encodeShare } from "../../lib/wire/share.ts";
import { regroup, toCharacter, toSymbols } from "../../lib/wire/symbols.ts";
import { decodeText, encodeText } from "../../lib/wire/text.ts";
import {
  bulk,
  codeOf,
  collect,
  expectFailure,
  failureOf,
  readerOf,
  repeatable,
} from "../core/helpers.ts";
import { allocatedIn, holders } from "../core/memory.ts";
import { armor, partsOf, privateBytes } from "../oracle/ssh-file.ts";
import { textOf } from "../oracle/text.ts";
import { readToken } from "./read-token.ts";

const share = { setId: repeatable(1)(8), k: 2, n: 3, x: 1, y: repeatable(2)(48) };
const line = encodeShare(share);
const data = concat(Uint8Array.of(1), share.setId, Uint8Array.of(2, 3, 1), share.y);
/** Some of the symbols, and the characters, that stand for y alone. */
const symbols = toSymbols(data).subarray(40, 70);
const characters = line.subarray(48, 78);

/** The line with other symbols at these places behind `wdshare1`. */
function mistyped(...places: number[]): Uint8Array {
  const wrong = line.slice();
  for (const place of places) wrong[place + 8] = wrong[place + 8] === 0x71 ? 0x70 : 0x71;
  return wrong;
}

test("encodeText() and encodeShare() leave neither data nor symbols", async () => {
  const kept: Uint8Array[] = [];
  const memory = await allocatedIn(() => kept.push(encodeShare(share), encodeText("wdkey", data)));
  expect([holders(memory, share.y, share.y), holders(memory, symbols)]).toEqual([0, 0]);
  expect(holders(memory, characters, ...kept)).toBe(0);
  const key = repeatable(3)(32);
  expect(holders(await allocatedIn(() => encodePrivateKey(key)), key, key)).toBe(0);
});

test("decodeShare() and correct() leave no symbols of a line, right or wrong", async () => {
  const missing = concat(line.subarray(0, 30), line.subarray(31));
  const surplus = concat(line.subarray(0, 30), line.subarray(26));
  const unreadable = mistyped(5).map((byte, i) => (i > 16 && i < 20 ? 0x3f : byte));
  const hopeless = mistyped(1, 3, 5, 7, 9, 11);
  for (const token of [line, mistyped(5), missing, surplus, unreadable, hopeless]) {
    const decoding = await allocatedIn(() => codeOf(() => decodeShare(token)));
    expect([holders(decoding, symbols), holders(decoding, characters, token)]).toEqual([0, 0]);
    let corrected = token;
    const correcting = await allocatedIn(() =>
      codeOf(() => {
        corrected = correct(token)?.token ?? token;
      }),
    );
    expect([holders(correcting, symbols), holders(correcting, share.y)]).toEqual([0, 0]);
    expect(holders(correcting, characters, token, corrected)).toBe(0);
  }
});

test("decodeText() and correct() leave no symbols of what can be no line", async () => {
  const second = concat(line.subarray(0, -1), line);
  const long = concat(line, new Uint8Array(1000).fill(0x71));
  const reasons: [Uint8Array, RegExp][] = [
    [second, /second line/],
    [long, /checksum/],
  ];
  for (const [token, says] of reasons) {
    for (const read of [readToken, correct]) {
      const memory = await allocatedIn(() => expectFailure("malformed", says, () => read(token)));
      expect([holders(memory, symbols), holders(memory, characters, token)]).toEqual([0, 0]);
    }
  }
});

test("decodeText() leaves no symbols of what it would correct to no line of ours", async () => {
  const padded = toSymbols(repeatable(3)(33)).with(-1, 1);
  const check = checksum("wdkey", padded);
  const token = concat(ascii("wdkey1"), Uint8Array.from([...padded, ...check], toCharacter));
  const mistyped = token.with(10, token[10] === 0x71 ? 0x70 : 0x71);
  const memory = await allocatedIn(() =>
    expectFailure("malformed", /checksum does not match/, () => decodeText(mistyped)),
  );
  expect(holders(memory, padded.subarray(10, 40))).toBe(0);
});

test("decodeText() leaves no symbols of a line whose padding is wrong", async () => {
  const padded = toSymbols(concat(data, Uint8Array.of(0))).with(-1, 1);
  const check = checksum("wdshare", padded);
  const token = concat(ascii("wdshare1"), Uint8Array.from([...padded, ...check], toCharacter));
  const memory = await allocatedIn(async () => {
    await expectFailure("malformed", /padding/, () => decodeText(token));
  });
  expect(holders(memory, symbols)).toBe(0);
});

test("sealShare() and openSealedShare() leave no share but the one they give", async () => {
  const privateKey = repeatable(4)(32);
  const publicKey = await publicKeyOf(privateKey);
  const sealing = await allocatedIn(() => sealShare(share, publicKey));
  expect([holders(sealing, share.y, share.y), holders(sealing, characters)]).toEqual([0, 0]);
  const sealed = decodeSealedShare(await sealShare(share, publicKey));
  let y = new Uint8Array(0) as Uint8Array;
  const opening = await allocatedIn(async () => {
    y = (await openSealedShare(sealed, privateKey)).y;
  });
  expect(y).toEqual(share.y);
  expect([holders(opening, share.y, y), holders(opening, characters)]).toEqual([0, 0]);
  const upper = await sealBox(ascii(textOf(line).toUpperCase()), publicKey);
  for (const other of [{ x: 2 }, { box: upper }]) {
    const refusing = await allocatedIn(() =>
      failureOf(() => openSealedShare({ ...sealed, ...other }, privateKey)),
    );
    expect([holders(refusing, share.y), holders(refusing, characters)]).toEqual([0, 0]);
  }
});

test("decodeBase64() leaves no values, and nothing of what it refuses", async () => {
  const secret = repeatable(5)(40);
  const values = Uint8Array.from(regroup(secret, 8, 6).subarray(0, 40));
  const decoding = await allocatedIn(() => decodeBase64(ascii(secret.toBase64())));
  expect(holders(decoding, values)).toBe(0);
  const wrong = ascii(secret.toBase64()).with(50, 0x21);
  const refusing = await allocatedIn(() => codeOf(() => decodeBase64(wrong)));
  expect([holders(refusing, values), holders(refusing, secret.subarray(0, 20))]).toEqual([0, 0]);
});

test("parseSshPrivateKey() leaves neither seed nor hash of it, nor the key of a wrong pair", async () => {
  const seed = repeatable(6)(32);
  const parts = partsOf(seed);
  const hash = sha512(seed);
  const right = armor(privateBytes(parts));
  const wrong = armor(privateBytes({ ...parts, checks: repeatable(1)(8) }));
  for (const file of [right, wrong]) {
    const memory = await allocatedIn(() => parseSshPrivateKey(file).catch(() => {}));
    expect(holders(memory, seed)).toBe(0);
    expect([holders(memory, hash.slice(0, 32)), holders(memory, hash.slice(32))]).toEqual([0, 0]);
  }
});

test("closeVault() and openVault() leave no file key, and the master key as it was", async () => {
  const master = repeatable(7)(32);
  const vault = await collect(closeVault(master, readerOf(bulk(100, 1)), repeatable(8)));
  const key = derive(master, "worstday file", vault.subarray(0, headerBytes));
  const memory = await allocatedIn(async () => {
    await collect(closeVault(master, readerOf(bulk(100, 1)), repeatable(8)));
    await collect(openVault(master, readerOf(vault)));
    await failureOf(() => collect(openVault(master, readerOf(vault.subarray(0, 90)))));
    for await (const _ of openVault(master, readerOf(vault))) break;
    for await (const _ of closeVault(master, readerOf(vault))) break;
  });
  expect([holders(memory, key), holders(memory, master, master)]).toEqual([0, 0]);
});
