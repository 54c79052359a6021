/**
 * Every parser, 250 times. `npm run fuzz` takes a million inputs of the day for each, and
 * large ones of a mebibyte; `npm run fuzz -- -t NAME` one parser.
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { ascii } from "../../lib/core/bytes.ts";
import { execute, type Layer, type Tally, type Target } from "./execute.ts";
import { anyIn, large } from "./inputs.ts";
import { targets } from "./targets.ts";

const { WORSTDAY_FUZZ } = process.env;
const isLong = WORSTDAY_FUZZ !== undefined;
const numRuns = Number(WORSTDAY_FUZZ ?? 250);
const seed = isLong ? Math.floor(Date.now() / 86_400_000) : 1;
setDefaultTimeout(isLong ? 86_400_000 : 120_000); // for a busy machine

const newTally = (): Tally => ({ outcomes: {}, messages: new Set() });

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
    await fc.assert(property, { numRuns, seed });
    expect(Object.keys(tally.outcomes).length).toBeGreaterThan(1);
    if (isLong) console.log(target.name, tally.outcomes, `${tally.messages.size} messages`);
  });

  test(`${target.name}: time grows with the length, and no faster`, async () => {
    const tally = newTally();
    const [bytes, layers] = isLong
      ? [2 ** 20, target.layers]
      : [2 ** 14, target.layers.slice(0, 2)];
    for await (const input of large(bytes, layers)) await execute(target, input, tally);
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
  for (const [name, input] of once) {
    const target = targets.find((one) => one.name === name) as Target;
    await execute(target, ascii(input), newTally());
  }
});
