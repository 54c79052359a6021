/** Who gets the shares of a generation, and what a rotation changes. */

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
 * The plan for these recipients and this many offline shares, which come last.
 *
 * @throws usage: a name used twice, or numbers out of range; refused: a key used twice
 */
export function makePlan(k: number, sealed: Seat[], offlineCount: number): Plan {
  const kept = Array.from({ length: offlineCount }, (_, i) => {
    return { name: `offline-${i + 1}`, recipient: offline };
  });
  const seats = [...sealed, ...kept];
  refuseRepeatedNames(seats);
  if (k < 2) fail("usage", "with k = 1 every share would be the key itself: -k takes 2 or more");
  if (k > seats.length)
    fail("usage", `-k is ${k}, more than the number of shares, ${seats.length}`);
  if (seats.length > 255) fail("usage", `there can be at most 255 shares, not ${seats.length}`);
  if (offlineCount >= k) {
    const hint = `use fewer than ${k}`;
    fail("usage", `${offlineCount} offline shares could recover the key by themselves`, hint);
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
  offlineCount: number | undefined;
}

/**
 * The plan of a scheme with these changes.
 *
 * @throws usage, refused: as makePlan; usage: no such name to drop
 */
export function changePlan(scheme: Scheme, changes: Changes): Plan {
  const sealed = scheme.holders.filter((holder) => !isOffline(holder));
  for (const name of changes.drop) {
    if (changes.holders.some((holder) => holder.name === name)) {
      fail("usage", `${name} is in both --drop and --holder`);
    }
    if (sealed.some((holder) => holder.name === name)) continue;
    const isKept = scheme.holders.some((holder) => holder.name === name);
    fail(
      "usage",
      `no holder ${name} to drop`,
      isKept ? "--offline sets the number of offline shares" : undefined,
    );
  }
  const stay = sealed
    .filter(({ name }) => !changes.drop.includes(name))
    .map(({ name, recipient }) => {
      return changes.holders.find((holder) => holder.name === name) ?? { name, recipient };
    });
  const added = changes.holders.filter(({ name }) => {
    return !sealed.some((holder) => holder.name === name);
  });
  refuseRepeatedNames(changes.holders);
  const offlineCount = changes.offlineCount ?? scheme.holders.length - sealed.length;
  return makePlan(changes.k ?? scheme.k, [...stay, ...added], offlineCount);
}

/**
 * A number above those of all generations with files among these names.
 *
 * @throws refused: there is no such number
 */
export function nextGeneration(names: string[]): number {
  const numbers = names.map(generationOf).filter((number) => number !== undefined);
  const last = Math.max(0, ...numbers);
  if (last < maxGeneration) return last + 1;
  const hint = "move them away if they are not this scheme's";
  return fail("refused", `there are files of generation ${last}, the last possible one`, hint);
}

/** The generation to which this file or folder belongs; undefined for any other name. */
export function generationOf(name: string): number | undefined {
  const ours = /^(?:vault-([1-9]\d{0,5})\.wd|(?:sealed|drilled)-([1-9]\d{0,5}))$/;
  const [, vault, other] = ours.exec(name) ?? [];
  const number = vault ?? other;
  return number === undefined ? undefined : Number(number);
}
