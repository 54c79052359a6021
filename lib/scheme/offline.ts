/** Shows an offline share on a terminal, once, and has part of it retyped. */

import type { Terminal } from "../cli/io.ts";
import { ascii, equal, toText, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { randomBytes } from "../core/random.ts";
import { numberedRows, splitGroups } from "../typing/groups.ts";
import { decodeShare } from "../wire/share.ts";
import type { Scheme } from "./fields.ts";

type Screen = Pick<Terminal, "show" | "keeps" | "turn" | "clear" | "ask">;

const askedGroups = 3;

/**
 * Shows the share, waits until it is written down, clears the screen and asks for some of its
 * groups. After a wrong answer it starts over. In the end nothing of it is on the screen; where that
 * cannot be, it says so first.
 *
 * @throws refused: the input ended
 */
export async function showOnce(screen: Screen, scheme: Scheme, line: Uint8Array): Promise<void> {
  if (screen.keeps !== undefined) {
    screen.show(
      `The share would not vanish from here: ${screen.keeps}. -o FILE writes it instead.\n`,
    );
    await answer(screen, "Press Enter to see it here nevertheless, or Ctrl-C to stop: ");
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
    "Shown once, stored nowhere. Each row begins with the number of its first group.",
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
