// Schemes: scheme.json with its commitments, digest and tag, and the files that lie beside it.

import { createHash } from "node:crypto";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { choose } from "../core/helpers.ts";
import { concat, hash, hex, nth, sample, unhex, utf8 } from "./bytes.ts";
import { boxOpen, type NodeKey, parseSealed, recipientId, seal, sealedLine } from "./sealed.ts";
import { combineLines, makeSet, parseShare } from "./share.ts";
import { decode } from "./text.ts";
import { closeVault, keyId, openVault } from "./vault.ts";

export type Holder = { name: string; index: number; recipient: string; commitment: string };
export type Scheme = {
  version: number;
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
};

/** A scheme with all that belongs to it, as a ceremony would have left it. */
export type Made = {
  scheme: Scheme;
  master: Uint8Array;
  plaintext: Uint8Array;
  /** The share line of every holder, by index. */
  lines: string[];
  /** The share lines of the offline holders. */
  offline: string[];
  /** What lies in the directory, by name. */
  files: Map<string, Uint8Array>;
};
export type Plan = {
  seed?: string;
  k?: number;
  nodes: Record<string, NodeKey>;
  offline?: number;
  generation?: number;
  plaintext?: Uint8Array;
  created?: string;
};

const hexOf = (bytes: number) => new RegExp(`^[0-9a-f]{${2 * bytes}}$`);

/** What scheme.json says of a share line. */
export function commitmentOf(line: string): string {
  return hex(hash("worstday commit", 32, utf8(line)));
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The bytes that the tag is over: all fields in their order, no spaces, a newline. */
export function untagged(scheme: Scheme): string {
  const { version, set, generation, k, n, keyId, vault, vaultDigest, updateKey } = scheme;
  const holders = scheme.holders.map(({ name, index, recipient, commitment }) => {
    return { name, index, recipient, commitment };
  });
  const named = { version, set, generation, k, n, keyId, vault, vaultDigest, updateKey };
  const fields = { ...named, created: scheme.created, holders };
  return `${JSON.stringify(fields)}\n`;
}

/** The public half of the key to which updates are sealed. */
export function updateKeyOf(master: Uint8Array): Uint8Array {
  const seed = hash("worstday update", 32, new Uint8Array(0), master);
  return ml_kem768_x25519.keygen(seed).publicKey;
}

export function tagOfScheme(scheme: Scheme, master: Uint8Array): string {
  return hex(hash("worstday scheme", 32, utf8(untagged(scheme)), master));
}

/** The file, with any tag. */
export function schemeText(scheme: Scheme, tag: string): string {
  return untagged(scheme).replace(/\}\n$/, `,"tag":"${tag}"}\n`);
}

/** Reads the file; throws at whatever is not as the design has it. */
export function readScheme(bytes: Uint8Array): { scheme: Scheme; tag: string } {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const { tag, ...scheme } = JSON.parse(text) as Scheme & { tag: string };
  if (schemeText(scheme, tag) !== text) throw new Error("scheme.json is not canonical");
  const { version, set, generation, k, n, vault, created, holders } = scheme;
  const names = holders.map(({ name }) => name);
  const rules: Record<string, boolean> = {
    version: version === 1,
    set: hexOf(8).test(set),
    generation: Number.isSafeInteger(generation) && generation > 0,
    threshold: Number.isInteger(k) && 2 <= k && k <= n && n <= 255,
    n: n === holders.length,
    keyId: hexOf(32).test(scheme.keyId) && hexOf(32).test(scheme.vaultDigest),
    vault: vault === `vault-${generation}.wd`,
    updateKey: hexOf(1216).test(scheme.updateKey),
    created: new Date(created).toISOString() === created.replace("Z", ".000Z"),
    indexes: holders.every(({ index }, i) => index === i + 1),
    names: names.every((name) => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== "offline"),
    unique: new Set(names).size === n,
    commitments: holders.every(({ commitment }) => hexOf(32).test(commitment)),
    tag: hexOf(32).test(tag),
  };
  for (const [rule, kept] of Object.entries(rules)) {
    if (!kept) throw new Error(`scheme.json: ${rule}`);
  }
  return { scheme, tag };
}

/** A scheme that is the same on every run. */
export function makeScheme(plan: Plan): Made {
  const { seed = "scheme", k = 2, nodes, offline = 1, generation = 1 } = plan;
  const { plaintext = utf8("tar of all secrets\n"), created = "2026-01-02T03:04:05Z" } = plan;
  const master = sample(`master of ${seed}`, 32);
  const n = Object.keys(nodes).length + offline;
  const { id, lines } = makeSet(seed, k, n, master);
  const vault = closeVault(master, plaintext, `salt of ${seed}`);
  const files = new Map([[`vault-${generation}.wd`, vault]]);
  const entries = Object.entries(nodes);
  const holders = lines.map((line, i) => {
    const [name, key] = entries[i] ?? [`offline-${i + 1 - entries.length}`];
    if (key !== undefined) {
      const sealed = sealedLine(seal(line, key.public, `${seed} ${i}`));
      files.set(`sealed-${generation}/${name}`, utf8(`${sealed}\n`));
    }
    const recipient = key?.publicLine ?? "offline";
    return { name, index: i + 1, recipient, commitment: commitmentOf(line) };
  });
  const scheme: Scheme = {
    ...{ version: 1, set: id, generation, k, n, keyId: hex(keyId(master)) },
    ...{ vault: `vault-${generation}.wd`, vaultDigest: sha256(vault), created, holders },
    updateKey: hex(updateKeyOf(master)),
  };
  files.set("scheme.json", utf8(schemeText(scheme, tagOfScheme(scheme, master))));
  return { scheme, master, plaintext, lines, offline: lines.slice(entries.length), files };
}

/** The share line in a sealed line, the clear header held to what is inside. */
export function openSealed(text: string, key: NodeKey): string {
  const sealed = parseSealed(text);
  if (hex(sealed.recipient) !== hex(recipientId(key.public))) throw new Error("another recipient");
  const line = Buffer.from(boxOpen(sealed.box, key)).toString("ascii");
  const { set, k, n, x } = parseShare(line);
  if (hex(sealed.header) !== hex(concat(set, Uint8Array.of(k, n, x)))) throw new Error("header");
  return line;
}

function expectSame(what: string, seen: unknown[], wanted: unknown[]): void {
  if (`${seen}` !== `${wanted}`) throw new Error(`${what}: ${seen}, not ${wanted}`);
}

/**
 * Checks a generation as a whole: every file that scheme.json names, every share, the tag, and what
 * the vault gives back. Throws at the first fault.
 */
export function auditScheme(
  read: (name: string) => Uint8Array,
  keys: Record<string, NodeKey>,
  offline: string[],
): Made & { tag: string } {
  const files = new Map<string, Uint8Array>();
  const take = (name: string) => files.set(name, read(name)).get(name) as Uint8Array;
  const { scheme, tag } = readScheme(take("scheme.json"));
  const { generation, k, n, keyId: id, holders } = scheme;
  const vault = take(scheme.vault);
  const nodes = holders.filter(({ recipient }) => recipient !== "offline");
  const last = holders.slice(nodes.length).map(({ name, recipient }) => `${name} ${recipient}`);
  expectSame(
    "the last holders",
    last,
    offline.map((_, i) => `offline-${i + 1} offline`),
  );
  const lines = holders.map(({ name, index, recipient, commitment }) => {
    const isOffline = recipient === "offline";
    const line = isOffline ? nth(offline, index - 1 - nodes.length) : opened(name, recipient);
    const share = parseShare(line);
    const header = [hex(share.set), share.k, share.n, share.x];
    expectSame(`share of ${name}`, header, [scheme.set, k, n, index]);
    expectSame(`commitment of ${name}`, [commitmentOf(line)], [commitment]);
    return line;
  });
  function opened(name: string, recipient: string): string {
    const key = keys[name];
    if (key === undefined) throw new Error(`no key of ${name}`);
    const publicKey = decode("wdpub", recipient).slice(1);
    expectSame(`key of ${name}`, [recipient, hex(publicKey)], [key.publicLine, hex(key.public)]);
    const sealed = Buffer.from(take(`sealed-${generation}/${name}`)).toString("ascii");
    if (!/^wdsealed1\w+\n$/.test(sealed)) throw new Error(`sealed file of ${name}`);
    return openSealed(sealed, key);
  }
  const masters = windows(lines, k).map((some) => hex(combineLines(some)));
  const master = unhex(nth(masters, 0));
  expectSame("the secrets of some shares", [...new Set(masters)], [hex(master)]);
  const found = [sha256(vault), hex(vault.slice(16, 48)), hex(keyId(master))];
  expectSame("digest and key ids", found, [scheme.vaultDigest, id, id]);
  expectSame("update key", [scheme.updateKey], [hex(updateKeyOf(master))]);
  expectSame("tag", [tag], [tagOfScheme(scheme, master)]);
  return { scheme, tag, master, plaintext: openVault(master, vault), lines, offline, files };
}

/** Choices of k lines that have every line in at least one, pairs all of them for few lines. */
function windows(lines: string[], k: number): string[][] {
  if (k === 2 && lines.length < 6) return choose(lines, 2);
  return lines.map((_, i) => [...lines, ...lines].slice(i, i + k));
}
