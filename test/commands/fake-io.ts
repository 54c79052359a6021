/** An Io in memory: files by name, what stdout was sent, and faults where a test wants them. */

import type { Input, Io, Output, Source, Terminal } from "../../lib/cli/io.ts";
import { concat } from "../../lib/core/bytes.ts";
import { fail } from "../../lib/core/errors.ts";

export interface World {
  /** What can be read, by name; "stdin" is stdin. */
  files: Record<string, Uint8Array>;
  /** After how many bytes reading fails, and writing. */
  readLimit?: number;
  writeLimit?: number;
  stdoutKind?: Output["kind"];
  /** Whether stdout is a terminal. */
  onTerminal?: boolean;
}

export function fakeIo(world: World) {
  const { files, readLimit, writeLimit, stdoutKind = "stdout", onTerminal = false } = world;
  const told: string[] = [];
  const secrets: Uint8Array[] = [];
  const written = new Map<string, Uint8Array>([["stdout", new Uint8Array(0)]]);
  const contentsOf = (file: string | undefined) => {
    const name = file === undefined || file === "-" ? "stdin" : file;
    const bytes = files[name] ?? fail("io", `cannot read ${name}: no such file or directory`);
    return { name, bytes: bytes.slice() };
  };
  const open = async (file: string | undefined): Promise<Input> => {
    const { name, bytes } = contentsOf(file);
    let at = 0;
    return {
      name,
      stats: { isFile: () => name !== "stdin", size: bytes.length } as Input["stats"],
      async read(buffer) {
        const part = bytes.subarray(at, at + buffer.length);
        if (at + part.length > (readLimit ?? Infinity)) fail("io", `cannot read ${name}: broken`);
        buffer.set(part);
        at += part.length;
        return part.length;
      },
      rewind() {
        at = 0;
      },
      close() {},
    };
  };
  const read = async (file: string | undefined): Promise<Source> => {
    const { name, bytes } = contentsOf(file);
    if (bytes.length > (readLimit ?? Infinity)) fail("io", `cannot read ${name}: broken`);
    secrets.push(bytes);
    return { file: name === "stdin" ? undefined : name, othersRead: false, bytes };
  };
  const output: Io["output"] = async (file, secrecy, { force = false } = {}) => {
    const name = file ?? "stdout";
    if (onTerminal && file === undefined && secrecy === "secret" && !force) {
      fail("refused", "stdout is a terminal");
    }
    return {
      kind: file === undefined ? stdoutKind : "file",
      async send(chunks, deliver) {
        let sent: Uint8Array = new Uint8Array(0);
        try {
          for await (const chunk of chunks) {
            sent = concat(sent, chunk);
            if (sent.length > (writeLimit ?? Infinity)) fail("io", `cannot write ${name}: full`);
          }
          if (file === undefined) written.set(name, concat(written.get(name) ?? sent, sent));
          else written.set(file, sent);
          if (file !== undefined) await deliver?.();
        } catch (error) {
          if (file !== undefined) written.delete(file);
          throw error;
        }
      },
      sync: async () => true,
    };
  };
  const io: Io = {
    tell: (kind, message) => void told.push(`${kind}: ${message}`),
    secret(bytes) {
      secrets.push(bytes);
      return bytes;
    },
    open,
    read,
    output,
    isTerminal: async (stream) => stream === "stdout" && onTerminal,
    terminal: async () => fail("io", "no terminal") as Terminal,
  };
  return {
    io,
    told,
    secrets,
    stdout: () => written.get("stdout") as Uint8Array,
    /** The new files, by name. */
    created: () => {
      return Object.fromEntries([...written].filter(([name]) => name !== "stdout"));
    },
  };
}
