// recovery-reconstruct: the plaintext or the master out of a scheme's directory, or nothing.

import { expect } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { hex, nth, sample } from "../oracle/bytes.ts";
import { makeScheme, schemeText, sha256, tagOfScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { bend, makeSet, parseShare, shareLine } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { lay, plaintext, put, twoNodes, twoOfThree } from "./ceremony.ts";
import { MiB } from "./fixtures.ts";
import { programFiles, scenario } from "./harness.ts";
import { anotherUser, asNobody } from "./needs.ts";
import { changes, malformed, tamper } from "./tampering.ts";

const reconstruct = "./recovery-reconstruct --dir D";

scenario("any two shares give the plaintext, and stderr says of which set", async (room) => {
  const { scheme } = twoOfThree(room);
  for (const line of [
    `cat share-1 share-2 | ${reconstruct}`,
    `${reconstruct} share-2 share-3 < /dev/null`,
    `${reconstruct} share-1 - < share-3`,
    `cat share-3 share-2 share-1 | ${reconstruct}`,
    `./unseal --key node-a.key D/sealed-1/node-a | cat - offline | ${reconstruct}`,
  ]) {
    const { stdout, stderr } = await room.ok(line);
    expect(hex(stdout)).toBe(hex(plaintext));
    expect(stderr).toContain(scheme.set);
    expect(stderr).toMatch(/generation 1\b/);
    expect(stderr).toContain(scheme.created);
  }
});

scenario("the master is 32 raw bytes that open the vault", async (room) => {
  const { master } = twoOfThree(room);
  const { stdout, stderr } = await room.ok(`${reconstruct} --master shares`);
  expect(hex(stdout)).toBe(hex(master));
  expect(stderr).not.toContain(hex(master));
  const opened = await room.ok(`${reconstruct} --master < shares | ./vault-open D/vault-1.wd`);
  expect(hex(opened.stdout)).toBe(hex(plaintext));
});

scenario("-o makes a file of mode 0600, and none that exists is touched", async (room) => {
  const { master } = twoOfThree(room);
  expect((await room.ok(`umask 000; ${reconstruct} -o out < shares`)).text).toBe("");
  expect(hex(room.read("out"))).toBe(hex(plaintext));
  expect(statSync(join(room.dir, "out")).mode & 0o7777).toBe(0o600);
  await room.ok(`${reconstruct} --master --out key.master < shares`);
  expect(hex(room.read("key.master"))).toBe(hex(master));
  await room.fails(`${reconstruct} -o out < shares`, 6, /out/);
  await room.fails(`${reconstruct} -o no/such < shares`, 1, /no\/such/);
});

for (const size of [0, MiB, 2 * MiB + 12_345]) {
  scenario(`a vault of ${size} bytes`, async (room) => {
    const content = sample("large", size);
    twoOfThree(room, { plaintext: content });
    expect(hex((await room.ok(`${reconstruct} < shares`)).stdout)).toBe(hex(content));
    await room.ok(`${reconstruct} -o out < shares`);
    expect(hex(room.read("out"))).toBe(hex(content));
  });
}

scenario("a large scheme, with just enough shares and with more", async (room) => {
  const nodes = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`n${i + 1}`, makeKey(`n${i + 1}`)]),
  );
  const { lines } = twoOfThree(room, { nodes, k: 5, offline: 3 });
  expect(hex((await room.ok(`${reconstruct} < shares`)).stdout)).toBe(hex(plaintext));
  room.file("some", lines.slice(6).join("\n"));
  expect(hex((await room.ok(`${reconstruct} < some`)).stdout)).toBe(hex(plaintext));
  room.file("few", lines.slice(0, 4).join("\n"));
  await room.fails(`${reconstruct} < few`, 4, /few/);
});

scenario("what the shares and the vault do not need may be missing", async (room) => {
  twoOfThree(room);
  await room.ok("rm -r D/sealed-1");
  expect(hex((await room.ok(`${reconstruct} < shares`)).stdout)).toBe(hex(plaintext));
});

scenario("a lock is no obstacle on the worst day", async (room) => {
  twoOfThree(room);
  put(room, "D/lock", "4194305\n");
  expect(hex((await room.ok(`${reconstruct} < shares`)).stdout)).toBe(hex(plaintext));
});

scenario(
  "a directory that may only be read is enough",
  async (room) => {
    twoOfThree(room);
    await room.ok("chmod -R a+rX D; chmod 644 shares");
    const line = reconstruct.replace("./", `${asNobody}./`);
    expect(hex((await room.ok(`${line} < shares`)).stdout)).toBe(hex(plaintext));
  },
  { needs: anotherUser(...programFiles) },
);

scenario("files by way of links are read", async (room) => {
  twoOfThree(room);
  await room.ok("mkdir E; ln -s ../D/scheme.json ../D/vault-1.wd ../D/sealed-1 E; ln -s E F");
  for (const dir of ["E", "F", "F/"]) {
    const { stdout } = await room.ok(`./recovery-reconstruct --dir ${dir} < shares`);
    expect(hex(stdout)).toBe(hex(plaintext));
  }
});

scenario("shares that are not the scheme's give nothing", async (room) => {
  const made = twoOfThree(room);
  const [one, two, three] = made.lines.map((line) => parseShare(line));
  if (one === undefined || two === undefined || three === undefined) throw new Error("no shares");
  const stale = makeScheme({ nodes: twoNodes, seed: "stale" });
  const forged = makeSet("scheme", 2, 3, makeKey("forged").secret);
  const ours = made.lines;
  const inputs: Record<string, [string[], number]> = {
    "one share": [[nth(ours, 0)], 4],
    "one share twice": [[nth(ours, 0), nth(ours, 0)], 4],
    "one that is bent": [[nth(ours, 0), shareLine(bend(two))], 5],
    "all, one of them bent": [[...ours.slice(0, 2), shareLine(bend(three))], 5],
    "two values of one": [[...ours.slice(0, 2), shareLine(bend(two))], 5],
    "another scheme's": [stale.lines, 5],
    "enough, and one of another scheme": [[...ours, nth(stale.lines, 0)], 5],
    "forged under our set id": [forged.lines, 5],
    "one of ours, one forged": [[nth(ours, 0), nth(forged.lines, 1)], 5],
    "ours, one with another k": [[nth(ours, 0), shareLine({ ...two, k: 3 })], 5],
    "ours under another index": [[nth(ours, 0), shareLine({ ...two, x: 3 })], 5],
    "a mistyped one": [[nth(ours, 0), mistype(nth(ours, 1), 40)], 3],
    "a cut one": [[nth(ours, 0), nth(ours, 1).slice(0, -3)], 3],
    "two on one line": [[ours.slice(0, 2).join("")], 3],
    garbage: [["garbage"], 3],
  };
  for (const [what, [lines, code]] of Object.entries(inputs)) {
    room.file("given", lines.map((line) => `${line}\n`).join(""));
    for (const flag of ["", "--master", "-o out", "--master -o out"]) {
      const options = { by: "recovery-reconstruct", secrets: [plaintext, made.master] };
      const says = what === "enough, and one of another scheme" ? /4|set/ : /error: /;
      await room.fails(`${reconstruct} ${flag} < given`, code, says, options);
    }
  }
});

scenario("every bit of one share's value matters", async (room) => {
  const made = twoOfThree(room);
  const share = parseShare(nth(made.lines, 0));
  for (let at = 0; at < share.y.length; at += 5) {
    const wrong = { ...share, y: share.y.with(at, nth([...share.y], at) ^ (1 << (at % 8))) };
    room.file("given", `${shareLine(wrong)}\n${made.lines[1]}\n`);
    await room.fails(`${reconstruct} --master < given`, 5, /error: /);
  }
});

scenario("no shares at all", async (room) => {
  twoOfThree(room);
  for (const line of [`false | ${reconstruct}`, `${reconstruct} < /dev/null`]) {
    const { code, text, stderr } = await room.run(line);
    expect([3, 4], stderr).toContain(code);
    expect(text).toBe("");
    expect(stderr).toMatch(/before/);
  }
  await room.fails(`${reconstruct} nowhere`, 1, /nowhere/);
});

scenario("sealed shares are named as such", async (room) => {
  twoOfThree(room);
  const { code, text, stderr } = await room.run(`cat D/sealed-1/* | ${reconstruct}`);
  expect([3, 4], stderr).toContain(code);
  expect(text).toBe("");
  expect(stderr).toMatch(/unseal/);
});

for (const [what, script, code] of [
  ["no directory", "rm -r D", 1],
  ["no scheme.json", "rm D/scheme.json", 1],
  ["no vault", "rm D/vault-1.wd", 1],
  ["a vault with a byte more", "printf x >> D/vault-1.wd", 5],
  ["a vault cut short", "truncate -s 100 D/vault-1.wd", 5],
  ["a vault cut in its header", "truncate -s 79 D/vault-1.wd", 3],
  ["an empty vault", "truncate -s 0 D/vault-1.wd", 3],
] as const) {
  scenario(`${what} is exit ${code}`, async (room) => {
    const { master } = twoOfThree(room);
    await room.ok(script);
    const options = { secrets: [plaintext, master] };
    await room.fails(`${reconstruct} < shares`, code, /error: /, options);
    await room.fails(`${reconstruct} -o out < shares`, code, /error: /, options);
  });
}

scenario("a vault with any bit changed gives nothing", async (room) => {
  twoOfThree(room);
  const vault = new Uint8Array(readFileSync(join(room.dir, "D/vault-1.wd")));
  for (const at of [0, 15, 16, 47, 48, 79, 80, vault.length - 1]) {
    put(room, "D/vault-1.wd", vault.with(at, nth([...vault], at) ^ 0x80));
    await room.fails(`${reconstruct} < shares`, at < 16 ? 3 : 5, /error: /);
  }
});

scenario("a vault that never opened is found out, digest and tag or not", async (room) => {
  const { scheme, master } = twoOfThree(room);
  const vault = new Uint8Array(readFileSync(join(room.dir, "D/vault-1.wd")));
  const damaged = vault.with(90, nth([...vault], 90) ^ 1);
  const other = { ...scheme, vaultDigest: sha256(damaged) };
  put(room, "D/vault-1.wd", damaged);
  put(room, "D/scheme.json", schemeText(other, tagOfScheme(other, master)));
  await room.fails(`${reconstruct} < shares`, 5, /error: /);
});

scenario("a vault or scheme.json of another scheme gives nothing", async (room) => {
  twoOfThree(room);
  const other = makeScheme({ nodes: twoNodes, seed: "other", plaintext });
  const own = new Uint8Array(readFileSync(join(room.dir, "D/vault-1.wd")));
  put(room, "D/vault-1.wd", other.files.get("vault-1.wd") ?? "");
  await room.fails(`${reconstruct} < shares`, 5, /error: /);
  put(room, "D/vault-1.wd", own);
  put(room, "D/scheme.json", other.files.get("scheme.json") ?? "");
  await room.fails(`${reconstruct} < shares`, 5, /error: /);
  lay(room, other);
  await room.fails(`${reconstruct} < shares`, 5, /error: /);
});

for (const change of changes) {
  scenario(`scheme.json with ${change.what} changed gives nothing`, async (room) => {
    const { master } = twoOfThree(room);
    tamper(room, change);
    for (const flag of ["", "--master"]) {
      const { code, text, stderr } = await room.run(`${reconstruct} ${flag} < shares`);
      expect([1, 3, 5], stderr).toContain(code);
      expect(text).toBe("");
      expect(stderr).not.toContain(hex(master));
    }
  });
}

scenario("scheme.json with another tag gives nothing", async (room) => {
  const { scheme } = twoOfThree(room);
  put(room, "D/scheme.json", schemeText(scheme, "f".repeat(64)));
  await room.fails(`${reconstruct} < shares`, 5, /tag|scheme\.json/);
  await room.fails(`${reconstruct} --master < shares`, 5, /tag|scheme\.json/);
});

scenario("scheme.json in another form is malformed", async (room) => {
  twoOfThree(room);
  const text = readFileSync(join(room.dir, "D/scheme.json"), "utf8");
  for (const what of ["spaces in it", "no newline", "an unknown field", "k = 1", "version 2"]) {
    put(room, "D/scheme.json", malformed[what]?.(text) ?? "");
    await room.fails(`${reconstruct} < shares`, 3, /scheme\.json/);
  }
});

scenario(
  "a directory that was rolled back is told by --expect-set and by the shares",
  async (room) => {
    const { scheme } = twoOfThree(room);
    const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
    await room.ok(`${reconstruct} --expect-set ${scheme.set} < shares`);
    const wanted = `--expect-set ${later.scheme.set}`;
    await room.fails(`${reconstruct} ${wanted} < shares`, 5, new RegExp(scheme.set));
    room.file("new", `${later.lines.join("\n")}\n`);
    await room.fails(`${reconstruct} < new`, 5, new RegExp(later.scheme.set));
    await room.fails(`${reconstruct} --expect-set 12 < shares`, 2, /set/);
  },
);

scenario("two generations in one directory: the current one's shares count", async (room) => {
  twoOfThree(room);
  const later = makeScheme({ nodes: twoNodes, seed: "later", generation: 2 });
  lay(room, later);
  room.file("new", `${later.lines.join("\n")}\n`);
  const { text } = await room.ok(`${reconstruct} < new`);
  expect(text).toBe("tar of all secrets\n");
  await room.fails(`${reconstruct} < shares`, 5, /set/);
  await room.fails(`cat shares new | ${reconstruct}`, 5, /set/);
});

scenario("what is secret is not written to a terminal", async (room) => {
  const { master } = twoOfThree(room);
  for (const flag of ["", "--master"]) {
    const { code, screen } = await room.terminal(`${reconstruct} ${flag} shares < /dev/null`);
    expect(code, screen).toBe(6);
    expect(screen).toMatch(/recovery-reconstruct: error: .*terminal/);
    expect(screen).not.toContain("fleet");
    expect(screen).not.toContain(Buffer.from(master.slice(0, 8)).toString("latin1"));
  }
  const forced = await room.terminal(`${reconstruct} --force shares 2> said`);
  expect(forced.code).toBe(0);
  expect(forced.screen).toContain("keys of the fleet");
});

scenario("output that cannot be written is exit 1, and stderr gets none of it", async (room) => {
  const { master } = twoOfThree(room);
  const secrets = [plaintext, master];
  await room.fails(`${reconstruct} < shares > /dev/full`, 1, /space|full|writ/, { secrets });
  const { stderr } = await room.run(
    `( sleep 0.3; ${reconstruct} < shares; echo "code $?" >&2 ) | true`,
  );
  expect(stderr).toMatch(/^code 1$/m);
});

scenario("a file that others can read gets a warning", async (room) => {
  twoOfThree(room);
  const line = `umask 022; ${reconstruct} < shares > open`;
  await room.ok(line, /recovery-reconstruct: warning: .*others/);
});

scenario("usage errors come before stdin", async (room) => {
  twoOfThree(room);
  await room.fails("./recovery-reconstruct", 2, /--dir/);
  await room.fails(`${reconstruct} --dir D < shares`, 2, /--dir/);
  await room.fails(`${reconstruct} --bogus < shares`, 2, /--bogus/);
  await room.fails(`${reconstruct} -o '' < shares`, 2, /-o/);
  await room.fails(`${reconstruct} -k 2 < shares`, 2, /-k/);
});
