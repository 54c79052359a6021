// Command lines: what is refused before anything is read, and what --help and --version say.

import { expect } from "bun:test";
import { sample } from "../oracle/bytes.ts";
import { master, nodeA, pick, sealed, twoOfThree, vault } from "./fixtures.ts";
import { commands, type Room, scenario } from "./harness.ts";

/** For every command, a line that works when `in` and the other files are there. */
const works: Record<(typeof commands)[number], string> = {
  card: "./card shares",
  combine: "./combine shares",
  inspect: "./inspect shares",
  keygen: "./keygen",
  "recovery-init": "./recovery-init --dir new -k 2 --holder a=a.pub",
  "recovery-prune": "./recovery-prune --dir scheme",
  "recovery-reconstruct": "./recovery-reconstruct --dir scheme",
  "recovery-rotate": "./recovery-rotate --dir scheme",
  "recovery-verify": "./recovery-verify --dir scheme",
  seal: "./seal a.pub -",
  split: "./split -k 2 -n 3",
  unseal: "./unseal --key a.key sealed",
  "vault-close": "./vault-close -o new",
  "vault-open": "./vault-open vault",
};
const inputs: Record<(typeof commands)[number], string> = {
  card: "/dev/null",
  combine: "/dev/null",
  inspect: "/dev/null",
  keygen: "/dev/null",
  "recovery-init": "in.secret",
  "recovery-prune": "/dev/null",
  "recovery-reconstruct": "shares",
  "recovery-rotate": "shares",
  "recovery-verify": "/dev/null",
  seal: "shares",
  split: "in.secret",
  unseal: "/dev/null",
  "vault-close": "in.secret",
  "vault-open": "key.master",
};

function furnish(room: Room): void {
  room.file("shares", pick(twoOfThree.lines, 1, 2));
  room.file("sealed", `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("a.pub", `${nodeA.publicLine}\n`);
  room.file("in.secret", sample("in", 40));
  room.file("vault", vault);
  room.file("key.master", master);
}

for (const name of commands) {
  const line = works[name];
  const input = ` < ${inputs[name]}`;

  scenario(`${name} refuses flags that it does not have`, async (room) => {
    furnish(room);
    await room.fails(`${line} --bogus${input}`, 2, /--bogus/);
    await room.fails(`${line} --bogus=x${input}`, 2, /--bogus/);
    await room.fails(`${line} -z${input}`, 2, /-z\b/);
    await room.fails(`${line} --no-bogus${input}`, 2, /--no-bogus|--bogus/);
    await room.fails(`${line} --Help${input}`, 2, /--Help/);
    await room.fails(`${line} --__proto__${input}`, 2, /proto/);
    await room.fails(`${line} --constructor${input}`, 2, /constructor/);
  });

  scenario(`${name} prints its help on stdout, without colour in a pipe`, async (room) => {
    furnish(room);
    for (const call of [`./${name} --help`, `${line} --help`, `./worstday ${name} --help`]) {
      const { text, stderr } = await room.ok(call);
      expect(text).toContain(name);
      expect(text.toLowerCase()).toContain("usage");
      expect(text).not.toContain("\u001b");
      expect(stderr).toBe("");
      expect(text.endsWith("\n")).toBe(true);
      expect(room.has("new")).toBe(false);
    }
  });

  scenario(`${name} prints its version on stdout`, async (room) => {
    const { text, stderr } = await room.ok(`./${name} --version`);
    expect(text).toMatch(/^[^\n]*\b\d+\.\d+\.\d+[^\n]*\n$/);
    expect(stderr).toBe("");
  });

  scenario(
    `${name} answers --help and --version that cannot be written with exit 1`,
    async (room) => {
      await room.fails(`./${name} --help > /dev/full`, 1, /space|write|ENOSPC/i);
      await room.fails(`./${name} --version > /dev/full`, 1, /space|write|ENOSPC/i);
    },
  );

  scenario(`${name} does not take --no-FLAG for a flag turned off`, async (room) => {
    furnish(room);
    await room.fails(`${line} --no-help${input}`, 2, /--no-help|--help/);
    await room.fails(`${line} --no-force${input}`, 2, /--no-force|--force/);
  });
}

const surplus = {
  keygen: "./keygen extra",
  split: "./split -k 2 -n 3 extra < in.secret",
  "vault-close": "./vault-close -o new one two < in.secret",
  "vault-open": "./vault-open vault extra < key.master",
};
for (const [name, line] of Object.entries(surplus)) {
  scenario(`${name} refuses a surplus argument`, async (room) => {
    furnish(room);
    await room.fails(line, 2, /extra|two|argument/);
  });
}

const repeated: [string, RegExp][] = [
  ["./combine --set 0011223344556677 --set 0011223344556677 shares", /--set/],
  ["./split -k 2 -k 2 -n 3 < in.secret", /-k/],
  ["./split -k 2 -n 3 -n 4 < in.secret", /-n/],
  ["./keygen -o x -o y", /-o/],
  ["./card --label a --label b shares", /--label/],
  ["./card --date 2026-01-01 --date 2026-01-01 shares", /--date/],
  ["./vault-close -o x -o y < in.secret", /-o/],
  ["./vault-close -o x --key-file key.master --key-file key.master < in.secret", /--key-file/],
  ["./vault-open -o x -o y vault < key.master", /-o/],
];
for (const [line, says] of repeated) {
  scenario(`a flag with one value may not be given twice: ${line}`, async (room) => {
    furnish(room);
    await room.fails(line, 2, says);
  });
}

const empty: [string, RegExp][] = [
  ["./combine --set '' shares", /--set/],
  ["./combine --set= shares", /--set/],
  ["./combine ''", /empty|argument|file/i],
  ["./split -k '' -n 3 < in.secret", /-k/],
  ["./split -k 2 -n '' < in.secret", /-n/],
  ["./keygen -o ''", /-o/],
  ["./vault-close -o '' < in.secret", /-o/],
  ["./vault-close -o new --key-file '' < in.secret", /--key-file/],
  ["./vault-close -o new --key-file= < in.secret", /--key-file/],
  ["./vault-open '' < key.master", /empty|vault/i],
  ["./vault-open -o '' vault < key.master", /-o/],
  ["./unseal --key '' sealed", /--key/],
  ["./unseal --key= sealed", /--key/],
  ["./seal a.pub '' < shares", /empty|recipient/i],
  ["./inspect ''", /empty|argument|file/i],
  ["./card ''", /empty|argument|file/i],
  ["./card --label '' shares", /--label/],
  ["./card --date= shares", /--date/],
];
for (const [line, says] of empty) {
  scenario(`an empty value is a usage error: ${line}`, async (room) => {
    furnish(room);
    await room.fails(line, 2, says);
  });
}

const missing: [string, RegExp][] = [
  ["./split < in.secret", /-k/],
  ["./split -k 2 < in.secret", /-n/],
  ["./split -n 3 < in.secret", /-k/],
  ["./split -n 3 -k < in.secret", /-k/],
  ["./seal < shares", /recipient/i],
  ["./unseal sealed", /--key/],
  ["./unseal sealed --key", /--key/],
  ["./vault-close < in.secret", /-o/],
  ["./vault-close -o new --key-file - < key.master", /file|plaintext/i],
  ["./vault-open < key.master", /vault/i],
  ["./combine shares --set", /--set/],
  ["./card shares --label", /--label/],
];
for (const [line, says] of missing) {
  scenario(`what must be given is missing: ${line}`, async (room) => {
    furnish(room);
    await room.fails(line, 2, says);
  });
}

const numbers = [
  "0",
  "-1",
  "256",
  "2.0",
  "2x",
  "x",
  "1e1",
  "0x2",
  "+2",
  " 2",
  "2 ",
  "२",
  "NaN",
  "∞",
];
for (const value of numbers) {
  scenario(`split refuses "${value}" as k and as n`, async (room) => {
    furnish(room);
    await room.fails(`./split -k '${value}' -n 3 < in.secret`, 2, /\bk\b/);
    await room.fails(`./split -k 1 -n '${value}' < in.secret`, 2, /\bn\b/);
  });
}

scenario("split refuses k above n", async (room) => {
  furnish(room);
  await room.fails("./split -k 4 -n 3 < in.secret", 2, /\bk\b|threshold/);
  await room.fails("./split -k 10 -n 9 < in.secret", 2, /\bk\b|threshold/);
});

for (const value of [
  "xyz",
  "00112233",
  "00112233445566778",
  "0011223344556677 ",
  "../../../../etc",
]) {
  scenario(`combine refuses "${value}" as a set id`, async (room) => {
    furnish(room);
    await room.fails(`./combine --set '${value}' shares`, 2, /16|hex/);
  });
}

scenario("a flag that takes no value is given one", async (room) => {
  furnish(room);
  await room.fails("./combine --strict=yes shares", 2, /--strict/);
  await room.fails("./combine --strict= shares", 2, /--strict/);
  await room.fails("./card --svg=yes shares", 2, /--svg/);
  await room.fails("./vault-close -o new --allow-empty=1 < in.secret", 2, /--allow-empty/);
});

scenario("--flag=value, -fvalue's long cousin, is the same as --flag value", async (room) => {
  furnish(room);
  await room.ok(`./combine --set=${twoOfThree.id} shares | cmp - key.master`);
  await room.ok(`./combine --set ${twoOfThree.id} shares | cmp - key.master`);
  await room.ok("./unseal --key=a.key sealed");
  await room.ok("./vault-close --key-file=key.master -o new < in.secret");
});

scenario("after -- everything is a name", async (room) => {
  furnish(room);
  await room.ok("cp shares ./--strict; ./combine -- --strict | cmp - key.master");
  await room.ok("cp vault ./-v; ./vault-open -- -v < key.master");
  await room.fails("./combine -- --missing", 1, /--missing/);
  await room.fails("./keygen -- extra", 2, /extra|argument/);
});

scenario("flags may come after names", async (room) => {
  furnish(room);
  await room.ok("./vault-open vault -o out < key.master");
  await room.ok("./combine shares --strict | cmp - key.master");
});

scenario("worstday without a known name is a usage error", async (room) => {
  await room.fails("./worstday", 2, /combine/);
  await room.fails("./worstday nonsense", 2, /combine/);
  await room.fails("./worstday constructor", 2, /combine/);
  await room.fails("./worstday ''", 2, /combine|command|name/i);
  await room.fails("./worstday --bogus", 2, /--bogus|command/);
});

scenario("worstday --help names every command, and --version the version", async (room) => {
  const { text } = await room.ok("./worstday --help");
  for (const name of commands) expect(text).toContain(name);
  expect(text).not.toContain("\u001b");
  expect((await room.ok("./worstday --version")).text).toMatch(/\d+\.\d+\.\d+/);
});
