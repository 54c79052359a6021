/** What goes wrong most often is named, and so is what to do next. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import * as combine from "../../scripts/combine.ts";
import * as inspect from "../../scripts/inspect.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import * as seal from "../../scripts/seal.ts";
import * as unseal from "../../scripts/unseal.ts";
import * as vaultOpen from "../../scripts/vault-open.ts";
import { nodeA, nodeB, pick, sealed, sshA, twoOfThree, vault } from "../e2e/fixtures.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);
beforeEach(() => {
  enterFolder();
  put("shares", pick(twoOfThree.lines, 1, 2));
  put("sealed", `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);
  put("vault", vault);
});

test("vault-open, given shares for a key, names the command that is missing", async () => {
  const words = /^stdin has \d+ bytes, expected a 32-byte key$/;
  for (const shares of [pick(twoOfThree.lines, 1, 2), fs.readFileSync(at("sealed"), "utf8")]) {
    const { hint } = await refuse("malformed", words, vaultOpen, "@vault", shares);
    expect(hint).toBe("this is a share, not the key: run unseal and combine first");
  }
});

test("an empty file among others is named, and a folder is", async () => {
  put("empty", "# nothing\n");
  const { told } = await succeed(combine, "@shares @empty");
  expect(told).toMatch(/^warning: no shares in \S+empty$/);
  fs.mkdirSync(at("folder"));
  const { hint } = await refuse("io", /folder: it is a folder$/, combine, "@folder");
  expect(hint).toBe("name a file in it");
});

test("--dir beside the scheme's folder says where that is", async () => {
  fs.mkdirSync(at("scheme/sealed-1"), { recursive: true });
  put("scheme/scheme.json", "");
  for (const dir of ["", "/scheme/sealed-1"]) {
    const { hint } = await refuse("io", /^no scheme\.json in/, verify, `--dir @${dir}`);
    const found = hint?.replace(/^there is one in \S+: use --dir /, "") ?? "";
    expect(fs.existsSync(`${found}/scheme.json`)).toBe(true);
  }
});

test("what editors and transfers do to scheme.json is named", async () => {
  const whole = fs.readFileSync(
    new URL("../vectors/v1/two-of-three/scheme/scheme.json", import.meta.url),
    "latin1",
  );
  fs.mkdirSync(at("D"));
  for (const [content, says] of [
    [whole.replace("\n", "\r\n"), /its line ends are CRLF$/],
    [`\xef\xbb\xbf${whole}`, /it begins with a byte order mark$/],
    [whole.replace(",", ", "), /spaces, order or fields differ$/],
  ] as const) {
    put("D/scheme.json", Buffer.from(content, "latin1"));
    await refuse("malformed", says, verify, "--dir @D");
  }
});

test("a PuTTY key, and a PEM file with something in front, are named", async () => {
  const blanks = /before -----BEGIN$/;
  for (const [content, says] of [
    ["PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", /a PuTTY key$/],
    [`\ufeff${sshA.privateFile}`, blanks],
    [sshA.privateFile.replace(/^/gm, "  "), blanks],
    [`\n${sshA.privateFile}`, blanks],
  ] as const) {
    put("key", content);
    await refuse("malformed", says, unseal, "--key @key @sealed");
    await refuse("malformed", says, keygen, "-y", content);
    await refuse("malformed", says, inspect, "@key");
  }
});

test("inspect takes the public key files that seal takes: comments around the key and behind it", async () => {
  const keys = [
    `----\n# a\n- ${nodeA.publicLine} r\u00e9serv\u00e9 ssh-ed25519 AAAA\r\n`,
    `\ufeff\n \t# a\n\t${sshA.publicLine}`,
  ];
  for (const key of keys) {
    put("key", key);
    const { items } = JSON.parse((await succeed(inspect, "--json @key")).stdout);
    const share = (await succeed(seal, "@key - -", pick(twoOfThree.lines, 1, 2, 3))).stdout;
    const [{ recipient }] = JSON.parse((await succeed(inspect, "--json", share)).stdout).items;
    expect(items).toMatchObject([{ recipient }]);
  }
  put("key", "#".repeat(16_777_217));
  await refuse("malformed", /more than 16777216 bytes$/, inspect, "@key");
});

test("a share that is sealed to another key: whose it is, and what if the key is new", async () => {
  put("b.key", nodeB.secretLine);
  const words = /^none of the sealed shares is sealed to this key, [0-9a-f]{16}$/;
  const { hint } = await refuse("mismatch", words, unseal, "--key @b.key @sealed");
  expect(hint).toMatch(/sealed: line 1 is sealed to [0-9a-f]{16}; if this node's key is new, /);
});

test("JSON shows no control characters and none that reorder text, and is the same", async () => {
  const name = "a\u009b\u202e\u{e0041}\n.pub";
  put(name, nodeA.publicLine);
  const { stdout } = await succeed(inspect, `--json @${name}`);
  expect(stdout).toMatch(/^[^\P{C}\n]*[\n -~]+$/u);
  expect(JSON.parse(stdout).items[0].where).toBe(`${at(name)}: line 1`);
});
