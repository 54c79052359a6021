/** Hands out the offline shares of a generation, which then takes effect. */

import type { Io, Output } from "../cli/io.ts";
import { ascii } from "../core/bytes.ts";
import { refuseNowhere } from "../pipes/plaintext.ts";
import type { Folder } from "./folder.ts";
import type { Generation } from "./generation.ts";
import { showOnce } from "./offline.ts";
import { isOffline, type Plan } from "./plan.ts";

/**
 * Where the offline shares of the plan will go. Warns if the plan lets no share be lost.
 *
 * @throws refused: nowhere, or the file exists; io
 */
export async function openHandOut(
  io: Io,
  out: string | undefined,
  { k, seats }: Plan,
  force: boolean,
): Promise<Output> {
  if (k === seats.length) {
    io.tell("warning", `all ${k} shares are needed: if one is lost, so are the secrets`);
  }
  const offlineCount = seats.filter(isOffline).length;
  const to = await io.output(out, offlineCount === 0 ? "public" : "shown");
  if (to.kind === "nowhere" && offlineCount > 0 && !force) {
    refuseNowhere("the offline shares would be lost");
  }
  return to;
}

/**
 * On a terminal, each offline share is shown, and part of it retyped; elsewhere they are written as
 * lines. Then `commit` makes the generation take effect; if it fails, a file of shares is removed.
 */
export async function handOut(
  io: Io,
  to: Output,
  { scheme, offlineShares }: Generation,
  folder: Folder,
  commit: () => Promise<void>,
): Promise<void> {
  if (offlineShares.length === 0) return await commit();
  for (const line of offlineShares) io.secret(line);
  folder.ifUndone(() => {
    const destroy = `set ${scheme.set} did not take effect: destroy any share of it that you have`;
    if (to.kind !== "file") io.tell("warning", destroy);
  });
  const lines = offlineShares.flatMap((line) => [line.slice(), ascii("\n")]);
  if (to.kind === "file") return await to.send(lines, commit);
  if (to.kind === "stdout" && (await io.isTerminal("stdout"))) {
    const terminal = await io.terminal();
    for (const line of offlineShares) await showOnce(terminal, scheme, line);
  } else {
    const { SSH_CONNECTION: ssh, SSH_TTY: tty } = process.env;
    if (to.kind === "stdout" && ssh !== undefined && tty === undefined) {
      io.tell("warning", "no terminal: what shows the shares keeps them; use ssh -t, or -o FILE");
    }
    await to.send(lines);
    if (!(await to.sync())) {
      const lost = "if a share is lost, run recovery-rotate with the others";
      io.tell("warning", `stdout is a pipe: check that the offline shares arrived; ${lost}`);
    }
  }
  await commit();
}
