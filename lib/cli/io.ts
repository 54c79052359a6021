/**
 * What a command may touch beside its arguments. Whatever it hands out is closed and wiped when the
 * command ends, however it ends: commands do neither.
 */

import { wipe } from "../core/bytes.ts";
import { readWhole, type Source } from "./input.ts";
import { tell } from "./messages.ts";
import { destination, type Secrecy, send, syncStdout } from "./output.ts";
import { type Input, openPieces } from "./pieces.ts";
import { isNull, isTerminal } from "./terminal.ts";
import type { Terminal } from "./tty.ts";

export type { Input, Source, Terminal };

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Output {
  /** `nowhere` is /dev/null, or a stdout that was closed. */
  kind: "file" | "stdout" | "nowhere";
  /**
   * Sends the chunks, which are wiped: into a new file, whole or not at all, or to stdout. A file
   * stays only if `deliver`, which then runs, does not fail.
   */
  send(chunks: Chunks, deliver?: () => Promise<void>): Promise<void>;
  /** Makes what was sent to stdout durable, where that is a file. */
  sync(): Promise<void>;
}

export interface Io {
  tell(kind: "warning" | "hint", message: string): void;
  /** Keeps these bytes until the command ends, and then wipes them. */
  secret<T extends Uint8Array>(bytes: T): T;
  /** A file to be read in pieces; stdin for `undefined` and `-`. @throws io */
  open(file: string | undefined): Promise<Input>;
  /** A file, or stdin, whole; at most `limit` bytes, 16 MiB if not given. @throws io, malformed */
  read(file: string | undefined, limit?: number): Promise<Source>;
  /** Where the result goes, checked before any input is read. @throws refused, io, usage */
  output(
    file: string | undefined,
    secrecy: Secrecy,
    options?: { force?: boolean },
  ): Promise<Output>;
  isTerminal(stream: "stdin" | "stdout"): Promise<boolean>;
  /** The person at the terminal, past stdin and stdout. @throws io */
  terminal(): Promise<Terminal>;
}

/** The real one, and what ends it. */
export function openIo(): { io: Io; end(): void } {
  const secrets: Uint8Array[] = [];
  const closing: { close(): void }[] = [];
  const closeLater = <T extends { close(): void }>(one: T): T => {
    closing.push(one);
    return one;
  };
  const io: Io = {
    tell,
    secret(bytes) {
      secrets.push(bytes);
      return bytes;
    },
    open: async (file) => closeLater(await openPieces(file)),
    async read(file, limit) {
      const source = await readWhole(file, limit);
      secrets.push(source.bytes);
      return source;
    },
    async output(file, secrecy, options) {
      const to = await destination(file, secrecy, options);
      const kind = to.file !== undefined ? "file" : isNull(1) ? "nowhere" : "stdout";
      return { kind, send: (chunks, deliver) => send(to, chunks, deliver), sync: syncStdout };
    },
    isTerminal: (stream) => isTerminal(stream === "stdin" ? 0 : 1),
    async terminal() {
      const { openTerminal } = await import("./tty.ts");
      return closeLater(await openTerminal());
    },
  };
  return {
    io,
    end() {
      wipe(...secrets);
      for (const one of closing.reverse()) one.close();
    },
  };
}
