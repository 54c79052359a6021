// What somebody who may write to a scheme's directory, and knows no secret, can do to it: nothing of it
// survives a drill, a recovery or a rotation. Every field is changed in test/scheme/scheme.test.ts, and
// every other way to write it is a vector, scheme-*.

import { expect } from "bun:test";
import { nth } from "../oracle/bytes.ts";
import { makeScheme, readScheme, type Scheme, schemeText } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { lay, plaintext, put, rotate, twoNodes, twoOfThree } from "./ceremony.ts";
import { changes, findLeak, snapshot } from "./evidence.ts";
import { type Sandbox, scenario, scenarios } from "./harness.ts";

const attacker = makeKey("attacker");
const flip = (digits: string) => (digits.startsWith("0") ? "1" : "0") + digits.slice(1);
const first = (s: Scheme, change: object) => Object.assign(nth(s.holders, 0), change);

/** Changes that leave scheme.json well formed, and whether they show without any secret. */
const tampered: Record<string, [shows: boolean, apply: (scheme: Scheme) => unknown]> = {
  k: [true, (s) => Object.assign(s, { k: 3 })],
  updateKey: [false, (s) => Object.assign(s, { updateKey: flip(s.updateKey) })],
  created: [false, (s) => Object.assign(s, { created: "2027-01-02T03:04:05Z" })],
  "a recipient, to the attacker's key": [true, (s) => first(s, { recipient: attacker.publicLine })],
  "a commitment": [false, (s) => first(s, { commitment: flip(nth(s.holders, 0).commitment) })],
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
