/** A scheme of 2 of 4 with all that belongs to it, the same on every run: a and b, and one offline. */

import type { Terminal } from "../../lib/cli/io.ts";
import { ascii, concat, toHex } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { closeVault, keyIdOf } from "../../lib/core/vault.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import type { LocatedShare } from "../../lib/pipes/gather.ts";
import type { Holder, Scheme } from "../../lib/scheme/fields.ts";
import { commitmentOf, decodeScheme, encodeScheme } from "../../lib/scheme/scheme.ts";
import { updateKeyOf } from "../../lib/update/writer.ts";
import { encodePublicKey } from "../../lib/wire/keys.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { collect, readerOf, repeatable } from "../core/helpers.ts";
import { sha256 } from "../core/reference.ts";
import { textOf } from "../oracle/text.ts";

export const master = repeatable(1)(32);
type Four<T> = [T, T, T, T];
export const shares = deal(master, 2, 4, repeatable(2)) as Four<Share>;
export const lines = shares.map(encodeShare) as Four<Uint8Array>;
export const privateKeys = [3, 4, 5].map((seed) => repeatable(seed)(32)) as Uint8Array[];
export const plaintext = ascii("the secrets that open everything else\n");

const publicKeys = await Promise.all(privateKeys.map(publicKeyOf));
export const recipients = publicKeys.map((key) => textOf(encodePublicKey(key)));
export const vault = await vaultOf(master, plaintext);

export async function vaultOf(key: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  return collect(closeVault(key, readerOf(content), repeatable(6)));
}

export function digestOf(bytes: Uint8Array): string {
  const hash = sha256();
  hash.update(bytes);
  return toHex(hash.digest());
}

const untagged: Scheme = {
  version: 1,
  set: toHex(shares[0].setId),
  generation: 1,
  k: 2,
  n: 4,
  keyId: toHex(keyIdOf(master)),
  vault: "vault-1.wd",
  vaultDigest: digestOf(vault),
  updateKey: toHex(await updateKeyOf(master)),
  created: "2026-01-02T03:04:05Z",
  holders: ["a", "b", "c", "offline-1"].map((name, i) => {
    const commitment = commitmentOf(lines[i] as Uint8Array);
    return { name, index: i + 1, recipient: recipients[i] ?? "offline", commitment };
  }),
};

/** The scheme with these changes and the right tag for them. */
export function schemeWith(changes: Partial<Scheme>) {
  return decodeScheme(encodeScheme({ ...untagged, ...changes }, master));
}

export const scheme = schemeWith({});
export const [holderA, holderB, , offlineHolder] = scheme.holders as Four<Holder>;

/** As if they stood on lines 1, 2, 3 and so on. */
export function located(...given: Share[]): LocatedShare[] {
  return given.map((share, i) => {
    return { where: `line ${i + 1}`, share: { ...share, y: share.y.slice() } };
  });
}

/** A share with another value. */
export function bent(share: Share): Share {
  return { ...share, y: share.y.map((byte) => byte ^ 1) };
}

/** The screen of a person who enters this, line by line, and then ends the input. */
export function screenOf(...entered: (string | Uint8Array)[]) {
  const asked: { prompt: string; echo: boolean }[] = [];
  const given: Uint8Array[] = [];
  const screen = {
    shown: "",
    asked,
    /** What was handed over, which may have been wiped since. */
    given,
    show(text: string) {
      screen.shown += text;
    },
    async ask(prompt: string, { echo }: { echo: boolean }) {
      asked.push({ prompt, echo });
      const next = entered.shift();
      if (next === undefined) return undefined;
      const bytes = typeof next === "string" ? ascii(next) : concat(next);
      given.push(bytes);
      return bytes;
    },
  } satisfies Pick<Terminal, "show" | "ask"> & Record<string, unknown>;
  return screen;
}
