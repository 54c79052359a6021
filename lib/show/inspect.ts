/** Public facts about shares, keys, vaults and scheme.json. Nothing here reveals a secret. */

import { ascii, toHex, toText, wipe } from "../core/bytes.ts";
import { chunkBytes, chunkTagBytes } from "../core/chunk-stream.ts";
import { fail } from "../core/errors.ts";
import { shareTagBytes } from "../core/sharing.ts";
import { decodeHeader, headerBytes } from "../core/vault.ts";
import { parsePrivateKeyFile, sshHalf } from "../pipes/private-key.ts";
import { parseRecipientFile } from "../pipes/recipient.ts";
import { type Holder, offline } from "../scheme/fields.ts";
import { decodeScheme } from "../scheme/scheme.ts";
import * as keys from "../wire/keys.ts";
import { decodeSealedShare, isSealedHybrid } from "../wire/sealed-share.ts";
import { decodeShare, type Place } from "../wire/share.ts";
import { decodeText, hrpOf } from "../wire/text.ts";
import { updateFacts, writerFacts } from "./update-facts.ts";

export type Facts = { kind: string } & Record<string, string | number>;

/** @throws malformed */
export async function inspectToken(token: Uint8Array): Promise<Facts> {
  switch (hrpOf(token)) {
    case "wdshare": {
      const { y, ...place } = decodeShare(token);
      const secretBytes = y.length - shareTagBytes;
      wipe(y);
      return { kind: "share", ...placeFacts(place), secretBytes };
    }
    case "wdsealed": {
      const sealed = decodeSealedShare(token);
      const key = keys.nameKind(isSealedHybrid(sealed));
      const recipient = toHex(sealed.recipient);
      return { kind: "sealed share", ...placeFacts(sealed), recipient, key };
    }
    case "wdpub":
      return keyFacts("public key", keys.decodePublicKey(token));
    case "wdkey":
      return privateKeyFacts("private key", keys.decodePrivateKey(token));
    case "wdwriter":
      return writerFacts(token);
    case "wdupdate":
      return updateFacts(token);
    default:
      decodeText(token);
      throw new TypeError("a token kind without a case");
  }
}

/**
 * The facts of an SSH key file, public or private, with the wdpub key that it converts to;
 * undefined if the file is something else. Overwrites its input.
 *
 * @throws malformed
 */
export async function inspectSshKey(file: Uint8Array, name: string): Promise<Facts | undefined> {
  const half = sshHalf(file);
  if (half === undefined) return undefined;
  if (half === "public") return keyFacts("SSH public key", await parseRecipientFile(file, name));
  return privateKeyFacts("SSH private key", await parsePrivateKeyFile(file, name));
}

/**
 * The facts of a vault, from its first 80 bytes and its length.
 *
 * @throws malformed, mismatch
 */
export function inspectVault(start: Uint8Array, fileBytes: number): Facts {
  const { keyId } = decodeHeader(start);
  return { kind: "vault", keyId: toHex(keyId), fileBytes, ...measureVault(fileBytes) };
}

/**
 * How many chunks, and bytes of plaintext, a vault file of this length holds.
 *
 * @throws mismatch: no vault has this length
 */
export function measureVault(fileBytes: number): { chunks: number; plaintextBytes: number } {
  const body = fileBytes - headerBytes;
  const chunks = Math.ceil(body / (chunkBytes + chunkTagBytes));
  const plaintextBytes = body - chunks * chunkTagBytes;
  const last = plaintextBytes - (chunks - 1) * chunkBytes;
  if (chunks < 1 || last < 0 || (last === 0 && chunks > 1))
    fail("mismatch", "the file is cut short");
  return { chunks, plaintextBytes };
}

/** Whether a file begins as scheme.json does. */
export function looksLikeScheme(file: Uint8Array): boolean {
  return file[0] === 0x7b; // "{", which begins no token
}

/**
 * The facts of a scheme.json, and of each holder in it.
 *
 * @throws malformed
 */
export function inspectScheme(file: Uint8Array): Facts[] {
  const { set, generation, k, n, created, vault, keyId, holders } = decodeScheme(file);
  const facts = { kind: "scheme", set, k, n, generation, created, vault, keyId };
  return [facts, ...holders.map((holder) => holderFacts(set, holder))];
}

function holderFacts(set: string, { name, index, recipient }: Holder): Facts {
  if (recipient === offline) return { kind: "holder", set, name, index, recipient };
  const publicKey = keys.decodePublicKey(ascii(recipient));
  return { ...keyFacts("holder", publicKey), set, name, index };
}

/** For each set: which shares are present, sealed or not, and whether they are enough. */
export interface SetFacts {
  set: string;
  k: number;
  n: number;
  shares: number[];
  sealed: number[];
  complete: boolean;
}

export function inspectSets(all: Facts[]): SetFacts[] {
  const sets = new Map<string, SetFacts>();
  for (const facts of all) {
    if (facts.kind !== "share" && facts.kind !== "sealed share") continue;
    const { set, k, n, index } = facts as unknown as ReturnType<typeof placeFacts>;
    const known = sets.get(set) ?? { set, k, n, shares: [], sealed: [], complete: false };
    const indexes = facts.kind === "share" ? known.shares : known.sealed;
    if (!indexes.includes(index)) indexes.push(index);
    known.complete = known.shares.length >= k;
    sets.set(set, known);
  }
  return [...sets.values()];
}

function placeFacts({ setId, k, n, x }: Place) {
  return { set: toHex(setId), k, n, index: x };
}

/** Wipes the key. */
async function privateKeyFacts(kind: string, privateKey: Uint8Array): Promise<Facts> {
  const facts = keyFacts(kind, await keys.publicHalf(privateKey));
  wipe(privateKey);
  return facts;
}

function keyFacts(kind: string, publicKey: Uint8Array): Facts {
  const recipient = toHex(keys.recipientId(publicKey));
  const line = toText(keys.encodePublicKey(publicKey));
  return { kind, recipient, key: keys.nameKind(keys.isHybrid(publicKey)), publicKey: line };
}
