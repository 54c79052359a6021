/** Every parser, a few thousand times; `npm run fuzz` does it a million times. */

import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { ascii } from "../../lib/core/bytes.ts";
import { execute, type Layer, newTally } from "./execute.ts";
import { anyIn, large } from "./inputs.ts";
import { targetOf, targets } from "./targets.ts";

setDefaultTimeout(60_000); // for a busy machine

/** Executions of each. */
const numRuns = 2000;

for (const target of targets) {
  const inputOf = async ({ wrap }: Layer, inner: Uint8Array) => (wrap ? await wrap(inner) : inner);

  test(`${target.name}: valid inputs are read, and changed ones do nothing unforeseen`, async () => {
    const tally = newTally();
    for (const layer of target.layers) {
      for (const seed of layer.seeds) await execute(target, await inputOf(layer, seed), tally);
    }
    expect(tally.outcomes["read"]).toBeGreaterThan(0);
    const property = fc.asyncProperty(anyIn(target.layers), async ({ layer, inner }) => {
      await execute(target, await inputOf(layer, inner), tally);
    });
    await fc.assert(property, { numRuns, seed: 1 });
    expect(Object.keys(tally.outcomes).length).toBeGreaterThan(1);
  });

  test(`${target.name}: time grows with the length, and no faster`, async () => {
    const tally = newTally();
    const layers = target.layers.slice(0, 2); // of the commands two are enough here
    for await (const input of large(16_384, layers)) await execute(target, input, tally);
  });
}

test("what once came out otherwise is refused", async () => {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const once: [target: string, input: string][] = [
    ["scheme", '{"version":1,"k":{"toString":1,"valueOf":1},"n":3}\n'],
    ["scheme", '{"version":1,"generation":{"toString":1,"valueOf":1}}\n'],
    ["scheme", `{"version":1,"generation":${deep}}\n`],
    ["arguments", `combine\0${"BEGIN".repeat(26_000)}`], // 128 KiB, as long as Linux lets one be
    ["arguments", `unseal${"\0--key=x".repeat(100_000)}`],
  ];
  for (const [name, input] of once) await execute(targetOf(name), ascii(input), newTally());
});

test("a parser that does what it must not is found out", async () => {
  const target = targetOf("base64");
  const input = ascii("AAAA");
  const found = (change: object) =>
    execute({ ...target, ...change }, input, newTally()).then(
      () => "nothing",
      (error: Error) => error.message.split("\n")[0],
    );
  const forever = () => {
    for (const start = process.cpuUsage(); process.cpuUsage(start).user < 300_000; );
  };
  const takes = (given: Uint8Array) => given.fill(0).slice();
  expect(await found({})).toBe("nothing");
  expect(await found({ read: () => (null as unknown as string).length })).toMatch(/TypeError/);
  expect(await found({ read: targetOf("holder").read })).toMatch(/fails with usage/);
  expect(await found({ read: takes, write: undefined })).toMatch(/changes what it is given/);
  expect(await found({ write: () => ascii("AAAB") })).toMatch(/reads two inputs as one/);
  expect(await found({ write: () => ascii("AAAB"), canonical: undefined })).toMatch(/differs/);
  expect(await found({ write: () => ascii("?") })).toMatch(/two inputs as one/);
  expect(await found({ read: forever, write: undefined })).toMatch(/it takes .* ms/);
});
