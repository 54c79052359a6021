/** Commands in process, with readers and writers that fail: run(args, io) and nothing else. */

import { expect, test } from "bun:test";
import { parse } from "../../lib/cli/arguments.ts";
import type { Command } from "../../lib/cli/command.ts";
import { concat } from "../../lib/core/bytes.ts";
import * as card from "../../scripts/card.ts";
import * as combine from "../../scripts/combine.ts";
import * as inspect from "../../scripts/inspect.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as seal from "../../scripts/seal.ts";
import * as split from "../../scripts/split.ts";
import * as unseal from "../../scripts/unseal.ts";
import * as vaultClose from "../../scripts/vault-close.ts";
import * as vaultOpen from "../../scripts/vault-open.ts";
import { bulk, expectFailure } from "../core/helpers.ts";
import { fakeIo, type World } from "./fake-io.ts";

/** Runs a command as main does, in memory. */
async function running(command: Command, argv: string[], world: World) {
  const fake = fakeIo(world);
  const args = await parse(command.manual.args, argv);
  return { ...fake, done: command.run(args as never, fake.io) };
}

async function succeed(command: Command, argv: string[], world: World) {
  const run = await running(command, argv, world);
  await run.done;
  return run;
}

const lines = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString()
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line));
const plaintext = bulk(3_000_000, 1);

/** Everything that a scheme by pipes has, made by the commands themselves. */
const nodeKeys = await Promise.all(
  ["a", "b"].map(async (name) => {
    const { created, stdout } = await succeed(keygen, ["-o", `${name}.key`], { files: {} });
    return { [`${name}.key`]: created()[`${name}.key`], [`${name}.pub`]: stdout() };
  }),
);
const plain = { plain: plaintext };
const closed = await succeed(vaultClose, ["-o", "vault.wd", "plain"], { files: plain });
const key = closed.stdout();
const files: Record<string, Uint8Array> = Object.assign(plain, ...nodeKeys, closed.created());
const dealt = await succeed(split, ["-k", "2", "-n", "3"], { files: { stdin: key } });
const shares = dealt.stdout();
const sealing = { files: { ...files, stdin: shares } };
const sealed = (await succeed(seal, ["a.pub", "b.pub", "-"], sealing)).stdout();
const [sealedA, , offline] = lines(sealed) as [Buffer, Buffer, Buffer];
const two = concat(...lines(shares).slice(0, 2));
const all: Record<string, Uint8Array> = { ...files, key, shares, sealed: sealedA, two, offline };

test("the worst day, in memory: unseal, combine, vault-open", async () => {
  const opened = await succeed(unseal, ["--key", "a.key", "sealed", "offline"], { files: all });
  const key = await succeed(combine, [], { files: { stdin: opened.stdout() } });
  expect(key.stdout()).toEqual(closed.stdout());
  const out = await succeed(vaultOpen, ["vault.wd", "-o", "plain.again"], {
    files: { ...all, stdin: key.stdout() },
  });
  expect(Buffer.from(out.created()["plain.again"] ?? []).equals(plaintext)).toBe(true);
  expect([...opened.told, ...key.told, ...out.told]).toEqual([]);
});

const jobs: [name: string, command: Command, argv: string, stdin: string][] = [
  ["keygen", keygen, "", "two"],
  ["keygen -o", keygen, "-o new", "two"],
  ["keygen -y", keygen, "-y", "a.key"],
  ["split", split, "-k 2 -n 3", "key"],
  ["seal", seal, "a.pub b.pub -", "shares"],
  ["unseal", unseal, "--key a.key", "sealed"],
  ["combine", combine, "", "two"],
  ["combine -o", combine, "-o new", "two"],
  ["vault-close", vaultClose, "-o new", "plain"],
  ["vault-open", vaultOpen, "vault.wd", "key"],
  ["vault-open -o", vaultOpen, "vault.wd -o new", "key"],
  ["inspect", inspect, "", "shares"],
  ["card", card, "", "offline"],
];

test.each(jobs)(
  "%s: what fails ends it, and leaves nothing",
  async (name, command, line, stdin) => {
    const argv = line.split(" ").filter(Boolean);
    const world = { files: { ...all, stdin: all[stdin] as Uint8Array } };
    const whole = await succeed(command, argv, world);
    const written = [whole.stdout(), ...Object.values(whole.created())];
    const size = Math.max(...written.map(({ length }) => length));
    for (const writeLimit of [0, 1, size - 1]) {
      const run = await running(command, argv, { ...world, writeLimit });
      await expectFailure("io", /^cannot write/, () => run.done);
      expect(run.created()).toEqual({});
    }
    if (["keygen", "keygen -o"].includes(name)) return; // these read nothing
    const empty = { files: { ...all, stdin: new Uint8Array(0) } };
    for (const [code, words, wrong] of [
      ["io", /^cannot read/, { ...world, readLimit: 10 }],
      [command === combine ? "too-few" : "malformed", /^no .* in stdin$/, empty],
    ] as const) {
      const run = await running(command, argv, wrong);
      const { hint } = await expectFailure(code, words, () => run.done);
      if (wrong === empty) expect(hint).toMatch(/did the command before this one in the pipe fail/);
      expect([run.stdout().length, run.created()]).toEqual([0, {}]);
    }
  },
);

test("a file that is missing is named, whatever it was for", async () => {
  for (const [command, line, stdin] of [
    [combine, "nowhere", "two"],
    [unseal, "--key nowhere sealed", "two"],
    [unseal, "--key a.key nowhere", "two"],
    [seal, "nowhere - -", "shares"],
    [vaultOpen, "nowhere", "key"],
    [vaultClose, "-o new --key-file nowhere", "plain"],
    [vaultClose, "-o new --key-file - nowhere", "key"],
    [inspect, "nowhere", "two"],
    [card, "nowhere", "two"],
  ] as const) {
    const world = { files: { ...all, stdin: all[stdin] as Uint8Array } };
    const run = await running(command, line.split(" "), world);
    await expectFailure("io", /^cannot read nowhere/, () => run.done);
    expect([run.stdout().length, run.created()]).toEqual([0, {}]);
  }
});

test("secrets that commands make are handed to io, which wipes them", async () => {
  const world = { files: { ...all, stdin: all["two"] as Uint8Array } };
  const run = await succeed(combine, [], world);
  const kept = run.secrets.map((secret) => Buffer.from(secret).toString("hex"));
  expect(kept).toContain(Buffer.from(closed.stdout()).toString("hex"));
  const made = await succeed(vaultClose, ["-o", "new", "plain"], { files: all });
  expect(made.secrets.some((secret) => secret.length === 32)).toBe(true);
});

test.each(jobs)(
  "%s: a terminal is shown no secret unless it is forced",
  async (name, command, line, stdin) => {
    const argv = line.split(" ").filter(Boolean);
    const world = { files: { ...all, stdin: all[stdin] as Uint8Array }, onTerminal: true };
    const { done, created } = await running(command, argv, world);
    const isOpen = line.includes("-o new") && command !== vaultClose;
    if (isOpen || [card, inspect].includes(command as never) || line === "-y") return await done;
    await expectFailure("refused", /^stdout is a terminal$/, () => done);
    expect(created()).toEqual({});
    if (name !== "seal") await succeed(command, [...argv, "--force"], world);
  },
);

test("a key that would go nowhere is refused before anything is created", async () => {
  const world: World = { files: all, stdoutKind: "nowhere" };
  const run = await running(vaultClose, ["-o", "new", "plain"], world);
  await expectFailure("refused", /the only key/, () => run.done);
  expect(run.created()).toEqual({});
});
