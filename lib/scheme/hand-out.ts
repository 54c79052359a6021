/** Giving out the offline shares of a generation that is about to be put in force. */

import { tell } from "../cli/messages.ts";
import { destination, refuseNowhere, send, syncStdout } from "../cli/output.ts";
import { isTerminal } from "../cli/terminal.ts";
import { openTerminal } from "../cli/tty.ts";
import { ascii, concat, wipe } from "../core/bytes.ts";
import type { Folder } from "./folder.ts";
import type { Generation } from "./generation.ts";
import { showOnce } from "./offline.ts";

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
