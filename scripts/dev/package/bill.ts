/**
 * The software bill of materials (SBOM), as CycloneDX 1.5: the npm packages of the lock file, Bun,
 * what Bun says that it links, and Debian's archives. `npm sbom` knows only the first, and puts the time
 * and a random number into it.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dependencies } from "../../../package.json" with { type: "json" };
import type { ImageInputs } from "../image.ts";
import { root } from "../project.ts";
import type { Arch } from "../static/link.ts";
import { bunLicense } from "./notice.ts";

interface Locked {
  version: string;
  integrity: string;
  license: string;
}

export function billOfMaterials(version: string, arch: Arch, inputs: ImageInputs): string {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
  const fromNpm = (name: string) => {
    const { version, integrity, license } = lock.packages[`node_modules/${name}`] as Locked;
    const hash = Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");
    const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
    return {
      ...library(name, license),
      version,
      purl,
      hashes: [{ alg: "SHA-512", content: hash }],
    };
  };
  const fromDebian = ([name, origin]: [string, ImageInputs["archives"][string]]) => {
    const license = name === "libc.a" ? "MIT" : "GPL-3.0-or-later WITH GCC-exception-3.1";
    const purl = `pkg:deb/debian/${origin.package.replaceAll("+", "%2B")}@${origin.version}`;
    const hashes = [{ alg: "SHA-256", content: origin.sha256 }];
    return { ...library(name, license), version: origin.version, purl, hashes };
  };
  // rows such as: | [`brotli`](https://github.com/google/brotli) | MIT |
  const rows = read(bunLicense).matchAll(
    /^\|[^[|]*\[`?([^\]`]+)`?\]\(([^)]+)\)[^|]*\|\s*(.+?)\s*\|$/gm,
  );
  const linked = [...rows].map(([, name = "", url = "", license = ""]) => ({
    ...{ type: "library", name, licenses: [{ license: { name: license } }] },
    externalReferences: [{ type: "website", url }],
  }));
  const bun = `@oven/bun-linux-${arch === "x86_64" ? "x64" : "aarch64"}-musl`;
  const components = [
    ...[...Object.keys(dependencies), bun].map(fromNpm),
    ...Object.entries(inputs.archives).map(fromDebian),
    ...[library("JavaScriptCore", "LGPL-2.0-or-later"), ...linked],
  ];
  const component = { type: "application", name: "worstday", version };
  const head = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, metadata: { component } };
  return `${JSON.stringify({ ...head, components }, null, 2)}\n`;
}

function library(name: string, expression: string) {
  return { type: "library", name, licenses: [{ expression }] };
}
