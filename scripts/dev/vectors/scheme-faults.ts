/** What may not stand in scheme.json, each under a tag that is right for it. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { encodePrivateKey } from "../../../lib/wire/keys.ts";
import { alicePrivate } from "./keys.ts";
import { alice, base, bob, file, lineOf, reconstruct, replace, tagged } from "./scheme-file.ts";
import type { Vectors } from "./vector.ts";

/** By name: what is wrong, what is replaced in a file without a tag, and by what. */
type Faults = Record<string, [about: string, from: string | RegExp, to: string]>;

const set = base.slice(20, 36);
const upperTag = `"tag":"${"A".repeat(64)}"`;
const nodeA = '"name":"node-a","index":1';
const swapped = '"index":1,"name":"node-a"';
const generation = /"generation":1(.*)vault-1/;
const holdersAndTag = /("holders":.*),("tag":".*")/;
const privateLine = String.fromCharCode(...encodePrivateKey(alicePrivate));

const written: Faults = {
  order: ["two fields in another order", '"k":2,"n":3', '"n":3,"k":2'],
  "holder-order": ["two fields of a holder in another order", nodeA, swapped],
  twice: ["a field twice", '"k":2', '"k":2,"k":2'],
  "twice-other": ["a field twice, the last one right", '"k":2', '"k":3,"k":2'],
  more: ["a field more", '"k":2', '"k":2,"comment":""'],
  "holder-more": ["a field of a holder more", '"index":1', '"index":1,"comment":""'],
  missing: ["a field is missing", /"created":"[^"]*",/, ""],
  space: ["a space between two fields", ",", ", "],
  escape: ["a letter written as an escape", "vault-1", "\\u0076ault-1"],
  float: ["a whole number written as 2.0", '"k":2', '"k":2.0'],
};

const fields: Faults = {
  "version-2": ["an unknown version", '"version":1', '"version":2'],
  "version-text": ["a version in quotes", '"version":1', '"version":"1"'],
  "set-upper": ["a set id in upper case", set, set.toUpperCase()],
  "set-short": ["a set id of 7 bytes", set, set.slice(2)],
  "generation-0": ["generation 0", generation, '"generation":0$1vault-0'],
  "generation-high": ["generation 1000000", generation, '"generation":1000000$1vault-1000000'],
  "generation-object": ["an object for a number", '"generation":1', '"generation":{"toString":1}'],
  "k-1": ["k = 1", '"k":2', '"k":1'],
  "k-above-n": ["k above n", '"k":2', '"k":4'],
  "n-above-holders": ["more shares than holders", '"n":3', '"n":4'],
  "key-id-short": ["a key id of 31 bytes", /"keyId":"../, '"keyId":"'],
  "vault-other": ["another generation's vault", "vault-1", "vault-2"],
  "vault-path": ["a vault elsewhere", "vault-1", "../vault-1"],
  "digest-long": ["a digest of 33 bytes", '"vaultDigest":"', '"vaultDigest":"00'],
  "update-key-long": ["an update key of 1,217 bytes", '"updateKey":"', '"updateKey":"00'],
  "created-no-date": ["the 30th of February", "2026-01-02", "2026-02-30"],
  "created-fraction": ["parts of a second", "05Z", "05.000Z"],
  "created-zone": ["a time zone", "05Z", "05+00:00"],
  "holders-object": ["an object for the holders", /\[.*\]/, '{"length":3}'],
  "name-upper": ["a name in upper case", "node-a", "Node-A"],
  "name-path": ["a name that is a path", "node-a", "../node-a"],
  "name-long": ["a name of 65 characters", "node-a", "x".repeat(65)],
  "name-offline": ["the name offline", "node-a", "offline"],
  "name-twice": ["a name twice", "node-a", "node-b"],
  "index-twice": ["an index twice", '"index":2', '"index":1'],
  "recipient-upper": ["a recipient in upper case", alice, alice.toUpperCase()],
  "recipient-private": ["a private key", alice, privateLine],
  "recipient-low-order": ["a recipient of low order", alice, lineOf(new Uint8Array(32))],
  "recipient-twice": ["a recipient twice", alice, bob],
  "offline-enough": ["two offline shares of two", bob, "offline"],
  "commitment-short": ["a commitment of 31 bytes", /"commitment":"../, '"commitment":"'],
};

export function schemeFaultVectors(): Vectors {
  const bad = (about: string, scheme: string | Uint8Array) =>
    reconstruct(about, scheme, "malformed");
  const vectors: Vectors = {
    "scheme-empty": bad("an empty file", ""),
    "scheme-cut": bad("cut short", file.slice(0, 400)),
    "scheme-array": bad("an array", `[${file.trimEnd()}]\n`),
    "scheme-bom": bad("a byte order mark", concat(Uint8Array.of(0xef, 0xbb, 0xbf), ascii(file))),
    "scheme-latin-1": bad("not in UTF-8", replace(file, "node-a", "no\xeb")),
    "scheme-no-newline": bad("no newline at its end", file.trimEnd()),
    "scheme-two-newlines": bad("two newlines at its end", `${file}\n`),
    "scheme-crlf": bad("a carriage return at its end", replace(file, "\n", "\r\n")),
    "scheme-tag-missing": bad("no tag", base),
    "scheme-tag-upper": bad("a tag in upper case", replace(file, /"tag":".*?"/, upperTag)),
    "scheme-tag-first": bad("the tag before the holders", replace(file, holdersAndTag, "$2,$1")),
  };
  for (const [name, [about, from, to]] of Object.entries({ ...written, ...fields })) {
    vectors[`scheme-${name}`] = bad(about, tagged(replace(base, from, to)));
  }
  return vectors;
}
