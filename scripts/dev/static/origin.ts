/** Says what a link was made of: each archive's package and hash, and the tools' versions. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";

export interface Inputs {
  /** from the tool to the first line that it says of its version */
  tools: Record<string, string>;
  /** from the archive's name */
  archives: Record<string, Origin & { sha256: string }>;
}

/** Of Debian; on other systems, and for what no package has, both are empty. */
export interface Origin {
  package: string;
  version: string;
}

export function linkInputs({ as, ld, strip, cc, archives }: Toolchain): Inputs {
  const version = (tool: string) => run(tool, ["--version"]).split("\n")[0] ?? "";
  const tools = Object.entries({ as, ld, strip, cc }).map(([name, tool]) => [name, version(tool)]);
  const files = archives.map((path) => [basename(path), { ...originOf(path), sha256: hash(path) }]);
  return { tools: Object.fromEntries(tools), archives: Object.fromEntries(files) };
}

export function originOf(path: string): Origin {
  // unpacked by debian.ts, in a folder named like the package's file; a colon in it is %3a
  const unpacked = /\/([^/_]+)_([^/_]+)_[^/_]+\/usr\//.exec(path);
  if (unpacked) {
    return { package: unpacked[1] ?? "", version: decodeURIComponent(unpacked[2] ?? "") };
  }
  try {
    const [name = ""] = run("dpkg-query", ["-S", path]).split(": ");
    const version = run("dpkg-query", ["-W", "-f", `\${Version}`, name]);
    return { package: name.replace(/:.*/, ""), version };
  } catch {
    return { package: "", version: "" };
  }
}

function hash(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
