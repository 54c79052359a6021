/** Giving out the offline shares of a generation that is about to be put in force. */

import { ascii, concat, wipe } from "../../lib/bytes.ts";
import type { Folder } from "../../lib/cli/folder.ts";
import { tell } from "../../lib/cli/messages.ts";
import { destination, refuseNowhere, send, syncStdout } from "../../lib/cli/output.ts";
import { isTerminal } from "../../lib/cli/terminal.ts";
import { openTerminal } from "../../lib/cli/tty.ts";
import type { Generation } from "../../lib/recovery/generation.ts";
import { showOnce } from "../../lib/recovery/offline.ts";

/** @throws refused: there is nobody to give them to */
export async function checkHandOut(offlineCount: number, force: boolean): Promise<void> {
  if (offlineCount === 0) return;
  if (!force) refuseNowhere("the offline shares would be lost");
  await destination(undefined, "text");
}

/** On a terminal each is shown and partly typed back; into a pipe they are written as lines. */
export async function handOut({ scheme, offlineShares }: Generation, folder: Folder) {
  if (offlineShares.length === 0) return;
  folder.ifUndone(() => {
    tell("warning", `set ${scheme.set} was not put in force: destroy what you have of its shares`);
  });
  if (await isTerminal(1)) {
    const terminal = await openTerminal();
    try {
      for (const line of offlineShares) await showOnce(terminal, scheme, line);
    } finally {
      terminal.close();
    }
  } else {
    await send({ file: undefined }, [
      concat(...offlineShares.flatMap((line) => [line, ascii("\n")])),
    ]);
    await syncStdout();
  }
  wipe(...offlineShares);
}
