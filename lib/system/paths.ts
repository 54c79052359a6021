/**
 * File names that are not UTF-8. The runtime decodes the command line with loss, and then they are
 * other names; here each byte 0xNN of such an argument that is not ASCII is the lone surrogate
 * U+DCNN, much as in Python.
 */

import { readFileSync } from "node:fs";
import { fail } from "../core/errors.ts";

/** The arguments, which are the last of the command line, without loss. @throws usage */
export function withoutLoss(argv: string[]): string[] {
  if (!argv.some((argument) => argument.includes("\ufffd"))) return argv;
  const given = commandLine().slice(-argv.length);
  return argv.map((argument, i) => {
    const bytes = Buffer.from(given[i] ?? failUnknown(), "latin1");
    if (bytes.equals(Buffer.from(argument))) return argument;
    return bytes.toString("latin1").replace(/[\x80-\xff]/g, (byte) => {
      return String.fromCharCode(0xdc00 + byte.charCodeAt(0));
    });
  });
}

function commandLine(): string[] {
  try {
    return readFileSync("/proc/self/cmdline", "latin1").split("\0").slice(0, -1);
  } catch {
    return failUnknown();
  }
}

function failUnknown(): never {
  const what = "a name is not UTF-8, and /proc, which has its bytes, is not mounted";
  return fail("usage", what, "mount -t proc proc /proc, or rename the file");
}

/** With this flag, a surrogate that is half of a pair does not match. */
const byteInName = /[\udc80-\udcff]/u;

/** The name as `node:fs` must be given it. */
export function pathOf(name: string): string | Buffer {
  if (!byteInName.test(name)) return name;
  return Buffer.concat(
    Array.from(name, (one) => {
      return byteInName.test(one) ? Buffer.of(one.charCodeAt(0) & 0xff) : Buffer.from(one);
    }),
  );
}

/** As `join` of `node:path`, whose version in this runtime does not keep such names. */
export function fileIn(folder: string, name: string): string {
  return `${folder.replace(/\/*$/, "/")}${name}`;
}

/** As `dirname`, likewise. */
export function folderOf(file: string): string {
  const folder = file.replace(/\/+$/, "").replace(/\/*[^/]*$/, "");
  if (folder !== "") return folder;
  return file.startsWith("/") ? "/" : ".";
}
