// What a failed command may not leave behind: changed files, and secrets in its messages.

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

export type Snapshot = Map<string, string>;

const secretTokens = /(wdshare1|wdkey1|wdwriter1)[02-9ac-hj-np-z]{60,}/gi;
const looksSecret = /\.(secret|plain|master)$/;

/** Every entry under a directory with its kind, mode and content. */
export function snapshot(dir: string, prefix = ""): Snapshot {
  const found: Snapshot = new Map();
  for (const name of readdirSync(join(dir, prefix), "buffer")) {
    const path = join(prefix, name.toString("latin1"));
    const full = join(dir, prefix, name.toString());
    const stat = lstatSync(full);
    const mode = stat.mode.toString(8);
    if (stat.isDirectory()) {
      found.set(path, mode);
      for (const [inner, state] of snapshot(dir, path)) found.set(inner, state);
    } else if (stat.isSymbolicLink()) found.set(path, `${mode} -> ${readlinkSync(full)}`);
    else if (stat.isFile()) {
      const digest = createHash("sha1").update(readFileSync(full)).digest("hex");
      found.set(path, `${mode} ${stat.nlink} ${digest}`);
    } else found.set(path, mode);
  }
  return found;
}

/** What differs between two snapshots. */
export function changes(before: Snapshot, after: Snapshot): string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => `${path} gone`);
  const rest = [...after].flatMap(([path, state]) => {
    const old = before.get(path);
    if (old === undefined) return [`${path} created`];
    return old === state ? [] : [`${path} changed: ${old}, now ${state}`];
  });
  return [...gone, ...rest];
}

/** The secrets that lie in the small files of a sandbox: share lines, private keys, *.secret. */
export function secretsIn(dir: string): (string | Uint8Array)[] {
  return readdirSync(dir).flatMap((name) => {
    const stat = lstatSync(join(dir, name));
    if (!stat.isFile() || stat.size === 0 || stat.size > 200_000) return [];
    const content = readFileSync(join(dir, name));
    const tokens = content.toString("latin1").match(secretTokens) ?? [];
    return looksSecret.test(name) ? [...tokens, new Uint8Array(content)] : tokens;
  });
}

// A share line tells nothing secret in its HRP and 12-byte header, a private key in its version.
function windows(token: string): string[] {
  const data = token.toLowerCase().slice(token.toLowerCase().startsWith("wdshare1") ? 28 : 10);
  return Array.from({ length: Math.max(0, data.length - 9) }, (_, i) => data.slice(i, i + 10));
}

function spellings(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret.slice(0, 256));
  if (bytes.length < 6) return [];
  const pieces = [bytes.subarray(0, 8), bytes.subarray(-8), bytes];
  return pieces.flatMap((piece) => [
    piece.toString("latin1"),
    piece.toString("utf8"),
    piece.toString("hex"),
    piece.toString("base64").replace(/=+$/, "").slice(0, -1),
    piece.join(","),
  ]);
}

/** The first trace of a secret in a text, if there is one. */
export function findLeak(text: string, secrets: (string | Uint8Array)[]): string | undefined {
  const plain = text.toLowerCase();
  for (const secret of secrets) {
    const traces = typeof secret === "string" ? windows(secret) : spellings(secret);
    const trace = traces.find((piece) => piece !== "" && plain.includes(piece.toLowerCase()));
    if (trace !== undefined) return trace;
  }
  return undefined;
}
