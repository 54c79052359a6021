// Damaged vaults and other files in a vault's place: nothing comes out of the executables, and no file
// is left. That every damage is refused is shown in process by test/fuzz and test/core.

import { expect } from "bun:test";
import { concat, sample, utf8 } from "../oracle/bytes.ts";
import { closeVault, SEALED_CHUNK } from "../oracle/vault.ts";
import { MiB, master, vault } from "./fixtures.ts";
import { scenario, scenarios } from "./harness.ts";

const big = closeVault(master, sample("three chunks", 2 * MiB + 100));
const at = (chunk: number) => 80 + chunk * SEALED_CHUNK;
const [header, first] = [big.slice(0, 80), big.slice(80, at(1))];
const flip = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1);

const damaged: Record<string, [bytes: Uint8Array, code: number, says: RegExp]> = {
  "no bytes": [big.slice(0, 0), 3, /bad/],
  "half a header": [big.slice(0, 79), 3, /bad/],
  "a header alone": [header, 5, /chunk|cut/],
  "its end cut off": [big.slice(0, -1), 5, /chunk/],
  "its last chunk cut off": [big.slice(0, at(2)), 5, /chunk/],
  "its chunks swapped": [
    concat(header, big.slice(at(1), at(2)), first, big.slice(at(2))),
    ...([5, /chunk/] as const),
  ],
  "a vault behind it": [concat(big, vault), 5, /chunk|after/],
  "a bit changed in its magic": [flip(vault, 7), 3, /bad/],
  "a bit changed in its header": [flip(vault, 48), 5, /key|chunk|header|damaged/],
  "a bit changed in its last chunk": [flip(big, big.length - 1), 5, /chunk \d/],
  "an unknown version": [concat(utf8("worstday vault 2"), vault.slice(16)), 3, /hint: /],
  "another program's form": [utf8(`age-encryption.org/v1\n${"A".repeat(99)}\n`), 3, /vault/],
};
scenarios(
  damaged,
  (what) => `a vault with ${what} yields nothing, into a pipe or a file`,
  async ({ file, fails, text }, [bytes, code, says]) => {
    file("bad", bytes);
    await fails("./vault-open bad < key.master", code, says);
    await fails("./vault-open bad -o out < key.master", code, says);
    file("out", "precious");
    await fails("./vault-open bad -o out < key.master", 6, /out/);
    expect(text("out")).toBe("precious");
  },
);

scenario(
  "a truncated vault and a wrong key are told apart",
  async ({ fails }) => {
    const wrong = await fails("./vault-open vault < other.master", 5, /key/);
    const cut = await fails(
      "head -c 100 vault | ./vault-open /dev/fd/3 3<&0 < key.master",
      5,
      /chunk/,
    );
    expect(cut.stderr).not.toMatch(/this key is/);
    expect(wrong.stderr).not.toMatch(/chunk/);
  },
  { smoke: true },
);
