// What somebody who may write to a scheme's directory, and knows no secret, does to it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nth } from "../oracle/bytes.ts";
import { readScheme, type Scheme, schemeText } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { put } from "./ceremony.ts";
import type { Room } from "./harness.ts";

/** A change that leaves scheme.json well formed, with the tag that it had. */
export type Change = {
  what: string;
  apply(scheme: Scheme): void;
  /** Whether it shows without any secret, from the files beside it. */
  shows: boolean;
};

export const attacker = makeKey("attacker");
const flip = (digits: string) => (digits.startsWith("0") ? "1" : "0") + digits.slice(1);

export const changes: Change[] = [
  { what: "set", shows: true, apply: (s) => Object.assign(s, { set: flip(s.set) }) },
  { what: "k", shows: true, apply: (s) => Object.assign(s, { k: 3 }) },
  { what: "keyId", shows: true, apply: (s) => Object.assign(s, { keyId: flip(s.keyId) }) },
  {
    ...{ what: "vaultDigest", shows: true },
    apply: (s) => Object.assign(s, { vaultDigest: flip(s.vaultDigest) }),
  },
  {
    ...{ what: "created", shows: false },
    apply: (s) => Object.assign(s, { created: "2027-01-02T03:04:05Z" }),
  },
  {
    ...{ what: "generation and vault", shows: true },
    apply: (s) => Object.assign(s, { generation: 2, vault: "vault-2.wd" }),
  },
  {
    ...{ what: "a name", shows: true },
    apply: (s) => Object.assign(nth(s.holders, 0), { name: "node-x" }),
  },
  {
    ...{ what: "two names", shows: true },
    apply: (s) => {
      Object.assign(nth(s.holders, 0), { name: "node-b" });
      Object.assign(nth(s.holders, 1), { name: "node-a" });
    },
  },
  {
    ...{ what: "a recipient, to the attacker's key", shows: true },
    apply: (s) => Object.assign(nth(s.holders, 1), { recipient: attacker.publicLine }),
  },
  {
    ...{ what: "two recipients", shows: true },
    apply: (s) => {
      const [a, b] = [nth(s.holders, 0), nth(s.holders, 1)];
      [a.recipient, b.recipient] = [b.recipient, a.recipient];
    },
  },
  ...[0, 1, 2].map((i) => ({
    ...{ what: `the commitment of share ${i + 1}`, shows: false },
    apply: (s: Scheme) => {
      Object.assign(nth(s.holders, i), { commitment: flip(nth(s.holders, i).commitment) });
    },
  })),
  {
    ...{ what: "a holder more", shows: true },
    apply: (s) => {
      const more = { name: "node-x", index: 3, recipient: attacker.publicLine };
      s.holders.splice(2, 0, { ...more, commitment: nth(s.holders, 0).commitment });
      Object.assign(nth(s.holders, 3), { index: 4 });
      s.n = 4;
    },
  },
  {
    ...{ what: "the offline holder gone", shows: true },
    apply: (s) => {
      s.holders.pop();
      s.n = 2;
    },
  },
];

/** Applies a change to scheme.json in a room. */
export function tamper(room: Room, { apply }: Pick<Change, "apply">, dir = "D"): void {
  const path = join(dir, "scheme.json");
  const { scheme, tag } = readScheme(new Uint8Array(readFileSync(join(room.dir, path))));
  apply(scheme);
  put(room, path, schemeText(scheme, tag));
}

const swap = (what: string | RegExp, by: string) => (text: string) => text.replace(what, by);

/** Texts that say the same, or nearly, in another way; or are no scheme at all. */
export const malformed: Record<string, (text: string) => string> = {
  "spaces in it": (text) => `${JSON.stringify(JSON.parse(text), null, 1)}\n`,
  "a space at its end": swap("}\n", "} \n"),
  "no newline": swap(/\n$/, ""),
  "two newlines": swap(/\n$/, "\n\n"),
  CRLF: swap(/\n$/, "\r\n"),
  "a BOM": (text) => `\ufeff${text}`,
  "fields in another order": (text) => {
    const { version, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return `${JSON.stringify({ ...rest, version })}\n`;
  },
  "a holder's fields in another order": swap(
    /"name":"node-a","index":1/,
    '"index":1,"name":"node-a"',
  ),
  "a field twice": swap('"version":1', '"version":1,"version":1'),
  "an unknown field": swap('"version":1', '"version":1,"x":0'),
  "an unknown field of a holder": swap('"index":1', '"index":1,"x":0'),
  "a __proto__": swap('"version":1', '"version":1,"__proto__":{"k":2}'),
  "no version": swap('"version":1,', ""),
  "no tag": swap(/,"tag":"\w+"/, ""),
  "no created": swap(/"created":"[^"]+",/, ""),
  "no recipient": swap(/"recipient":"wdpub[^"]+",/, ""),
  "no holders": swap(/"holders":\[.*\]/, '"holders":[]'),
  "version 2": swap('"version":1', '"version":2'),
  "version as a string": swap('"version":1', '"version":"1"'),
  "k as 2.0": swap('"k":2', '"k":2.0'),
  "k as 2e0": swap('"k":2', '"k":2e0'),
  "k as a string": swap('"k":2', '"k":"2"'),
  "k null": swap('"k":2', '"k":null'),
  "k = 0": swap('"k":2', '"k":0'),
  "k = 1": swap('"k":2', '"k":1'),
  "k above n": swap('"k":2', '"k":4'),
  "k negative": swap('"k":2', '"k":-2'),
  "k with a fraction": swap('"k":2', '"k":2.5'),
  "n above the holders": swap('"n":3', '"n":4'),
  "n below the holders": swap('"n":3', '"n":2'),
  "generation 0": swap('"generation":1', '"generation":0'),
  "a huge generation": swap('"generation":1', '"generation":9007199254740993'),
  "the set in upper case": (text) => {
    return text.replace(/"set":"(\w+)"/, (_, set: string) => `"set":"${set.toUpperCase()}"`);
  },
  "a set of 7 bytes": swap(/"set":"\w\w/, '"set":"'),
  "a keyId of 33 bytes": swap('"keyId":"', '"keyId":"00'),
  "a digest that is no hex": swap(/"vaultDigest":"\w/, '"vaultDigest":"g'),
  "a tag in upper case": (text) => {
    return text.replace(
      /"tag":"(\w+)"/,
      (_, tag: string) => `"tag":"f${tag.toUpperCase().slice(1)}"`,
    );
  },
  "a short tag": swap(/"tag":"\w\w/, '"tag":"'),
  "a commitment of no bytes": swap(/"commitment":"\w+"/, '"commitment":""'),
  "another vault's name": swap('"vault-1.wd"', '"vault-2.wd"'),
  "a vault elsewhere": swap('"vault-1.wd"', '"../vault-1.wd"'),
  "a vault at the root": swap('"vault-1.wd"', '"/etc/passwd"'),
  "a vault that is scheme.json": swap('"vault-1.wd"', '"scheme.json"'),
  "no date": swap(/"created":"[^"]+"/, '"created":""'),
  "a date with fractions": swap(':05Z"', ':05.000Z"'),
  "a date with an offset": swap(':05Z"', ':05+00:00"'),
  "a date without its T": swap("T03:", " 03:"),
  "a 30th of February": swap("2026-01-02", "2026-02-30"),
  "a 13th month": swap("2026-01-02", "2026-13-02"),
  "a name that leads elsewhere": swap('"name":"node-a"', '"name":"../node-a"'),
  "a name in upper case": swap('"name":"node-a"', '"name":"Node-a"'),
  "an empty name": swap('"name":"node-a"', '"name":""'),
  "a name too long": swap('"name":"node-a"', `"name":"${"n".repeat(65)}"`),
  "a name twice": swap('"name":"node-b"', '"name":"node-a"'),
  "a name with a control character": swap('"name":"node-a"', '"name":"node\\u001b[31m"'),
  "a name with an escape": swap('"name":"node-a"', '"name":"\\u006eode-a"'),
  'the name "offline"': swap('"name":"offline-1"', '"name":"offline"'),
  "one recipient twice": (text) => {
    const [first = "", second = ""] = text.match(/wdpub1\w+/g) ?? [];
    return text.replace(second, first);
  },
  "k shares offline": (text) => text.replace(/"wdpub1\w+"/, '"offline"'),
  "an index of 0": swap('"index":1', '"index":0'),
  "an index twice": swap('"index":2', '"index":1'),
  "holders not by index": (text) =>
    text
      .replace('"index":1', '"index":9')
      .replace('"index":2', '"index":1')
      .replace('"index":9', '"index":2'),
  "a recipient in upper case": (text) => {
    return text.replace(/"(wdpub\w+)"/, (_, line: string) => `"${line.toUpperCase()}"`);
  },
  "a recipient in groups": swap('"wdpub1', '"wdpub1 '),
  "a recipient mistyped": swap(/(wdpub1\w+)\w"/, '$1b"'),
  "a recipient that is nobody": swap('"offline",', '"nobody",'),
  "nothing in it": () => "",
  "a newline": () => "\n",
  null: () => "null\n",
  "an array": () => "[]\n",
  "half of it": (text) => text.slice(0, text.length / 2),
  "one byte less": (text) => text.slice(0, -2),
  "a byte that is not UTF-8": (text) => text.replace("node-a", "node-\udc80"),
  "an array, 100,000 deep": () => "[".repeat(100_000),
  "20 MB": (text) => text.replace("node-a", "a".repeat(20_000_000)),
};
