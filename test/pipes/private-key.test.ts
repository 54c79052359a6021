import { expect, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { ascii } from "../../lib/core/bytes.ts";
import { parsePrivateKeyFile, sshHalf } from "../../lib/pipes/private-key.ts";
import { encodePrivateKey, encodePublicKey, publicHalf } from "../../lib/wire/keys.ts";
import { expectFailure, failureOf, repeatable } from "../core/helpers.ts";
import { armor, partsOf, privateBytes } from "../oracle/ssh-file.ts";
import { textOf } from "../oracle/text.ts";

const privateKey = repeatable(1)(32);
const publicKey = await publicHalf(privateKey);

test("parsePrivateKeyFile() finds the one key among comments, grouped or not", async () => {
  const text = textOf(encodePrivateKey(privateKey));
  const grouped = text.replace(/.{5}/g, "$& ").trim();
  for (const file of [text, `# made today\n\n${text}\r\n`, `  ${grouped}`, text.toUpperCase()]) {
    expect((await parsePrivateKeyFile(ascii(file))).toHex()).toBe(privateKey.toHex());
  }
});

test("parsePrivateKeyFile() converts an OpenSSH key, and knows a public one", async () => {
  const file = armor(privateBytes(partsOf(privateKey)));
  const converted = ed25519.utils.toMontgomerySecret(privateKey).toHex();
  expect((await parsePrivateKeyFile(file.slice(), "f")).toHex()).toBe(converted);
  const cut = () => parsePrivateKeyFile(file.slice(0, 200), "f");
  await expectFailure("malformed", /^f: the SSH key is damaged/, cut);
  await expectFailure("malformed", /^stdin: .*OpenSSH/, () =>
    parsePrivateKeyFile(ascii("-----BEGIN RSA PRIVATE KEY-----")),
  );
  const words = /^f: expected a private key.*public/;
  const publicLine = () => parsePrivateKeyFile(ascii("ssh-rsa AAAA node"), "f");
  expect((await expectFailure("malformed", words, publicLine)).hint).toMatch(/\.pub/);
});

test("parsePrivateKeyFile() says in which file and line the fault is", async () => {
  const text = textOf(encodePrivateKey(privateKey));
  const publicText = textOf(encodePublicKey(publicKey));
  const refused = [
    ["", /^f: no private key/],
    ["# nothing\n", /^f: no private key/],
    [`${text}\n${text}`, /^f: line 2.*one private key/],
    [`#\n${publicText}`, /^f: line 2: expected a wdkey1.*wdpub1/],
    [`#\n\n${text}q`, /^f: line 3: .*too many/],
    ["hello", /^f: line 1: expected/],
  ] as const;
  for (const [file, words] of refused) {
    await expectFailure("malformed", words, async () => parsePrivateKeyFile(ascii(file), "f"));
  }
  await expectFailure("malformed", /^line 1: /, async () => parsePrivateKeyFile(ascii("hello")));
});

test("a refused private key is not in the message", async () => {
  const text = textOf(encodePrivateKey(privateKey));
  for (const file of [`${text}q`, text.slice(0, -1), text.replace("wdkey1", "wdkey1b")]) {
    const { message, hint } = await failureOf(async () => parsePrivateKeyFile(ascii(file), "f"));
    for (let i = 6; i + 5 < text.length; i++) {
      expect(`${message} ${hint}`).not.toContain(text.slice(i, i + 5));
    }
  }
});

test("sshHalf() knows OpenSSH's files, and PEM, by how they begin", () => {
  for (const start of ["-----BEGIN OPENSSH", "-----BEGIN PRIVATE KEY-----", "---- BEGIN SSH2"]) {
    expect(sshHalf(ascii(start))).toBe("private");
  }
  for (const start of [
    "\u00ef\u00bb\u00bf\r\n # a\n#-----BEGIN\n\tssh-ed25519 A",
    "ssh-rsa A",
    "ecdsa-sha2-nistp256 A",
    "sk-ssh-ed25519@",
  ]) {
    expect(sshHalf(ascii(start))).toBe("public");
  }
  for (const start of [
    "",
    "ss",
    "wdpub1",
    "x ssh-",
    "# ssh-",
    "----",
    "----wdkey1",
    "# ----",
    "\0",
  ]) {
    expect(sshHalf(ascii(start))).toBeUndefined();
  }
});
