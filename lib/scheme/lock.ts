/** The file that says that a folder is being changed, by whom, and since when. */

import * as fs from "node:fs";
import { hostname } from "node:os";
import { readWhole } from "../cli/input.ts";
import { ascii, toText } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { attempt, errnoOf, writeAll } from "../system/errno.ts";
import { instant } from "./fields.ts";

export interface Lock {
  /** Whether it is still there: not removed, nor another's. */
  isOurs(): boolean;
  /** @throws refused: it was removed, and perhaps another change has begun */
  refuseLost(): void;
  release(): void;
}

/**
 * A new file that says who made it; held open, so that no other gets its inode number.
 *
 * @throws refused: it exists
 */
export async function takeLock(file: string): Promise<Lock> {
  const descriptor = await attempt(`cannot create ${file}`, async () => {
    try {
      return fs.openSync(file, "wx", 0o600);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      return refuseLocked(file);
    }
  });
  try {
    writeAll(
      descriptor,
      ascii(`pid ${process.pid} on ${hostname()} since ${instant(new Date())}\n`),
    );
  } catch {
    // a full disk: it is a lock all the same
  }
  const { dev, ino } = fs.fstatSync(descriptor);
  const isOurs = () => {
    const now = fs.lstatSync(file, { throwIfNoEntry: false });
    return now?.dev === dev && now.ino === ino;
  };
  return {
    isOurs,
    refuseLost() {
      if (isOurs()) return;
      const hint = "its new files stay, in case another change uses them: see recovery-status";
      fail("refused", `${file} was removed while this command ran: nothing was changed`, hint);
    },
    release() {
      if (isOurs()) fs.rmSync(file, { force: true });
      fs.closeSync(descriptor);
    },
  };
}

async function refuseLocked(file: string): Promise<never> {
  const said = await readWhole(file, { limit: 512, regular: true }).catch(() => undefined);
  const [by] = /^pid \d+ on [\w.-]+ since [\w:-]+$/m.exec(toText(said?.bytes ?? ascii(""))) ?? [];
  return fail(
    "refused",
    `${file} exists${by ? ` (${by})` : ""}: another change is under way, or was interrupted`,
    "if that command is not running: destroy any offline share that it showed, delete lock, and run again",
  );
}
