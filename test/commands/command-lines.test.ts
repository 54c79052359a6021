/** What each command refuses of its own flags and operands, before it reads or makes anything. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "../../lib/cli/arguments.ts";
import type { Command } from "../../lib/cli/command.ts";
import { root } from "../../scripts/dev/project.ts";
import { expectFailure } from "../core/helpers.ts";
import { nodeA, nodeB } from "../e2e/fixtures.ts";
import { fakeIo } from "./fake-io.ts";

const files = Object.fromEntries(
  Object.entries({ a: nodeA, b: nodeB }).map(([name, { publicLine }]) => {
    return [`${name}.pub`, Buffer.from(publicLine)];
  }),
);

const init = "recovery-init --dir D -k 2";
test.each<[line: string, words: RegExp]>([
  ["keygen extra", /^1 argument too many$/],
  ["split -k 2 -n 3 extra", /^1 argument too many$/],
  ["vault-close -o new one two", /^1 argument too many$/],
  ["vault-open vault extra", /^1 argument too many$/],
  [`${init} --holder a=a.pub surplus`, /^1 argument too many$/],
  ["split", /^-k is missing$/],
  ["split -k 2", /^-n is missing$/],
  ["seal", /^RECIPIENT is missing$/],
  ["unseal sealed", /^--key is missing$/],
  ["vault-close", /^-o is missing$/],
  ["vault-open", /^VAULT is missing$/],
  ["recovery-init -k 2 --holder a=a.pub", /^--dir is missing$/],
  ["recovery-init --dir D --holder a=a.pub", /^-k is missing$/],
  ["recovery-verify", /^--dir is missing$/],
  ["recovery-reconstruct", /^--dir is missing$/],
  ["recovery-rotate", /^--dir is missing$/],
  ["recovery-prune", /^--dir is missing$/],
  ["vault-open -", /^the vault must be a named file/],
  ["vault-close -o new --key-file -", /^stdin cannot be both the key and the plaintext$/],
  ["unseal --key -", /^stdin cannot be both the key and the shares$/],
  ["split -k 0 -n 3", /^-k takes a whole number from 1 to 3$/],
  ["split -k 1 -n 256", /^-n takes a whole number from 1 to 255$/],
  ["split -k 4 -n 3", /^-k takes/],
  ["combine --set 00112233445566778 shares", /^--set takes 16 hex digits$/],
  ["recovery-verify --dir D --expect-set xyz", /^--expect-set takes 16 hex digits$/],
  ["recovery-reconstruct --dir D --expect-set 12", /^--expect-set takes 16 hex digits$/],
  ["card --date 2026-02-30 offline", /^--date takes a date/],
  ["card --date 2026-01-01T00:00 offline", /^--date takes a date/],
  [init, /^-k is 2, more than the number of shares, 1$/],
  [`${init} --holder a=a.pub --offline 2`, /^2 offline shares could recover the key/],
  ["recovery-init --dir D -k 3 --holder a=a.pub", /^-k is 3, more than the number of shares, 2$/],
  ["recovery-init --dir D -k 1 --holder a=a.pub", /^with k = 1 every share/],
  [`${init} --holder a=a.pub --holder a=b.pub`, /^two holders are named a$/],
  [`${init} --holder ../x=b.pub`, /^--holder takes NAME=KEY, and this NAME cannot be used$/],
  ["recovery-rotate --dir D --holder c", /^--holder takes NAME=KEY$/],
  ["recovery-rotate --dir D --secrets -", /^--secrets cannot be stdin$/],
  ["recovery-rotate --dir D --prune", /^unknown flag --prune$/],
  ["recovery-verify --dir D shares", /^shares are used only with --drill$/],
])("%s is refused", async (line, words) => {
  const [name, ...argv] = line.split(" ");
  const { manual, run }: Command = await import(join(root, "scripts", `${name}.ts`));
  const { io, told, stdout, created } = fakeIo({ files });
  const action = async () => run((await parse(manual.args, argv)) as never, io);
  await expectFailure("usage", words, action);
  expect([told, stdout().length, created()]).toEqual([[], 0, {}]);
});
