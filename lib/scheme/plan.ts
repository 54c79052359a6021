/** Who gets the shares of a generation, and what a rotation changes. */

import { fail } from "../core/errors.ts";
import { isOffline, offline, type Scheme } from "./fields.ts";

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
    if (isNew) fail("usage", `${name} cannot both be dropped and get a share`);
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
