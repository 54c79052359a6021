import { expect, test } from "bun:test";
import { deal } from "../../lib/core/sharing.ts";
import { showOnce } from "../../lib/scheme/offline.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { expectFailure, repeatable } from "../core/helpers.ts";
import { textOf } from "../oracle/text.ts";
import { lines, scheme } from "./scheme-fixture.ts";

const line = lines[3];
const groups = groupsOf(line);

/** The groups of four symbols behind `wdshare1`, by slicing text. */
function groupsOf(shareLine: Uint8Array): string[] {
  return textOf(shareLine)
    .slice("wdshare1".length)
    .match(/.{1,4}/g) as string[];
}

/** Someone who copied the share, and answers each prompt; what happened, in order. */
function person(answer: (group: number, prompt: string) => string | undefined) {
  const log: string[] = [];
  const screen = {
    show: (text: string) => void log.push(text),
    clear: () => void log.push("clear"),
    async ask(prompt: string, { echo }: { echo: boolean }) {
      log.push(`${echo ? "" : "hidden "}${prompt}`);
      const typed = answer(Number(/^group (\d+): $/.exec(prompt)?.[1] ?? 0), prompt);
      return typed === undefined ? undefined : Uint8Array.from(Buffer.from(typed, "latin1"));
    },
  };
  return { screen, log };
}
const right = (group: number) => (group === 0 ? "" : (groups[group - 1] as string));
const askedOf = (log: string[]) =>
  log.flatMap((said) => /^group (\d+)/.exec(said)?.[1] ?? []).map(Number);
const instruction = "Type these groups from your copy.\n";
const enter = "Write it down, then press Enter to clear the screen: ";
const again = "That is not what was shown. Press Enter to see the share again: ";

test("showOnce() shows the share, clears the screen, and asks for three of its groups", async () => {
  const { screen, log } = person(right);
  await showOnce(screen, scheme, line);
  const [shown = ""] = log.splice(1, 1);
  const asked = askedOf(log);
  expect(log).toEqual([
    "clear",
    enter,
    "clear",
    instruction,
    ...asked.map((group) => `group ${group}: `),
  ]);
  expect(asked).toHaveLength(3);
  const [first, second, blank, ...rows] = shown.split("\n");
  const { set } = scheme;
  expect(first).toBe(`Offline share 4 of 4; any 2 recover. Set ${set}, generation 1.`);
  expect(second).toBe(
    "Shown once, stored nowhere. Each row begins with the number of its first group.",
  );
  expect([blank, ...rows.slice(-2)]).toEqual(["", "", ""]);
});

test("showOnce() shows rows that a person can copy, and groups by the numbers that are asked for", async () => {
  const { screen, log } = person(right);
  await showOnce(screen, scheme, line);
  const rows = (log[1] as string).split("\n").filter((row) => /^ +\d+ /.test(row));
  const copied = rows.map((row) => row.replace(/^ +\d+/, "").replaceAll(" ", "")).join("");
  expect(copied).toBe(textOf(line));
  for (const row of rows) {
    const number = Number(/^ +(\d+)/.exec(row)?.[1]);
    const words = row
      .replace(/^ +\d+/, "")
      .replace("wdshare1", "")
      .trim()
      .split(/ +/);
    expect(words).toEqual(groups.slice(number - 1, number - 1 + words.length));
  }
});

test("showOnce() asks for different groups in order, and for every group one day", async () => {
  const seen = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const { screen, log } = person(right);
    await showOnce(screen, scheme, line);
    const asked = askedOf(log);
    expect(asked).toHaveLength(3);
    expect(asked).toEqual([...new Set(asked)].sort((a, b) => a - b));
    for (const group of asked) seen.add(group);
  }
  expect([...seen].sort((a, b) => a - b)).toEqual(groups.map((_, i) => i + 1));
});

test("showOnce() takes upper case, spaces and hyphens in a group, and nothing else", async () => {
  const ways: ((group: string) => string)[] = [
    (group) => group.toUpperCase(),
    (group) => ` ${group.split("").join(" ")}\t`,
    (group) => group.split("").join("-"),
  ];
  for (const way of ways) {
    const { screen, log } = person((group) => (group === 0 ? "" : way(right(group))));
    await showOnce(screen, scheme, line);
    expect(log.filter((said) => said === "clear")).toHaveLength(2);
  }
});

test("showOnce() begins again after any wrong answer, until all are right", async () => {
  const wrong: ((group: string, number: number) => string)[] = [
    () => "",
    (group) => group.slice(1),
    (group) => `${group}q`,
    (group) => `${group}${group}`,
    (group) => `${group.slice(0, -1)}${group.endsWith("q") ? "p" : "q"}`,
    (group) =>
      `${group.slice(0, -1)}${String.fromCharCode(group.charCodeAt(group.length - 1) | 0x80)}`,
    (_, number) => groups[number % groups.length] as string,
    () => textOf(line),
  ];
  for (const spoil of wrong) {
    for (const at of [1, 2, 3]) {
      let count = 0;
      const { screen, log } = person((group) => {
        if (group === 0) return "";
        return ++count === at ? spoil(right(group), group) : right(group);
      });
      await showOnce(screen, scheme, line);
      expect(log.filter((said) => said === again)).toHaveLength(1);
      expect(log.filter((said) => said.startsWith("Offline share"))).toHaveLength(2);
      expect(log.filter((said) => said === "clear")).toHaveLength(4);
      expect(askedOf(log)).toHaveLength(at + 3);
      expect(log[log.indexOf(again) + 1]).toBe("clear");
    }
  }
});

test("showOnce() fails where the person gives up, whenever", async () => {
  const gaveUp = /^the offline share was not retyped$/;
  for (let prompts = 0; prompts < 6; prompts++) {
    let count = 0;
    const { screen, log } = person((group, prompt) => {
      if (count++ === prompts) return undefined;
      return prompts === 5 && prompt !== enter && prompt !== again ? "wrong" : right(group);
    });
    if (prompts === 4)
      await showOnce(screen, scheme, line); // one answer to Enter, three to groups
    else await expectFailure("refused", gaveUp, () => showOnce(screen, scheme, line));
    expect(log.filter((said) => said.startsWith("Offline share")).length).toBeGreaterThan(0);
  }
});

test("showOnce() lets the person see what they type", async () => {
  const { screen, log } = person(right);
  await showOnce(screen, scheme, line);
  expect(log.filter((said) => said.startsWith("hidden"))).toEqual([]);
});

test("showOnce() knows shares of every length, and leaves the line as it was", async () => {
  for (const length of [1, 2, 3, 4, 5, 32, 119, 256]) {
    const [share] = deal(repeatable(length)(length), 2, 3).map(encodeShare) as [Uint8Array];
    const before = share.slice();
    const own = groupsOf(share);
    const { screen, log } = person((group) => (group === 0 ? "" : (own[group - 1] as string)));
    await showOnce(screen, scheme, share);
    expect(log.filter((said) => said === again)).toEqual([]);
    expect(share).toEqual(before);
  }
});
