import { expect, setDefaultTimeout, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import sodium from "libsodium-wrappers";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { parseSshPublicKey } from "../../lib/ssh/ssh-key.ts";
import { cuts, expectFailure, failureOf, flips, repeatable } from "../core/helpers.ts";
import { publicLine, publicPart, sshString, uint32 } from "../oracle/ssh-file.ts";
import { textOf } from "../oracle/text.ts";

setDefaultTimeout(60_000); // for a busy machine

await sodium.ready;

const publicKey = ed25519.getPublicKey(repeatable(1)(32));
const converted = sodium.crypto_sign_ed25519_pk_to_curve25519(publicKey).toHex();
const part = publicPart(publicKey);
const data = part.toBase64();
const line = `ssh-ed25519 ${data}`;
const other = textOf(publicLine(publicPart(ed25519.getPublicKey(repeatable(2)(32)))));

const parsed = async (text: string) => (await parseSshPublicKey(text))?.toHex();
const refused = (words: RegExp, text: string) =>
  expectFailure("malformed", words, () => parseSshPublicKey(text));

test("parseSshPublicKey() converts the one key, with a comment or without, among comment lines", async () => {
  const texts = [
    line,
    `${line}\n`,
    `${line} root@node-a\r\n`,
    `  ${line}\tnode a, rack 3 — “réservé”  \n\n`,
    `# host key\n\n\t# of node a\n${line} node a\n# end\n`,
    `ssh-ed25519 \t ${data} ssh-ed25519`,
    `${line} AAAA`,
    `${line}\r`,
  ];
  for (const text of texts) expect(await parsed(text)).toBe(converted);
});

test("parseSshPublicKey() leaves what is no SSH key to others", async () => {
  const names = ["", "-", "node-a.pub", "ssh-keys", "ssh-ed25519.pub", "/etc/ssh/ssh-rsa.pub"];
  const lines = ["# nothing", "wdpub1qqqq", `wdpub1qqqq ${line}`, `hello\n${line}`, data];
  for (const text of [...names, ...lines]) expect(await parsed(text)).toBeUndefined();
});

test("parseSshPublicKey() says what other kinds of key are, and what to do", async () => {
  const kinds = {
    "ssh-rsa": /RSA/,
    "ssh-dss": /DSA/,
    "ecdsa-sha2-nistp256": /ECDSA/,
    "sk-ssh-ed25519@openssh.com": /token/,
    "sk-ecdsa-sha2-nistp256@openssh.com": /token/,
    "ssh-ed25519-cert-v01@openssh.com": /certificate/,
    "sk-ssh-ed25519-cert-v01@openssh.com": /certificate/,
  };
  for (const [type, words] of Object.entries(kinds)) {
    for (const text of [`${type} AAAA`, `${type} ${data} node`, type]) {
      expect((await refused(words, text)).hint).toMatch(/keygen/);
    }
    // the line says ssh-ed25519, and the key in it is another
    const inside = concat(sshString(type), sshString(publicKey)).toBase64();
    await refused(words, `ssh-ed25519 ${inside}`);
  }
  for (const type of ["", "ssh-ed448", "ssh-ed25519\0", "x".repeat(100_000)]) {
    const inside = concat(sshString(type), sshString(publicKey)).toBase64();
    await refused(/unknown kind/, `ssh-ed25519 ${inside}`);
  }
});

test("parseSshPublicKey() refuses options and host names in front, with a hint", async () => {
  const options = ["restrict", 'from="10.0.0.1,*.example"', 'command="ls -la"'];
  for (const start of [...options, "node-a,10.0.0.1", "|1|x=|y=", "@cert-authority *"]) {
    expect((await refused(/text before/, `${start} ${line} node`)).hint).toMatch(/options/);
  }
});

test("parseSshPublicKey() refuses a second key, on a line of its own or joined", async () => {
  for (const second of [`\n${other}`, ` a\n\n${line} a\n`, "\nwdpub1qqqq"]) {
    await refused(/text after/, `${line}${second}`);
  }
  for (const second of [` ${other}`, other, ` a${other}`, " wdkey1qq"]) {
    expect((await refused(/text after/, `${line}${second}`)).hint).toMatch(/newline/);
  }
  for (const end of ["#x", ",", "ssh-ed25519"]) await refused(/base64/, `${line}${end}`);
});

test("parseSshPublicKey() takes no other blank and no other letter for those of ASCII", async () => {
  const at = line.indexOf(data);
  const wide = String.fromCharCode(data.charCodeAt(10) + 256);
  await refused(/base64/, `${line.slice(0, at + 10)}${wide}${line.slice(at + 11)}`);
  expect(await parsed(line.replace(" ", "\u00a0"))).toBeUndefined();
  await refused(/base64/, `${line}\u00a0node`);
  await refused(/base64/, `${line}\u000bnode`);
});

test("parseSshPublicKey() says that an argument without its quotes was cut in two", async () => {
  expect((await refused(/ends after its type/, "ssh-ed25519")).hint).toMatch(/quotes/);
});

test("parseSshPublicKey() refuses every other length, inside and outside", async () => {
  for (const cut of cuts(part)) {
    await refused(/cut short|unknown kind/, `ssh-ed25519 ${cut.toBase64() || "AAAA"}`);
  }
  await refused(/data after it/, `ssh-ed25519 ${concat(part, Uint8Array.of(0)).toBase64()}`);
  for (const length of [0, 1, 31, 33, 64]) {
    const inside = publicPart(repeatable(1)(length)).toBase64();
    await refused(new RegExp(`${length} bytes.*32`), `ssh-ed25519 ${inside}`);
  }
  for (const length of [0xffff_ffff, 0x8000_0000, 0x7fff_ffff]) {
    const inside = concat(sshString("ssh-ed25519"), uint32(length), publicKey).toBase64();
    await refused(/cut short/, `ssh-ed25519 ${inside}`);
  }
});

test("parseSshPublicKey() gives another key or malformed when any bit of the line is turned over", async () => {
  for (const [bit, bytes] of flips(ascii(`${line} node`)).entries()) {
    const text = new TextDecoder().decode(bytes);
    const found = await parsed(text).catch(async (error) => {
      expect((await failureOf(() => Promise.reject(error))).code).toBe("malformed");
      return undefined;
    });
    const inType = bit < 8 * 12;
    const inComment = bit >= 8 * (line.length + 1);
    if (inType) expect(found).toBeUndefined();
    else if (!inComment && found !== undefined) expect(text).toMatch(/^ssh-ed25519 \S{68} node$/);
    else if (inComment) expect(text.includes("\n") || found === converted).toBe(true);
  }
});
