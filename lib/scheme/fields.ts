/** The fields of scheme.json, and the rules for each (SPEC, "Scheme"). */

import { ascii, equal } from "../core/bytes.ts";
import { decodePublicKey, encodePublicKey, isHybrid, nameKind } from "../wire/keys.ts";
import { maxGeneration, vaultFile } from "./files.ts";

/** Someone who has a share. */
export interface Holder {
  name: string;
  /** x of the share, from 1. */
  index: number;
  /** A canonical wdpub line, or "offline". */
  recipient: string;
  /** 64 hex digits: `commitmentOf` the share. */
  commitment: string;
}

/** The fields, in the order in which they are written. Bytes are lower-case hex. */
export interface Scheme {
  version: 1;
  set: string;
  generation: number;
  k: number;
  n: number;
  keyId: string;
  vault: string;
  vaultDigest: string;
  updateKey: string;
  created: string;
  holders: Holder[];
}

/** Of X-Wing's public keys. */
const updateKeyBytes = 1216;

export const offline = "offline";

export function isOffline({ recipient }: Pick<Holder, "recipient">): boolean {
  return recipient === offline;
}

/** What a recipient's key is made of; undefined for "offline". */
export function kindOfKey(recipient: string): string | undefined {
  if (recipient === offline) return undefined;
  return nameKind(isHybrid(decodePublicKey(ascii(recipient))));
}

/** Whether a holder may have this name, which is also a file name. */
export function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== offline;
}

/** A date in the form of the field `created`. */
export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The name of the first field that breaks a rule. */
export function firstWrongField(scheme: Scheme & { tag: string }): string | undefined {
  const { set, generation, k, n, keyId, vault, vaultDigest, holders, tag } = scheme;
  const isFull = Array.isArray(holders) && holders.every(isRecord) && holders.length === n;
  // In this order: later rules rely on earlier fields.
  const checks: [string, () => boolean][] = [
    ["version", () => scheme.version === 1],
    ["set", () => isHex(set, 8)],
    ["generation", () => isWhole(generation, 1, maxGeneration)],
    ["k", () => isWhole(k, 2, 255)],
    ["n", () => isWhole(n, k, 255)],
    ["keyId", () => isHex(keyId, 32)],
    ["vault", () => vault === vaultFile(generation)],
    ["vaultDigest", () => isHex(vaultDigest, 32)],
    ["updateKey", () => isHex(scheme.updateKey, updateKeyBytes)],
    ["created", () => isInstant(scheme.created)],
    ["holders", () => isFull && areHolders(holders, k)],
    ["tag", () => isHex(tag, 32)],
  ];
  return checks.find(([, isRight]) => !isRight())?.[0];
}

function areHolders(holders: Holder[], k: number): boolean {
  const isHolder = ({ name, index, recipient, commitment }: Holder, i: number) =>
    typeof name === "string" &&
    isName(name) &&
    index === i + 1 &&
    isRecipient(recipient) &&
    isHex(commitment, 32);
  const keys = holders.map(({ recipient }) => recipient).filter((key) => key !== offline);
  const names = new Set(holders.map(({ name }) => name));
  const apart = names.size === holders.length && new Set(keys).size === keys.length;
  return holders.every(isHolder) && apart && holders.length - keys.length < k;
}

function isRecipient(recipient: unknown): boolean {
  if (typeof recipient !== "string") return false;
  if (recipient === offline) return true;
  try {
    const line = new TextEncoder().encode(recipient);
    return equal(encodePublicKey(decodePublicKey(line)), line);
  } catch {
    return false;
  }
}

function isHex(value: unknown, bytes: number): boolean {
  return typeof value === "string" && value.length === 2 * bytes && /^[0-9a-f]*$/.test(value);
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

/** RFC 3339, UTC, whole seconds. */
function isInstant(value: unknown): boolean {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && instant(new Date(time)) === value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
