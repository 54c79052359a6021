/** Hands out the offline shares of a generation, which then takes effect. */

import type { Io, Output, Terminal } from "../cli/io.ts";
import { ascii, equal, toText, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { randomBytes } from "../core/random.ts";
import { refuseNowhere } from "../pipes/plaintext.ts";
import { numberedRows, splitGroups } from "../typing/groups.ts";
import { decodeShare } from "../wire/share.ts";
import { isOffline, type Scheme } from "./fields.ts";
import type { Folder } from "./folder.ts";
import type { Generation } from "./generation.ts";
import type { Plan } from "./plan.ts";

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
    await to.send(lines);
    if (!(await to.sync())) {
      const lost = "if a share is lost, run recovery-rotate with the others";
      io.tell("warning", `stdout is a pipe: check that the offline shares arrived; ${lost}`);
    }
  }
  await commit();
}

type Screen = Pick<Terminal, "show" | "keeps" | "turn" | "clear" | "ask">;

const askedGroups = 3;

/**
 * Shows the share, waits until it is written down, clears the screen and asks for some of its
 * groups. After a wrong answer it starts over. In the end nothing of it is left on the screen; if that
 * is impossible, it says so first.
 *
 * @throws refused: the input ended
 */
export async function showOnce(screen: Screen, scheme: Scheme, line: Uint8Array): Promise<void> {
  if (screen.keeps) {
    screen.show(
      "This terminal cannot be cleared, so the share would stay on it. Better use -o FILE.\n",
    );
    await answer(screen, "Press Enter to show it anyway, or Ctrl-C to stop: ");
  }
  const turnBack = screen.turn();
  try {
    while (true) {
      screen.clear();
      screen.show(shareText(scheme, line));
      await answer(screen, "Write it down, then press Enter to clear the screen: ");
      screen.clear();
      if (await retyped(screen, line)) return;
      await answer(screen, "That is not what was shown. Press Enter to see the share again: ");
    }
  } finally {
    turnBack();
  }
}

function shareText({ set, generation, k, n, holders }: Scheme, line: Uint8Array): string {
  const { x, y } = decodeShare(line);
  wipe(y);
  return [
    `Offline share ${x} of ${n}, ${holders[x - 1]?.name}; any ${k} recover.`,
    `Set ${set}, generation ${generation}.`,
    "Shown once, stored nowhere, unless the terminal is recorded (script, screen).",
    "Each row begins with the number of its first group.",
    "",
    ...numberedRows(line),
    "",
    "",
  ].join("\n");
}

async function retyped(screen: Screen, line: Uint8Array): Promise<boolean> {
  const { groups } = splitGroups(line);
  screen.show("Type these groups from your copy.\n");
  for (const number of someOf(groups.length)) {
    const typed = await answer(screen, `group ${number}: `);
    const symbols = toText(typed).replace(/[\s-]/g, "").toLowerCase();
    if (!equal(ascii(symbols), groups[number - 1] as Uint8Array)) return false;
  }
  return true;
}

/** Some distinct numbers from 1 to `count`, in ascending order. */
function someOf(count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(askedGroups, count)) {
    chosen.add(((randomBytes(1)[0] as number) % count) + 1);
  }
  return [...chosen].sort((a, b) => a - b);
}

async function answer(screen: Screen, prompt: string): Promise<Uint8Array> {
  const typed = await screen.ask(prompt, { echo: true });
  if (typed) return typed;
  return fail("refused", "the offline share was not retyped");
}
