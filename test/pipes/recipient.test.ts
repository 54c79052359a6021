import { expect, setDefaultTimeout, test } from "bun:test";
import sodium from "libsodium-wrappers";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { parseRecipient, parseRecipientFile } from "../../lib/pipes/recipient.ts";
import { encodePrivateKey, encodePublicKey, publicHalf } from "../../lib/wire/keys.ts";
import { expectFailure, repeatable } from "../core/helpers.ts";
import { encodeU } from "../core/ladder-oracle.ts";
import { publicPart } from "../oracle/ssh-file.ts";
import { textOf } from "../oracle/text.ts";

setDefaultTimeout(60_000); // for a busy machine

await sodium.ready;

const privateKey = repeatable(1)(32);
const publicKey = await publicKeyOf(privateKey);
const line = encodePublicKey(publicKey);
const text = textOf(line);
const other = textOf(encodePublicKey(await publicKeyOf(repeatable(2)(32))));

/** What libsodium converts the key to. */
const sshKey = sodium.crypto_sign_seed_keypair(privateKey).publicKey;
const sshConverted = sodium.crypto_sign_ed25519_pk_to_curve25519(sshKey).toHex();
const sshData = publicPart(sshKey).toBase64();

const literal = async (argument: string) => (await parseRecipient(argument))?.toHex();
const inFile = async (file: string) => (await parseRecipientFile(ascii(file), "f")).toHex();

test("parseRecipient() reads a literal key, grouped or not, in either case", async () => {
  const grouped = text.replace(/.{6}/g, "$&-");
  for (const argument of [text, text.toUpperCase(), grouped, `${text} `, `${text}\n`]) {
    expect(await literal(argument)).toBe(publicKey.toHex());
  }
});

test("parseRecipient() takes everything else for the name of a file", async () => {
  const names = ["node-a.pub", "", "/dev/stdin", "wdpub", "wdpub2", "./wdpub1", "ssh-keys", "-"];
  for (const name of names) expect(await literal(name)).toBeUndefined();
});

test("parseRecipient() refuses a literal that is wrong, and says that it is the recipient", async () => {
  const low = textOf(encodePublicKey(encodeU(1n)));
  const refused = [
    [`${text}q`, /recipient.*too many/],
    [text.slice(0, -1), /recipient.*missing/],
    [low, /recipient.*low order/],
    ["wdpub1", /recipient.*short/],
    [textOf(encodePrivateKey(privateKey)), /recipient.*expected a wdpub1.*wdkey1/],
    ["wdshare1qqqqqqqqqqqqqqqqqqqqqqq", /recipient/],
    [`${text.slice(0, 20)}é${text.slice(20)}`, /recipient.*ASCII/],
  ] as const;
  for (const [argument, words] of refused) {
    await expectFailure("malformed", words, () => parseRecipient(argument));
  }
});

test("parseRecipient() refuses two keys in one argument", async () => {
  for (const two of [`${text}\n${other}`, `${text} ${other}`, `${text}\n\n${text}`]) {
    await expectFailure("malformed", /./, () => parseRecipient(two));
  }
});

test("parseRecipient() converts a literal SSH key, and does not look for a file of that name", async () => {
  expect(await literal(`ssh-ed25519 ${sshData} node-a`)).toBe(sshConverted);
  const refused = [
    ["ssh-rsa AAAA", /^the recipient: an RSA key/],
    [`restrict ssh-ed25519 ${sshData}`, /^the recipient: there is text before/],
    [`ssh-ed25519 ${sshData.slice(0, -4)}`, /^the recipient: .*cut short/],
    [`ssh-ed25519 ${sshData}\n${text}`, /^the recipient: there is text after/],
  ] as const;
  for (const [key, words] of refused) {
    await expectFailure("malformed", words, () => parseRecipient(key));
  }
});

test("parseRecipientFile() finds the one key among comments, with a comment behind it or not", async () => {
  const grouped = text.replace(/.{6}/g, "$& ").trim();
  const files = [
    text,
    `${text}\n`,
    `${text}\r\n`,
    `\n# the key of node-a\n\n${text} node-a, rack 3 (since 2026-01-01)\n# end\n`,
    `${text}\tnode-a\r\n`,
    `  ${text.toUpperCase()} NODE A`,
    grouped,
    `\u00ef\u00bb\u00bf${text}\n`,
    `\u00ef\u00bb\u00bf${text} ${"n".repeat(4096 - 75)}\n`,
    `${text} r\u00e9serv\u00e9 \u009f`,
    `----\n\t - ${text} ssh-ed25519 ${sshData}`,
  ];
  for (const file of files) expect(await inFile(file)).toBe(publicKey.toHex());
});

test("parseRecipientFile() takes a hybrid key, with a comment behind it or not", async () => {
  const hybrid = await publicHalf(Uint8Array.of(2, ...privateKey));
  const long = textOf(encodePublicKey(hybrid));
  for (const file of [long, `${long} node-a\r\n`, `# a\n${long.toUpperCase()}\tNODE A`]) {
    expect(await inFile(file)).toBe(hybrid.toHex());
  }
  expect(await literal(long)).toBe(hybrid.toHex());
  await expectFailure("malformed", /does not match/, () => inFile(`${long}q node-a`));
});

test("parseRecipientFile() refuses files of no key or of several, and names the place", async () => {
  const refused = [
    ["", /^f: no recipient/],
    ["# nothing\n", /^f: no recipient/],
    [`${text}\n${other}\n`, /^f: line 2.*one recipient/],
    [`${text} node-a\n${other} node-b\n`, /^f: line 2.*one recipient/],
    [`#\n${text}q\n`, /^f: line 2: .*too many/],
    [`\n${textOf(encodePrivateKey(privateKey))}`, /^f: line 2: expected a wdpub1.*wdkey1/],
    [`${text} ${other}\n`, /./], // no comment
    [`${text} ${"n".repeat(4096 - 74)}\n`, /^f: line 1: longer than 4096/],
    [`\n\u00ef\u00bb\u00bf${text} node-a\n`, /^f: line 2: byte 1 is not/],
    [`${text}\t${other.toUpperCase()}`, /./],
    [`-\nssh-ed25519 ${sshData}`, /^f: line 2/],
    ["ssh-rsa AAAA n\n", /^f: an RSA key/],
    [`${text}\nssh-ed25519 ${sshData}\n`, /^f: line 2.*one recipient/],
    ["hello", /^f: line 1: expected/],
    [`node-a ${text}`, /^f: line 1/],
    [textOf(encodePublicKey(encodeU(0n))), /^f: line 1: .*low order/],
  ] as const;
  for (const [file, words] of refused) await expectFailure("malformed", words, () => inFile(file));
});

test("parseRecipientFile() converts the one SSH key of a .pub file", async () => {
  const files = [
    `ssh-ed25519 ${sshData} root@node-a\n`,
    `\u00ef\u00bb\u00bfssh-ed25519 ${sshData}\r\n`,
    `\t# node-a\n \nssh-ed25519 ${sshData} r\u00e9serv\u00e9\n`,
  ];
  for (const file of files) expect(await inFile(file)).toBe(sshConverted);
  expect(await inFile(`${text} ssh-ed25519 ${sshData}\n`)).toBe(publicKey.toHex());
});

test("parseRecipientFile() refuses a private key of OpenSSH's, and asks for the .pub file", async () => {
  const file = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n";
  const { hint } = await expectFailure("malformed", /^f: expected a public/, () => inFile(file));
  expect(hint).toMatch(/\.pub/);
});

/** Whether a file with these bytes is read as a key at all. */
const isTaken = (file: Uint8Array) =>
  parseRecipientFile(file, "f").then(
    () => true,
    () => false,
  );

test("parseRecipientFile() refuses other bytes at every place of the key, and all beside it", async () => {
  const taken: number[][] = [];
  for (let byte = 0; byte < 256; byte++) {
    for (const [place, right] of line.entries()) {
      const isOtherCase = right >= 0x61 && byte === (right ^ 0x20);
      if (byte === right || isOtherCase || (byte + place) % 5 > 0) continue; // a sample
      if (await isTaken(line.with(place, byte))) taken.push([place, byte]);
    }
    if (byte < 0x80) continue;
    for (const file of [concat(Uint8Array.of(byte), line), concat(line, Uint8Array.of(byte))]) {
      if (await isTaken(file)) taken.push([byte]);
    }
  }
  expect(taken).toEqual([]);
});
