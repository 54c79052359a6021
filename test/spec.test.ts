/** The worked examples of SPEC.md: every value in them is computed here and looked up there. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { blake2b } from "@noble/hashes/blake2.js";
import * as hkdf from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ascii, concat, toHex } from "../lib/core/bytes.ts";
import { multiply } from "../lib/core/gf256.ts";
import { recover } from "../lib/core/recover.ts";
import { deal, type Share } from "../lib/core/sharing.ts";
import { closeVault, keyIdOf } from "../lib/core/vault.ts";
import { hsalsa20 } from "../lib/nacl/salsa20.ts";
import { publicKeyOf } from "../lib/nacl/x25519-key.ts";
import type { Scheme } from "../lib/scheme/fields.ts";
import { commitmentOf, encodeScheme } from "../lib/scheme/scheme.ts";
import { parseSshPublicKey } from "../lib/ssh/ssh-key.ts";
import { parseSshPrivateKey } from "../lib/ssh/ssh-private-key.ts";
import { keyOf } from "../lib/update/open.ts";
import { decodeUpdate } from "../lib/update/token.ts";
import { updateKeyOf, updateSeedOf, writerKeyOf, writerLineOf } from "../lib/update/writer.ts";
import { checksum } from "../lib/wire/checksum.ts";
import { encodePrivateKey, encodePublicKey, publicHalf, recipientId } from "../lib/wire/keys.ts";
import { decodeSealedShare, openSealedShare, sealShare } from "../lib/wire/sealed-share.ts";
import { encodePlace, encodeShare } from "../lib/wire/share.ts";
import { encodeText } from "../lib/wire/text.ts";
import { root } from "../scripts/dev/project.ts";
import { collect, hex, readerOf } from "./core/helpers.ts";
import { x25519 } from "./core/reference.ts";
import { xWing } from "./hybrid/reference.ts";
import { hash } from "./oracle/bytes.ts";
import { armor, partsOf, privateBytes, publicLine } from "./oracle/ssh-file.ts";
import { symbolsOf } from "./oracle/text.ts";
import { updateToken } from "./oracle/update.ts";

const spec = readFileSync(join(root, "SPEC.md"), "utf8").replace(/\s+/g, "");

/** Looks a value up in SPEC.md, whose lines may be folded anywhere. */
function inSpec(name: string, value: Uint8Array | string | number[]): void {
  const text = value instanceof Uint8Array ? toHex(value) : String(value);
  expect(spec.includes(text.replace(/\s+/g, "")), `${name}: ${text}`).toBe(true);
}

const asText = (token: Uint8Array) => String.fromCharCode(...token);
const range = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => from + i);

/** Randomness that gives out these values, in this order. */
function given(...values: Uint8Array[]) {
  return (length: number) => {
    const value = values.shift() as Uint8Array;
    expect(value.length).toBe(length);
    return value.slice();
  };
}

// RFC 7748, section 6.1
const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
const ephemeral = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
const setId = range(0, 8);
const secret = ascii("*");
const coefficients = range(0xa0, 17);
const master = range(0, 32);
const salt = range(0x20, 32);
const plaintext = ascii("worstday\n");
const shares = deal(secret, 2, 3, given(setId, coefficients)) as [Share, Share, Share];

test("SPEC.md's example of the text form", async () => {
  const data = concat(Uint8Array.of(1), await publicKeyOf(alice));
  const symbols = symbolsOf(data);
  inSpec("data", data);
  inSpec("symbols", symbols);
  inSpec("check symbols", checksum("wdpub", Uint8Array.from(symbols)));
  inSpec("line", asText(encodePublicKey(data.slice(1))));
});

test("SPEC.md's example of a share", () => {
  const tagged = concat(Uint8Array.of(1), setId, Uint8Array.of(2, 3));
  const tag = hash("worstday share", 16, concat(tagged, secret));
  inSpec("tag", tag);
  inSpec("payload", concat(tag, secret));
  inSpec("coefficients", coefficients);
  for (const share of shares) {
    inSpec(`y of share ${share.x}`, share.y);
    inSpec(`share ${share.x}`, asText(encodeShare(share)));
    concat(tag, secret).forEach((byte, i) => {
      expect(share.y[i]).toBe(byte ^ multiply(coefficients[i] as number, share.x));
    });
  }
  const { y } = shares[0];
  inSpec("bytes of share 1", concat(Uint8Array.of(1), setId, Uint8Array.of(2, 3, 1), y));
  expect(recover(shares.slice(1)).secret).toEqual(secret);
});

test("SPEC.md's example of keys", async () => {
  inSpec("private key line", asText(encodePrivateKey(alice)));
  inSpec("recipient id", recipientId(await publicKeyOf(alice)));
});

test("SPEC.md's example of an SSH key", async () => {
  // RFC 8032, section 7.1
  const seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const parts = partsOf(seed);
  const line = asText(publicLine(parts.outer));
  const publicKey = (await parseSshPublicKey(line)) as Uint8Array;
  inSpec("seed", seed);
  inSpec("A", parts.secret.slice(32));
  inSpec("private key", await parseSshPrivateKey(armor(privateBytes(parts))));
  inSpec("public key", publicKey);
  inSpec("SSH line", line);
  inSpec("line", asText(encodePublicKey(publicKey)));
});

test("SPEC.md's example of a sealed share", async () => {
  const recipient = await publicKeyOf(alice);
  const point = await publicKeyOf(ephemeral);
  const shared = (await x25519(ephemeral, recipient)) as Uint8Array;
  const key = hsalsa20(shared, new Uint8Array(16));
  inSpec("ephemeral private key", ephemeral);
  inSpec("ephemeral public key", point);
  inSpec("shared secret", shared);
  inSpec("box key", key);
  inSpec("box nonce", blake2b(concat(point, recipient), { dkLen: 24 }));
  inSpec("sealed share", asText(await sealShare(shares[0], recipient, given(ephemeral))));
});

/** RFC 9180's key schedule for base mode without psk, by noble: the AEAD's key and nonce. */
function scheduled(shared: Uint8Array, info: Uint8Array): Uint8Array[] {
  const none = new Uint8Array(0);
  const suite = concat(ascii("HPKE-v1HPKE"), hex("647a00010003"));
  const extract = (salt: Uint8Array, label: string, input: Uint8Array) =>
    hkdf.extract(sha256, concat(suite, ascii(label), input), salt);
  const hashes = [extract(none, "psk_id_hash", none), extract(none, "info_hash", info)];
  const context = concat(Uint8Array.of(0), ...hashes);
  const prk = extract(shared, "secret", none);
  const expand = (label: string, length: number) => {
    const labeled = concat(Uint8Array.of(0, length), suite, ascii(label), context);
    return hkdf.expand(sha256, prk, labeled, length);
  };
  return [expand("key", 32), expand("base_nonce", 12)];
}

test("SPEC.md's examples of a hybrid key and of what is sealed to it", async () => {
  const privateKey = concat(Uint8Array.of(2), range(0, 32));
  const publicKey = await publicHalf(privateKey);
  const digest = (bytes: Uint8Array) => toHex(sha256(bytes));
  inSpec("private key line", asText(encodePrivateKey(privateKey)));
  inSpec("recipient id", recipientId(publicKey));
  inSpec("public key", digest(publicKey));
  inSpec("public key line", digest(encodePublicKey(publicKey)));
  const info = ascii("worstday sealed share");
  const { cipherText, sharedSecret } = xWing.encapsulate(publicKey, range(0x20, 64));
  const aad = concat(Uint8Array.of(2), recipientId(publicKey), encodePlace(shares[0]));
  const [key, nonce] = scheduled(sharedSecret, info) as [Uint8Array, Uint8Array];
  const ciphertext = chacha20poly1305(key, nonce, aad).encrypt(encodeShare(shares[0]));
  inSpec("KEM ciphertext", digest(cipherText));
  inSpec("shared secret", sharedSecret);
  inSpec("associated data", aad);
  inSpec("key", key);
  inSpec("nonce", nonce);
  inSpec("AEAD's ciphertext", ciphertext);
  const line = encodeText("wdsealed", concat(aad, cipherText, ciphertext));
  inSpec("line", digest(line));
  expect(await openSealedShare(decodeSealedShare(line), privateKey)).toEqual(shares[0]);
});

test("SPEC.md's example of a vault", async () => {
  const chunks = closeVault(master, readerOf(plaintext), given(salt));
  const [header, chunk] = (await Array.fromAsync(chunks)) as [Uint8Array, Uint8Array];
  inSpec("key id", keyIdOf(master));
  inSpec("header", header);
  inSpec("file key", hash("worstday file", 32, header, master));
  inSpec("nonce", hex("000000000000000000000001"));
  inSpec("chunk", chunk);
});

test("SPEC.md's example of a scheme", async () => {
  const vault = await collect(closeVault(master, readerOf(plaintext), given(salt)));
  const recipients = [await publicKeyOf(alice), await publicKeyOf(ephemeral)].map(encodePublicKey);
  const lines = deal(master, 2, 3, given(setId, range(0x40, 48))).map(encodeShare);
  for (const [i, line] of lines.entries()) inSpec(`line ${i + 1}`, asText(line));
  const scheme = {
    version: 1,
    set: toHex(setId),
    generation: 1,
    k: 2,
    n: 3,
    keyId: toHex(keyIdOf(master)),
    vault: "vault-1.wd",
    vaultDigest: new Bun.CryptoHasher("sha256").update(vault).digest("hex"),
    updateKey: toHex(await updateKeyOf(master)),
    created: "2026-01-01T00:00:00Z",
    holders: ["node-a", "node-b", "offline-1"].map((name, i) => ({
      name,
      index: i + 1,
      recipient: recipients[i] ? asText(recipients[i]) : "offline",
      commitment: commitmentOf(lines[i] as Uint8Array),
    })),
  } as const;
  inSpec("scheme.json", asText(encodeScheme(scheme as unknown as Scheme, master)));
});

test("SPEC.md's example of an update", async () => {
  const key = range(0x40, 32);
  const content = readerOf(ascii("worstday, updated\n"));
  const vault = await collect(closeVault(key, content, given(range(0x60, 32))));
  inSpec("update seed", updateSeedOf(master));
  inSpec("writer key", writerKeyOf(master));
  inSpec("writer file", asText(await writerLineOf(setId, master)));
  inSpec("vault", vault);
  const facts = { number: 1, time: Date.parse("2026-01-02") / 1000, key, vault };
  const scheme = { master, scheme: { set: toHex(setId) } };
  const token = await updateToken(scheme, facts, range(0x80, 64));
  inSpec("update", token);
  expect(await keyOf(decodeUpdate(ascii(token)), master)).toEqual(key);
});
