// recovery-reconstruct: the plaintext or the master out of a scheme's directory, or nothing. Which shares
// are the scheme's is test/scheme/recover-master.test.ts's.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { makeScheme } from "../oracle/scheme.ts";
import { closeVault } from "../oracle/vault.ts";
import { lay, plaintext, put, twoNodes, twoOfThree } from "./ceremony.ts";
import { MiB } from "./fixtures.ts";
import { programFiles, scenario, scenarios } from "./harness.ts";
import { anotherUser, asNobody } from "./needs.ts";

const reconstruct = "./recovery-reconstruct --dir D";

scenario(
  "any two shares give the plaintext or the master, and stderr says of which set",
  async (sandbox) => {
    const { ok, fails, read } = sandbox;
    const { scheme, master } = twoOfThree(sandbox);
    for (const line of [
      `cat share-1 share-2 | ${reconstruct}`,
      `${reconstruct} share-2 share-3 < /dev/null`,
      `${reconstruct} share-1 - < share-3`,
      `./unseal --key node-a.key D/sealed-1/node-a | cat - offline | ${reconstruct}`,
    ]) {
      const { stdout, stderr } = await ok(line);
      expect(hex(stdout)).toBe(hex(plaintext));
      for (const fact of [scheme.set, "generation 1", scheme.created])
        expect(stderr).toContain(fact);
    }
    const { stdout, stderr } = await ok(`${reconstruct} --master shares`);
    expect(hex(stdout)).toBe(hex(master));
    expect(stderr).not.toContain(hex(master));
    await ok(`${reconstruct} --master < shares | ./vault-open D/vault-1.wd | cmp - in.plain`);
    expect((await ok(`umask 000; ${reconstruct} -o out < shares`)).text).toBe("");
    await ok("cmp out in.plain; test $(stat -c %a out) = 600");
    await ok(`${reconstruct} --master --out key < shares`);
    expect(hex(read("key"))).toBe(hex(master));
    await fails(`${reconstruct} -o out < shares`, 6, /out/);
    await fails(`${reconstruct} -o no/such < shares`, 1, /no\/such/);
  },
  { smoke: true },
);

for (const size of [0, 2 * MiB + 12_345]) {
  scenario(`a vault of ${size} bytes`, async (sandbox) => {
    sandbox.file("want", sample("large", size));
    twoOfThree(sandbox, { plaintext: sample("large", size) });
    await sandbox.ok(`${reconstruct} < shares | cmp - want`);
    await sandbox.ok(`${reconstruct} -o out < shares; cmp out want`);
  });
}

scenario(
  "what the shares and the vault do not need may be missing, locked or behind links",
  async (sandbox) => {
    twoOfThree(sandbox);
    put(sandbox, "D/lock", "4194305\n");
    await sandbox.ok(
      "rm -r D/sealed-1; mkdir E; ln -s ../D/scheme.json ../D/vault-1.wd E; ln -s E F",
    );
    for (const dir of ["D", "E", "F/"]) {
      await sandbox.ok(`./recovery-reconstruct --dir ${dir} < shares | cmp - in.plain`);
    }
  },
);

scenario(
  "a directory that may only be read is enough",
  async (sandbox) => {
    twoOfThree(sandbox);
    await sandbox.ok("chmod -R a+rX D; chmod 644 shares");
    const line = reconstruct.replace("./", `${asNobody}./`);
    await sandbox.ok(`${line} < shares | cmp - in.plain`);
  },
  { needs: anotherUser(...programFiles) },
);

scenarios<readonly [string, number]>(
  {
    "no directory": ["rm -r D", 1],
    "no vault": ["rm D/vault-1.wd", 1],
    "a vault with a byte more": ["printf x >> D/vault-1.wd", 5],
    "a vault cut in its header": ["truncate -s 79 D/vault-1.wd", 3],
    "a vault of another scheme": ["cp vault D/vault-1.wd", 5],
  },
  (what) => `${what} gives nothing`,
  async (sandbox, [script, code]) => {
    const { master } = twoOfThree(sandbox);
    const options = { secrets: [plaintext, master] };
    await sandbox.ok(script);
    await sandbox.fails(`${reconstruct} < shares`, code, /error: /, options);
    await sandbox.fails(`${reconstruct} -o out < shares`, code, /error: /, options);
  },
);

scenario("another vault under the same key is not the scheme's", async (sandbox) => {
  const { master } = twoOfThree(sandbox);
  const old = sample("last year's secrets", 40);
  put(sandbox, "D/vault-1.wd", closeVault(master, old));
  const options = { secrets: [old, master] };
  const says = /D\/vault-1\.wd: its SHA-256 is not the one in scheme\.json/;
  await sandbox.fails(`${reconstruct} < shares`, 5, says, options);
  await sandbox.fails(`${reconstruct} -o out < shares`, 5, says, options);
  await sandbox.fails("./recovery-rotate --dir D < shares", 5, says, options);
  expect(sandbox.has("out") || sandbox.has("D/vault-2.wd")).toBe(false);
});

scenario(
  "a directory that was rolled back is told by --expect-set and by the shares",
  async (sandbox) => {
    const { file, ok, fails } = sandbox;
    const { scheme } = twoOfThree(sandbox);
    const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
    file("new", `${later.lines.join("\n")}\n`);
    await ok(`${reconstruct} --expect-set ${scheme.set} < shares`);
    const wanted = `--expect-set ${later.scheme.set}`;
    await fails(`${reconstruct} ${wanted} < shares`, 5, new RegExp(scheme.set));
    await fails(`${reconstruct} < new`, 5, new RegExp(later.scheme.set));
    lay(sandbox, later); // the current generation's shares count, and no others
    expect((await ok(`${reconstruct} < new`)).text).toBe("tar of all secrets\n");
    await fails(`cat shares new | ${reconstruct}`, 5, /set/);
  },
);

scenario(
  "what is secret goes to no terminal, and output that cannot be written is exit 1",
  async (sandbox) => {
    const { master } = twoOfThree(sandbox);
    for (const flag of ["", "--master"]) {
      const { code, screen } = await sandbox.terminal(`${reconstruct} ${flag} shares < /dev/null`);
      expect(code, screen).toBe(6);
      expect(screen).toMatch(/recovery-reconstruct: error: .*terminal/);
      expect(screen).not.toContain("fleet");
      expect(screen).not.toContain(Buffer.from(master.slice(0, 8)).toString("latin1"));
    }
    const forced = await sandbox.terminal(`${reconstruct} --force shares 2> said`);
    expect([forced.code, forced.screen.includes("keys of the fleet")]).toEqual([0, true]);
    const secrets = [plaintext, master];
    await sandbox.fails(`${reconstruct} < shares > /dev/full`, 1, /space|full|writ/, { secrets });
    const line = `umask 022; ${reconstruct} < shares > open`;
    await sandbox.ok(line, /recovery-reconstruct: warning: .*others/);
  },
);
