/** Hybrid keys from keygen to a rotated scheme, in which some holders have X25519 keys. */

import { afterAll, beforeEach, expect, test } from "bun:test";
import * as fs from "node:fs";
import { toText } from "../../lib/core/bytes.ts";
import * as combine from "../../scripts/combine.ts";
import * as inspect from "../../scripts/inspect.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as reconstruct from "../../scripts/recovery-reconstruct.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import * as seal from "../../scripts/seal.ts";
import * as split from "../../scripts/split.ts";
import * as unseal from "../../scripts/unseal.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "./folder-io.ts";

afterAll(removeFolders);

/** Keys of a and c, which are hybrid, and of b. */
beforeEach(async () => {
  enterFolder();
  for (const [node, flag] of [
    ["a", "--hybrid "],
    ["b", ""],
    ["c", "--hybrid "],
  ]) {
    put(`${node}.pub`, (await succeed(keygen, `${flag}-o @${node}.key`)).stdout);
  }
});
const contentOf = (name: string) => toText(fs.readFileSync(at(name)));

test("keygen --hybrid makes a key of version 2, and -y gives its public key", async () => {
  const publicLine = contentOf("a.pub");
  expect(publicLine).toMatch(/^wdpub1q[gf2t][02-9ac-hj-np-z]{1961}\n$/);
  expect(contentOf("a.key")).toContain(`\n# ${publicLine}wdkey1q`);
  expect((await succeed(keygen, "-y", contentOf("a.key"))).stdout).toBe(publicLine);
  await refuse("usage", /--hybrid/, keygen, "--hybrid -y", contentOf("a.key"));
});

test("seal and unseal take keys of both kinds, and inspect names them", async () => {
  const dealt = (await succeed(split, "-k 2 -n 3", "a secret")).stdout;
  const sealed = (await succeed(seal, "@a.pub @b.pub @c.pub", dealt)).stdout;
  const opened = (await succeed(unseal, "--key @c.key --key @b.key --key @a.key", sealed)).stdout;
  expect(opened).toBe(dealt);
  expect((await succeed(combine, "--strict", opened)).stdout).toBe("a secret");
  const { items } = JSON.parse((await succeed(inspect, "--json", sealed)).stdout);
  const kinds = ["X25519 and ML-KEM-768", "X25519", "X25519 and ML-KEM-768"];
  expect(items.map(({ key }: { key: string }) => key)).toEqual(kinds);
  await refuse("refused", /same recipient/, seal, "@a.pub @a.pub @b.pub", dealt);
  await refuse(
    "mismatch",
    /none of the sealed shares/,
    unseal,
    "--key @b.key",
    sealed.split("\n")[0],
  );
});

test("a scheme has holders of both kinds, through a rotation that makes all hybrid", async () => {
  put("secrets", "the secrets that open everything else\n");
  const holders = "--holder node-a=@a.pub --holder node-b=@b.pub";
  await succeed(init, `--dir D -k 2 ${holders} --secrets @secrets -o @o`);
  const said = (await succeed(verify, "--dir D")).stdout;
  expect(said).toMatch(/^node-a +good: sealed to .* \(X25519 and ML-KEM-768\)$/m);
  expect(said).toMatch(/^node-b +good: sealed to .* \(X25519\)$/m);
  expect(said).toMatch(/^offline-1 +not checked: share 3, kept offline$/m);
  expect((await succeed(verify, "--dir D --key @a.key")).stdout).toMatch(/^node-a +good: opened/m);
  const { holders: found } = JSON.parse((await succeed(verify, "--dir D --json")).stdout);
  expect(found[0].key).toBe("X25519 and ML-KEM-768");
  const shares = (
    await succeed(unseal, "--key @a.key --key @b.key @D/sealed-1/node-a @D/sealed-1/node-b")
  ).stdout;
  expect((await succeed(reconstruct, "--dir D", shares)).stdout).toBe(contentOf("secrets"));
  const named = "@D/sealed-1/node-b --recipients @D/scheme.json";
  expect((await succeed(inspect, named)).stdout).toMatch(
    /sealed to [0-9a-f]{16}, node-b, X25519$/m,
  );
  await succeed(rotate, "--dir D --holder node-b=@c.pub -o @o2", shares);
  expect((await succeed(verify, "--dir D")).stdout).toMatch(/^node-b +good: .*ML-KEM-768\)$/m);
  const later = (await succeed(unseal, "--key @c.key --dir D")).stdout + contentOf("o2");
  expect((await succeed(reconstruct, "--dir D", later)).stdout).toBe(contentOf("secrets"));
  const shown = (await succeed(inspect, "@D/scheme.json")).stdout;
  expect(shown).toMatch(/node-b: share 2, [0-9a-f]{16}, X25519 and ML-KEM-768$/m);
});
