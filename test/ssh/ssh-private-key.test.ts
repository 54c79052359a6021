import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { RecoveryError } from "../../lib/core/errors.ts";
import { parseSshPublicKey } from "../../lib/ssh/ssh-key.ts";
import { parseSshPrivateKey } from "../../lib/ssh/ssh-private-key.ts";
import { cuts, expectFailure, failureOf, flips, repeatable } from "../core/helpers.ts";
import {
  armor,
  type PrivateParts,
  partsOf,
  privateBytes,
  publicPart,
  sshString,
} from "../oracle/ssh-file.ts";
import { textOf } from "../oracle/text.ts";

await sodium.ready;

const seed = repeatable(1)(32);
const parts = partsOf(seed);
const bytes = privateBytes(parts);
const file = armor(bytes);
const text = textOf(file);
const otherKey = ed25519.getPublicKey(repeatable(2)(32));
const converted = sodium.crypto_sign_ed25519_sk_to_curve25519(parts.secret).toHex();

const parsed = async (input: Uint8Array) => (await parseSshPrivateKey(input.slice())).toHex();
const refused = (words: RegExp, input: Uint8Array) =>
  expectFailure("malformed", words, () => parseSshPrivateKey(input.slice()));
const changed = (change: Partial<PrivateParts>) => armor(privateBytes({ ...parts, ...change }));
const range = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);

test("parseSshPrivateKey() gives the converted key, wherever the lines are broken", async () => {
  const body = textOf(file).split("\n").slice(1, -2).join("");
  const [begin, end] = [text.split("\n")[0], text.trimEnd().split("\n").at(-1)];
  const files = [
    text,
    text.replaceAll("\n", "\r\n"),
    text.trimEnd(),
    `${text}\n \t\r\n`,
    [begin, body, end].join("\n"),
    [begin, ...(body.match(/.{1,4}/g) ?? []), end].join(" \t\n\n"),
    `${begin}${body}${end}`,
  ];
  for (const one of files) expect(await parsed(ascii(one))).toBe(converted);
});

test("parseSshPrivateKey() takes any comment, and padding of any length, and gives a key of its own", async () => {
  for (let length = 0; length < 20; length++) {
    expect(await parsed(changed({ comment: "\u00ff".repeat(length) }))).toBe(converted);
  }
  for (let length = 1; length < 300; length += 56) {
    const input = changed({ comment: "odd", padding: range(length + 1) });
    const key = await parseSshPrivateKey(input);
    input.fill(0);
    expect(key.toHex()).toBe(converted);
  }
});

test("parseSshPrivateKey() refuses a key with a passphrase, and says what to do", async () => {
  const ciphers = ["aes128-cbc", "", "non", "none\0", "NONE"].map((cipher) => ({ cipher }));
  const kdf = "bcrypt";
  for (const change of [{ cipher: "aes256-ctr", kdf }, { kdf }, ...ciphers]) {
    const { hint } = await refused(/passphrase/, changed(change));
    expect(hint).toMatch(/ssh-keygen -p -N '' -f COPY.*keygen/);
  }
  await refused(/options for encryption/, changed({ options: Uint8Array.of(0) }));
});

test("parseSshPrivateKey() refuses other kinds of key, several keys and none", async () => {
  const kinds = { "ssh-rsa": /RSA/, "sk-ssh-ed25519@openssh.com": /token/, "ssh-dss": /DSA/ };
  for (const [type, words] of Object.entries(kinds)) {
    const { hint } = await refused(words, changed({ outer: sshString(type) }));
    expect(hint).toMatch(/keygen/);
  }
  for (const count of [0, 2, 3, 0xffff_ffff]) {
    await refused(new RegExp(`holds ${count} `), changed({ count }));
  }
  for (const behind of [file, ascii("\n-"), ascii("x\n")]) {
    await refused(/text after the SSH key/, concat(ascii(text.trimEnd()), behind));
  }
});

test("parseSshPrivateKey() refuses halves that differ, wherever they stand, and what does not convert", async () => {
  const publicKey = ed25519.getPublicKey(seed);
  const low = Uint8Array.fromHex(
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  );
  const pair = { outer: publicPart(low), inner: publicPart(low), secret: concat(seed, low) };
  const changes: [RegExp, Partial<PrivateParts>][] = [
    [/small order/, pair],
    [/check numbers/, { checks: ascii("somesame") }],
    [/public halves/, { inner: publicPart(otherKey) }],
    [/public halves/, { outer: publicPart(otherKey) }],
    [/public halves/, { inner: publicPart(publicKey, "ssh-ed25518") }],
    [/public halves/, { secret: concat(seed, otherKey) }],
    [/do not match/, { secret: concat(repeatable(2)(32), publicKey) }],
    [/63 bytes/, { secret: concat(seed, publicKey).slice(0, 63) }],
    [/32 bytes/, { secret: seed }],
    [/65 bytes/, { secret: concat(seed, publicKey, Uint8Array.of(0)) }],
    [/31 bytes/, { outer: publicPart(publicKey.slice(1)) }],
    [/begin/, { magic: "openssh-key-v2\0" }],
    [/begin/, { magic: "openssh-key-v1 " }],
    [/private part/, { tail: Uint8Array.of(0) }],
    [/multiple of 8/, { padding: range(2) }],
    [/padding/, { padding: Uint8Array.of(0) }],
    [/padding/, { padding: range(9).with(8, 8) }],
    [/padding/, { padding: range(9).reverse() }],
  ];
  for (const [words, change] of changes) await refused(words, changed(change));
});

test("parseSshPrivateKey() refuses PEM of other kinds, with a hint", async () => {
  for (const kind of ["RSA ", "EC ", "DSA ", "", "ENCRYPTED ", "OPENSSH  "]) {
    const pem = text.replaceAll("OPENSSH ", kind);
    expect((await refused(/not an OpenSSH/, ascii(pem))).hint).toMatch(/keygen/);
  }
  await refused(/not an OpenSSH/, ascii(text.replace("-----BEGIN", "---- BEGIN")));
});

test("parseSshPrivateKey() refuses a file that is cut short anywhere, and says so", async () => {
  const [begin, end] = [text.indexOf("\n"), text.lastIndexOf("-----END")];
  for (const [length, cut] of cuts(file.slice(0, -1)).entries()) {
    const { code, message } = await failureOf(() => parseSshPrivateKey(cut));
    const isInside = length >= begin && length <= end;
    expect([length, code, /cut short/.test(message)]).toEqual([length, "malformed", isInside]);
  }
});

test("parseSshPrivateKey() refuses bytes cut anywhere, or with a bit turned over before the comment", async () => {
  const comment = bytes.length - 1 - sshString(parts.comment).length; // one byte of padding
  for (const other of [...cuts(bytes), ...flips(bytes).slice(0, comment * 8)]) {
    await refused(/./, armor(other));
  }
});

/** Gives the key, or fails as malformed; nothing else. */
async function keyOrMalformed(input: Uint8Array): Promise<void> {
  const found = await parsed(input).catch((error: unknown) => error);
  if (found instanceof RecoveryError) expect(found.code).toBe("malformed");
  else expect(found).toBe(converted);
}

test("parseSshPrivateKey() gives the key or malformed for any byte at any place", async () => {
  const values = repeatable(9);
  for (const place of file.keys()) await keyOrMalformed(file.with(place, values(1)[0] as number));
});

test("no message repeats any part of a key", async () => {
  for (let place = 36; place < file.length - 40; place++) {
    const spoiled = file.with(place, 0x21);
    const { message, hint } = await failureOf(() => parseSshPrivateKey(spoiled));
    for (let i = 110; i + 6 < file.length - 40; i++) {
      const piece = text.slice(i, i + 6);
      if (!piece.includes("\n")) expect(`${message} ${hint}`).not.toContain(piece);
    }
  }
});

const sshKeygen = Bun.which("ssh-keygen");
const title =
  "keys as ssh-keygen makes them convert as libsodium converts them, whatever their comment";
test.skipIf(sshKeygen === null)(
  sshKeygen === null ? `${title}; skipped, ssh-keygen is missing (openssh-client)` : title,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "worstday-ssh-"));
    for (let length = 0; length < 20; length++) {
      const path = join(folder, `${length}`);
      const flags = ["-q", "-t", "ed25519", "-N", "", "-C", "c".repeat(length), "-f", path];
      expect(Bun.spawnSync(["ssh-keygen", ...flags]).exitCode).toBe(0);
      const publicFile = readFileSync(`${path}.pub`, "utf8");
      const publicKey = Buffer.from(publicFile.split(" ")[1] ?? "", "base64").subarray(-32);
      const wanted = sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey).toHex();
      expect((await parseSshPublicKey(publicFile))?.toHex()).toBe(wanted);
      const privateKey = await parseSshPrivateKey(new Uint8Array(readFileSync(path)));
      expect(sodium.crypto_scalarmult_base(privateKey).toHex()).toBe(wanted);
    }
    rmSync(folder, { recursive: true });
  },
);

test("parseSshPrivateKey() with some bytes changed, cut out or put in gives that key or malformed", async () => {
  const change = fc.tuple(fc.nat(bytes.length), fc.nat(3), fc.uint8Array({ maxLength: 3 }));
  const property = fc.asyncProperty(change, ([place, removed, put]) =>
    keyOrMalformed(armor(concat(bytes.subarray(0, place), put, bytes.subarray(place + removed)))),
  );
  await fc.assert(property, { numRuns: 2000 });
});
