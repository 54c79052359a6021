// Inputs that many cases share. All are made by the oracle, none by the commands under test.

import { concat, sample, utf8 } from "../oracle/bytes.ts";
import { makeKey, seal, sealedLine } from "../oracle/sealed.ts";
import { makeSet, tagOf } from "../oracle/share.ts";
import { makeSshKey } from "../oracle/ssh.ts";
import { closeVault } from "../oracle/vault.ts";
import type { Sandbox } from "./harness.ts";

export const MiB = 1024 * 1024;

/** A 32-byte master key and a vault of a few bytes under it. */
export const master = sample("master", 32);
export const otherMaster = sample("other master", 32);
export const plaintext = utf8("the quick brown fox keeps its backup keys elsewhere\n");
export const vault = closeVault(master, plaintext);

/** Sets of the master key: two of three, three of five, and a later generation of the first. */
export const twoOfThree = makeSet("first", 2, 3, master);
export const threeOfFive = makeSet("wide", 3, 5, master);
export const twoOfFive = makeSet("spare", 2, 5, master);
export const later = makeSet("later", 2, 3, otherMaster);

export const nodeA = makeKey("node-a");
export const nodeB = makeKey("node-b");
export const nodeC = makeKey("node-c");
export const sshA = makeSshKey("root@node-a");
export const sshB = makeSshKey("root@node-b");

/** The lines at the given places, counted from 1, each ended by a newline. */
export function pick(lines: string[], ...places: number[]): string {
  return places.map((place) => `${lines[place - 1] ?? ""}\n`).join("");
}

/** The share line, sealed to a key. */
export function sealed(line: string, key: { public: Uint8Array }): string {
  return sealedLine(seal(line, key.public, line));
}

/** The shared payload of a secret. */
export function payloadOf(set: Uint8Array, k: number, n: number, secret: Uint8Array): Uint8Array {
  return concat(tagOf(set, k, n, secret), secret);
}

const sealedShare = `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`;

/** A file of each kind that commands read. */
export function putFiles({ file }: Sandbox): void {
  file("share", pick(twoOfThree.lines, 1));
  file("shares", pick(twoOfThree.lines, 1, 2));
  file("offline", pick(twoOfThree.lines, 3));
  file("sealed", sealedShare);
  for (const [name, key] of Object.entries({ a: nodeA, b: nodeB, c: nodeC })) {
    file(`${name}.key`, `${key.secretLine}\n`);
    file(`${name}.pub`, `${key.publicLine}\n`);
  }
  file("in.plain", plaintext);
  file("key.master", master);
  file("other.master", otherMaster);
  file("vault", vault);
}
