// vault-close and vault-open: what they make and take, and through what pipes. Lengths and keys of all
// kinds are test/core/vault.test.ts's, and what memory they take test/dev/resources.test.ts's.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { closeVault, keyId, openVault } from "../oracle/vault.ts";
import { MiB, master, otherMaster } from "./fixtures.ts";
import { scenario } from "./harness.ts";

scenario(
  "a plaintext is closed as the design says, and comes back; so does what was made elsewhere",
  async ({ file, ok, read }) => {
    const data = sample("data", MiB + 1);
    file("in.plain", data);
    const { stdout } = await ok("cat in.plain | ./vault-close -o v");
    expect([stdout.length, read("v").length]).toEqual([32, 80 + data.length + 2 * 16]);
    expect(hex(openVault(stdout, read("v")))).toBe(hex(data));
    file("new.master", stdout);
    await ok("./vault-open v < new.master | cmp - in.plain");
    file("x", closeVault(master, data, "elsewhere"));
    await ok("mkfifo pipe; cat x > pipe & cat key.master | ./vault-open pipe -o out");
    await ok("cmp out in.plain; cat x > pipe & ./vault-open pipe < key.master | cmp - out");
  },
  { smoke: true },
);

scenario(
  "vault-close takes the key that it is given, and makes another vault each time",
  async ({ ok, fails, read }) => {
    const given = await ok("./vault-close -o v --key-file key.master < in.plain");
    const piped = await ok("./vault-close -o w --key-file - in.plain < key.master");
    expect(given.text + piped.text).toBe("");
    const [v, w] = [read("v"), read("w")];
    expect(hex(v.slice(16, 48))).toBe(hex(keyId(master)));
    expect(hex(v.slice(0, 48))).toBe(hex(w.slice(0, 48)));
    expect(hex(v.slice(48, 64))).not.toBe(hex(w.slice(48, 64)));
    for (const vault of [v, w]) expect(hex(openVault(master, vault))).toBe(hex(read("in.plain")));
    const ids = [otherMaster, master].map((key) => hex(keyId(key)).slice(0, 4));
    await fails("./vault-open vault -o out < other.master", 5, new RegExp(ids.join(".*")));
    await fails("./vault-close -o x < /dev/null", 3, /empty/);
    await ok("./vault-close -o x --allow-empty --key-file key.master < /dev/null");
    expect([read("x").length, openVault(master, read("x")).length]).toEqual([96, 0]);
  },
);

scenario(
  "a vault of 65 MiB that cannot be read twice needs -o, and one that is cut gives nothing",
  async ({ ok, run, read }) => {
    await ok(`head -c ${65 * MiB} /dev/zero | ./vault-close -o v --key-file key.master`);
    for (const [script, code, says] of [
      [
        "mkfifo pipe; cat v > pipe 2> told & ./vault-open pipe < key.master > out",
        6,
        /hint: use -o/,
      ],
      [`truncate -s ${65 * MiB} v; ./vault-open v < key.master > out`, 5, /chunk 64/],
    ] as const) {
      const done = await run(script);
      expect([done.code, done.stderr]).toEqual([code, expect.stringMatching(says)]);
      expect(read("out").length).toBe(0);
    }
  },
);
