/** test/vectors: nothing in it ever changes, and every version recovers the whole schemes in v1. */

import { afterAll, expect, test } from "bun:test";
import { chmodSync, cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as combine from "../scripts/combine.ts";
import { bin, root } from "../scripts/dev/project.ts";
import * as reconstruct from "../scripts/recovery-reconstruct.ts";
import * as verify from "../scripts/recovery-verify.ts";
import * as unseal from "../scripts/unseal.ts";
import * as vaultOpen from "../scripts/vault-open.ts";
import { at, attempt, enterFolder, removeFolders, succeed } from "./commands/folder-io.ts";
import { choose } from "./core/helpers.ts";

afterAll(removeFolders);

const folder = join(root, "test/vectors/v1");
/** Of the lines that sha256sum writes of the vectors. */
const vectorsSha256 = "e4ec27de3d1671a740a30373ba23bb418af6a2966f873f38feec9ad444fe08f6";
const listSha256 = "ce58da9949acbe80a0d1f5d82b049675fedd4df1bde5a4fddc99a4af4e3a030c";

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

test("no file of version 1 has changed, gone or come", () => {
  const list = readFileSync(join(folder, "SHA256SUMS"));
  expect(sha256(list)).toBe(listSha256);
  const lines = list.toString().trimEnd().split("\n");
  for (const line of lines) {
    const [digest = "", name = ""] = line.split("  ");
    expect([name, sha256(readFileSync(join(folder, name)))]).toEqual([name, digest]);
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  expect(entries.filter((entry) => entry.isFile()).length).toBe(lines.length + 1);
});

test("no vector of version 1 has changed, gone or come: later ones have a folder of their own", () => {
  const vectors = join(folder, "..");
  const names = readdirSync(vectors).filter((name) => name.endsWith(".json"));
  const list = names
    .sort()
    .map((name) => `${sha256(readFileSync(join(vectors, name)))}  ${name}\n`);
  expect([names.length, sha256(Buffer.from(list.join("")))]).toEqual([258, vectorsSha256]);
});

/** Copies a set into a new folder; the private keys in it are the user's own. */
function unpack(name: string): void {
  enterFolder();
  cpSync(join(folder, name), at(""), { recursive: true });
  for (const file of readdirSync(at(""))) if (file.endsWith(".key")) chmodSync(at(file), 0o600);
}

/** What a pipe of the executables writes, with the folder as its working directory. */
function piped(script: string): Uint8Array {
  const env = { PATH: `${bin}:${process.env["PATH"]}` };
  const { stdout, stderr, exitCode } = Bun.spawnSync(["sh", "-euc", script], { cwd: at(""), env });
  expect([stderr.toString().match(/^.*(?:error|warning): .*/gm), exitCode]).toEqual([null, 0]);
  return new Uint8Array(stdout);
}

const plaintext = (file = "plaintext") => new Uint8Array(readFileSync(at(file)));
async function bytes(...args: Parameters<typeof attempt>): Promise<Uint8Array> {
  const { run, output } = await attempt(...args);
  await run();
  return output();
}

/** Opens the nodes' shares: the lines of all shares. */
async function sharesOf(nodes: string[], sealed: string): Promise<string[]> {
  const lines = nodes.map(async (node) => {
    return (await succeed(unseal, `--key @${node}.key @${sealed}/${node}`)).stdout;
  });
  const offline = readFileSync(at("offline.txt"), "utf8");
  return [...(await Promise.all(lines)), ...offline.split(/(?<=\n)/)];
}

for (const { name, k, nodes, generation } of [
  { name: "two-of-three", k: 2, nodes: ["node-a", "node-b"], generation: 1 },
  { name: "hybrid", k: 2, nodes: ["node-a", "node-b"], generation: 1 },
  { name: "three-of-five", k: 3, nodes: ["node-a", "node-b", "node-c"], generation: 2 },
]) {
  test(`version 1: ${name} verifies, and any ${k} shares recover it`, async () => {
    unpack(name);
    const shares = await sharesOf(nodes, `scheme/sealed-${generation}`);
    await succeed(verify, "--dir @scheme");
    for (const node of nodes) await succeed(verify, `--dir @scheme --key @${node}.key`);
    for (const some of choose(shares, k).map((lines) => lines.join(""))) {
      expect(await bytes(reconstruct, "--dir @scheme", some)).toEqual(plaintext());
      const key = await bytes(combine, "", some);
      expect(await bytes(vaultOpen, `@scheme/vault-${generation}.wd`, key)).toEqual(plaintext());
    }
    await succeed(verify, "--dir @scheme --drill", shares.join(""));
    const all = nodes.map((node) => `unseal --key ${node}.key --dir scheme`).join("; ");
    const open = `{ ${all}; cat offline.txt; } | recovery-reconstruct --dir scheme`;
    expect(piped(open)).toEqual(plaintext());
  });
}

test("version 1: hybrid keys and updates: any 2 shares recover the newest", async () => {
  unpack("hybrid-updates");
  const shares = await sharesOf(["node-a", "node-b"], "scheme/sealed-1");
  await succeed(verify, "--dir @scheme --writer @writer.txt");
  const update = "--update @scheme/update-1.2 @scheme/vault-1.2.wd";
  for (const some of choose(shares, 2).map((lines) => lines.join(""))) {
    expect(await bytes(reconstruct, "--dir @scheme", some)).toEqual(plaintext());
    const first = await bytes(reconstruct, "--dir @scheme --update 0", some);
    expect(first).toEqual(plaintext("plaintext.first"));
    expect(await bytes(vaultOpen, update, await bytes(combine, "", some))).toEqual(plaintext());
  }
  const own = "unseal --key node-a.key --dir scheme | cat - offline.txt";
  expect(piped(`${own} | recovery-reconstruct --dir scheme`)).toEqual(plaintext());
});

test("version 1: what the pipe commands made is recovered", () => {
  unpack("pipes");
  const open = "combine | vault-open vault.wd";
  expect(piped(`unseal --key node-a.key --key node-b.key shares.txt | ${open}`)).toEqual(
    plaintext(),
  );
  for (const [node, other] of [
    ["node-a", 2],
    ["node-b", 1],
  ]) {
    const own = `sed ${other}d shares.txt | unseal --key ${node}.key`;
    expect(piped(`${own} | ${open}`)).toEqual(plaintext());
  }
});

test("version 1: a secret of 256 bytes comes back from any 4 of 7 shares", async () => {
  unpack("secret");
  const lines = readFileSync(at("shares.txt"), "utf8").trimEnd().split("\n");
  for (const some of choose(lines, 4)) {
    expect(await bytes(combine, "", some.join("\n"))).toEqual(plaintext());
  }
});
