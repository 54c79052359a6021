// Damaged vaults: truncated, reordered, appended to, or made wrong by somebody who has the key; and
// some of the damages that test/fuzz/damage.test.ts does to every valid input.

import { expect } from "bun:test";
import { failureOf } from "../core/helpers.ts";
import { damages, kinds, telling } from "../fuzz/damage.ts";
import { drawFrom } from "../fuzz/mutate.ts";
import { type Subject, subjects } from "../fuzz/subjects.ts";
import { concat, hex, sample, utf8 } from "../oracle/bytes.ts";
import { CHUNK, closeVault, makeHeader, SEALED_CHUNK, sealChunk } from "../oracle/vault.ts";
import { boundaries, MiB, master, otherMaster, pick, twoOfThree, vault } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

const data = sample("three chunks", 2 * MiB + 100);
const big = closeVault(master, data);
const header = big.slice(0, 80);
const chunks = [0, 1, 2].map((i) => {
  return big.slice(80 + i * SEALED_CHUNK, 80 + (i + 1) * SEALED_CHUNK);
});
const [first = header, second = header, last = header] = chunks;
const full = closeVault(master, data.slice(0, 2 * MiB));

async function damaged(room: Room, bytes: Uint8Array, code: number, says: RegExp): Promise<void> {
  room.file("key.master", master);
  room.file("bad", bytes);
  await room.fails("./vault-open bad < key.master", code, says);
  await room.fails("./vault-open bad -o out < key.master", code, says);
}

for (const size of [0, 1, 15, 16, 17, 47, 48, 64, 79]) {
  scenario(`a vault cut to ${size} bytes, inside its header, is malformed`, async (room) => {
    await damaged(room, big.slice(0, size), 3, /bad/);
  });
}

for (const size of boundaries(big.length)) {
  scenario(`a vault cut to ${size} of ${big.length} bytes does not verify`, async (room) => {
    await damaged(room, big.slice(0, size), 5, /chunk|damaged|truncated|cut|short/);
  });
}

for (const size of [80, 80 + SEALED_CHUNK - 1, 80 + SEALED_CHUNK, 80 + SEALED_CHUNK + 16]) {
  scenario(`a vault of exactly 2 MiB cut to ${size} bytes does not verify`, async (room) => {
    await damaged(room, full.slice(0, size), 5, /chunk|damaged|truncated|cut|short/);
  });
}

scenario("a truncated vault and a wrong key are told apart", async (room) => {
  room.file("key.master", master);
  room.file("wrong.master", otherMaster);
  room.file("v", vault);
  room.file("cut", vault.slice(0, -1));
  const wrong = await room.fails("./vault-open v < wrong.master", 5, /key/);
  const cut = await room.fails("./vault-open cut < key.master", 5, /chunk/);
  expect(cut.stderr).not.toMatch(/this key is/);
  expect(wrong.stderr).not.toMatch(/chunk/);
});

const shuffled: Record<string, Uint8Array> = {
  "its first two chunks swapped": concat(header, second, first, last),
  "its last two chunks swapped": concat(header, first, last, second),
  "its first chunk dropped": concat(header, second, last),
  "its second chunk dropped": concat(header, first, last),
  "its last chunk dropped": concat(header, first, second),
  "its first chunk repeated": concat(header, first, first, second, last),
  "its last chunk repeated": concat(header, first, second, last, last),
  "a chunk of another vault under its key": concat(
    header,
    closeVault(master, data, "another salt").slice(80, 80 + SEALED_CHUNK),
    second,
    last,
  ),
  "a byte appended": concat(big, Uint8Array.of(0)),
  "sixteen bytes appended": concat(big, new Uint8Array(16)),
  "a newline appended": concat(big, utf8("\n")),
  "a whole vault appended": concat(big, vault),
  "a byte appended to a full last chunk": concat(full, Uint8Array.of(0)),
  "sixteen bytes appended to a full last chunk": concat(full, new Uint8Array(16)),
  "a full chunk of noise appended": concat(full, sample("noise", SEALED_CHUNK)),
};
for (const [what, bytes] of Object.entries(shuffled)) {
  scenario(`a vault with ${what} does not verify`, async (room) => {
    await damaged(room, bytes, 5, /chunk|damaged|after/);
  });
}

scenario("the chunk that does not verify is named", async (room) => {
  for (const at of [80, 80 + SEALED_CHUNK + 5, big.length - 1]) {
    const bytes = big.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await damaged(room, bytes, 5, /chunk \d/);
  }
});

for (const at of [16, 47, 48, 63, 64, 79, 80, 95, 96, vault.length - 17, vault.length - 1]) {
  scenario(`one bit changed at byte ${at} of a small vault does not verify`, async (room) => {
    const bytes = vault.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await damaged(room, bytes, 5, /key|chunk|header|damaged/);
  });
}

for (const at of [0, 7, 14, 15]) {
  scenario(`one bit changed at byte ${at}, in the magic, is malformed`, async (room) => {
    const bytes = vault.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await damaged(room, bytes, 3, /bad/);
  });
}

scenario("a vault of an unknown version is malformed, with a hint", async (room) => {
  await damaged(room, concat(utf8("worstday vault 2"), vault.slice(16)), 3, /hint: /);
});

const otherFiles: Record<string, Uint8Array> = {
  text: utf8(
    "this is a text file that is a good deal longer than the header of a vault would be\n",
  ),
  "an age file": utf8(
    `age-encryption.org/v1\n-> X25519 ${"A".repeat(43)}\n--- ${"B".repeat(43)}\n`,
  ),
  "a gzip file": concat(Uint8Array.of(0x1f, 0x8b, 8, 0), sample("gzip", 500)),
  "a vault behind a newline": concat(utf8("\n"), vault),
  "a vault behind a BOM": concat(Uint8Array.of(0xef, 0xbb, 0xbf), vault),
  "a vault in base64": utf8(Buffer.from(vault).toString("base64")),
};
for (const [what, bytes] of Object.entries(otherFiles)) {
  scenario(`vault-open refuses ${what} as malformed`, async (room) => {
    await damaged(room, bytes, 3, /bad.*vault|vault.*bad/);
  });
}

const forged: Record<string, () => Uint8Array> = {
  "an empty last chunk after a full one": () =>
    concat(
      makeHeader(master),
      sealChunk(master, makeHeader(master), data.slice(0, CHUNK), 0, false),
      sealChunk(master, makeHeader(master), new Uint8Array(0), 1, true),
    ),
  "no chunk marked as the last": () =>
    concat(
      makeHeader(master),
      sealChunk(master, makeHeader(master), data.slice(0, CHUNK), 0, false),
      sealChunk(master, makeHeader(master), data.slice(0, 10), 1, false),
    ),
  "a full chunk not marked as the last": () =>
    concat(
      makeHeader(master),
      sealChunk(master, makeHeader(master), data.slice(0, CHUNK), 0, false),
    ),
  "the first of two chunks marked as the last": () =>
    concat(
      makeHeader(master),
      sealChunk(master, makeHeader(master), data.slice(0, CHUNK), 0, true),
      sealChunk(master, makeHeader(master), data.slice(0, 10), 1, true),
    ),
  "chunks counted from 1": () =>
    concat(makeHeader(master), sealChunk(master, makeHeader(master), data.slice(0, 10), 1, true)),
  "a chunk above 1 MiB": () =>
    concat(
      makeHeader(master),
      sealChunk(master, makeHeader(master), data.slice(0, CHUNK + 1), 0, true),
    ),
  "short chunks": () =>
    concat(
      makeHeader(master),
      sealChunk(master, makeHeader(master), data.slice(0, 100), 0, false),
      sealChunk(master, makeHeader(master), data.slice(100, 200), 1, true),
    ),
};
for (const [what, make] of Object.entries(forged)) {
  scenario(`a vault with ${what}, made with its key, does not verify`, async (room) => {
    await damaged(room, make(), 5, /chunk|damaged|cut short/);
  });
}

scenario("the file that was there stays when the vault is damaged", async (room) => {
  room.file("key.master", master);
  room.file("bad", big.slice(0, -5));
  room.file("out", "precious");
  await room.fails("./vault-open bad -o out < key.master", 6, /out/);
  expect(hex(room.read("out"))).toBe(hex(utf8("precious")));
});

const exitCodes: Record<string, number> = { malformed: 3, "too-few": 4, mismatch: 5 };
const damagesOfEach = 2;

/** A damage that is to be refused, and the exit status that lib/ says; `draw` chooses. */
async function refusedDamage({ bytes, form, read }: Subject, draw: ReturnType<typeof drawFrom>) {
  while (true) {
    const [place, kind] = [draw(bytes.length), kinds[draw(kinds.length)]];
    const put = telling[draw(telling.length)] ?? 0;
    const isDue = (at: number, one: string) => at === place && one === kind;
    const damage = [...damages(bytes, [put], isDue)][kind === "flip" ? draw(8) : 0];
    if (!damage || form(damage.bytes, bytes).some((verdict) => !exitCodes[verdict])) continue;
    const { code } = await failureOf(() => read(damage.bytes));
    return { damage, exitCode: exitCodes[code] as number };
  }
}

for (const [i, subject] of subjects.entries()) {
  const { name, vector } = subject;
  scenario(`${name}: damages are refused`, async (room) => {
    const draw = drawFrom(i);
    const { command = ["seal", "input"], stdin, files = {} } = vector?.of ?? {};
    const damagedFile = vector ? (vector.file ?? "stdin") : "input";
    for (let count = 0; count < damagesOfEach; count++) {
      const { damage, exitCode } = await refusedDamage(subject, draw);
      for (const [file, content] of Object.entries(files)) room.file(file, content);
      room.file("stdin", stdin ?? pick(twoOfThree.lines, 1));
      room.file(damagedFile, damage.bytes);
      await room.fails(`./${command.join(" ")} < stdin`, exitCode, /error: /);
    }
  });
}
