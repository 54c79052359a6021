/** The files in a scheme's folder: their names, which tell the generation. */

import { fail } from "../core/errors.ts";

export const schemeFile = "scheme.json";
export const maxGeneration = 999_999;

export function vaultFile(generation: number): string {
  return `vault-${generation}.wd`;
}

export function sealedFolder(generation: number): string {
  return `sealed-${generation}`;
}

/** The path of a holder's sealed share in the scheme's folder. */
export function sealedFile(generation: number, name: string): string {
  return `${sealedFolder(generation)}/${name}`;
}

/** What records the last drill that a generation has passed. */
export function drillFile(generation: number): string {
  return `drilled-${generation}`;
}

/**
 * A number above those of all generations with files among these names.
 *
 * @throws refused: there is no such number
 */
export function nextGeneration(names: string[]): number {
  const last = newestOf(names);
  if (last < maxGeneration) return last + 1;
  const hint = "move them away if they are not this scheme's";
  return fail("refused", `there are files of generation ${last}, the last possible one`, hint);
}

/** @throws refused: among these names are files of a newer generation than scheme.json's */
export function refuseNewer(
  { generation, set }: { generation: number; set: string },
  names: string[],
): void {
  const newest = newestOf(names);
  if (newest <= generation) return;
  const why = "scheme.json is an older copy, or a rotation was interrupted";
  fail(
    "refused",
    `there are files of generation ${newest}, but scheme.json has generation ${generation}`,
    `${why}: if generation ${newest} is nowhere in use, --expect-set ${set} goes on from this one`,
  );
}

/** The newest generation that has files among these names; 0 if none has. */
function newestOf(names: string[]): number {
  return names.reduce((newest, name) => Math.max(newest, generationOf(name) ?? 0), 0);
}

/** The generation to which this file or folder belongs; undefined for any other name. */
export function generationOf(name: string): number | undefined {
  const ours =
    /^(?:vault-([1-9]\d{0,5})(?:\.[1-9]\d{0,5})?\.wd|(?:sealed|drilled)-([1-9]\d{0,5})|update-([1-9]\d{0,5})\.[1-9]\d{0,5})$/;
  const [, ...found] = ours.exec(name) ?? [];
  return found.filter((digits) => digits !== undefined).map(Number)[0];
}
