/** scheme.json: which open, and which are not of the key that the shares give. */

import { commitmentOf } from "../../../lib/scheme/scheme.ts";
import { encodeShare } from "../../../lib/wire/share.ts";
import { alicePublic } from "./keys.ts";
import {
  alice,
  base,
  bob,
  dealt,
  describe,
  file,
  lineOf,
  plaintext,
  reconstruct,
  replace,
  tagged,
} from "./scheme-file.ts";
import { flip, secret as master, shares, type Vector } from "./vector.ts";

type Options = Parameters<typeof reconstruct>[2];

export function schemeVectors(): Record<string, Vector> {
  const [a, b, c] = dealt;
  const set = base.slice(20, 36);
  const opens = (about: string, scheme: string, options?: Options, stdout = plaintext): Vector => {
    return { ...reconstruct(about, scheme, options), stdout };
  };
  const bad = (
    error: NonNullable<Vector["error"]>,
    about: string,
    scheme: string,
    options?: Options,
  ): Vector => ({ ...reconstruct(about, scheme, options), error });
  const altered = (about: string, from: string | RegExp, to: string): Vector =>
    bad("mismatch", `${about}, under the old tag`, replace(file, from, to));
  const retagged = (about: string, from: string | RegExp, to: string): Vector =>
    bad("mismatch", `${about}, under a right tag`, tagged(replace(base, from, to)));
  const two = shares("scheme two", 2, 2);
  const sealed = describe(two, { [`x${"0".repeat(63)}`]: alice, "0.-_": bob });
  const three = shares("scheme three", 3, 3);
  const kept = describe(three, { a: alice, "offline-1": "offline", "offline-2": "offline" });
  const last = replace(base, /"generation":1(.*)vault-1/, '"generation":999999$1vault-999999');
  const [foreign] = shares("scheme of others", 2, 3);
  return {
    "scheme-opens": opens("two sealed shares and one offline", file),
    "scheme-master": opens("its key", file, { flags: ["--master"] }, master),
    "scheme-all-shares": opens("all shares", file, { given: [c, b, a] }),
    "scheme-expected": opens("the set that is expected", file, { flags: ["--expect-set", set] }),
    "scheme-none-offline": opens("the longest name", tagged(sealed), { given: two }),
    "scheme-two-offline": opens("two offline shares of three", tagged(kept), { given: three }),
    "scheme-last-generation": opens("the last generation", tagged(last)),

    "scheme-tag-wrong": altered("another tag", /"tag":"../, '"tag":"00'),
    "scheme-recipient-swapped": altered("another key", alice, lineOf(flip(alicePublic, 0))),
    "scheme-name-swapped": altered("another name", "node-a", "node-x"),
    "scheme-date-swapped": altered("another date", "2026-01-02", "2026-01-03"),
    "scheme-k-swapped": altered("another k", '"k":2', '"k":3'),
    "scheme-digest-swapped": altered("another digest", /"vaultDigest":"../, '"vaultDigest":"00'),
    "scheme-key-id-other": retagged("another key id", /"keyId":"../, '"keyId":"00'),
    "scheme-commitment-other": retagged(
      "another commitment",
      commitmentOf(encodeShare(a)),
      "0".repeat(64),
    ),
    "scheme-set-other": retagged("another set", set, "0".repeat(16)),
    "scheme-share-wrong": bad("mismatch", "a share that was not dealt", file, {
      given: [a, c, { ...b, y: flip(b.y, 20) }],
    }),
    "scheme-share-foreign": bad("mismatch", "a share of another set", file, {
      given: [a, c, foreign as typeof a],
    }),
    "scheme-unexpected": bad("mismatch", "another set than is expected", file, {
      flags: ["--expect-set", "0".repeat(16)],
    }),
    "scheme-too-few": bad("too-few", "one share", file, { given: [c] }),
    "scheme-no-shares": bad("too-few", "no shares", file, { given: [] }),
  };
}
