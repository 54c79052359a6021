/**
 * All that a command may use besides its arguments. When the command ends, however it ends,
 * everything that was handed out is closed and wiped: commands do neither.
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
   * Sends the chunks, and wipes them: into a new file, complete or not at all, or to stdout. Then
   * `deliver` runs; if it fails, the file is removed.
   */
  send(chunks: Chunks, deliver?: () => Promise<void>): Promise<void>;
  /** Makes what was sent to stdout durable, if that is a file. */
  sync(): Promise<void>;
}

export interface Io {
  tell(kind: "warning" | "hint", message: string): void;
  /** Wipes these bytes when the command ends. */
  secret<T extends Uint8Array>(bytes: T): T;
  /** Opens a file to read in pieces; stdin for `undefined` and `-`. @throws io */
  open(file: string | undefined): Promise<Input>;
  /** Reads a file, or stdin, whole: at most `limit` bytes, or 16 MiB. @throws io, malformed */
  read(file: string | undefined, limit?: number): Promise<Source>;
  /** Where the result goes; checked before any input is read. @throws refused, io, usage */
  output(
    file: string | undefined,
    secrecy: Secrecy,
    options?: { force?: boolean },
  ): Promise<Output>;
  isTerminal(stream: "stdin" | "stdout"): Promise<boolean>;
  /** The terminal itself, wherever stdin and stdout go. @throws io */
  terminal(): Promise<Terminal>;
}

/** The real `Io`, and a function that ends it. */
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
