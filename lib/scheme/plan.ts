/** Who is to get a share of a generation, and of how many: the rules, and what a rotation changes. */

import { fail } from "../core/errors.ts";
import { isName, maxGeneration, offline, type Scheme } from "./fields.ts";

/** A holder before there are shares; the first has index 1. */
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

/** The argument NAME=KEY in two. @throws usage */
export function splitHolder(argument: string): { name: string; key: string } {
  const at = argument.indexOf("=");
  const [name, key] = [argument.slice(0, at), argument.slice(at + 1)];
  if (at < 0 || key === "") fail("usage", "--holder takes NAME=KEY");
  if (isName(name)) return { name, key };
  const hint = `a name has a-z, 0-9 and ._- only, begins with a letter or digit, and is not "offline"`;
  return fail("usage", "--holder takes NAME=KEY, and this is no name", hint);
}

/**
 * The plan for these recipients and so many offline shares, which come last.
 *
 * @throws usage: two of one name, or numbers out of range; refused: two with one key
 */
export function makePlan(k: number, sealed: Seat[], offlineCount: number): Plan {
  const kept = Array.from({ length: offlineCount }, (_, i) => {
    return { name: `offline-${i + 1}`, recipient: offline };
  });
  const seats = [...sealed, ...kept];
  refuseRepeatedNames(seats);
  if (k < 2) fail("usage", "with k = 1 every share would be the key itself: -k takes 2 or more");
  if (k > seats.length) fail("usage", `it would take ${k} shares, and there are ${seats.length}`);
  if (seats.length > 255) fail("usage", `there can be 255 shares, not ${seats.length}`);
  if (offlineCount >= k) {
    fail("usage", `${offlineCount} offline shares would be enough alone: fewer than ${k}, please`);
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
  if (twice !== undefined) fail("usage", `two holders are called ${twice}`);
}

export interface Changes {
  /** To add, or to replace where the name is known. */
  holders: Seat[];
  /** Names to leave out. */
  drop: string[];
  k: number | undefined;
  offlineCount: number | undefined;
}

/**
 * The plan of a scheme with these changes.
 *
 * @throws usage, refused: as makePlan; a name to drop that is not there
 */
export function changePlan(scheme: Scheme, changes: Changes): Plan {
  const sealed = scheme.holders.filter((holder) => !isOffline(holder));
  for (const name of changes.drop) {
    if (changes.holders.some((holder) => holder.name === name)) {
      fail("usage", `${name} is both to be dropped and to be a holder`);
    }
    if (sealed.some((holder) => holder.name === name)) continue;
    const isKept = scheme.holders.some((holder) => holder.name === name);
    fail("usage", `no holder ${name} to drop`, isKept ? "--offline says how many" : undefined);
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
 * A number above that of every generation whose files are among these names.
 *
 * @throws refused: there is none
 */
export function nextGeneration(names: string[]): number {
  const numbers = names.map(generationOf).filter((number) => number !== undefined);
  const last = Math.max(0, ...numbers);
  if (last < maxGeneration) return last + 1;
  const hint = "move its files away, if they are not this scheme's";
  return fail("refused", `there are files of generation ${last}, and none can come after it`, hint);
}

/** The generation whose file or folder this is; undefined for any other name. */
export function generationOf(name: string): number | undefined {
  const ours = /^(?:vault-([1-9]\d{0,5})\.wd|(?:sealed|drilled)-([1-9]\d{0,5}))$/;
  const [, vault, other] = ours.exec(name) ?? [];
  const number = vault ?? other;
  return number === undefined ? undefined : Number(number);
}
