// What somebody who may write to a scheme's directory, and knows no secret, can do to it: nothing of it
// survives a drill, a recovery or a rotation.

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nth } from "../oracle/bytes.ts";
import { makeScheme, readScheme, type Scheme, schemeText } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { lay, plaintext, put, rotate, twoNodes, twoOfThree } from "./ceremony.ts";
import { changes, findLeak, snapshot } from "./evidence.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";

const attacker = makeKey("attacker");
const flip = (digits: string) => (digits.startsWith("0") ? "1" : "0") + digits.slice(1);
const first = (s: Scheme, change: object) => Object.assign(nth(s.holders, 0), change);

/** A change that leaves scheme.json well formed, and whether it shows without any secret. */
const tampered: Record<string, [shows: boolean, apply: (scheme: Scheme) => unknown]> = {
  set: [true, (s) => Object.assign(s, { set: flip(s.set) })],
  k: [true, (s) => Object.assign(s, { k: 3 })],
  keyId: [true, (s) => Object.assign(s, { keyId: flip(s.keyId) })],
  vaultDigest: [true, (s) => Object.assign(s, { vaultDigest: flip(s.vaultDigest) })],
  created: [false, (s) => Object.assign(s, { created: "2027-01-02T03:04:05Z" })],
  generation: [true, (s) => Object.assign(s, { generation: 2, vault: "vault-2.wd" })],
  "a name": [true, (s) => first(s, { name: "node-x" })],
  "a recipient, to the attacker's key": [true, (s) => first(s, { recipient: attacker.publicLine })],
  "two recipients": [
    true,
    ({ holders: [a, b] }) => {
      if (a && b) [a.recipient, b.recipient] = [b.recipient, a.recipient];
    },
  ],
  "a commitment": [false, (s) => first(s, { commitment: flip(nth(s.holders, 0).commitment) })],
  "a holder more": [
    true,
    (s) => {
      const more = { name: "node-x", index: 3, recipient: attacker.publicLine };
      s.holders.splice(2, 0, { ...more, commitment: nth(s.holders, 0).commitment });
      Object.assign(nth(s.holders, 3), { index: 4 });
      s.n = 4;
    },
  ],
  "the offline holder gone": [
    true,
    (s) => Object.assign(s, { n: 2, holders: s.holders.slice(0, 2) }),
  ],
};

const commands = [
  "./recovery-verify --dir D --drill shares",
  "./recovery-reconstruct --dir D shares",
  "./recovery-reconstruct --dir D --master -o out shares",
  `${rotate} shares`,
  `${rotate} --secrets in.plain --holder node-b=node-d.pub shares`,
];

/** No command with shares takes it: one of these codes, no secret told, nothing changed. */
async function isRefused({ dir, run }: Sandbox, codes: number[], secrets: Uint8Array[]) {
  const before = snapshot(dir);
  for (const line of commands) {
    const { code, text, stderr } = await run(line);
    expect(codes, `${line}\n${stderr}`).toContain(code);
    if (!line.includes("drill")) expect(text).toBe("");
    expect(stderr).toMatch(/^recovery-\w+: error: /m);
    expect(findLeak(text + stderr, secrets)).toBeUndefined();
  }
  expect(changes(before, snapshot(dir))).toEqual([]);
}

scenarios(
  tampered,
  (what) => `scheme.json with ${what} changed is refused where shares are given`,
  async (sandbox, [shows, apply]) => {
    const { master } = twoOfThree(sandbox);
    const { scheme, tag } = readScheme(sandbox.read("D/scheme.json"));
    apply(scheme);
    put(sandbox, "D/scheme.json", schemeText(scheme, tag));
    const { code, text, stderr } = await sandbox.run("./recovery-verify --dir D");
    expect(shows ? [1, 3, 5] : [0], text + stderr).toContain(code);
    await isRefused(sandbox, [1, 2, 3, 5], [plaintext, master]);
  },
);

scenario(
  "scheme.json with another tag, or of another scheme, is refused where shares are given",
  async (sandbox) => {
    const { scheme, master } = twoOfThree(sandbox);
    put(sandbox, "D/scheme.json", schemeText(scheme, "0".repeat(64)));
    await sandbox.ok("./recovery-verify --dir D");
    await isRefused(sandbox, [5], [plaintext, master]);
    const other = makeScheme({ nodes: twoNodes, seed: "other", plaintext });
    put(sandbox, "D/scheme.json", other.files.get("scheme.json") ?? "");
    await isRefused(sandbox, [5], [plaintext, master]);
    lay(sandbox, other);
    await isRefused(sandbox, [5], [plaintext, master]);
  },
);

// Every other way to write it is a vector, scheme-*, or in test/scheme.
const swaps: [string | RegExp, string][] = [
  [/$/, " "],
  ["}\n", "}\r\n"],
  ['"k":2', '"k":2,"k":2'],
  ['"vault-1.wd"', '"../vault-1.wd"'],
  ['"version":1', '"version":2'],
];
scenario("scheme.json in another form is malformed, and no command goes on", async (sandbox) => {
  twoOfThree(sandbox);
  const text = readFileSync(join(sandbox.dir, "D/scheme.json"), "utf8");
  for (const [from, to] of swaps) {
    put(sandbox, "D/scheme.json", text.replace(from, to));
    await isRefused(sandbox, [3], []);
    for (const flags of ["", "--key node-a.key"]) {
      const { code, stderr } = await sandbox.run(`./recovery-verify --dir D ${flags}`);
      expect(code).toBe(3);
      if (to.includes("version")) expect(stderr).toMatch(/unknown version.*\n.*hint: /);
    }
  }
});
