/** The global symbols of an archive's members (ar(5)), or of one object; far faster than nm. */
import { readFileSync } from "node:fs";
import { type ElfSymbol, sectionSymbols } from "../../scripts/dev/static/elf-symbols.ts";

export function globalSymbols(file: string): ElfSymbol[] {
  const bytes = readFileSync(file);
  const members = bytes.toString("latin1", 0, 8) === "!<arch>\n" ? archiveMembers(bytes) : [bytes];
  return members
    .filter((member) => member.toString("latin1", 0, 4) === "\x7fELF")
    .flatMap((member) =>
      sectionSymbols({ name: file, bytes: member, machine: 0, entry: 0, segments: [] }),
    )
    .filter(({ name, bind }) => name && bind !== "local");
}

function archiveMembers(bytes: Buffer): Buffer[] {
  const members: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const size = Number.parseInt(bytes.toString("latin1", at + 48, at + 58), 10);
    members.push(bytes.subarray(at + 60, at + 60 + size));
    at += 60 + size + (size % 2);
  }
  return members;
}
