/** drilled-G: when generation G last passed a drill, and with whose shares. */

import { existsSync } from "node:fs";
import type { Io } from "../cli/io.ts";
import { ascii, toText } from "../core/bytes.ts";
import { RecoveryError } from "../core/errors.ts";
import { fileIn } from "../system/paths.ts";
import { instant, type Scheme } from "./fields.ts";
import { drillFile } from "./files.ts";
import { changeFolder } from "./folder.ts";

export interface Drill {
  /** When it was, as the field `created`. */
  at: string;
  /** The holders whose shares were given. */
  names: string[];
}

/** Records a drill, in place of an earlier one. If it cannot, it warns. */
export async function noteDrill(io: Io, dir: string, scheme: Scheme, names: string[]) {
  const line = ascii(`${[scheme.set, instant(new Date()), ...names].join(" ")}\n`);
  try {
    await changeFolder(dir, { make: false }, (folder) => {
      return folder.commit(drillFile(scheme.generation), line, { replace: true });
    });
  } catch (error) {
    if (!(error instanceof RecoveryError)) throw error;
    io.tell("warning", `the drill passed, but was not recorded: ${error.message}`);
  }
}

/** The last drill of this generation of this set. @throws io; malformed: not a regular file */
export async function readDrill(
  io: Io,
  dir: string,
  { set, generation }: Scheme,
): Promise<Drill | undefined> {
  const file = fileIn(dir, drillFile(generation));
  if (!existsSync(file)) return undefined;
  const { bytes } = await io.read(file, { regular: true });
  const [, of, at, names] =
    /^([0-9a-f]{16}) ([\dTZ:-]{20}) ([a-z0-9. _-]+)\n$/.exec(toText(bytes)) ?? [];
  if (of !== set || at === undefined || names === undefined) return undefined;
  return { at, names: names.split(" ") };
}
