import { expect, test } from "bun:test";
import { join } from "node:path";
import { escapeControls } from "../../lib/system/messages.ts";
import { fileIn, folderOf, pathOf, withoutLoss } from "../../lib/system/paths.ts";
import { root } from "../../scripts/dev/project.ts";

test("pathOf() gives fs the bytes of a name, and plain names as they are", () => {
  for (const name of ["plain", "grün", "💀 \u{1f480}\u{1f4ff}", "\ufffd", "", "a/b"]) {
    expect(pathOf(name)).toBe(name);
  }
  expect(pathOf("k\udce4")).toEqual(Buffer.from([0x6b, 0xe4]));
  const every = Array.from({ length: 128 }, (_, i) => String.fromCharCode(0xdc80 + i)).join("");
  expect(pathOf(every)).toEqual(Buffer.from(Array.from({ length: 128 }, (_, i) => 0x80 + i)));
  expect(pathOf("ü\udc80💀")).toEqual(
    Buffer.concat([Buffer.from("ü"), Buffer.of(0x80), Buffer.from("💀")]),
  );
});

test("fileIn() and folderOf() keep every name, and find what node:path finds", () => {
  expect(fileIn("d\udce4", "x")).toBe("d\udce4/x");
  expect(folderOf("d\udce4/x")).toBe("d\udce4");
  const files = {
    ...{ a: ".", "a/b": "a", "/a": "/", "a//b": "a", "a/b/": "a", "./a": ".", "/": "/" },
    ...{ "../a": "..", "/a/b/c": "/a/b", "//a": "/" },
  };
  for (const [file, folder] of Object.entries(files)) {
    expect([file, folderOf(file)]).toEqual([file, folder]);
  }
  const folders = { D: "D/x", "D/": "D/x", "D//": "D/x", "/": "/x", ".": "./x" };
  for (const [folder, file] of Object.entries(folders)) expect(fileIn(folder, "x")).toBe(file);
});

test("messages show the bytes of a name that are no text", () => {
  expect(escapeControls("k\udce4\udc80 ü💀")).toBe("k\\xe4\\x80 ü💀");
});

/** What a process that is given these arguments, and then `--`, makes of the last ones. */
function told(script: string): string[] {
  const body = `
    import { withoutLoss } from ${JSON.stringify(join(root, "lib/system/paths.ts"))};
    console.log(JSON.stringify(withoutLoss(process.argv.slice(1))));`;
  const done = Bun.spawnSync(["sh", "-c", script], {
    env: { ...process.env, BUN: process.execPath, BODY: body },
  });
  return JSON.parse(done.stdout.toString()) as string[];
}

test("withoutLoss() takes arguments that are not UTF-8 from the command line", () => {
  const run = 'exec "$BUN" -e "$BODY" -- ';
  const some = `${run} a "$(printf 'k\\344')" '' "$(printf '\\303\\274\\202')" ü`;
  expect(told(some)).toEqual(["a", "k\udce4", "", "\udcc3\udcbc\udc82", "ü"]);
  const others = `${run} "$(printf '\\357\\277\\275')" "$(printf '\\355\\240\\200')"`;
  expect(told(others)).toEqual(["\ufffd", "\udced\udca0\udc80"]);
  const plain = ["a", "ü💀", ""];
  expect(withoutLoss(plain)).toBe(plain);
});
