import { expect, test } from "bun:test";
import { deal } from "../../lib/core/sharing.ts";
import { showOnce } from "../../lib/scheme/hand-out.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { expectFailure, repeatable } from "../core/helpers.ts";
import { textOf } from "../oracle/text.ts";
import { lines, scheme } from "./scheme-fixture.ts";

const line = lines[3];
/** The groups of four symbols behind `wdshare1`, by slicing text. */
function groupsOf(shareLine: Uint8Array): string[] {
  return textOf(shareLine)
    .slice("wdshare1".length)
    .match(/.{1,4}/g) as string[];
}
const groups = groupsOf(line);
const enter = "Write it down, then press Enter to clear the screen: ";
const again = "That is not what was shown. Press Enter to see the share again: ";

/** Someone who copied the share, and answers each prompt, group 0 being Enter; and what happened. */
function person(answer: (group: number) => string | undefined) {
  const log: string[] = [];
  const screen = {
    show: (text: string) => void log.push(text),
    keeps: false,
    turn: () => {
      log.push("turn");
      return () => void log.push("turn back");
    },
    clear: () => void log.push("clear"),
    async ask(prompt: string, { echo }: { echo: boolean }) {
      log.push(`${echo ? "" : "hidden "}${prompt}`);
      const typed = answer(Number(/^group (\d+): $/.exec(prompt)?.[1] ?? 0));
      return typed === undefined ? undefined : Uint8Array.from(Buffer.from(typed, "latin1"));
    },
  };
  return { screen, log };
}

/** What happens to someone who answers so. */
async function logOf(answer: (group: number) => string, shareLine = line): Promise<string[]> {
  const { screen, log } = person(answer);
  await showOnce(screen, scheme, shareLine);
  return log;
}

const right = (group: number) => (group === 0 ? "" : (groups[group - 1] as string));
const askedOf = (log: string[]) =>
  log.flatMap((said) => /^group (\d+)/.exec(said)?.[1] ?? []).map(Number);
const times = (log: string[], what: string) => log.filter((said) => said.startsWith(what)).length;

test("showOnce() shows the share, clears the screen, and asks for three of its groups, with echo", async () => {
  const [turn, clear, shown = "", ...rest] = await logOf(right);
  const prompts = askedOf(rest).map((group) => `group ${group}: `);
  const instruction = "Type these groups from your copy.\n";
  const before = ["turn", "clear", enter, "clear", instruction];
  expect([turn, clear, ...rest]).toEqual([...before, ...prompts, "turn back"]);
  expect(prompts).toHaveLength(3);
  expect(shown).toStartWith(
    `Offline share 4 of 4, offline-1; any 2 recover.
Set ${scheme.set}, generation 1.
Shown once, stored nowhere, unless the terminal is recorded (script, screen).\nEach row begins with the number of its first group.\n\n`,
  );
  expect(shown).toMatch(/[^\n]\n\n$/);
});

test("showOnce() shows rows that a person can copy, and groups by the numbers that are asked for", async () => {
  const [, , shown = ""] = await logOf(right);
  let copied = "";
  for (const [, number, row = ""] of shown.matchAll(/^ +(\d+) (.*)$/gm)) {
    copied += row.replaceAll(" ", "");
    const words = row.replace("wdshare1", "").trim().split(/ +/);
    const first = Number(number) - 1;
    expect(words).toEqual(groups.slice(first, first + words.length));
  }
  expect(copied).toBe(textOf(line));
});

test("showOnce() asks for different groups in order, and for every group one day", async () => {
  const seen = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const asked = askedOf(await logOf(right));
    expect(asked).toHaveLength(3);
    expect(asked).toEqual([...new Set(asked)].sort((a, b) => a - b));
    for (const group of asked) seen.add(group);
  }
  expect([...seen].sort((a, b) => a - b)).toEqual(groups.map((_, i) => i + 1));
});

test("showOnce() takes upper case, spaces and hyphens in a group", async () => {
  const ways: ((group: string) => string)[] = [
    (group) => group.toUpperCase(),
    (group) => ` ${group.split("").join(" ")}\t`,
    (group) => group.split("").join("-"),
  ];
  for (const way of ways) {
    expect(times(await logOf((group) => way(right(group))), again)).toBe(0);
  }
});

test("showOnce() begins again after any wrong answer, until all are right", async () => {
  const replaced = (group: string, last: string) => `${group.slice(0, -1)}${last}`;
  const wrong: ((group: string, number: number) => string)[] = [
    () => "",
    (group) => group.slice(1),
    (group) => `${group}q`,
    (group) => `${group}${group}`,
    (group) => replaced(group, group.endsWith("q") ? "p" : "q"),
    (group) => replaced(group, String.fromCharCode(group.charCodeAt(group.length - 1) | 0x80)),
    (_, number) => groups[number % groups.length] as string,
    () => textOf(line),
  ];
  for (const spoil of wrong) {
    for (const at of [1, 2, 3]) {
      let count = 0;
      const log = await logOf((group) =>
        group !== 0 && ++count === at ? spoil(right(group), group) : right(group),
      );
      expect([again, "Offline share", "clear"].map((what) => times(log, what))).toEqual([1, 2, 4]);
      expect(askedOf(log)).toHaveLength(at + 3);
      expect(log[log.indexOf(again) + 1]).toBe("clear");
    }
  }
});

test("showOnce() fails where the person gives up, whenever", async () => {
  const persons = [
    { answer: right, most: 4 },
    { answer: () => "wrong", most: 10 },
  ];
  for (const { answer, most } of persons) {
    for (let prompts = 0; prompts < most; prompts++) {
      let count = 0;
      const { screen, log } = person((group) => (count++ === prompts ? undefined : answer(group)));
      const showing = () => showOnce(screen, scheme, line);
      await expectFailure("refused", /^the offline share was not retyped$/, showing);
      expect(times(log, "Offline share")).toBeGreaterThan(0);
      expect(log.at(-1)).toBe("turn back");
    }
  }
});

test("showOnce() says first where the share will stay, and shows it only then", async () => {
  const { screen, log } = person((group) => (log.length < 3 ? undefined : right(group)));
  screen.keeps = true;
  const refusing = () => showOnce(screen, scheme, line);
  await expectFailure("refused", /^the offline share was not retyped$/, refusing);
  expect(log[0]).toStartWith("This terminal cannot be cleared, so the share would stay on it.");
  expect([log.length, log[1]?.includes("Press Enter to show it anyway")]).toEqual([2, true]);
  log.push("again");
  await showOnce(screen, scheme, line);
  expect(times(log, "Offline share")).toBe(1);
});

test("showOnce() knows shares of every length, and leaves the line as it was", async () => {
  for (const length of [1, 2, 3, 4, 5, 32, 119, 256]) {
    const [share] = deal(repeatable(length)(length), 2, 3).map(encodeShare) as [Uint8Array];
    const before = share.slice();
    const own = ["", ...groupsOf(share)];
    expect(times(await logOf((group) => own[group] as string, share), again)).toBe(0);
    expect(share).toEqual(before);
  }
});
