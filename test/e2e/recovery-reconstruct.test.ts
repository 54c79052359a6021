// recovery-reconstruct: the plaintext or the master out of a scheme's directory, or nothing. Which shares
// are the scheme's is test/scheme/recover-master.test.ts's.

import { expect } from "bun:test";
import { hex, nth, sample } from "../oracle/bytes.ts";
import { makeScheme, schemeText, sha256, tagOfScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
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

scenario("a large scheme, with just enough shares and with more", async (sandbox) => {
  const { file, ok, fails } = sandbox;
  const names = Array.from({ length: 9 }, (_, i) => `n${i + 1}`);
  const nodes = Object.fromEntries(names.map((name) => [name, makeKey(name)]));
  const { lines } = twoOfThree(sandbox, { nodes, k: 5, offline: 3 });
  await ok(`${reconstruct} < shares | cmp - in.plain`);
  file("some", lines.slice(6).join("\n"));
  await ok(`${reconstruct} < some | cmp - in.plain`);
  file("few", lines.slice(0, 4).join("\n"));
  await fails(`${reconstruct} < few`, 4, /few/);
});

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

scenario("shares that are not the scheme's give nothing", async (sandbox) => {
  const made = twoOfThree(sandbox);
  const [one, two] = [nth(made.lines, 0), nth(made.lines, 1)];
  const bent = made.lines.map((line) => shareLine(bend(parseShare(line))));
  const stale = makeScheme({ nodes: twoNodes, seed: "stale" });
  const forged = makeSet("scheme", 2, 3, makeKey("forged").secret);
  const inputs: Record<string, [string[], number, RegExp?]> = {
    "one share twice": [[one, one], 4],
    "all, one of them bent": [[one, two, nth(bent, 2)], 5],
    "two values of one": [[one, two, nth(bent, 1)], 5],
    "another scheme's": [stale.lines, 5],
    "enough, and one of another scheme": [[...made.lines, nth(stale.lines, 0)], 5, /4|set/],
    "one of ours, one forged": [[one, nth(forged.lines, 1)], 5],
    "ours under another index": [[one, shareLine({ ...parseShare(two), x: 3 })], 5],
    "a mistyped one": [[one, mistype(two, 40)], 3],
    "two on one line": [[one + two], 3],
    "sealed ones": [[sandbox.text("D/sealed-1/node-a").trim(), two], 4, /unseal/],
  };
  const options = { by: "recovery-reconstruct", secrets: [plaintext, made.master] };
  for (const [lines, code, says = /error: /] of Object.values(inputs)) {
    sandbox.file("given", lines.map((line) => `${line}\n`).join(""));
    for (const flag of ["", "--master -o out"]) {
      await sandbox.fails(`${reconstruct} ${flag} < given`, code, says, options);
    }
  }
  const { code, text, stderr } = await sandbox.run(`false | ${reconstruct}`);
  expect([3, 4], stderr).toContain(code);
  expect([text, /before/.test(stderr)]).toEqual(["", true]);
});

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

scenario("a vault that never opened is found out, digest and tag or not", async (sandbox) => {
  const { scheme, master } = twoOfThree(sandbox);
  const vault = sandbox.read("D/vault-1.wd");
  const damaged = vault.with(90, nth([...vault], 90) ^ 1);
  const other = { ...scheme, vaultDigest: sha256(damaged) };
  put(sandbox, "D/vault-1.wd", damaged);
  put(sandbox, "D/scheme.json", schemeText(other, tagOfScheme(other, master)));
  await sandbox.fails(`${reconstruct} < shares`, 5, /error: /);
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
