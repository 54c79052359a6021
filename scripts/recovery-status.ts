#!/usr/bin/env bun
/**
 * recovery-status: show the state of a scheme's folder
 *
 *   recovery-status --dir DIR [--json]
 *   recovery-status --dir DIR --holders
 */

import { type Args, defineManual } from "../lib/cli/command.ts";
import type { Io } from "../lib/cli/io.ts";
import { main } from "../lib/cli/main.ts";
import { isOffline } from "../lib/scheme/fields.ts";
import { dirFlag } from "../lib/scheme/read.ts";
import { statusJson, statusOf, statusText } from "../lib/scheme/status.ts";
import { updatesIn } from "../lib/update/files.ts";

export const manual = defineManual({
  meta: { name: "recovery-status", description: "show the state of a scheme's folder" },
  description: `
    Shows the set, the generation, the last drill and whose shares were used for
    it, the updates, the holders, whose sealed shares are in the folder, what is
    left of other generations, and what to do next. It needs no secret.

    It verifies nothing: recovery-verify does that. It cannot know whether
    another host has a newer generation.
  `,
  args: {
    dir: dirFlag,
    holders: { type: "boolean", description: "only the names of the nodes, one a line" },
    json: { type: "boolean", description: "write JSON" },
  },
  examples: `
    Look at a folder:

      ./recovery-status --dir scheme

    Do something for each node:

      for node in $(./recovery-status --dir scheme --holders); do
        echo $node; done
  `,
});

export async function run({ dir, holders, json }: Args<typeof manual>, io: Io): Promise<void> {
  const to = await io.output(undefined, "public");
  const status = await statusOf(io, dir);
  const nodes = status.scheme.holders.filter((holder) => !isOffline(holder));
  const names = nodes.map(({ name }) => `${name}\n`).join("");
  const { tokens } = await updatesIn(dir, status.scheme);
  const text = holders ? names : json ? statusJson(status, tokens) : statusText(status, tokens);
  await to.send([new TextEncoder().encode(text)]);
}

if (import.meta.main) await main({ manual, run });
