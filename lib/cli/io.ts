/**
 * What a command may touch beside its arguments. Whatever it hands out is closed and wiped when the
 * command ends, however it ends: commands do neither.
 */

import { wipe } from "../core/bytes.ts";
import { type Input, openPieces, type ReadOptions, readWhole, type Source } from "./input.ts";
import { tell } from "./messages.ts";
import { destination, type Secrecy, send, syncStdout } from "./output.ts";
import { isNull, isTerminal } from "./terminal.ts";

export type { Input, Source };

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

/** Always to be closed, or the terminal may stay in raw mode. */
export interface Terminal {
  show(text: string): void;
  /** Wipes the screen, and what has scrolled off it. */
  clear(): void;
  /** A line without its end; undefined where the person ended the input (Ctrl-D). */
  ask(prompt: string, options: { echo: boolean }): Promise<Uint8Array | undefined>;
  close(): void;
}

export interface Io {
  tell(kind: "warning" | "hint", message: string): void;
  /** Keeps these bytes until the command ends, and then wipes them. */
  secret<T extends Uint8Array>(bytes: T): T;
  /** A file to be read in pieces; stdin for `undefined` and `-`. @throws io, malformed */
  open(file: string | undefined, options?: ReadOptions): Promise<Input>;
  /** A file, or stdin, whole. @throws io, malformed */
  read(file: string | undefined, options?: ReadOptions): Promise<Source>;
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
    open: async (file, options) => closeLater(await openPieces(file, options)),
    async read(file, options) {
      const source = await readWhole(file, options);
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
