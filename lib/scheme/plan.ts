/** Who gets the shares of a generation, and what a rotation changes. */

import { wholeNumber } from "../cli/arguments.ts";
import { fail } from "../core/errors.ts";
import { isName, maxGeneration, offline, type Scheme } from "./fields.ts";

/** A holder before the shares exist; the first has index 1. */
export interface Seat {
  name: string;
  /** A canonical wdpub line, or "offline". */
  recipient: string;
}

export interface Plan {
  k: number;
  seats: Seat[];
}

export function isOffline({ recipient }: Pick<Seat, "recipient">): boolean {
  return recipient === offline;
}

/** Splits the argument NAME=KEY. @throws usage */
export function splitHolder(argument: string): { name: string; key: string } {
  const at = argument.indexOf("=");
  const [name, key] = [argument.slice(0, at), argument.slice(at + 1)];
  if (at < 0 || key === "") fail("usage", "--holder takes NAME=KEY");
  if (isName(name)) return { name, key };
  const hint = `use up to 64 of a-z, 0-9 and ._-, begin with a letter or digit, and do not use "offline"`;
  return fail("usage", "--holder takes NAME=KEY, and this NAME cannot be used", hint);
}

/**
 * The names of the offline holders: one number stands for offline-1, offline-2 and so on. Undefined
 * if nothing is given.
 *
 * @throws usage
 */
export function offlineNames(given: string[]): string[] | undefined {
  const [first] = given;
  if (first === undefined) return undefined;
  if (given.length === 1 && /^[-\d]/.test(first)) {
    const count = wholeNumber("--offline", first, 0, 254);
    return Array.from({ length: count }, (_, i) => `offline-${i + 1}`);
  }
  if (given.every((name) => isName(name) && /^[a-z]/.test(name))) return given;
  const hint = `a name has up to 64 of a-z, 0-9 and ._-, begins with a letter, and is not "offline"`;
  return fail("usage", "--offline takes a number once, or a name for each offline share", hint);
}

/**
 * The plan for these recipients, and these names of offline holders, who come last.
 *
 * @throws usage: a name used twice, or numbers out of range; refused: a key used twice
 */
export function makePlan(k: number, sealed: Seat[], offlineHolders: string[]): Plan {
  const seats = [...sealed, ...offlineHolders.map((name) => ({ name, recipient: offline }))];
  refuseRepeatedNames(seats);
  if (k < 2) fail("usage", "with k = 1 every share would be the key itself: -k takes 2 or more");
  if (k > seats.length)
    fail("usage", `-k is ${k}, more than the number of shares, ${seats.length}`);
  if (seats.length > 255) fail("usage", `there can be at most 255 shares, not ${seats.length}`);
  if (offlineHolders.length >= k) {
    const hint = `use fewer than ${k}; operators who stand in for each other keep copies of one share`;
    const count = offlineHolders.length;
    fail("usage", `${count} offline shares could recover the key by themselves`, hint);
  }
  const other = sealed.find(({ recipient }, i) => {
    return sealed.findIndex((seat) => seat.recipient === recipient) < i;
  });
  if (other) fail("refused", `${other.name} has the same key as another holder`);
  return { k, seats };
}

function refuseRepeatedNames(seats: Seat[]): void {
  const names = seats.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) fail("usage", `two holders are named ${twice}`);
}

export interface Changes {
  /** Added, or replacing the holder of the same name. */
  holders: Seat[];
  /** Names that get no share. */
  drop: string[];
  k: number | undefined;
  /** The names of all offline holders. */
  offline: string[] | undefined;
}

/**
 * The plan of a scheme with these changes.
 *
 * @throws usage, refused: as makePlan; usage: no such name to drop
 */
export function changePlan(scheme: Scheme, { holders, drop, k, offline }: Changes): Plan {
  for (const name of drop) {
    const isNew = holders.some((holder) => holder.name === name) || offline?.includes(name);
    if (isNew) fail("usage", `${name} is to be dropped, and to have a share`);
    if (!scheme.holders.some((holder) => holder.name === name)) {
      fail("usage", `no holder ${name} to drop`, "recovery-status lists them");
    }
  }
  const stay = scheme.holders.filter(({ name }) => !drop.includes(name));
  const sealed = stay.filter((holder) => !isOffline(holder));
  const kept = sealed.map(({ name, recipient }) => {
    return holders.find((holder) => holder.name === name) ?? { name, recipient };
  });
  const added = holders.filter(({ name }) => !sealed.some((holder) => holder.name === name));
  refuseRepeatedNames(holders);
  const names = offline ?? stay.filter(isOffline).map(({ name }) => name);
  return makePlan(k ?? scheme.k, [...kept, ...added], names);
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
export function refuseNewer({ generation, set }: Scheme, names: string[]): void {
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
  return Math.max(0, ...names.map((name) => generationOf(name) ?? 0));
}

/** The generation to which this file or folder belongs; undefined for any other name. */
export function generationOf(name: string): number | undefined {
  const ours =
    /^(?:vault-([1-9]\d{0,5})(?:\.[1-9]\d{0,5})?\.wd|(?:sealed|drilled)-([1-9]\d{0,5})|update-([1-9]\d{0,5})\.[1-9]\d{0,5})$/;
  const [, ...found] = ours.exec(name) ?? [];
  return found.filter((digits) => digits !== undefined).map(Number)[0];
}
