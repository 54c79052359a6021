// The numbers of generations, and what is said where a rotation cannot carry a vault over.

import { expect } from "bun:test";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { nodeA, nodeB } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";

/** A scheme of two nodes and one offline share, and shares 1 and 3 of it in `shares`. */
async function furnish(room: Room): Promise<void> {
  room.file("in.plain", "the secrets that open everything else\n");
  room.file("new.plain", "what replaces them\n");
  for (const [name, key] of [
    ["a", nodeA],
    ["b", nodeB],
  ] as const) {
    room.file(`${name}.key`, `${key.secretLine}\n`);
    room.file(`${name}.pub`, `${key.publicLine}\n`);
  }
  const holders = "--holder a=a.pub --holder b=b.pub";
  await room.ok(`umask 077; ./recovery-init --dir s -k 2 ${holders} < in.plain > offline`);
  await gather(room, 1);
}

async function gather(room: Room, generation: number): Promise<void> {
  const own = `./unseal --key a.key s/sealed-${generation}/a`;
  await room.ok(`umask 077; ${own} > own && cat own offline > shares`);
}

scenario(
  "a rotation goes on counting where the old generation's files are elsewhere",
  async (room) => {
    await furnish(room);
    await room.ok("umask 077; ./recovery-rotate --dir s shares > offline", /generation 2/);
    await gather(room, 2);
    mkdirSync(join(room.dir, "elsewhere"));
    for (const name of ["vault-1.wd", "sealed-1", "vault-2.wd", "sealed-2"]) {
      renameSync(join(room.dir, "s", name), join(room.dir, "elsewhere", name));
    }
    const rotate = "./recovery-rotate --dir s --secrets new.plain shares > offline";
    await room.ok(`umask 077; ${rotate}`, /generation 3/);
    expect(room.has("s/vault-3.wd")).toBe(true);
    await gather(room, 3);
    const { text } = await room.ok("./recovery-reconstruct --dir s shares | cat");
    expect(text).toBe("what replaces them\n");
  },
);

scenario("no generation comes after the last one that scheme.json may name", async (room) => {
  await furnish(room);
  room.file("s/vault-999999.wd", "no vault of ours");
  const words = /there are files of generation 999999, the last possible one/;
  await room.fails("./recovery-rotate --dir s shares", 6, words);
});

scenario("a rotation names the vault that is damaged, and changes nothing", async (room) => {
  await furnish(room);
  const vault = room.read("s/vault-1.wd");
  room.file("s/vault-1.wd", vault.with(90, (vault[90] as number) ^ 1));
  const words = /error: s\/vault-1\.wd: chunk 0 does not verify/;
  await room.fails("./recovery-rotate --dir s shares", 5, words);
});

scenario("recovery-prune leaves what only looks like an older generation's files", async (room) => {
  await furnish(room);
  await room.ok("umask 077; ./recovery-rotate --dir s shares > offline");
  await gather(room, 2);
  await room.ok("./recovery-verify --dir s --drill shares");
  for (const name of ["vault-1", "sealed-1.wd", "drilled-1.wd", "vault-1.wd.bak"]) {
    room.file(`s/${name}`, "somebody's");
  }
  const { stderr } = await room.ok("./recovery-prune --dir s");
  expect(stderr).toMatch(/removed (vault-1\.wd, sealed-1|sealed-1, vault-1\.wd)\n/);
  for (const name of ["vault-1", "sealed-1.wd", "drilled-1.wd", "vault-1.wd.bak"]) {
    expect(room.has(`s/${name}`)).toBe(true);
  }
});
