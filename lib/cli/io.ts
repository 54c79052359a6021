/**
 * All that a command may use besides its arguments. When the command ends, however it ends,
 * everything that was handed out is closed and wiped: commands do neither.
 */

import { wipe } from "../core/bytes.ts";
import { tell } from "../system/messages.ts";
import { isTerminal } from "../system/terminal.ts";
import {
  type Input,
  maxTextBytes,
  openPieces,
  type ReadOptions,
  readWhole,
  type Source,
} from "./input.ts";
import { type Output, openOutput, type Secrecy } from "./output.ts";

export type { Input, Output, Source };
export { maxTextBytes };

/** Must be closed, or the terminal may stay in raw mode. */
export interface Terminal {
  show(text: string): void;
  /** Whether it cannot be cleared. */
  keeps: boolean;
  /** Switches to the alternate screen, if any; returns a function that clears it and switches back. */
  turn(): () => void;
  /** Wipes the screen, row by row, and what has scrolled off it. */
  clear(): void;
  /** A line without its end; undefined if the person ended the input (Ctrl-D). */
  ask(prompt: string, options: { echo: boolean }): Promise<Uint8Array | undefined>;
  close(): void;
}

export interface Io {
  tell(kind: "warning" | "hint", message: string): void;
  /** Wipes these bytes when the command ends. */
  secret<T extends Uint8Array>(bytes: T): T;
  /** Opens a file to read in pieces; stdin for `undefined` and `-`. @throws io, malformed */
  open(file: string | undefined, options?: ReadOptions): Promise<Input>;
  /** Reads a file, or stdin, whole. @throws io, malformed */
  read(file: string | undefined, options?: ReadOptions): Promise<Source>;
  /** Where the result goes; checked before any input is read. @throws refused, io, usage */
  output(
    file: string | undefined,
    secrecy: Secrecy,
    options?: { force?: boolean },
  ): Promise<Output>;
  isTerminal(stream: "stdin" | "stdout" | "stderr"): Promise<boolean>;
  /** The terminal itself, wherever stdin and stdout go. @throws io */
  terminal(): Promise<Terminal>;
}

/** The real `Io`, and a function that ends it. */
export function openIo(): { io: Io; end(): void } {
  const secrets: Uint8Array[] = [];
  const closing: { close(): void }[] = [];
  const io: Io = {
    tell,
    secret(bytes) {
      secrets.push(bytes);
      return bytes;
    },
    async open(file, options) {
      const input = await openPieces(file, options);
      closing.push(input);
      return input;
    },
    async read(file, options) {
      const source = await readWhole(file, options);
      secrets.push(source.bytes);
      return source;
    },
    output: openOutput,
    isTerminal: (stream) => isTerminal(({ stdin: 0, stdout: 1, stderr: 2 } as const)[stream]),
    async terminal() {
      const { openTerminal } = await import("./tty.ts");
      const terminal = await openTerminal();
      closing.push(terminal);
      return terminal;
    },
  };
  const end = () => {
    for (const one of secrets) wipe(one); // there may be a million
    for (const one of closing.reverse()) one.close();
  };
  return { io, end };
}
