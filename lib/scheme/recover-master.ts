/** Recovers the master key of a scheme from its shares, and checks it against scheme.json. */

import { toHex, wipe } from "../core/bytes.ts";
import { fail } from "../core/errors.ts";
import { recover } from "../core/recover.ts";
import { keyIdOf, masterBytes } from "../core/vault.ts";
import { gather, type LocatedShare } from "../pipes/gather.ts";
import { encodeShare } from "../wire/share.ts";
import { schemeFile } from "./files.ts";
import { commitmentOf, type TaggedScheme, verifyTag } from "./scheme.ts";

/**
 * The 32-byte master key. Strict: every share must be of this scheme's set and be the one that was
 * dealt, and scheme.json must carry the tag of the recovered key.
 *
 * @throws too-few, mismatch
 */
export function recoverMaster(scheme: TaggedScheme, located: LocatedShare[]): Uint8Array {
  for (const { where, share } of located) {
    const set = toHex(share.setId);
    if (set === scheme.set) continue;
    const hint =
      "it is from another generation or another scheme: leave it out, or see recovery-status";
    fail("mismatch", `${where} is of set ${set}, but the scheme has set ${scheme.set}`, hint);
  }
  const { shares } = gather(located);
  for (const line of shares) refuseUndealt(scheme, line);
  const { secret, disagreeing } = recover(shares.map(({ share }) => share));
  const isPlan = shares.every(({ share: { k, n } }) => k === scheme.k && n === scheme.n);
  const isKey = secret.length === masterBytes && toHex(keyIdOf(secret)) === scheme.keyId;
  if (disagreeing.length === 0 && isPlan && isKey && verifyTag(scheme, secret)) return secret;
  wipe(secret);
  if (disagreeing.length > 0) fail("mismatch", "the shares disagree with each other");
  const hint = "do not trust the names and keys in it; combine and vault-open work without it";
  return fail("mismatch", `${schemeFile} does not carry the tag of this key: it was altered`, hint);
}

function refuseUndealt(scheme: TaggedScheme, { where, share }: LocatedShare): void {
  const line = encodeShare(share);
  const commitment = commitmentOf(line);
  wipe(line);
  if (commitment === scheme.holders[share.x - 1]?.commitment) return;
  const hint = `or ${schemeFile} was altered; combine tells whether the shares belong together`;
  fail("mismatch", `${where}: share ${share.x} is not the one that was dealt`, hint);
}
