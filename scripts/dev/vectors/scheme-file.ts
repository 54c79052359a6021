/** What the vectors of scheme.json are made of: one that is right, as text, and what is beside it. */

import { ascii, toHex } from "../../../lib/core/bytes.ts";
import { derive } from "../../../lib/core/hash.ts";
import type { Share } from "../../../lib/core/sharing.ts";
import { keyIdOf } from "../../../lib/core/vault.ts";
import { publicKeyOf } from "../../../lib/nacl/x25519-key.ts";
import { commitmentOf } from "../../../lib/scheme/scheme.ts";
import { updateKeyOf } from "../../../lib/update/writer.ts";
import { encodePublicKey } from "../../../lib/wire/keys.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import { sha256 } from "../../../test/core/reference.ts";
import { alicePublic } from "./keys.ts";
import { close } from "./vaults.ts";
import {
  bytesOf,
  fixedRandom,
  secret as master,
  shareLines,
  shares,
  type Vector,
  vector,
} from "./vector.ts";

export const plaintext = ascii("the secrets that open everything else\n");
const vault = await close(plaintext);
const updateKey = toHex(await updateKeyOf(master));

export const dealt = shares("scheme", 2, 3) as [Share, Share, Share];
export const alice = lineOf(alicePublic);
export const bob = lineOf(await publicKeyOf(fixedRandom("bob")(32)));

/** A file without its tag: two sealed shares and one offline. */
export const base = describe(dealt, { "node-a": alice, "node-b": bob, "offline-1": "offline" });
export const file = tagged(base);

export function lineOf(publicKey: Uint8Array): string {
  return String.fromCharCode(...encodePublicKey(publicKey));
}

/** The file of these shares and recipients by name, without its tag. */
export function describe(given: Share[], recipients: Record<string, string>): string {
  const { setId, k, n } = given[0] as Share;
  const hash = sha256();
  hash.update(vault);
  const scheme = {
    version: 1,
    set: toHex(setId),
    generation: 1,
    k,
    n,
    keyId: toHex(keyIdOf(master)),
    vault: "vault-1.wd",
    vaultDigest: toHex(hash.digest()),
    updateKey,
    created: "2026-01-02T03:04:05Z",
    holders: Object.entries(recipients).map(([name, recipient], i) => {
      const commitment = commitmentOf(encodeShare(given[i] as Share));
      return { name, index: i + 1, recipient, commitment };
    }),
  };
  return `${JSON.stringify(scheme)}\n`;
}

/** The file with the tag that is right for what it says, whatever that is. */
export function tagged(untagged: string): string {
  const tag = toHex(derive(master, "worstday scheme", ascii(untagged)));
  return replace(untagged, "}\n", `,"tag":"${tag}"}\n`);
}

/** The text with one thing in it replaced, which must be there. */
export function replace(text: string, from: string | RegExp, to: string): string {
  const changed = text.replace(from, to);
  if (changed === text) throw new RangeError(`nothing to replace: ${from}`);
  return changed;
}

/** A recovery with this scheme.json, from shares 1 and 3 where no others are given. */
export function reconstruct(
  about: string,
  scheme: string | Uint8Array,
  outcome: Vector["outcome"],
  given: Share[] = [dealt[0], dealt[2]],
  flags = "",
): Vector {
  const [, generation = "1"] = /"vault":"vault-(\d+)\.wd"/.exec(String(scheme)) ?? [];
  const files = { "scheme.json": bytesOf(scheme), [`vault-${generation}.wd`]: vault };
  const command = `recovery-reconstruct --dir .${flags}`;
  return vector(about, command, shareLines(...given), outcome, files);
}
