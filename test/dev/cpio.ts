/**
 * Writes a cpio archive in the "newc" form that Linux unpacks as its initramfs (kernel
 * documentation, driver-api/early-userspace/buffer-format): a 110-byte header of hexadecimal
 * digits, the name and the contents, each padded to 4 bytes.
 */
import { readFileSync, statSync } from "node:fs";

export interface CpioEntry {
  /** absolute; its folders are made */
  path: string;
  /** a file to read, or the contents themselves; neither for a folder */
  from?: string;
  bytes?: Buffer;
  /** file type and permissions, as in st_mode */
  mode: number;
}

export function cpioArchive(entries: CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  const folders = new Set<string>();
  const inodes = new Map<string, number>();
  const names = entries.map(inodeOf);
  for (const [index, entry] of entries.entries()) {
    for (const folder of foldersOf(entry.path)) {
      if (!folders.has(folder)) parts.push(record(folder, Buffer.alloc(0), 0o40755, 0, 1));
      folders.add(folder);
    }
    // names of one file: the contents come with the first, the others are made links to it
    const name = names[index] as string;
    const links = names.filter((other) => other === name).length;
    const first = !inodes.has(name);
    const inode = inodes.get(name) ?? inodes.size + 1;
    inodes.set(name, inode);
    const bytes = entry.bytes ?? (entry.from ? readFileSync(entry.from) : Buffer.alloc(0));
    parts.push(record(entry.path, first ? bytes : Buffer.alloc(0), entry.mode, inode, links));
  }
  parts.push(record("/TRAILER!!!", Buffer.alloc(0), 0, 0, 1));
  return Buffer.concat(parts);
}

/** The same for hard links to one file. */
function inodeOf({ from, path }: CpioEntry): string {
  if (!from) return path;
  const { dev, ino } = statSync(from);
  return `${dev} ${ino}`;
}

/** "/a/b/c" lies in "/a" and "/a/b". */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

function record(path: string, bytes: Buffer, mode: number, inode: number, links: number): Buffer {
  const name = Buffer.from(`${path.slice(1)}\0`);
  // inode, mode, uid, gid, links, time, size, device (2), special device (2), name's size, check
  const fields = [inode, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const digits = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
  const head = pad(Buffer.concat([Buffer.from(`070701${digits}`), name]));
  return Buffer.concat([head, pad(bytes)]);
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
