import { expect, test } from "bun:test";
import { fileIn, folderOf } from "../../lib/system/paths.ts";

test("fileIn() and folderOf() find what node:path finds", () => {
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
