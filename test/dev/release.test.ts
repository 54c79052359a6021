/** What a release is made of, with a small program in place of the executable. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareArchives, compareImages } from "../../scripts/dev/package/compare.ts";
import { pack, sign, signAsMinisign } from "../../scripts/dev/package/pack.ts";
import { bin, root } from "../../scripts/dev/project.ts";
import { start } from "./machine.ts";

const name = "worstday-9.8.7-x86_64";
const deb = "worstday_9.8.7_amd64.deb";
const apk = "worstday-9.8.7-r0.x86_64.apk";
const release = { version: "9.8.7", commit: "0123456789abcdef", time: 1_700_000_000 };
let folder = "";

function shell(script: string): string {
  const done = start(["sh", "-euc", script], { cwd: folder });
  expect([done.stderr, done.exitCode]).toEqual(["", 0]);
  return done.stdout;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "worstday-release-"));
  for (const to of ["from", "from/x86_64", "first", "second"]) mkdirSync(join(folder, to));
  const image = join(folder, "from/x86_64/worstday");
  writeFileSync(image, "#!/bin/sh\necho it runs\n", { mode: 0o755 });
  for (const command of ["combine", "split"]) linkSync(image, join(folder, "from/x86_64", command));
  cpSync(join(bin, "inputs.json"), join(folder, "from/x86_64/inputs.json"));
  cpSync(join(root, "dist/man"), join(folder, "from/man"), { recursive: true });
  for (const to of ["first", "second"]) {
    await pack(join(folder, "from"), "x86_64", join(folder, to), release);
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("packed twice, every file is the same, bit for bit", () => {
  expect(shell("ls first; diff -r first second").trim().split("\n").toSorted()).toEqual(
    [`${name}.tar.gz`, `${name}.tar.xz`, `${name}.apkovl.tar.gz`, deb, apk].toSorted(),
  );
});

test("busybox unpacks both archives into the same tree, one image under all names", () => {
  shell(`mkdir gz xz
    busybox tar -xzf first/${name}.tar.gz -C gz; busybox tar -xJf first/${name}.tar.xz -C xz
    diff -r gz xz`);
  const tree = join(folder, "gz", name);
  const inodes = ["worstday", "combine", "split"].map((file) => statSync(join(tree, file)).ino);
  expect(new Set(inodes).size).toBe(1);
  const owners = shell(`tar -tvzf first/${name}.tar.gz`).match(/ \d+\/\d+ +\d+ [\d: -]{16} /g);
  expect(new Set(owners?.map((text) => text.replace(/ +\d+ (?=\d{4}-)/, " ")))).toHaveLength(1);
  for (const file of ["README.md", "SECURITY.md", "OPERATIONS.md", "SPEC.md", "recover.py"]) {
    expect(readFileSync(join(tree, file))).toEqual(readFileSync(join(root, file)));
  }
  const readme = readFileSync(join(tree, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, to = ""]) => to);
  expect(links).toContain("RUNBOOK.md");
  for (const file of [...links, "man/worstday-combine.1"]) {
    expect([file, existsSync(join(tree, file))]).toEqual([file, true]);
  }
  const { source } = JSON.parse(readFileSync(join(tree, "inputs.json"), "utf8"));
  expect(source).toEqual({ tag: "v9.8.7", commit: release.commit });
});

test("the overlay has what Alpine asks for, worstday on PATH, and root's papers", () => {
  const names = shell(`mkdir overlay; busybox tar -xzf first/${name}.apkovl.tar.gz -C overlay
    cat overlay/etc/apk/world; stat -c %a overlay/root; overlay/usr/local/bin/worstday
    cd overlay; find . -type f | sort`);
  const files = ["etc/.default_boot_services", "etc/apk/world"];
  files.push(
    "root/RUNBOOK.md",
    "root/TROUBLESHOOTING.md",
    "root/recover.py",
    "usr/local/bin/worstday",
  );
  expect(names).toBe(`alpine-base\n700\nit runs\n${files.map((one) => `./${one}\n`).join("")}`);
});

test("NOTICE has the licences in full, and the bill of materials each component", () => {
  const text = readFileSync(join(folder, "gz", name, "NOTICE"), "utf8");
  for (const part of [
    ...["Copyright (c) 2022 Paul Miller", "Rich Felker", "BoringSSL"],
    ...["Bun itself is MIT-licensed", "GCC RUNTIME LIBRARY EXCEPTION", "Daan Leijen", "citty"],
    ...["GNU LIBRARY GENERAL PUBLIC LICENSE", "Apache License", "Apple Inc", "Jean-loup Gailly"],
  ]) {
    expect([part, text.includes(part)]).toEqual([part, true]);
  }
  const bill = JSON.parse(readFileSync(join(folder, "gz", name, "sbom.cdx.json"), "utf8"));
  const names = bill.components.map((component: { name: string }) => component.name);
  expect(names).toEqual(expect.arrayContaining(["@noble/curves", "qr", "libc.a", "libstdc++.a"]));
  expect(names).toEqual(expect.arrayContaining(["JavaScriptCore", "boringssl", "mimalloc"]));
});

test("stock OpenSSH verifies the signature of SHA256SUMS, and refuses what was changed", async () => {
  shell(`ssh-keygen -q -t ed25519 -N "" -C "" -f key; cd first; sha256sum worstday* > SHA256SUMS`);
  await sign(join(folder, "first/SHA256SUMS"), join(folder, "key"));
  const verify = `printf 'release namespaces="worstday" %s\n' "$(cat key.pub)" > signers
    ssh-keygen -Y verify -f signers -I release -n worstday -s first/SHA256SUMS.sig`;
  expect(shell(`${verify} < first/SHA256SUMS`)).toStartWith('Good "worstday" signature');
  expect(start(["sh", "-c", `${verify} < key.pub`], { cwd: folder }).exitCode).not.toBe(0);
});

test("minisign verifies its signature of SHA256SUMS, and refuses what was changed", async () => {
  shell("minisign -G -W -p release.pub -s mini.key; sha256sum first/worstday* > SHA256SUMS");
  await signAsMinisign(join(folder, "SHA256SUMS"), join(folder, "mini.key"));
  const verify = "minisign -V -p release.pub -m SHA256SUMS";
  expect(shell(verify)).toStartWith("Signature and comment signature verified");
  shell("echo >> SHA256SUMS");
  expect(start(["sh", "-c", verify], { cwd: folder }).exitCode).not.toBe(0);
});

test("what differs between two builds is named: an input, a file, its mode, the compression", async () => {
  const said = (compared: Promise<void>) =>
    compared.then(
      () => "",
      (error: Error) => error.message,
    );
  const images = () => said(compareImages(join(folder, "a"), join(folder, "b")));
  const packed = (script: string, z = "gz") => {
    shell(`rm -rf c; cp -al a c; cd c; ${script}; cd ..; tar --sort=name -caf b.tar.${z} c`);
    return said(compareArchives(join(folder, "a.tar.gz"), join(folder, `b.tar.${z}`)));
  };
  shell(
    "mkdir a; cp -a gz/*/. a; cp -al a b; tar --sort=name -czf a.tar.gz --transform 's/^a/c/' a",
  );
  expect([await images(), await packed(":")]).toEqual(["", ""]);
  expect(await packed("rm README.md; echo > README.md; rm NOTICE")).toBe(
    "worstday is the same, but:\nOnly in first: NOTICE\nFiles first/README.md and second/README.md differ\n",
  );
  expect(await packed("cp -p LICENSE x; mv x LICENSE; chmod 600 LICENSE")).toMatch(
    /^worstday is the same, but:\n.*\n< -rw-r--r-- .*LICENSE\n---\n> -rw------- .*LICENSE\n$/,
  );
  expect(await packed(":", "xz")).toBe("worstday is the same, but:\nonly the compression differs");
  shell("rm b/worstday; echo > b/worstday");
  expect(await images()).toBe("worstday differs, but no input that inputs.json names");
  shell('sed \'s/"version": .*",/"version": "1.2.3",/\' a/inputs.json > x; mv x b/inputs.json');
  const bun = JSON.parse(readFileSync(join(bin, "inputs.json"), "utf8")).bun.version;
  expect(await images()).toContain(
    `and so do these inputs (of the first / of the second):\n  bun.version: ${bun} / 1.2.3\n`,
  );
});

const installed = ["usr/bin/worstday", "usr/share/doc/worstday/RUNBOOK.md"];

test("dpkg installs the package, only worstday on PATH, and leaves nothing when it removes it", () => {
  shell(`mkdir -p system/var/lib/dpkg/info system/var/lib/dpkg/updates; : > system/var/lib/dpkg/status
    dpkg="dpkg --root=$PWD/system --force-not-root --force-script-chrootless --log=/dev/null"
    $dpkg -i first/${deb} > out; system/usr/bin/worstday | grep -qx 'it runs'
    ls system/usr/bin > path; ls system/usr/share/man/man1 > man; $dpkg --verify worstday
    for file in ${installed.join(" ")}; do [ -f system/$file ]; done
    $dpkg -P worstday >> out; [ ! -e system/usr ]`);
  expect(readFileSync(join(folder, "path"), "utf8")).toBe("worstday\n");
  expect(readFileSync(join(folder, "man"), "utf8")).toContain("worstday-combine.1.gz\n");
});

test("the Alpine package is laid out as apk-tools reads it: .PKGINFO, hashes, no scripts", () => {
  const names = shell(`tar --warning=no-unknown-keyword -tzf first/${apk}`).trim().split("\n");
  expect(names).toEqual(expect.arrayContaining([".PKGINFO", "usr/bin/", ...installed]));
  expect(names.filter((one) => one.startsWith(".") || /bin\/./.test(one))).toEqual([
    ...[".PKGINFO", "usr/bin/worstday"],
  ]);
  const info = shell(`tar --warning=no-unknown-keyword -xOzf first/${apk} .PKGINFO`);
  expect(info).toContain("pkgname = worstday\npkgver = 9.8.7-r0\n");
  // the data is the second gzip stream, which the first names by its hash
  const bytes = readFileSync(join(folder, "first", apk));
  const data = bytes.subarray(bytes.indexOf(Buffer.from([0x1f, 0x8b, 8, 0]), 10));
  expect(info).toContain(
    `datahash = ${new Bun.CryptoHasher("sha256").update(data).digest("hex")}\n`,
  );
  const sha1 = shell("sha1sum < from/x86_64/worstday").slice(0, 40);
  expect(Buffer.from(Bun.gunzipSync(data)).includes(`APK-TOOLS.checksum.SHA1=${sha1}\n`)).toBe(
    true,
  );
});
