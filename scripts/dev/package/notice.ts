/**
 * NOTICE: the licences of all that is in an executable, in full. Nothing of it is kept in the project:
 * the texts come from node_modules, from what Bun's authors say about Bun, and from Debian's packages.
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dependencies } from "../../../package.json" with { type: "json" };
import type { ImageInputs } from "../image.ts";
import { cache, ownArch, root } from "../project.ts";
import { debianPackages } from "../static/link.ts";

/** Debian's packages of what Bun links, for their texts: Bun's own packages have none. */
const linkedByBun = {
  "libjavascriptcoregtk-4.1-0": "JavaScriptCore and WebKit",
  "android-libboringssl": "BoringSSL",
  "libmimalloc-dev": "mimalloc",
  "icu-devtools": "ICU",
  "libarchive-dev": "libarchive",
  "libbrotli-dev": "brotli",
  "libc-ares-dev": "c-ares",
  "libdeflate-dev": "libdeflate",
  "libhwy-dev": "highway",
  "libjpeg62-turbo-dev": "libjpeg-turbo",
  "libspng-dev": "libspng",
  "libsqlite3-dev": "SQLite",
  "libwebp-dev": "libwebp",
  "libzstd-dev": "zstd",
  "zlib1g-dev": "zlib",
};

/** To which the texts above refer. */
const common = ["Apache-2.0", "GPL-2", "GPL-3", "LGPL-2", "LGPL-2.1"];

export function notice(inputs: ImageInputs): string {
  const ownPackages = Object.values(inputs.archives).map((origin) => origin.package);
  const fetched = debianPackages(Object.keys(linkedByBun), ownArch, cache);
  const doc = (name: string) => `usr/share/doc/${name}/copyright`;
  const sections = [
    section("worstday", "LICENSE"),
    ...Object.keys(dependencies).flatMap((name) =>
      globSync(`node_modules/${name}/{,dist/}*LICENSE*`, { cwd: root })
        .sort()
        .map((file) => section(name, file)),
    ),
    section(`Bun ${inputs.bun.version}, and what it links`, bunLicense),
    ...[...new Set(ownPackages)].map((name) => section(`Debian's ${name}`, `/${doc(name)}`)),
    ...Object.entries(linkedByBun).map(([name, title]) => {
      const file = globSync(`${name}_*/${doc(name)}`, { cwd: fetched })[0] ?? name;
      return section(`${title}, as in Debian's ${name}`, join(fetched, file));
    }),
    ...common.map((name) => section(name, `/usr/share/common-licenses/${name}`)),
  ];
  return `${preface}\n${sections.join("\n")}`;
}

/** The page about Bun's licence, in the package with Bun's types: of the same version. */
export const bunLicense = "node_modules/bun-types/docs/project/license.mdx";

const preface = `What is in the executables of worstday, and under which licences

An executable holds worstday, the npm packages that it uses, Bun with all that Bun links, and, of
Debian's packages, musl's libc and GCC's libstdc++, libgcc and libgcc_eh. GCC's are under GPL-3 with the
GCC Runtime Library Exception, which lets them be linked into any program.

JavaScriptCore is under LGPL-2, TinyCC under LGPL-2.1. To put others in their place: build Bun as its
page below says, put it where "npm run build" keeps Bun, and run "npm run build" in worstday's sources.

Bun's packages hold no texts of licences, but a page that names all that Bun links and where each text
is. That page is here, in full. Of most of what it names, the text follows as Debian has it, from a
version of the same project that may be another than Bun's. Of the rest, only the address is here: lol-html,
ls-hpack, ls-qpack, lsquic, picohttpparser, simdutf, TinyCC, uSockets, uWebSockets, zlib-ng, libbase64,
HdrHistogram_c, Tigerbeetle, and the polyfills.
`;

function section(title: string, file: string): string {
  const path = file.startsWith("/") ? file : join(root, file);
  if (!existsSync(path)) throw new Error(`no text of the licence of ${title}: ${path}`);
  return `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${readFileSync(path, "utf8")}`;
}
