// unseal: several keys, lines that pass through, and lines that do not verify.

import { expect } from "bun:test";
import { utf8 } from "../oracle/bytes.ts";
import { boxSeal, makeKey, type Sealed, seal, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { mistype } from "../oracle/text.ts";
import { nodeA, nodeB, pick, sealed, twoOfThree } from "./fixtures.ts";
import { scenario, scenarios } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;
const toA = sealed(one, nodeA);
const toB = sealed(two, nodeB);

/** A line sealed to node A with one field altered. */
function altered(change: (sealed: Sealed) => Partial<Sealed>): string {
  const line = seal(one, nodeA.public);
  return sealedLine({ ...line, ...change(line) });
}
const flip = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1);

scenario(
  "unseal opens what is sealed to its keys in the order of the lines, and lets the rest pass",
  async ({ file, ok }) => {
    file("lines", `${toB}\n${toA}\n`);
    const { text, stderr } = await ok("./unseal --key a.key --key c.key --key b.key < lines");
    expect([text, stderr]).toEqual([`${two}\n${one}\n`, ""]);
    const plain = await ok("./unseal --key a.key sealed offline");
    expect([plain.text, plain.stderr]).toEqual([`${one}\n${three}\n`, ""]);
    file("mixed", `${toA}\n${toB}\n${three}\n`);
    const part = await ok("./unseal --key a.key mixed", /warning: .*\b2\b/);
    expect(part.text).toBe(`${one}\n${toB}\n${three}\n`);
    const again = await ok("./unseal --key a.key mixed | ./unseal --key b.key");
    expect(again.text).toBe(pick(twoOfThree.lines, 1, 2, 3));
  },
  { smoke: true },
);

scenario("unseal that opens none of the sealed lines is a mismatch", async ({ file, fails }) => {
  file("mixed", `${three}\n${toA}\n`);
  await fails("./unseal --key c.key sealed", 5, /none|no |not/);
  await fails("./unseal --key b.key --key c.key mixed", 5, /none|no |not/);
});

const tampered: Record<string, string> = {
  "the ephemeral key": altered(({ box }) => ({ box: flip(box, 3) })),
  "the box's text": altered(({ box }) => ({ box: flip(box, 100) })),
  "the clear x": altered(({ header }) => ({ header: header.with(10, 2) })),
  "the recipient id": altered(({ recipient }) => ({ recipient: flip(recipient, 7) })),
  "what is inside": sealedLine(
    sealedAround(boxSeal(utf8(one.toUpperCase()), nodeA.public, "strange"), one, nodeA.public),
  ),
};
scenarios(
  tampered,
  (what) => `a sealed line altered in ${what} does not verify, and nothing is written`,
  async ({ file, fails }, line, what) => {
    file("line", `${line}\n`);
    await fails("./unseal --key c.key --key a.key < line", 5, /./);
    if (what === "the recipient id") return; // beside others it is somebody else's
    file("lines", `${toA}\n${three}\n${line}\n${toA}\n`);
    await fails("./unseal --key a.key lines | ./combine", 4, /before/);
  },
);

scenario(
  "a sealed line that is malformed comes before one that does not open",
  async ({ file, fails }) => {
    file("lines", `${tampered["the box's text"]}\n${mistype(toA, 70)}\n`);
    await fails("./unseal --key a.key lines", 3, /line 2/);
    file("newer", `${altered(() => ({ version: 2 }))}\n`);
    await fails("./unseal --key a.key newer", 3, /hint: /);
  },
);

scenario("unseal refuses a key file that is not a private key", async ({ file, fails }) => {
  file("nothing", "");
  file("words", "not a key\n");
  file("typo", `${mistype(nodeA.secretLine, 20)}\n`);
  for (const name of ["a.pub", "share", "nothing", "words", "typo", "vault"]) {
    await fails(`./unseal --key a.key --key ${name} sealed`, 3, new RegExp(name));
  }
});

scenario("a file of a key has 65,536 bytes at most", async ({ file, ok, fails }) => {
  const padded = (line: string, bytes: number) => `${line}\n#`.padEnd(bytes, "x");
  for (const [name, bytes] of [
    ["good", 65_536],
    ["long", 65_537],
  ] as const) {
    file(`${name}.pub`, padded(nodeA.publicLine, bytes));
    file(`${name}.key`, padded(nodeA.secretLine, bytes));
  }
  await ok("./seal good.pub < share | ./unseal --key good.key | cmp - share");
  await ok("./keygen -y < good.key | cmp - a.pub");
  const says = /has more than 65536 bytes/;
  await fails("./seal long.pub < share", 3, says);
  await fails("./unseal --key long.key sealed", 3, says);
  await fails("./keygen -y < long.key", 3, says);
});

scenario("one hundred keys and one hundred lines are opened at once", async ({ file, ok }) => {
  const keys = Array.from({ length: 100 }, (_, i) => makeKey(`many ${i}`));
  for (const [i, key] of keys.entries()) file(`${i}.key`, `${key.secretLine}\n`);
  file("lines", keys.map((key) => `${sealed(one, key)}\n`).join(""));
  const flags = keys.map((_, i) => `--key ${i}.key`).join(" ");
  expect((await ok(`./unseal ${flags} lines`)).text).toBe(`${one}\n`.repeat(100));
});

scenario("unseal takes a key from a pipe whose name is gone by then", async ({ ok }) => {
  const { text } = await ok(`mkfifo -m 600 p; ( exec 3> p; rm p; cat a.key >&3 ) &
    ./unseal --key p sealed`);
  expect(text).toBe(pick(twoOfThree.lines, 1));
});
