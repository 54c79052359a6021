// The recovery commands as processes: a scheme from init to prune, and what only a process shows. What may
// be wrong with a folder or its shares is test/commands/tampering.test.ts's, plans and names are
// test/scheme's, and faults at every system call test/dev/faults.test.ts's.

import { expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { hex } from "../oracle/bytes.ts";
import { makeScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import {
  audit,
  expectedListing,
  init,
  lay,
  listing,
  plaintext,
  prepare,
  put,
  rotate,
  twoNodes,
  twoOfThree,
} from "./ceremony.ts";
import { programFiles, type Sandbox, scenario } from "./harness.ts";
import { anotherUser, asNobody, ownMounts, which } from "./needs.ts";

const verify = "./recovery-verify --dir D";
const reconstruct = "./recovery-reconstruct --dir D";
const prune = "./recovery-prune --dir D";

/** The shares of a node and of a file, by pipe into a command. */
const held = (generation: number, offline: string) =>
  `./unseal --key node-a.key D/sealed-${generation}/node-a ${offline} |`;

/** The plaintext by way of the pipe commands alone. */
const byPipes = (generation: number, offline: string) =>
  `${held(generation, offline)} ./combine | ./vault-open D/vault-${generation}.wd`;

/** What is left in D by an init that failed late: nothing, whether D itself stays or not. */
function expectNothingMade({ dir }: Sandbox): void {
  const path = join(dir, "D");
  expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
}

scenario(
  "init, drill, rotate, drill, prune and rotate again, each byte for byte",
  async (sandbox) => {
    const { ok, fails, file } = sandbox;
    prepare(sandbox);
    const start = Math.floor(Date.now() / 1000) * 1000;
    const made = await ok(`umask 000; ${init} < in.plain`);
    expect(await listing(sandbox)).toEqual(["700 .", ...expectedListing(1)]);
    const first = audit(sandbox, made.text);
    expect(first.scheme).toMatchObject({ version: 1, generation: 1, k: 2, n: 3 });
    expect(first.scheme.holders.map(({ name }) => name)).toEqual(["node-a", "node-b", "offline-1"]);
    expect(hex(first.plaintext)).toBe(hex(plaintext));
    expect(new Date(first.scheme.created).getTime() - start).toBeWithin(0, 60_000);
    for (const fact of ["sealed-1/node-a", "sealed-1/node-b", first.scheme.set, "drill"]) {
      expect(made.stderr).toContain(fact);
    }
    file("first", made.text);
    await ok(`${byPipes(1, "first")} | cmp - in.plain`);
    await ok(`${held(1, "first")} ${verify} --drill`);

    file("fresh.plain", "the next secrets");
    const changes = "--holder node-b=node-c.pub --secrets fresh.plain";
    const rotated = await ok(`umask 077; ${held(1, "first")} ${rotate} ${changes}`);
    expect(await listing(sandbox)).toEqual([
      ...["700 .", "600 drilled-1"],
      ...expectedListing(1, 2),
    ]);
    const more = { "node-b": makeKey("node-c") };
    const second = audit(sandbox, rotated.text, more);
    expect([second.scheme.generation, second.scheme.k, second.scheme.n]).toEqual([2, 2, 3]);
    expect(Buffer.from(second.plaintext).toString()).toBe("the next secrets");
    expect(second.scheme.set).not.toBe(first.scheme.set);
    expect(hex(second.master)).not.toBe(hex(first.master));
    const check = `recovery-verify --dir D --key KEY --expect-set ${second.scheme.set}\n`;
    expect(rotated.stderr).toContain(`until every node passes: worstday ${check}`);
    file("second", rotated.text);
    await ok(`${byPipes(1, "first")} | cmp - in.plain`);
    await ok(`${held(2, "second")} ${reconstruct} | cmp - fresh.plain`);
    await fails("./unseal --key node-b.key D/sealed-2/node-b", 5, /key/);
    await fails(byPipes(1, "second"), 3, /2 sets|too few/);
    await fails(`${rotate} first`, 5, /set/);

    await fails(prune, 6, /drill/);
    await ok(`${held(2, "second")} ${verify} --drill`);
    await ok(prune, /removed .*vault-1\.wd/);
    expect(await listing(sandbox)).toEqual(["700 .", "600 drilled-2", ...expectedListing(2)]);
    const third = audit(sandbox, (await ok(`${held(2, "second")} ${rotate}`)).text, more);
    expect(third.scheme.generation).toBe(3);
    expect(hex(third.plaintext)).toBe(hex(second.plaintext)); // carried over
  },
  { smoke: true },
);

scenario(
  "the shares of a scheme give its plaintext or its master, and a drill of them reveals nothing",
  async (sandbox) => {
    const { ok, fails, file, read, text } = sandbox;
    const { scheme, master } = twoOfThree(sandbox);
    const said = await ok(`${reconstruct} share-1 - < share-3 > out; cmp out in.plain`);
    for (const fact of [scheme.set, "generation 1", scheme.created])
      expect(said.stderr).toContain(fact);
    await ok(`${reconstruct} --master < shares | ./vault-open D/vault-1.wd | cmp - in.plain`);
    expect((await ok(`umask 000; ${reconstruct} --master -o key < shares`)).text).toBe("");
    expect(hex(read("key"))).toBe(hex(master));
    await fails(`${reconstruct} -o key < shares`, 6, /key/);

    const looked = await ok(`${verify} --expect-set ${scheme.set}`);
    expect(looked.text.match(/.*authenticated/g)).toEqual([
      expect.stringMatching(/consistent, not authenticated$/),
    ]);
    for (const fact of [scheme.set, scheme.created, "node-a", "node-b", "offline-1"])
      expect(looked.text).toContain(fact);
    expect((await ok(`${verify} --key node-a.key`)).text).toMatch(/^node-a +good: opened/m);
    const drilled = await ok(`umask 000; ${held(1, "offline")} ${verify} --drill`);
    expect(drilled.text).toContain(scheme.set);
    expect(drilled.text).not.toMatch(/not authenticated|wdshare1|keys of the fleet/);
    expect(await listing(sandbox)).toContain("600 drilled-1");
    file("victim", "precious\n");
    await sandbox.run(`ln -sf ../victim D/drilled-1; ${verify} --drill < shares`);
    expect(text("victim")).toBe("precious\n");
  },
);

scenario("where a command fails, nothing is told and nothing changed", async (sandbox) => {
  const { fails, ok, run } = sandbox;
  const { master } = twoOfThree(sandbox);
  const options = { secrets: [plaintext, master] };
  await fails(`${init} --force < /dev/null`, 6, /scheme/); // before stdin is read
  await fails("./recovery-status --dir nowhere", 1, /nowhere/);
  await fails("./recovery-update --dir D --writer offline < in.plain", 3, /writer/, options);
  await ok("cp vault D/vault-1.wd");
  await fails(`${reconstruct} -o out < shares`, 5, /vault-1\.wd/, options);
  await fails(`${rotate} < shares`, 5, /vault-1\.wd/, options);
  const { code, text, stderr } = await run(`${verify} --drill < shares`);
  expect([code, text], stderr).toEqual([
    5,
    expect.stringMatching(/^vault +bad: [\s\S]*faults found\n$/m),
  ]);
  expect(stderr).toMatch(/^recovery-verify: error: bad: vault/m);
});

scenario("stdin is touched only where it is needed", async (sandbox) => {
  twoOfThree(sandbox);
  for (const line of [
    ...[verify, `${verify} --key node-a.key`, `${reconstruct} -o out shares`],
    `${init.replace(" D", " E")} --secrets in.plain -o kept`,
  ]) {
    const { text } = await sandbox.ok(`printf 'left alone' | ( ${line} > said; cat )`);
    expect([line, text]).toEqual([line, "left alone"]);
  }
  await sandbox.ok(`mkfifo never; ( exec 3<> never; ${verify} <&3 )`);
});

scenario(
  "shares that would go nowhere, or cannot be delivered, are no new generation",
  async (sandbox) => {
    const { ok, fails, run } = sandbox;
    twoOfThree(sandbox);
    const making = init.replace(" D", " E");
    await fails(`${making} < in.plain > /dev/null`, 6, /--force/);
    await fails(`${rotate} < shares > /dev/null`, 6, /--force/);
    for (const line of [
      `${making} < in.plain > /dev/full`,
      `${rotate} < shares > /dev/full`,
      `mkfifo p; ( : < p ) & ( exec 3> p; wait $!; ${rotate} < shares >&3 )`,
    ]) {
      const { code, stderr } = await run(line);
      expect(code, `${line}: ${stderr}`).toBe(1);
      expect(stderr).toMatch(/recovery-\w+: error: /);
      expect(sandbox.has("E")).toBe(false);
      expect(await listing(sandbox)).toEqual(["700 .", ...expectedListing(1)]);
    }
    await ok(`${rotate} < shares > open`, /recovery-rotate: warning: .*others/);
    await ok(`${making} --offline 0 < in.plain > /dev/null`);
    await ok(`${making.replace(" E", " F")} --force < in.plain > /dev/null`);
  },
);

scenario(
  "a share that was delivered in part is not one that was delivered",
  async (sandbox) => {
    prepare(sandbox);
    const { stderr } = await sandbox.run(
      `mkdir small; unshare -m sh -c 'mount -t tmpfs -o size=4k none small || exit 97
      head -c 3900 /dev/zero > small/filler
      ${init.replace("-k 2", "-k 3")} --offline 2 < in.plain >> small/filler
      echo "code $?" >&2; umount small'`,
    );
    expect(stderr).toMatch(/^code 1$/m);
    expect(stderr).toMatch(/recovery-init: \w+: .*destroy/);
    expectNothingMade(sandbox);
  },
  { needs: ownMounts() },
);

scenario(
  "a folder that may not be written is exit 1, and enough to reconstruct",
  async (sandbox) => {
    const { ok, fails } = sandbox;
    twoOfThree(sandbox);
    await ok("chmod -R a+rX D; chmod 555 D; chmod 644 shares *.pub in.plain");
    const as = (line: string) => `${line.replace("./", `${asNobody}./`)}`;
    await ok(`${as(reconstruct)} < shares | cmp - in.plain`);
    await fails(`${as(rotate)} < shares`, 1, /D/);
    await fails(`${as(init.replace(" D", " D/E"))} < in.plain`, 1, /E/);
    await ok("chown -R 65534:65534 D 2> /dev/null; chmod 300 D"); // nor listed
    await fails(`${as(rotate)} < shares`, 1, /D/);
  },
  { needs: anotherUser(...programFiles) },
);

scenario("of rotations that race one wins, and no loser gives shares", async (sandbox) => {
  twoOfThree(sandbox);
  const { text: said } = await sandbox.run(
    `for i in 1 2 3 4; do
      ( ${rotate} < shares > share.$i 2> said.$i; echo $? > code.$i ) & done; wait; cat said.*`,
  );
  const codes = [1, 2, 3, 4].map((i) => sandbox.text(`code.${i}`).trim());
  expect(codes.toSorted().join(""), said).toMatch(/^0[56]{3}$/);
  for (const [i, code] of codes.entries()) {
    const share = sandbox.text(`share.${i + 1}`);
    if (code === "0") expect(audit(sandbox, share).scheme.generation).toBe(2);
    else expect(share, said).toBe("");
  }
  expect(await listing(sandbox)).toEqual(["700 .", ...expectedListing(1, 2)]);
});

scenario(
  "prune does not empty what is mounted in the folder",
  async (sandbox) => {
    twoOfThree(sandbox);
    const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
    lay(sandbox, later);
    put(sandbox, "D/drilled-2", `${later.scheme.set} 2026-01-02T03:04:05Z node-a offline-1\n`);
    const { text, stderr } = await sandbox.run(
      `cp -r D/sealed-1 outside; ${which("unshare")} -m sh -c '
      mount --bind outside D/sealed-1; ${prune}; echo $?'; ls outside D`,
    );
    expect(stderr).toMatch(/error: cannot remove D\/sealed-1: resource busy/);
    expect(text.split("\n")[0]).toBe("1");
    for (const name of ["outside/node-a", "D/vault-1.wd", "D/sealed-1/node-a"]) {
      expect(sandbox.has(name), text).toBe(true);
    }
  },
  { needs: ownMounts() },
);
