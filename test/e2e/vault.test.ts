// vault-close and vault-open: sizes, keys, key files and pipes. What memory they take is
// test/dev/resources.test.ts's.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { closeVault, keyId, openVault } from "../oracle/vault.ts";
import { MiB, master, otherMaster } from "./fixtures.ts";
import { scenario } from "./harness.ts";

function vaultBytes(size: number): number {
  return 80 + size + 16 * Math.max(1, Math.ceil(size / MiB));
}

for (const size of [1, MiB, 2 * MiB + 1]) {
  scenario(
    `a plaintext of ${size} bytes is closed as the design says, and comes back`,
    async ({ file, ok, read }) => {
      const data = sample("data", size);
      file("in.plain", data);
      const { stdout } = await ok("./vault-close -o v < in.plain");
      expect([stdout.length, read("v").length]).toEqual([32, vaultBytes(size)]);
      expect(hex(openVault(stdout, read("v")))).toBe(hex(data));
      file("new.master", stdout);
      await ok("./vault-open v < new.master | cmp - in.plain");
      await ok("./vault-open v -o out < new.master; cmp out in.plain");
      await ok("cat in.plain | ./vault-close -o w --key-file key.master");
      await ok("cat key.master | ./vault-open w | cmp - in.plain");
      file("x", closeVault(master, data, "elsewhere"));
      await ok("./vault-open x < key.master | cmp - in.plain");
    },
    size === 1 ? { smoke: true } : {},
  );
}

scenario("an empty plaintext needs --allow-empty", async ({ ok, fails, file, read }) => {
  await fails("./vault-close -o v < /dev/null", 3, /empty/);
  const { stdout } = await ok("./vault-close -o v --allow-empty < /dev/null");
  expect(read("v").length).toBe(96);
  expect(openVault(stdout, read("v")).length).toBe(0);
  file("new.master", stdout);
  await ok("./vault-open v -o out < new.master");
  expect(read("out").length).toBe(0);
  await ok("./vault-close -o w --allow-empty --key-file key.master < in.plain");
});

scenario(
  "vault-close makes another key and another vault each time, or takes the key given",
  async ({ ok, read }) => {
    await ok("./vault-close -o x < in.plain > x.key; ./vault-close -o y < in.plain > y.key");
    expect(hex(read("x.key"))).not.toBe(hex(read("y.key")));
    const given = await ok("./vault-close -o v --key-file key.master < in.plain");
    const piped = await ok("./vault-close -o w --key-file - in.plain < key.master");
    expect(given.text + piped.text).toBe("");
    const [v, w] = [read("v"), read("w")];
    expect(hex(v.slice(16, 48))).toBe(hex(keyId(master)));
    expect(hex(v.slice(0, 48))).toBe(hex(w.slice(0, 48)));
    expect(hex(v.slice(48, 64))).not.toBe(hex(w.slice(48, 64)));
    for (const vault of [v, w]) expect(hex(openVault(master, vault))).toBe(hex(read("in.plain")));
  },
  { smoke: true },
);

scenario("a key of any other length than 32 bytes is malformed", async ({ file, ok, fails }) => {
  for (const size of [0, 31, 33, 100_000]) {
    file("odd.master", sample("odd key", size));
    const says = size === 0 ? /32|empty|no key/ : /32/;
    await fails("./vault-open vault -o out < odd.master", 3, says);
    await fails("./vault-close -o v --key-file odd.master < in.plain", 3, says);
    await fails("./vault-close -o v --key-file - in.plain < odd.master", 3, says);
  }
  await ok("cat key.master > with-newline; echo >> with-newline");
  await fails("./vault-open vault < with-newline", 3, /32/);
});

scenario(
  "a wrong key is a mismatch that names both keys",
  async ({ fails }) => {
    const [given, wanted] = [otherMaster, master].map((key) => hex(keyId(key)).slice(0, 4));
    const says = new RegExp(`${given}.*${wanted}`);
    await fails("./vault-open vault < other.master", 5, says);
    await fails("./vault-open vault -o out < other.master", 5, says);
  },
  { smoke: true },
);

scenario(
  "a vault, its key and a plaintext may come in pieces and through slow pipes",
  async ({ file, ok, fails, read }) => {
    await ok("mkfifo pipe");
    await ok("cat vault > pipe & ./vault-open pipe -o out < key.master; cmp out in.plain");
    await fails("cat vault > pipe & ./vault-open pipe < other.master", 5, /./);
    await fails("head -c 100 vault > pipe & ./vault-open pipe < key.master", 5, /./);
    const pieces =
      "for i in 0 40 80 120; do tail -c +$((i + 1)) vault | head -c 40; sleep 0.05; done";
    const key = "( head -c 7 key.master; sleep 0.1; tail -c 25 key.master )";
    await ok(`( ${pieces} ) > pipe & ${key} | ./vault-open pipe | cmp - in.plain`);
    file("big.plain", sample("pieces", 2 * MiB + 77));
    await ok(
      "( head -c 1048575 big.plain; sleep 0.05; tail -c +1048576 big.plain | head -c 2; sleep 0.05;" +
        " tail -c +1048578 big.plain ) | ./vault-close -o v --key-file key.master",
    );
    expect(hex(openVault(master, read("v")))).toBe(hex(read("big.plain")));
  },
);

const large = 65;
scenario(
  `a vault of ${large} MiB goes through pipes both ways, and where it cannot be read twice needs -o`,
  async ({ ok, fails, run, read }) => {
    await ok(`head -c ${large * MiB} /dev/urandom > big.plain`);
    await ok("cat big.plain | ./vault-close -o v > new.master; mkfifo pipe");
    expect(read("v").length).toBe(vaultBytes(large * MiB));
    await ok("./vault-open v < new.master | cmp - big.plain");
    await ok("cat v > pipe & ./vault-open pipe -o out < new.master; cmp out big.plain; rm out");
    const { code, stderr } = await run(
      "cat v > pipe 2> /dev/null & cat=$!; ./vault-open pipe < new.master > out; code=$?;" +
        " kill $cat 2> /dev/null; exit $code",
    );
    expect([2, 6], stderr).toContain(code);
    expect(stderr).toMatch(/^vault-open: (error|hint): .*-o\b/m);
    expect(read("out").length).toBe(0);
    await ok(`head -c ${vaultBytes(large * MiB) - 1} v > out; mv out v`);
    await fails("./vault-open v < new.master", 5, /chunk/);
    await fails("./vault-open v -o out < new.master", 5, /chunk/);
  },
  { alone: true },
);
