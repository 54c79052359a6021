// What some cases need of the machine: programs, root, another user, mounts of their own.

import { existsSync } from "node:fs";

/** Why a case cannot run here, if it cannot. */
export type Need = { missing: string | undefined };

const { PATH = "/usr/bin:/bin" } = process.env;
export const searchPath = `${PATH}:/usr/sbin:/sbin`;
const isRoot = process.getuid?.() === 0;

/** Where a program lies, for shells that would run an applet of their own in its place. */
export function which(name: string): string | null {
  return Bun.which(name, { PATH: searchPath });
}

/** A need for anything. */
export function need(met: boolean, otherwise: string): Need {
  return { missing: met ? undefined : otherwise };
}

/** A need for a program. */
export function program(name: string, why: string): Need {
  return need(which(name) !== null, `${name} is missing (${why})`);
}

/** The start of a line that runs a command without root's rights. */
export const asNobody = isRoot
  ? `${which("setpriv")} --reuid=65534 --regid=65534 --clear-groups `
  : "";

/** Needs for a case with `asNobody`: root can become nobody, and nobody can read `files`. */
export function anotherUser(...files: string[]): Need[] {
  if (!isRoot) return [];
  const setpriv = program("setpriv", "to run as another user");
  if (setpriv.missing !== undefined) return [setpriv];
  const readable = files.filter(existsSync).every((file) => {
    return Bun.spawnSync([...asNobody.trim().split(" "), "test", "-r", file]).success;
  });
  return [need(readable, "nobody but root may read the project's files")];
}

/** Needs for a case that mounts something where nobody else sees it. */
export function ownMounts(): Need[] {
  const unshare = which("unshare");
  const able = isRoot && unshare !== null && Bun.spawnSync([unshare, "-m", "true"]).success;
  return [need(able, "root and unshare are needed to mount for one test only")];
}

/** Needs for an exFAT file system out of a file. */
export function exfat(): Need[] {
  const devices = ["/dev/fuse", "/dev/loop-control"].every((path) => existsSync(path));
  return [
    program("mkfs.exfat", "Debian's exfatprogs"),
    program("mount.exfat-fuse", "Debian's exfat-fuse"),
    program("losetup", "to mount an image"),
    need(devices, "/dev/fuse or /dev/loop-control is missing (to mount an image)"),
    ...ownMounts(),
  ];
}
