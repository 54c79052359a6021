/** Any bytes into any reader: out comes a value or a RecoveryError with the code it may have. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { ascii, concat } from "../../lib/bytes.ts";
import { type ErrorCode, RecoveryError } from "../../lib/errors.ts";
import { decodePrivateKey, decodePublicKey, parsePrivateKeyFile } from "../../lib/format/keys.ts";
import { readLines, readOnlyLine } from "../../lib/format/lines.ts";
import { parseRecipient, parseRecipientFile } from "../../lib/format/recipient.ts";
import { decodeSealedShare, openSealedShare } from "../../lib/format/sealed-share.ts";
import { decodeShare, encodeShare } from "../../lib/format/share.ts";
import { encodeText, hrps } from "../../lib/format/text.ts";
import { decodeHeader, openVault } from "../../lib/format/vault.ts";
import { inspectSshKey, inspectToken } from "../../lib/recovery/inspect.ts";
import { armor, partsOf, privateBytes, publicLine } from "../../scripts/dev/vectors/ssh-file.ts";
import { collect, readerOf, repeatable } from "../crypto/helpers.ts";
import { textOf, tokenOfBytes } from "./text-oracle.ts";

const bytes = fc.uint8Array({ maxLength: 600 });
const privateKey = repeatable(1)(32);
const sshFile = armor(privateBytes(partsOf(privateKey)));

/** Well-formed text around any bytes, most of them with version 1 in front. */
const tokens = fc
  .tuple(fc.constantFrom(...hrps), fc.constantFrom([1], [1], [1], [0], [2], []), bytes)
  .map(([hrp, version, data]) => tokenOfBytes(hrp, concat(Uint8Array.from(version), data)));

/** Text with a few bytes changed, cut out or put in. */
const spoiledTokens = fc
  .tuple(tokens, fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.nat(255)), { maxLength: 3 }))
  .map(([token, changes]) => {
    let text = token;
    for (const [place, removed, byte] of changes) {
      const at = place % (text.length + 1);
      text = concat(text.subarray(0, at), Uint8Array.of(byte), text.subarray(at + removed));
    }
    return text;
  });

const inputs = fc.oneof(bytes, tokens, spoiledTokens);

/** Asserts that a reader gives a value or fails with one of these codes, whatever the input. */
async function holds(read: (input: Uint8Array) => unknown, ...codes: ErrorCode[]): Promise<void> {
  const property = fc.asyncProperty(inputs, async (input) => {
    const before = input.slice();
    try {
      await read(input);
    } catch (error) {
      if (!(error instanceof RecoveryError)) throw error;
      expect(codes).toContain(error.code);
    }
    expect(textOf(input)).toBe(textOf(before));
  });
  await fc.assert(property, { numRuns: 1000 });
}

test("the readers of lines fail with malformed only", async () => {
  await holds((input) => readLines(input.slice()), "malformed");
  await holds((input) => readOnlyLine(input.slice(), "key"), "malformed");
});

test("the readers of tokens fail with malformed only", async () => {
  for (const read of [decodeShare, decodeSealedShare, decodePublicKey, decodePrivateKey]) {
    await holds(read, "malformed");
  }
  await holds(inspectToken, "malformed");
});

test("the readers of keys and recipients fail with malformed only", async () => {
  await holds((input) => parsePrivateKeyFile(input.slice(), "f"), "malformed");
  await holds((input) => parseRecipientFile(input.slice(), "f"), "malformed");
  await holds((input) => parseRecipient(textOf(input)), "malformed");
});

test("the readers of SSH keys fail with malformed only, whatever is in the base64", async () => {
  await holds((input) => parsePrivateKeyFile(armor(input), "f"), "malformed");
  await holds((input) => parsePrivateKeyFile(concat(sshFile.subarray(0, 60), input)), "malformed");
  await holds((input) => parseRecipientFile(publicLine(input), "f"), "malformed");
  await holds((input) => parseRecipient(`ssh-ed25519 ${textOf(input)}`), "malformed");
  await holds((input) => inspectSshKey(concat(ascii("ssh-"), input)), "malformed");
});

test("an SSH private key with some bytes changed, cut out or put in is that key or malformed", async () => {
  const converted = (await parsePrivateKeyFile(sshFile.slice())).toHex();
  const whole = privateBytes(partsOf(privateKey));
  const change = fc.tuple(fc.nat(whole.length), fc.nat(3), fc.uint8Array({ maxLength: 3 }));
  const property = fc.asyncProperty(change, async ([place, removed, put]) => {
    const spoiled = concat(whole.subarray(0, place), put, whole.subarray(place + removed));
    try {
      expect((await parsePrivateKeyFile(armor(spoiled))).toHex()).toBe(converted);
    } catch (error) {
      if (!(error instanceof RecoveryError)) throw error;
      expect(error.code).toBe("malformed");
    }
  });
  await fc.assert(property, { numRuns: 2000 });
});

test("what a reader of tokens takes, its writer writes again in the same bytes", async () => {
  await fc.assert(
    fc.property(tokens, (token) => {
      try {
        expect(textOf(encodeShare(decodeShare(token)))).toBe(textOf(token));
      } catch (error) {
        if (!(error instanceof RecoveryError)) throw error;
        expect(error.code).toBe("malformed");
      }
    }),
    { numRuns: 2000 },
  );
});

test("a sealed share with any box fails with malformed or mismatch only", async () => {
  await holds(
    (input) => {
      const place = concat(new Uint8Array(16), Uint8Array.of(2, 3, 1));
      const token = encodeText("wdsealed", concat(Uint8Array.of(1), place, input.subarray(0, 560)));
      return openSealedShare(decodeSealedShare(token), privateKey);
    },
    "malformed",
    "mismatch",
  );
});

test("a vault of any bytes fails with malformed or mismatch only", async () => {
  await holds((input) => decodeHeader(input), "malformed");
  await holds((input) => collect(openVault(privateKey, readerOf(input))), "malformed");
  await holds(
    (input) => {
      const vault = concat(ascii("worstday vault 1"), input);
      return collect(openVault(privateKey, readerOf(vault)));
    },
    "malformed",
    "mismatch",
  );
});
