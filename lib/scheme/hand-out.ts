/** Giving out the offline shares of a generation, and then putting it in force. */

import type { Io, Output } from "../cli/io.ts";
import { ascii } from "../core/bytes.ts";
import { refuseNowhere } from "../pipes/plaintext.ts";
import { schemeFile } from "./fields.ts";
import type { Folder } from "./folder.ts";
import type { Generation } from "./generation.ts";
import { showOnce } from "./offline.ts";

/** Where the offline shares will go. @throws refused: nowhere, or the file is there; io */
export async function openHandOut(
  io: Io,
  out: string | undefined,
  { offlineCount, force }: { offlineCount: number; force: boolean },
): Promise<Output> {
  const to = await io.output(out, offlineCount === 0 ? "public" : "text");
  if (to.kind === "nowhere" && offlineCount > 0 && !force) {
    refuseNowhere("the offline shares would be lost");
  }
  return to;
}

/**
 * On a terminal each offline share is shown and partly typed back; elsewhere they are written as
 * lines. Then scheme.json is put in place, `replace` over an older one.
 */
export async function handOut(
  io: Io,
  to: Output,
  { scheme, schemeBytes, offlineShares }: Generation,
  folder: Folder,
  options: { replace: boolean },
): Promise<void> {
  const commit = () => folder.commit(schemeFile, schemeBytes, options);
  if (offlineShares.length === 0) return await commit();
  for (const line of offlineShares) io.secret(line);
  folder.ifUndone(() => {
    const destroy = `set ${scheme.set} was not put in force: destroy what you have of its shares`;
    if (to.kind !== "file") io.tell("warning", destroy);
  });
  const lines = offlineShares.flatMap((line) => [line.slice(), ascii("\n")]);
  if (to.kind === "file") return await to.send(lines, commit);
  if (to.kind === "stdout" && (await io.isTerminal("stdout"))) {
    const terminal = await io.terminal();
    for (const line of offlineShares) await showOnce(terminal, scheme, line);
  } else {
    await to.send(lines);
    await to.sync();
  }
  await commit();
}
