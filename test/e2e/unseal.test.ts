// unseal: several keys, lines that pass through, and lines that do not verify.

import { expect } from "bun:test";
import { concat, sample, utf8 } from "../oracle/bytes.ts";
import { boxSeal, makeKey, type Sealed, seal, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { encode, mistype } from "../oracle/text.ts";
import { nodeA, nodeB, nodeC, pick, putFiles, sealed, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;
const toA = sealed(one, nodeA);
const toB = sealed(two, nodeB);

function furnish(room: Room): void {
  for (const [name, key] of Object.entries({ a: nodeA, b: nodeB, c: nodeC })) {
    room.file(`${name}.key`, `${key.secretLine}\n`);
    room.file(`${name}.pub`, `${key.publicLine}\n`);
  }
}

/** A line sealed to node A with one field altered. */
function altered(change: (sealed: Sealed) => Sealed): string {
  return sealedLine(change(seal(one, nodeA.public)));
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
}

scenario("unseal opens what is sealed to its keys, in the order of the lines", async (room) => {
  furnish(room);
  room.file("lines", `${toB}\n${toA}\n`);
  const { text, stderr } = await room.ok("./unseal --key a.key --key b.key < lines");
  expect(text).toBe(`${two}\n${one}\n`);
  expect(stderr).toBe("");
});

scenario("unseal reads several files", async (room) => {
  furnish(room);
  room.file("x", `${toA}\n`);
  room.file("y", `${three}\n`);
  expect((await room.ok("./unseal --key a.key x y")).text).toBe(`${one}\n${three}\n`);
});

scenario("unseal lets plain share lines through", async (room) => {
  furnish(room);
  room.file("plain", pick(twoOfThree.lines, 1, 2));
  const { text, stderr } = await room.ok("./unseal --key a.key < plain");
  expect(text).toBe(pick(twoOfThree.lines, 1, 2));
  expect(stderr).toBe("");
});

scenario("unseal lets lines sealed to others through, with a warning", async (room) => {
  furnish(room);
  room.file("lines", `${toA}\n${toB}\n${three}\n`);
  const { text } = await room.ok("./unseal --key a.key lines", /warning: .*\b2\b/);
  expect(text).toBe(`${one}\n${toB}\n${three}\n`);
  const again = await room.ok("./unseal --key a.key lines | ./unseal --key b.key");
  expect(again.text).toBe(pick(twoOfThree.lines, 1, 2, 3));
});

scenario("unseal that opens none of the sealed lines is a mismatch", async (room) => {
  furnish(room);
  room.file("lines", `${toA}\n${toB}\n`);
  await room.fails("./unseal --key c.key lines", 5, /none|no |not/);
  room.file("mixed", `${three}\n${toA}\n`);
  await room.fails("./unseal --key c.key mixed", 5, /none|no |not/);
  await room.fails("./unseal --key b.key --key c.key mixed", 5, /none|no |not/);
});

const tampered: Record<string, string> = {
  "the ephemeral key": altered((line) => ({ ...line, box: flip(line.box, 3) })),
  "the box's tag": altered((line) => ({ ...line, box: flip(line.box, 33) })),
  "the box's text": altered((line) => ({ ...line, box: flip(line.box, 100) })),
  "the clear set id": altered((line) => ({ ...line, header: flip(line.header, 0) })),
  "the clear k": altered((line) => ({ ...line, header: flip(line.header, 8) })),
  "the clear n": altered((line) => ({ ...line, header: line.header.with(9, 4) })),
  "the clear x": altered((line) => ({ ...line, header: line.header.with(10, 2) })),
  "the recipient id": altered((line) => ({ ...line, recipient: flip(line.recipient, 7) })),
  "the ephemeral key, which is all zero": altered((line) => {
    return { ...line, box: concat(new Uint8Array(32), line.box.slice(32)) };
  }),
  "the ephemeral key, which is of low order": altered((line) => {
    return { ...line, box: concat(Uint8Array.of(1), new Uint8Array(31), line.box.slice(32)) };
  }),
};
for (const [what, line] of Object.entries(tampered)) {
  scenario(`a sealed line altered in ${what} does not verify`, async (room) => {
    furnish(room);
    room.file("line", `${line}\n`);
    await room.fails("./unseal --key a.key line", 5, /./);
    await room.fails("./unseal --key c.key --key a.key < line", 5, /./);
  });
}

scenario("unseal writes all or nothing", async (room) => {
  furnish(room);
  for (const what of ["the box's text", "the clear x"]) {
    room.file("lines", `${toA}\n${three}\n${tampered[what]}\n${toA}\n`);
    await room.fails("./unseal --key a.key lines", 5, /lines.*\b3\b/);
    await room.fails("./unseal --key a.key < lines | ./combine", 4, /before/);
  }
});

const k0 = altered((line) => ({ ...line, header: line.header.with(8, 0) }));
const unreadable: Record<string, [string, RegExp?]> = {
  "version 2": [altered((line) => ({ ...line, version: 2 })), /hint: /],
  "version 0": [altered((line) => ({ ...line, version: 0 })), /version/],
  "x = 0": [altered((line) => ({ ...line, header: line.header.with(10, 0) }))],
  "x above n": [altered((line) => ({ ...line, header: line.header.with(10, 4) }))],
  "k = 0": [k0],
  "k above n": [altered((line) => ({ ...line, header: line.header.with(8, 4) }))],
  "an empty box": [altered((line) => ({ ...line, box: new Uint8Array(0) }))],
  "a box of 47 bytes": [altered((line) => ({ ...line, box: line.box.slice(0, 47) }))],
  "a box that holds nothing": [altered((line) => ({ ...line, box: line.box.slice(0, 48) }))],
  "a header cut short": [encode("wdsealed", sample("cut", 19).with(0, 1))],
  "a wrong symbol": [mistype(toA, 70), /check|typ|symbol/i],
};
for (const [what, [line, says = /./]] of Object.entries(unreadable)) {
  scenario(`a sealed line with ${what} is malformed`, async (room) => {
    furnish(room);
    room.file("line", `${toB}\n${line}\n`);
    await room.fails("./unseal --key a.key line", 3, says);
    await room.fails("./unseal --key b.key line", 3, /line.*\b2\b/);
    await room.fails("./inspect line", 3, /line.*\b2\b/);
  });
}

const strangeInside: Record<string, string> = {
  "a line feed after the share": `${one}\n`,
  "the share in upper case": one.toUpperCase(),
  "the share in groups": one.match(/.{1,5}/g)?.join(" ") ?? "",
  "two shares": `${one}\n${two}`,
  "a mistyped share": mistype(one, 60),
  words: "x".repeat(119),
};
for (const [what, inside] of Object.entries(strangeInside)) {
  scenario(`a box that holds ${what} does not verify`, async (room) => {
    furnish(room);
    const box = boxSeal(utf8(inside), nodeA.public, "strange");
    room.file("line", `${sealedLine(sealedAround(box, one, nodeA.public))}\n`);
    const { code, text, stderr } = await room.run("./unseal --key a.key line");
    expect([3, 5], stderr).toContain(code);
    expect(text).toBe("");
    expect(stderr).toMatch(/^unseal: error: .*line/m);
    expect(stderr).not.toContain(inside.slice(50, 62));
  });
}

scenario("unseal refuses a key file that is not a private key", async (room) => {
  furnish(room);
  room.file("lines", `${toA}\n`);
  room.file("share", `${one}\n`);
  room.file("nothing", "");
  room.file("words", "not a key\n");
  room.file("noise", sample("noise", 300));
  room.file("typo", `${mistype(nodeA.secretLine, 20)}\n`);
  room.file("comment", "# only a comment\n");
  for (const name of ["a.pub", "share", "lines", "nothing", "words", "noise", "typo", "comment"]) {
    await room.fails(`./unseal --key ${name} lines`, 3, new RegExp(name));
    await room.fails(`./unseal --key a.key --key ${name} lines`, 3, new RegExp(name));
  }
});

scenario("unseal reads a key file as keygen wrote it, and with comments", async (room) => {
  furnish(room);
  room.file("noted", `# node-a\r\n\r\n${nodeA.secretLine}\r\n# the end\r\n`);
  room.file("lines", `${toA}\n`);
  expect((await room.ok("./unseal --key noted lines")).text).toBe(`${one}\n`);
});

scenario("a file of a key has 65,536 bytes at most", async (room) => {
  furnish(room);
  room.file("line", `${one}\n`);
  const padded = (line: string, bytes: number) => `${line}\n#`.padEnd(bytes, "x");
  for (const [name, { secretLine, publicLine }] of Object.entries({ a: nodeA, b: nodeB })) {
    const bytes = name === "a" ? 65_536 : 65_537;
    room.file(`${name}.long.pub`, padded(publicLine, bytes));
    room.file(`${name}.long.key`, padded(secretLine, bytes));
  }
  const { text } = await room.ok("./seal a.long.pub < line | ./unseal --key a.long.key");
  expect(text).toBe(`${one}\n`);
  expect((await room.ok("./keygen -y < a.long.key")).text).toBe(`${nodeA.publicLine}\n`);
  const says = /has more than 65536 bytes/;
  await room.fails("./seal b.long.pub < line", 3, says);
  await room.fails("./seal b.pub < line | ./unseal --key b.long.key", 3, says);
  await room.fails("./keygen -y < b.long.key", 3, says);
});

scenario("a key that opens nothing is no reason to fail when another one does", async (room) => {
  furnish(room);
  room.file("lines", `${toA}\n`);
  expect((await room.ok("./unseal --key c.key --key a.key lines")).text).toBe(`${one}\n`);
  expect((await room.ok("./unseal --key a.key --key a.key lines")).text).toBe(`${one}\n`);
});

scenario("one hundred keys and one hundred lines are opened at once", async (room) => {
  const keys = Array.from({ length: 100 }, (_, i) => makeKey(`many ${i}`));
  for (const [i, key] of keys.entries()) room.file(`${i}.key`, `${key.secretLine}\n`);
  room.file("lines", keys.map((key) => `${sealed(one, key)}\n`).join(""));
  const flags = keys.map((_, i) => `--key ${i}.key`).join(" ");
  const { text } = await room.ok(`./unseal ${flags} lines`);
  expect(text).toBe(`${one}\n`.repeat(100));
});

scenario("a malformed line comes before one that does not open", async (room) => {
  furnish(room);
  const forged = altered((line) => ({ ...line, box: line.box.with(60, (line.box[60] ?? 0) ^ 1) }));
  room.file("lines", `${forged}\n${mistype(two, 40)}\n`);
  await room.fails("./unseal --key a.key lines", 3, /line 2/);
  room.file("forged", `${forged}\n`);
  await room.fails("./unseal --key a.key forged", 5, /line 1/);
});

scenario("a key from a pipe whose name is gone by then", async (room) => {
  putFiles(room);
  const { text } = await room.ok(`mkfifo -m 600 p; ( exec 3> p; rm p; cat a.key >&3 ) &
    ./unseal --key p sealed`);
  expect(text).toBe(pick(twoOfThree.lines, 1));
});
