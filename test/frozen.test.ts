/** test/vectors/v1: whole schemes that every version must recover, none of whose files ever changes. */

import { expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { choose } from "./core/helpers.ts";
import { root, type Sandbox, scenario } from "./e2e/harness.ts";

const folder = join(root, "test/vectors/v1");
const listSha256 = "380bebec3d9762d08020cd5cd6a8d5d49a7e915d663206223107177620c2b20d";

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

/** Puts the folder into the sandbox, and every share of it into a file of its own. */
async function unpack(
  sandbox: Sandbox,
  name: string,
  nodes: string[],
  sealed: string,
): Promise<string[]> {
  cpSync(join(folder, name), sandbox.dir, { recursive: true });
  await sandbox.ok("chmod 600 *.key");
  for (const node of nodes)
    await sandbox.ok(`./unseal --key ${node}.key ${sealed}/${node} -o ${node}.share`);
  await sandbox.ok("split -l 1 -d offline.txt offline-share-");
  return (await sandbox.ok("ls *.share offline-share-*")).text.trimEnd().split("\n");
}

for (const { name, k, nodes, generation } of [
  { name: "two-of-three", k: 2, nodes: ["node-a", "node-b"], generation: 1 },
  { name: "three-of-five", k: 3, nodes: ["node-a", "node-b", "node-c"], generation: 2 },
]) {
  scenario(`version 1: ${name} verifies, and any ${k} shares recover it`, async (sandbox) => {
    const shares = await unpack(sandbox, name, nodes, `scheme/sealed-${generation}`);
    await sandbox.ok("./recovery-verify --dir scheme");
    for (const node of nodes) await sandbox.ok(`./recovery-verify --dir scheme --key ${node}.key`);
    for (const some of choose(shares, k).map((names) => names.join(" "))) {
      await sandbox.ok(`./recovery-reconstruct --dir scheme ${some} | cmp - plaintext`);
      const open = `./vault-open scheme/vault-${generation}.wd`;
      await sandbox.ok(`./combine ${some} | ${open} | cmp - plaintext`);
    }
    await sandbox.ok(`./recovery-verify --dir scheme --drill ${shares.join(" ")}`);
  });
}

scenario("version 1: hybrid keys and updates: any 2 shares recover the newest", async (sandbox) => {
  const { ok } = sandbox;
  const shares = await unpack(sandbox, "hybrid-updates", ["node-a", "node-b"], "scheme/sealed-1");
  await ok("./recovery-verify --dir scheme --writer writer.txt");
  for (const some of choose(shares, 2).map((names) => names.join(" "))) {
    await ok(`./recovery-reconstruct --dir scheme ${some} | cmp - plaintext`);
    await ok(`./recovery-reconstruct --dir scheme --update 0 ${some} | cmp - plaintext.first`);
    const open = "./vault-open --update scheme/update-1.2 scheme/vault-1.2.wd";
    await ok(`./combine ${some} | ${open} | cmp - plaintext`);
  }
});

scenario("version 1: what the pipe commands made is recovered", async (sandbox) => {
  cpSync(join(folder, "pipes"), sandbox.dir, { recursive: true });
  await sandbox.ok("chmod 600 *.key");
  const both = "./unseal --key node-a.key --key node-b.key shares.txt";
  await sandbox.ok(`${both} | ./combine | ./vault-open vault.wd | cmp - plaintext`);
  for (const node of ["node-a", "node-b"]) {
    const own = `sed "${node === "node-a" ? 2 : 1}d" shares.txt | ./unseal --key ${node}.key`;
    await sandbox.ok(`${own} | ./combine | ./vault-open vault.wd | cmp - plaintext`);
  }
});

scenario("version 1: a secret of 256 bytes comes back from any 4 of 7 shares", async (sandbox) => {
  cpSync(join(folder, "secret"), sandbox.dir, { recursive: true });
  for (const lines of [`1,4`, `4,7`, `2,5`]) {
    await sandbox.ok(`sed -n ${lines}p shares.txt | ./combine | cmp - plaintext`);
  }
});
