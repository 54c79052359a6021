// Inputs with a byte changed, a piece dropped or a piece repeated: only the closed set of errors
// comes out, and nothing on stdout. The changes are the same on every run.

import { expect } from "bun:test";
import { concat, sample, utf8 } from "../oracle/bytes.ts";
import { findLeak, secretsIn } from "./evidence.ts";
import { master, nodeA, pick, sealed, twoOfThree, vault } from "./fixtures.ts";
import { messages, scenario } from "./harness.ts";

const rounds = 24;
const blanks = utf8(" \t\r\n-");
const sealedText = utf8(`${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);

const subjects: { what: string; line: string; bytes: Uint8Array; codes: number[] }[] = [
  {
    what: "share lines",
    line: "./combine bad",
    bytes: utf8(pick(twoOfThree.lines, 1, 2)),
    codes: [3, 4, 5],
  },
  { what: "a sealed line", line: "./unseal --key a.key bad", bytes: sealedText, codes: [3, 5] },
  {
    what: "a private key",
    line: "./keygen -y < bad",
    bytes: utf8(`${nodeA.secretLine}\n`),
    codes: [3],
  },
  {
    what: "a public key",
    line: "./seal bad < share",
    bytes: utf8(`${nodeA.publicLine}\n`),
    codes: [3],
  },
  { what: "a vault", line: "./vault-open bad < key.master", bytes: vault, codes: [3, 5] },
  { what: "a line to inspect", line: "./inspect bad", bytes: sealedText, codes: [3] },
];

/** The bytes with one fault, chosen by `seed`, that no reader may overlook. */
function mutate(bytes: Uint8Array, seed: string): Uint8Array {
  const [kind = 0, high = 0, low = 0, value = 0, size = 0] = sample(seed, 5);
  const at = (high * 256 + low) % (bytes.length - 1);
  const piece = bytes.slice(at, at + 1 + (size % 8));
  if (kind % 4 === 0) return concat(bytes.slice(0, at), bytes.slice(at + piece.length));
  if (kind % 4 === 1) return concat(bytes.slice(0, at), piece, bytes.slice(at));
  const old = bytes[at] ?? 0;
  const next = kind % 4 === 2 ? old ^ (1 << (value % 8)) : value;
  return bytes.with(at, next === old || blanks.includes(next) ? 0x62 : next);
}

for (const { what, line, bytes, codes } of subjects) {
  scenario(`no fault in ${what} makes anything but an error`, async (room) => {
    room.file("a.key", `${nodeA.secretLine}\n`);
    room.file("share", pick(twoOfThree.lines, 1));
    room.file("key.master", master);
    for (let round = 0; round < rounds; round++) {
      room.file("bad", mutate(bytes, `${what} ${round}`));
      const { code, stdout, stderr } = await room.run(line);
      expect(codes, `round ${round}: ${stderr}`).toContain(code);
      expect(stdout.length).toBe(0);
      expect(messages(stderr).filter(({ kind }) => kind === "error").length, stderr).toBe(1);
      expect(findLeak(stderr, secretsIn(room.dir)), stderr).toBeUndefined();
    }
  });

  scenario(`no prefix of ${what} makes anything but an error`, async (room) => {
    room.file("a.key", `${nodeA.secretLine}\n`);
    room.file("share", pick(twoOfThree.lines, 1));
    room.file("key.master", master);
    for (let round = 1; round < rounds; round++) {
      room.file("bad", bytes.slice(0, Math.floor(((bytes.length - 2) * round) / rounds)));
      const { code, stdout, stderr } = await room.run(line);
      expect(codes, `round ${round}: ${stderr}`).toContain(code);
      expect(stdout.length).toBe(0);
    }
  });
}
