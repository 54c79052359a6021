/** Makes a generation: a new master key, its vault, its shares, and their scheme. */

import { ascii, concat, equal, toHex, wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";
import { fail, RecoveryError } from "../core/errors.ts";
import { type Hash, sha256 } from "../core/hash.ts";
import { randomBytes } from "../core/random.ts";
import { waysToTake } from "../core/recover.ts";
import { deal, type Share, verify } from "../core/sharing.ts";
import { closeVault, keyIdOf, masterBytes } from "../core/vault.ts";
import type { Chunks } from "../system/errno.ts";
import { updateKeyOf, writerLineOf } from "../update/writer.ts";
import { decodePublicKey } from "../wire/keys.ts";
import { sealShare } from "../wire/sealed-share.ts";
import { decodeShare, encodeShare } from "../wire/share.ts";
import { type Holder, instant, isOffline, type Scheme } from "./fields.ts";
import { sealedFile, vaultFile } from "./files.ts";
import type { Plan, Seat } from "./plan.ts";
import { commitmentOf, encodeScheme } from "./scheme.ts";
import { checkVault } from "./vault-check.ts";

/** The part of the scheme's folder that is needed here. */
export interface Store {
  /** A new file; its folder is created if needed. */
  create(file: string, chunks: Chunks): Promise<void>;
  open(file: string): Promise<{ read: Read; close(): void }>;
}

/** A generation whose files exist, except scheme.json, with which it takes effect. */
export interface Generation {
  scheme: Scheme;
  schemeBytes: Uint8Array;
  /** The line of the writer file, without a newline. */
  writer: Uint8Array;
  /** The share lines to hand out, without newlines, by index. */
  offlineShares: Uint8Array[];
}

/**
 * Puts a new generation's vault, which holds `plaintext`, and its sealed shares into the store, and
 * proves that they recover: from the share lines, and from the files as read back.
 */
export async function makeGeneration(
  { k, seats }: Plan,
  { number, now }: { number: number; now: Date },
  plaintext: Read,
  store: Store,
): Promise<Generation> {
  const master = randomBytes(masterBytes);
  const shares = deal(master, k, seats.length);
  const lines = shares.map(encodeShare);
  try {
    const vault = vaultFile(number);
    const { keyId, vaultDigest } = await createVault(store, vault, master, plaintext);
    const holders: Holder[] = [];
    for (const [i, seat] of seats.entries()) {
      const { name, recipient } = seat;
      const [share, line] = [shares[i] as Share, lines[i] as Uint8Array];
      holders.push({ name, index: share.x, recipient, commitment: commitmentOf(line) });
      if (isOffline(seat)) continue;
      const sealed = concat(await sealShare(share, decodePublicKey(ascii(recipient))), newline);
      await store.create(sealedFile(number, name), [sealed.slice()]);
      await proveFile(store, sealedFile(number, name), sealed);
    }
    const scheme: Scheme = {
      version: 1,
      set: toHex((shares[0] as Share).setId),
      generation: number,
      k,
      n: seats.length,
      keyId,
      vault,
      vaultDigest,
      updateKey: toHex(await updateKeyOf(master)),
      created: instant(now),
      holders,
    };
    proveShares(lines, k, master);
    const writer = await writerLineOf((shares[0] as Share).setId, master);
    const offlineShares = lines.filter((_, i) => isOffline(seats[i] as Seat));
    wipe(...lines.filter((line) => !offlineShares.includes(line)));
    return { scheme, schemeBytes: encodeScheme(scheme, master), writer, offlineShares };
  } catch (error) {
    wipe(...lines);
    throw error;
  } finally {
    wipe(master, ...shares.map(({ y }) => y));
  }
}

const newline = ascii("\n");

/**
 * Closes the plaintext into a new vault, proves that it opens as it reads back, and returns its key id
 * and SHA-256, in hex.
 *
 * @throws io
 */
export async function createVault(
  store: Store,
  file: string,
  key: Uint8Array,
  plaintext: Read,
): Promise<{ keyId: string; vaultDigest: string }> {
  const hash = sha256();
  await store.create(file, hashChunks(closeVault(key, plaintext), hash));
  const described = { keyId: toHex(keyIdOf(key)), vaultDigest: toHex(hash.digest()) };
  const input = await store.open(file);
  try {
    await checkVault(described, input.read, key);
  } catch (error) {
    if (error instanceof RecoveryError && error.code !== "io") failReadBack(file);
    throw error;
  } finally {
    input.close();
  }
  return described;
}

async function* hashChunks(chunks: AsyncIterable<Uint8Array>, hash: Hash) {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Proves that any k shares give the master key; if there are too many ways, each share in some. */
function proveShares(lines: Uint8Array[], k: number, master: Uint8Array): void {
  for (const way of waysToTake(k, lines) ??
    lines.map((_, i) => [...lines, ...lines].slice(i, i + k))) {
    const shares = way.map(decodeShare);
    const recovered = verify(shares);
    if (!recovered || !equal(recovered, master)) throw new TypeError("shares that do not recover");
    wipe(recovered, ...shares.map(({ y }) => y));
  }
}

async function proveFile(store: Store, file: string, expected: Uint8Array): Promise<void> {
  const input = await store.open(file);
  const found = new Uint8Array(expected.length + 1);
  const length = await input.read(found);
  input.close();
  if (!equal(found.subarray(0, length), expected)) failReadBack(file);
}

function failReadBack(file: string): never {
  return fail("io", `${file} does not read back as it was written`, "the disk may be failing");
}
