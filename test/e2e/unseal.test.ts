// unseal: several keys, and lines that pass through. Lines that do not verify and keys that are none are
// vectors (sealed-*, key-*).

import { expect } from "bun:test";
import { nodeA, nodeB, pick, sealed, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;
const toA = sealed(one, nodeA);
const toB = sealed(two, nodeB);

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

scenario("unseal takes a key from a pipe whose name is gone by then", async ({ ok }) => {
  const { text } = await ok(`mkfifo -m 600 p; ( exec 3> p; rm p; cat a.key >&3 ) &
    ./unseal --key p sealed`);
  expect(text).toBe(pick(twoOfThree.lines, 1));
});
