import { expect, test } from "bun:test";
import fc from "fast-check";
import { isName } from "../../lib/scheme/fields.ts";
import { offlineNames, splitHolder } from "../../lib/scheme/holder-flags.ts";
import { codeOf, expectFailure } from "../core/helpers.ts";

test("splitHolder() cuts at the first equals sign", () => {
  expect(splitHolder("a=a.pub")).toEqual({ name: "a", key: "a.pub" });
  expect(splitHolder("node-1.x_y=./x=y=")).toEqual({ name: "node-1.x_y", key: "./x=y=" });
  expect(splitHolder("a= b")).toEqual({ name: "a", key: " b" });
});

test("splitHolder() refuses what is not NAME=KEY, and never repeats it", async () => {
  for (const argument of ["", "a", "a.pub", "wdpub1qqq", "a="]) {
    await expectFailure("usage", /^--holder takes NAME=KEY$/, () => splitHolder(argument));
  }
  for (const name of ["", "A", "offline", "../a", "a\n"]) {
    const words = /^--holder takes NAME=KEY, and this NAME cannot be used$/;
    const { hint } = await expectFailure("usage", words, () => splitHolder(`${name}=a.pub`));
    expect(hint).toContain("begin with a letter or digit");
  }
  const property = fc.property(fc.string(), (argument) => {
    const code = codeOf(() => expect(isName(splitHolder(argument).name)).toBe(true));
    expect(["none", "usage"]).toContain(code);
  });
  fc.assert(property);
});

test("offlineNames() takes a number once, or names", async () => {
  expect(offlineNames([])).toBe(undefined);
  expect([offlineNames(["0"]), offlineNames(["2"])]).toEqual([[], ["offline-1", "offline-2"]]);
  expect(offlineNames(["alice"])).toEqual(["alice"]);
  expect(offlineNames(["alice", "bob-2"])).toEqual(["alice", "bob-2"]);
  for (const wrong of ["255", "1x", "-1", "1.5"]) {
    await expectFailure("usage", /^--offline takes a whole number/, () => offlineNames([wrong]));
  }
  for (const wrong of [
    ["1", "alice"],
    ["alice", "2"],
    ["1", "1"],
    ["offline"],
    ["Alice"],
    ["../a"],
  ]) {
    await expectFailure("usage", /^--offline takes a number once, or/, () => offlineNames(wrong));
  }
});
