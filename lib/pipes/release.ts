/** Releases the contents of a vault once all of it is verified. */

import type { Input, Output } from "../cli/io.ts";
import { wipe } from "../core/bytes.ts";
import { eachAt, fail } from "../core/errors.ts";

const maxHeldBytes = 64 * 1_048_576;

/**
 * Sends the plaintext that `decrypt` gives of the vault that `input` reads.
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
