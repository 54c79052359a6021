import { expect, test } from "bun:test";
import type { Terminal } from "../../lib/cli/io.ts";
import { concat } from "../../lib/core/bytes.ts";
import { deal } from "../../lib/core/sharing.ts";
import { readShares } from "../../lib/pipes/shares.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { fakeIo } from "../commands/fake-io.ts";
import { expectFailure, repeatable } from "../core/helpers.ts";
import { lines, scheme, screenOf } from "../scheme/scheme-fixture.ts";

const [one, two] = lines;
const [foreign] = deal(repeatable(8)(32), 2, 4, repeatable(9)).map(encodeShare) as [Uint8Array];
const options = { wanted: scheme.set, echo: false, "accept-corrections": false };

/** What is read of these files where these streams are a terminal, and someone types the second share. */
async function reading(named: string[], terminals: string[], files: Record<string, Uint8Array>) {
  const screen = screenOf(two);
  const io = {
    ...fakeIo({ files }).io,
    isTerminal: async (stream: string) => terminals.includes(stream),
    terminal: async () => ({ ...screen, clear() {}, close() {} }) as unknown as Terminal,
  };
  return { screen, done: readShares(io, named, options) };
}

test.each([
  [["a"], ["stdin", "stderr"]],
  [["a", "-"], ["stdin"]],
  [
    ["-", "a"],
    ["stdin", "stderr"],
  ],
  [[], ["stderr"]], // from a pipe
])(
  "readShares(%j) asks for the missing share, hidden, where %j are a terminal",
  async (...given) => {
    const [named, terminals] = given;
    const { screen, done } = await reading(named, terminals, { a: one, stdin: one });
    if (!terminals.includes("stderr")) return expect((await done).length).toBe(1);
    expect((await done).map(({ share }) => share.x)).toEqual([1, 2]);
    expect(screen.asked).toEqual([{ prompt: "share 2: ", echo: false }]);
  },
);

test("readShares() asks nobody where the shares are enough, or typing would not make them so", async () => {
  const enough = { stdin: concat(one, Uint8Array.of(10), two) };
  expect((await (await reading([], ["stderr"], enough)).done).length).toBe(2);
  for (const stdin of [foreign, concat(one, Uint8Array.of(10), one)]) {
    const { screen, done } = await reading([], ["stderr"], { stdin });
    await done;
    expect(screen.asked).toEqual([]);
  }
  const { done } = await reading([], ["stderr"], { stdin: new Uint8Array() });
  await expectFailure("too-few", /^no shares in stdin$/, () => done);
});
