/** What the commands for vaults share: reading the key, releasing the contents. */

import type { Input, Io, Output } from "../cli/io.ts";
import { wipe } from "../core/bytes.ts";
import { eachAt, fail } from "../core/errors.ts";
import { masterBytes } from "../core/vault.ts";
import { hrpOf } from "../wire/text.ts";
import { failEmpty } from "./lines.ts";

const maxHeldBytes = 64 * 1_048_576;

/** The 32 bytes that combine writes, from a file or from stdin. @throws io, malformed */
export async function readVaultKey(io: Io, file?: string): Promise<Uint8Array> {
  const source = await io.read(file);
  const { length } = source.bytes;
  if (length === 0) failEmpty([source], "key");
  if (length === masterBytes) return source.bytes;
  const added = length === masterBytes + 1 ? "a newline may have been added" : undefined;
  const hint = hrpOf(source.bytes)
    ? "this is a share, not the key: run unseal and combine first"
    : added;
  const name = source.file ?? "stdin";
  return fail("malformed", `${name} has ${length} bytes, expected a ${masterBytes}-byte key`, hint);
}

/**
 * Sends the plaintext that `decrypt` gives from the vault in `input`, once all of it is verified.
 *
 * @throws mismatch, malformed, io; refused: too large for memory, and cannot be read twice
 */
export async function releaseVault(
  to: Output,
  input: Input,
  decrypt: () => AsyncGenerator<Uint8Array>,
) {
  const open = () => eachAt(input.name, decrypt());
  // One pass is enough for a file, which appears only when all is verified, and for /dev/null.
  await to.send(to.kind === "stdout" ? authenticated(input, open) : open());
}

/** The plaintext, after a first pass has verified all of it: from memory, or by a second pass. */
async function* authenticated(input: Input, open: () => AsyncGenerator<Uint8Array>) {
  const { name, stats } = input;
  const twice = stats.isFile() && stats.size > maxHeldBytes;
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of open()) {
    if (twice) {
      wipe(chunk);
      continue;
    }
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes > maxHeldBytes) {
      fail("refused", `${name} is not a regular file and holds more than 64 MiB`, "use -o FILE");
    }
  }
  yield* held;
  if (!twice) return;
  input.rewind();
  yield* open();
}
