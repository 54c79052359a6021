/** scheme.json: which open, and which are not of the key that the shares give. */

import type { Share } from "../../../lib/core/sharing.ts";
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
import { flip, secret as master, shares, type Vector, type Vectors } from "./vector.ts";

export function schemeVectors(): Vectors {
  const [a, b, c] = dealt;
  const set = base.slice(20, 36);
  const altered = (about: string, from: string | RegExp, to: string) =>
    reconstruct(`${about}, under the old tag`, replace(file, from, to), "mismatch");
  const retagged = (about: string, from: string | RegExp, to: string) =>
    reconstruct(`${about}, under a right tag`, tagged(replace(base, from, to)), "mismatch");
  const from = (about: string, outcome: Vector["outcome"], ...given: Share[]) =>
    reconstruct(about, file, outcome, given);
  const flagged = (about: string, outcome: Vector["outcome"], flags: string) =>
    reconstruct(about, file, outcome, undefined, flags);
  const two = shares("scheme two", 2, 2);
  const sealed = tagged(describe(two, { [`x${"0".repeat(63)}`]: alice, "0.-_": bob }));
  const three = shares("scheme three", 3, 3);
  const kept = describe(three, { a: alice, "offline-1": "offline", "offline-2": "offline" });
  const last = replace(base, /"generation":1(.*)vault-1/, '"generation":999999$1vault-999999');
  const [foreign] = shares("scheme of others", 2, 3) as [Share];
  const commitment = commitmentOf(encodeShare(a));
  return {
    "scheme-opens": from("two sealed shares and one offline", plaintext, a, c),
    "scheme-all-shares": from("all shares", plaintext, c, b, a),
    "scheme-master": flagged("its key", master, " --master"),
    "scheme-expected": flagged("the set that is expected", plaintext, ` --expect-set ${set}`),
    "scheme-none-offline": reconstruct("the longest name", sealed, plaintext, two),
    "scheme-two-offline": reconstruct(
      "two offline shares of three",
      tagged(kept),
      plaintext,
      three,
    ),
    "scheme-last-generation": reconstruct("the last generation", tagged(last), plaintext),

    "scheme-tag-wrong": altered("another tag", /"tag":"../, '"tag":"00'),
    "scheme-recipient-swapped": altered("another key", alice, lineOf(flip(alicePublic, 0))),
    "scheme-name-swapped": altered("another name", "node-a", "node-x"),
    "scheme-date-swapped": altered("another date", "2026-01-02", "2026-01-03"),
    "scheme-k-swapped": altered("another k", '"k":2', '"k":3'),
    "scheme-digest-swapped": altered("another digest", /"vaultDigest":"../, '"vaultDigest":"00'),
    "scheme-key-id-other": retagged("another key id", /"keyId":"../, '"keyId":"00'),
    "scheme-commitment-other": retagged("another commitment", commitment, "0".repeat(64)),
    "scheme-set-other": retagged("another set", set, "0".repeat(16)),
    "scheme-share-wrong": from(
      "a share that was not dealt",
      "mismatch",
      ...[a, c, { ...b, y: flip(b.y, 20) }],
    ),
    "scheme-share-foreign": from("a share of another set", "mismatch", a, c, foreign),
    "scheme-unexpected": flagged(
      "another set than is expected",
      "mismatch",
      ` --expect-set ${"0".repeat(16)}`,
    ),
    "scheme-too-few": from("one share", "too-few", c),
    "scheme-no-shares": from("no shares", "too-few"),
  };
}
