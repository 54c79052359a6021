/** Writing an update: what a writer file allows, without any share. */

import { ascii, concat, wipe } from "../core/bytes.ts";
import type { Read } from "../core/chunk-stream.ts";
import { randomBytes } from "../core/random.ts";
import { masterBytes } from "../core/vault.ts";
import type { Folder } from "../scheme/folder.ts";
import { createVault } from "../scheme/generation.ts";
import type { TaggedScheme } from "../scheme/scheme.ts";
import { nextUpdate, updateFile, updateVault } from "./files.ts";
import { encodeUpdate } from "./token.ts";
import type { Writer } from "./writer.ts";

/**
 * Closes what `read` gives into a new vault under a fresh key, proves that it opens, and puts its token
 * in place. `check` is called just before that.
 */
export async function writeUpdate(
  folder: Folder,
  { dir, scheme, writer, now }: { dir: string; scheme: TaggedScheme; writer: Writer; now: Date },
  read: Read,
  check: () => Promise<void>,
): Promise<number> {
  const number = await nextUpdate(dir, scheme);
  const key = randomBytes(masterBytes);
  try {
    const described = await createVault(folder, updateVault(scheme.generation, number), key, read);
    const keyId = Uint8Array.fromHex(described.keyId);
    const vaultDigest = Uint8Array.fromHex(described.vaultDigest);
    const facts = { setId: writer.setId, number, time: now, keyId, vaultDigest };
    const updateKey = Uint8Array.fromHex(scheme.updateKey);
    const token = await encodeUpdate(facts, key, { updateKey, writerKey: writer.key });
    await check();
    const line = concat(token, ascii("\n"));
    await folder.commit(updateFile(scheme.generation, number), line, { replace: false });
    return number;
  } finally {
    wipe(key);
  }
}
