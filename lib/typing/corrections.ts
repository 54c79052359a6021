/** `--accept-corrections`: corrects lines as their checksums suggest. */

import { at } from "../core/errors.ts";
import type { Line } from "../wire/lines.ts";
import { correct } from "./explain.ts";

/**
 * Replaces, in the list, the tokens that do not verify, and reports each: `line 2: corrected: 1
 * symbol looks wrong: group 5, symbol 1`.
 *
 * @throws malformed: a line has more faults than can be located
 */
export async function correctLines(
  lines: Line[],
  report: (message: string) => void,
): Promise<void> {
  for (const line of lines) {
    const correction = await at(line.where, () => correct(line.token));
    if (!correction) continue;
    line.token = correction.token;
    report(`${line.where}: corrected: ${correction.says}`);
  }
}
