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
