import { expect, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { ascii } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { closeVault, keyIdOf } from "../../lib/core/vault.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { encodeScheme } from "../../lib/scheme/scheme.ts";
import {
  type Facts,
  inspectScheme,
  inspectSets,
  inspectSshKey,
  inspectToken,
  inspectVault,
  looksLikeScheme,
} from "../../lib/show/inspect.ts";
import * as keys from "../../lib/wire/keys.ts";
import { sealShare } from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { bulk, collect, expectFailure, flipped, readerOf, repeatable } from "../core/helpers.ts";
import { armor, partsOf, privateBytes, publicLine } from "../oracle/ssh-file.ts";
import { textOf, upper } from "../oracle/text.ts";
import { master, recipients, scheme } from "../scheme/scheme-fixture.ts";

const { decodePublicKey, encodePrivateKey, encodePublicKey, recipientId } = keys;
const privateKey = repeatable(1)(32);
const publicKey = await publicKeyOf(privateKey);
const hybridKey = Uint8Array.of(2, ...repeatable(2)(32));
const hybridPublic = await keys.publicHalf(hybridKey);
const secret = repeatable(3)(32);
const shares = deal(secret, 2, 3, repeatable(4)); // fixed: a test looks for chance repeats
const [first, second] = shares as [Share, Share];
const set = first.setId.toHex();
const recipient = recipientId(publicKey).toHex();
const line = textOf(encodePublicKey(publicKey));

test("inspectToken() gives the public facts of a token, in either case", async () => {
  const place = { set, k: 2, n: 3 };
  const known = { recipient, key: "X25519" };
  const key = { ...known, publicKey: line };
  const hybridKnown = {
    recipient: recipientId(hybridPublic).toHex(),
    key: "X25519 and ML-KEM-768",
  };
  const hybrid = { ...hybridKnown, publicKey: textOf(encodePublicKey(hybridPublic)) };
  const sealed = { kind: "sealed share", ...place, index: 2 };
  for (const [token, facts] of [
    [encodeShare(first), { kind: "share", ...place, index: 1, secretBytes: 32 }],
    [await sealShare(second, publicKey), { ...sealed, ...known }],
    [await sealShare(second, hybridPublic), { ...sealed, ...hybridKnown }],
    [encodePublicKey(publicKey), { kind: "public key", ...key }],
    [encodePublicKey(hybridPublic), { kind: "public key", ...hybrid }],
    [encodePrivateKey(privateKey), { kind: "private key", ...key }],
    [encodePrivateKey(hybridKey), { kind: "private key", ...hybrid }],
  ] as const) {
    for (const spelled of [token, upper(token)]) {
      const before = spelled.slice();
      expect<unknown>(await inspectToken(spelled)).toEqual(facts);
      expect(spelled).toEqual(before);
    }
  }
});

test("inspectToken() gives the secret's length for every length", async () => {
  for (let length = 1; length <= 256; length++) {
    const [share] = deal(new Uint8Array(length), 1, 1) as [Share];
    expect(await inspectToken(encodeShare(share))).toMatchObject({ secretBytes: length });
  }
});

test("no fact holds any part of a secret: share value, tag or private key", async () => {
  const tokens = [encodePrivateKey(privateKey), ...shares.map(encodeShare)];
  const hidden = [privateKey, secret, ...shares.map(({ y }) => y)];
  for (const token of tokens) {
    const told = JSON.stringify(await inspectToken(token));
    for (const bytes of hidden) {
      for (let i = 0; i + 4 <= bytes.length; i++) {
        expect(told).not.toContain(bytes.subarray(i, i + 4).toHex());
      }
    }
    for (let i = 30; i + 6 < token.length; i++) {
      expect(told).not.toContain(textOf(token.subarray(i, i + 6)));
    }
  }
});

test("inspectToken() refuses what is none of ours, and what is damaged", async () => {
  const damaged = flipped(encodeShare(first), 8 * 20);
  for (const token of [new Uint8Array(), ascii("hello"), ascii("age1qqqqq"), damaged]) {
    await expectFailure("malformed", /./, () => inspectToken(token));
  }
});

test("inspectSshKey() gives the key that an SSH key converts to, of either half", async () => {
  const parts = partsOf(repeatable(5)(32));
  const converted = await publicKeyOf(ed25519.utils.toMontgomerySecret(repeatable(5)(32)));
  const publicKey = textOf(encodePublicKey(converted));
  for (const [kind, file] of [
    ["SSH private key", armor(privateBytes(parts))],
    ["SSH public key", publicLine(parts.outer)],
  ] as const) {
    const recipient = recipientId(converted).toHex();
    expect(await inspectSshKey(file, "f")).toEqual({ kind, recipient, key: "X25519", publicKey });
  }
});

test("inspectSshKey() refuses other keys of SSH's, and leaves what is no SSH key to others", async () => {
  await expectFailure("malformed", /RSA/, () => inspectSshKey(ascii("ssh-rsa AAAA"), "f"));
  for (const file of ["", "hello", line, "# ssh-ed25519 AAAA"]) {
    expect(await inspectSshKey(ascii(file), "f")).toBeUndefined();
  }
});

test("inspectVault() gives key id, length, chunks and length of the plaintext", async () => {
  const master = repeatable(9)(32);
  for (const length of [0, 1, 1_048_576, 1_048_577]) {
    const vault = await collect(closeVault(master, readerOf(bulk(length, 1))));
    const facts = inspectVault(vault.subarray(0, 80), vault.length);
    const chunks = length > 1_048_576 ? 2 : 1;
    const keyId = keyIdOf(master).toHex();
    const expected = { keyId, fileBytes: vault.length, chunks, plaintextBytes: length };
    expect(facts).toEqual({ kind: "vault", ...expected });
  }
});

test("inspectVault() refuses what is no vault, and lengths that no vault has", async () => {
  const vault = await collect(closeVault(repeatable(9)(32), readerOf(ascii("x"))));
  const header = vault.subarray(0, 80);
  await expectFailure("malformed", /not a/, () => inspectVault(ascii("hello"), 5));
  for (const length of [80, 81, 95, 80 + 1_048_592 + 1, 80 + 1_048_592 + 16]) {
    await expectFailure("mismatch", /cut short/, () => inspectVault(header, length));
  }
});

const fact = (kind: string, of: string, k: number, n: number, index: number): Facts => {
  return { kind, set: of, k, n, index };
};

test("inspectSets() says of each set which shares are there and whether they suffice", () => {
  const all: Facts[] = [
    fact("share", "aa", 2, 3, 3),
    { kind: "public key", recipient, publicKey: line },
    fact("sealed share", "aa", 2, 3, 1),
    fact("share", "bb", 1, 1, 1),
    fact("share", "aa", 2, 3, 1),
    { kind: "vault", keyId: "00", fileBytes: 96 },
    fact("sealed share", "cc", 1, 2, 2),
  ];
  expect(inspectSets(all)).toEqual([
    { set: "aa", k: 2, n: 3, shares: [3, 1], sealed: [1], complete: true },
    { set: "bb", k: 1, n: 1, shares: [1], sealed: [], complete: true },
    { set: "cc", k: 1, n: 2, shares: [], sealed: [2], complete: false },
  ]);
});

test("inspectSets() counts a repeated share once, and sealed ones never as complete", () => {
  const twice = [fact("share", "aa", 2, 3, 1), fact("share", "aa", 2, 3, 1)];
  const sealed = [1, 2, 3, 3].map((index) => fact("sealed share", "aa", 2, 3, index));
  expect(inspectSets([...twice, ...sealed])).toMatchObject([
    { shares: [1], sealed: [1, 2, 3], complete: false },
  ]);
  expect(inspectSets([])).toEqual([]);
});

test("inspectScheme() gives the facts of a scheme, and a row to each of its holders", () => {
  const { tag, ...untagged } = scheme;
  const file = encodeScheme(untagged, master);
  expect(looksLikeScheme(file)).toBe(true);
  for (const other of [[], [0x7c], [0x20, 0x7b]]) {
    expect(looksLikeScheme(Uint8Array.from(other))).toBe(false);
  }
  const { set, k, n, generation, created, vault, keyId } = scheme;
  const facts = { kind: "scheme", set, k, n, generation, created, vault, keyId };
  const holders = recipients.map((publicKey, i) => {
    const recipient = recipientId(decodePublicKey(ascii(publicKey))).toHex();
    return {
      kind: "holder",
      set,
      name: "abc"[i] ?? "",
      index: i + 1,
      recipient,
      key: "X25519",
      publicKey,
    };
  });
  const last = { kind: "holder", set, name: "offline-1", index: 4, recipient: "offline" };
  expect(inspectScheme(file)).toEqual([facts, ...holders, last]);
});
