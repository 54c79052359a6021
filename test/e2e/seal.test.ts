// keygen and seal: node keys, recipients in every form, and which of them are refused.

import { expect } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { concat, hex, nth, sample, utf8 } from "../oracle/bytes.ts";
import { boxOpen, makeKey, parseSealed, publicOf, recipientId } from "../oracle/sealed.ts";
import { shareBytes } from "../oracle/share.ts";
import { decode, encode, mistype } from "../oracle/text.ts";
import { later, nodeA, nodeB, nodeC, pick, sealed, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const [one = ""] = twoOfThree.lines;

function furnish(room: Room): void {
  room.file("shares", pick(twoOfThree.lines, 1, 2, 3));
  room.file("two", pick(twoOfThree.lines, 1, 2));
  for (const [name, key] of Object.entries({ a: nodeA, b: nodeB, c: nodeC })) {
    room.file(`${name}.pub`, `${key.publicLine}\n`);
    room.file(`${name}.key`, `${key.secretLine}\n`);
  }
}

scenario("keygen makes a key whose public half is the one it prints", async (room) => {
  await room.ok("./keygen -o a > a.pub");
  const secretLine = new TextDecoder().decode(room.read("a")).match(/^wdkey1\S+$/m)?.[0] ?? "";
  expect(decode("wdkey", secretLine)[0]).toBe(1);
  const wanted = encode("wdpub", concat(Uint8Array.of(1), publicOf(secretLine)));
  expect(new TextDecoder().decode(room.read("a.pub"))).toBe(`${wanted}\n`);
  expect((await room.ok("./keygen -y < a")).text).toBe(`${wanted}\n`);
});

scenario(
  "keygen without -o writes a private key file to stdout, a new one each time",
  async (room) => {
    const { text } = await room.ok("./keygen | tee a; ./keygen | tee b");
    const found = text.match(/^wdkey1\S+$/gm) ?? [];
    expect(new Set(found).size).toBe(2);
    await room.ok("./keygen -y < a > a.pub; ./keygen -y < b > b.pub; ! cmp -s a.pub b.pub");
  },
);

scenario("keygen -o tells the private key neither on stdout nor on stderr", async (room) => {
  const { text, stderr } = await room.ok("./keygen -o a");
  expect(text + stderr).not.toMatch(/wdkey/i);
  expect(statSync(join(room.dir, "a")).mode & 0o7777).toBe(0o600);
});

scenario("keygen -y refuses what is not one private key", async (room) => {
  furnish(room);
  await room.fails("./keygen -y < a.pub", 3, /private|wdkey/);
  await room.fails("./keygen -y < shares", 3, /private|wdkey/);
  await room.fails("cat a.key b.key | ./keygen -y", 3, /one|two|2|more/);
  room.file("bad", `${mistype(nodeA.secretLine, 12)}\n`);
  await room.fails("./keygen -y < bad", 3, /\b(line |:)?1\b/);
  for (const bytes of [sample("k", 31), sample("k", 33), sample("k", 0)]) {
    room.file("bad", `${encode("wdkey", concat(Uint8Array.of(1), bytes))}\n`);
    await room.fails("./keygen -y < bad", 3, /./);
  }
  room.file("bad", encode("wdkey", concat(Uint8Array.of(2), sample("k", 32))));
  await room.fails("./keygen -y < bad", 3, /hint: /);
});

scenario("seal seals the i-th line to the i-th recipient", async (room) => {
  furnish(room);
  const { text } = await room.ok(`./seal c.pub ${nodeA.publicLine} - < shares`);
  const lines = text.trimEnd().split("\n");
  expect(lines.length).toBe(3);
  [nodeC, nodeA].forEach((key, i) => {
    const { version, recipient, header, box } = parseSealed(lines[i] ?? "");
    const share = twoOfThree.lines[i] ?? "";
    expect(version).toBe(1);
    expect(hex(recipient)).toBe(hex(recipientId(key.public)));
    expect(hex(header)).toBe(hex(shareBytes(nth(twoOfThree.shares, i)).slice(1, 12)));
    expect(box.length).toBe(48 + share.length);
    expect(new TextDecoder().decode(boxOpen(box, key))).toBe(share);
  });
  expect(lines[2]).toBe(twoOfThree.lines[2] ?? "");
});

scenario("seal makes another box each time", async (room) => {
  furnish(room);
  const { text } = await room.ok("./seal a.pub b.pub < two; ./seal a.pub b.pub < two");
  const boxes = text
    .trimEnd()
    .split("\n")
    .map((line) => hex(parseSealed(line).box.slice(0, 32)));
  expect(new Set(boxes).size).toBe(4);
});

scenario("seal wants as many recipients as shares", async (room) => {
  furnish(room);
  await room.fails("./seal a.pub b.pub < shares", 2, /\b2\b.*\b3\b|\b3\b.*\b2\b/);
  await room.fails("./seal a.pub b.pub c.pub - < shares", 2, /\b4\b.*\b3\b|\b3\b.*\b4\b/);
  await room.fails("./seal a.pub < two", 2, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
});

scenario("seal refuses the same recipient twice unless forced", async (room) => {
  furnish(room);
  await room.ok("cp a.pub again.pub");
  for (const pair of ["a.pub a.pub", "a.pub again.pub", `a.pub ${nodeA.publicLine}`]) {
    await room.fails(`./seal ${pair} < two`, 6, /--force|twice|same/);
    const { text } = await room.ok(`./seal --force ${pair} < two | ./unseal --key a.key`);
    expect(text).toBe(pick(twoOfThree.lines, 1, 2));
  }
});

scenario("seal reads a recipient file with comments around its key", async (room) => {
  furnish(room);
  room.file("r", `# node-a\n\n${nodeA.publicLine}\n# rack 4\n`);
  room.file("crlf", `${nodeB.publicLine}\r\n`);
  const { text } = await room.ok("./seal r crlf < two | ./unseal --key a.key --key b.key");
  expect(text).toBe(pick(twoOfThree.lines, 1, 2));
});

scenario("seal refuses a recipient file that does not hold exactly one key", async (room) => {
  furnish(room);
  room.file("both", `${nodeA.publicLine}\n${nodeB.publicLine}\n`);
  room.file("none", "# no key here\n");
  room.file("nothing", "");
  room.file("words", "node-a\n");
  room.file("share", `${one}\n`);
  room.file("sealed", `${sealed(one, nodeA)}\n`);
  for (const name of ["both", "none", "nothing", "words", "share", "sealed"]) {
    await room.fails(`./seal ${name} - < two`, 3, new RegExp(`\\b${name}\\b`));
  }
});

scenario("seal refuses a private key for a recipient, and does not repeat it", async (room) => {
  furnish(room);
  await room.fails("./seal a.key - < two", 3, /a\.key.*(private|wdkey|public)/);
  room.file("mixed", `${nodeA.publicLine}\n${nodeA.secretLine}\n`);
  await room.fails("./seal mixed - < two", 3, /mixed/);
  for (const literal of [nodeC.secretLine, nodeC.secretLine.toUpperCase()]) {
    const { code, stderr, text } = await room.run(`./seal ${literal} - < two`);
    expect([1, 2, 3], stderr).toContain(code);
    expect(text).toBe("");
    expect(stderr.toLowerCase()).not.toContain(nodeC.secretLine.slice(20, 34));
  }
});

const p = 2n ** 255n - 19n;
function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
const weak: Record<string, Uint8Array> = {
  "u = 0": littleEndian(0n),
  "u = 1": littleEndian(1n),
  "u of order 8":
    littleEndian(325606250916557431795983626356110631294008115727848805560023387167927233504n),
  "the other u of order 8":
    littleEndian(39382357235489614581723060781553021112529911719440698176882885853963445705823n),
  "u = p - 1": littleEndian(p - 1n),
  "u = p": littleEndian(p),
  "u = p + 1": littleEndian(p + 1n),
  "u = p + 9, which stands for the base point": littleEndian(p + 9n),
  "u = 2^255 - 1": littleEndian(2n ** 255n - 1n),
  "the top bit set": littleEndian(9n + 2n ** 255n),
  "31 bytes": sample("short", 31),
  "33 bytes": sample("long", 33).map((byte) => byte & 0x7f),
};
for (const [what, bytes] of Object.entries(weak)) {
  scenario(`a public key with ${what} is malformed`, async (room) => {
    furnish(room);
    const line = encode("wdpub", concat(Uint8Array.of(1), bytes));
    room.file("weak", `${line}\n`);
    await room.fails("./seal weak - < two", 3, /weak/);
    await room.fails(`./seal ${line} - < two`, 3, /./);
    await room.fails("./inspect weak", 3, /weak/);
  });
}

scenario("a public key of an unknown version is refused with a hint", async (room) => {
  furnish(room);
  const line = encode("wdpub", concat(Uint8Array.of(2), nodeA.public));
  await room.fails(`./seal ${line} - < two`, 3, /hint: /);
});

scenario("a mistyped literal is malformed, and is not looked for as a file", async (room) => {
  furnish(room);
  await room.fails(`./seal ${mistype(nodeA.publicLine, 20)} - < two`, 3, /./);
  await room.fails(`./seal ${nodeA.publicLine.slice(0, -1)} - < two`, 3, /./);
});

scenario("seal writes all lines or none", async (room) => {
  furnish(room);
  room.file("bad", `${pick(twoOfThree.lines, 1)}${mistype(twoOfThree.lines[1] ?? "", 50)}\n`);
  await room.fails("./seal a.pub b.pub < bad", 3, /\b2\b/);
  await room.fails("./seal a.pub nowhere < two", 1, /nowhere/);
});

scenario("a sealed 256-byte secret comes back", async (room) => {
  furnish(room);
  room.file("in.secret", sample("long secret", 256));
  const { text } = await room.ok(
    "./split -k 2 -n 2 < in.secret | ./seal a.pub b.pub | ./unseal --key b.key --key a.key" +
      " | ./combine | cmp - in.secret",
  );
  expect(text).toBe("");
});

scenario("share lines of different sets can be sealed side by side", async (room) => {
  furnish(room);
  room.file("mixed", pick(twoOfThree.lines, 1) + pick(later.lines, 1));
  const { text } = await room.run("./seal a.pub b.pub < mixed | ./unseal --key a.key --key b.key");
  expect(["", pick(twoOfThree.lines, 1) + pick(later.lines, 1)]).toContain(text);
});

scenario("a key made elsewhere from any 32 bytes serves as a node key", async (room) => {
  furnish(room);
  for (const seed of ["x", "y", "z"]) {
    const key = makeKey(seed);
    room.file("key", `${key.secretLine}\n`);
    expect((await room.ok("./keygen -y < key")).text).toBe(`${key.publicLine}\n`);
    expect((await room.ok(`./seal ${key.publicLine} - < two | ./unseal --key key`)).text).toBe(
      pick(twoOfThree.lines, 1, 2),
    );
  }
  expect(utf8(one).length).toBe(119);
});
