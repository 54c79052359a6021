import { expect, test } from "bun:test";
import { toHex } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { askForShares } from "../../lib/typing/entry.ts";
import { numberedRows } from "../../lib/typing/groups.ts";
import { sealShare } from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { expectFailure, repeatable } from "../core/helpers.ts";
import { textOf } from "../oracle/text.ts";
import { observeWipes } from "../scheme/observe.ts";
import { bent, lines, master, privateKeys, screenOf, shares } from "../scheme/scheme-fixture.ts";

const [one, two, three] = lines.map(textOf) as [string, string, string];
const set = toHex(shares[0].setId);
const foreign = deal(master, 2, 4, repeatable(9)) as [Share, Share];
const foreignSet = toHex(foreign[0].setId);
const [other] = foreign.map((share) => textOf(encodeShare(share))) as [string];
const quiet = { wanted: undefined, echo: false, accept: false };
type Options = Parameters<typeof askForShares>[1];

/** Enters these, and gives what was taken with all that the screen showed. */
async function enter(options: Options, ...typed: string[]) {
  const screen = screenOf(...typed);
  const taken = await askForShares(screen, options);
  return { taken, screen, asked: screen.asked.map(({ prompt }) => prompt) };
}

test("askForShares() asks until the shares are enough, and says how many are missing", async () => {
  const { taken, screen, asked } = await enter(quiet, one, three);
  expect(taken).toEqual([
    { where: "share 1", share: shares[0] },
    { where: "share 2", share: shares[2] },
  ]);
  expect(asked).toEqual(["share 1: ", "share 2: "]);
  expect(screen.shown).toBe(
    "Type each share on one line, or row by row as on its card, with ? for what you\n" +
      "cannot read. Spaces, hyphens and case do not matter. Ctrl-D ends input.\n" +
      "Nothing is shown while you type; --echo shows it.\n" +
      `  share 1 of set ${set}: good; 1 more needed\n` +
      `  share 3 of set ${set}: good; that is enough\n`,
  );
});

test("askForShares() counts down from every threshold, and shows what is typed only if asked to", async () => {
  for (const k of [1, 2, 5]) {
    const dealt = deal(master, k, 5).map((share) => textOf(encodeShare(share)));
    const { screen, taken } = await enter({ ...quiet, echo: k === 2 }, ...dealt);
    expect(taken).toHaveLength(k);
    expect(screen.asked.map(({ echo }) => echo)).toEqual(new Array(k).fill(k === 2));
    const missing = [...screen.shown.matchAll(/good; (?:(\d) more needed|that is enough)/g)];
    expect(missing.map(([, count]) => Number(count ?? 0))).toEqual(
      Array.from({ length: k }, (_, i) => k - 1 - i),
    );
  }
});

test("askForShares() takes spaces, hyphens and upper case, as files may have them", async () => {
  const grouped = two.replace(/.{4}/g, "$& -");
  const { taken } = await enter(quiet, ` ${one.toUpperCase()}\t`, grouped);
  expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
});

test("askForShares() asks again for a share that is mistyped, and says what is wrong", async () => {
  for (const typed of ["hello", `${one}${two}`, "wdpub1", "zo\u00eb", `${three}${"q".repeat(9)}`]) {
    const { screen, asked, taken } = await enter(quiet, one, typed, two);
    expect(taken).toHaveLength(2);
    expect(asked).toEqual(["share 1: ", "share 2: ", "share 2: "]);
    const refusal = screen.shown.split("\n")[4];
    expect(refusal).toMatch(/^ {2}\S.*; try again$/);
    expect(screen.shown).not.toContain(typed);
  }
});

const offer = "  accept the correction that the checksum suggests? (yes or no) ";
/** With its 12th symbol, group 3, symbol 4, mistyped. */
const mistype = (line: string) => {
  return line.replace(/^(.{19})(.)/, (_, start, symbol) => start + (symbol === "q" ? "p" : "q"));
};

test("askForShares() offers what the checksum suggests, and takes it if the person says yes", async () => {
  for (const yes of ["yes", "y", " Yes ", "Y"]) {
    const { screen, taken, asked } = await enter(quiet, mistype(one), yes, two);
    expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
    expect(asked).toEqual(["share 1: ", offer, "share 2: "]);
    expect(screen.asked[1]?.echo).toBe(false);
    expect(screen.shown).toContain("group 3, symbol 4");
    expect(screen.shown).not.toContain(one.slice(8, 12)); // not shown where nothing else is
  }
});

test("askForShares() asks again where the person does not want what is suggested", async () => {
  for (const no of ["no", "", "n", "yess", "yes no", two]) {
    for (const again of [one, rowsOf(one)[0] as string]) {
      const { screen, taken, asked } = await enter(quiet, mistype(one), no, again, two);
      expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
      expect(asked).toEqual(["share 1: ", offer, "share 1: ", "share 2: "]);
      expect(screen.shown).not.toContain("accept-corrections");
      expect(screen.shown).toContain("\n  it was not corrected; try again\n");
    }
  }
  const screen = screenOf(mistype(one));
  await expectFailure("too-few", /^no shares$/, () => askForShares(screen, quiet));
  expect(screen.asked).toHaveLength(3);
});

test("askForShares() shows what is suggested where what is typed is shown", async () => {
  const { screen } = await enter({ ...quiet, echo: true }, mistype(one), "yes", two);
  const rows = screen.shown.split("\n").filter((row) => /^ +\d+ {2}/.test(row));
  expect(rows.map((row) => row.replace(/^ +\d+/, "").replaceAll(" ", "")).join("")).toBe(one);
});

/** A share in the rows of its card, with their numbers. */
const rowsOf = (line: string) => numberedRows(Buffer.from(line));
const bare = (rows: string[]) => rows.map((row) => row.replace(/^ *\d+ /, ""));
/** With other symbols in these places. */
const spoilt = (line: string, ...places: number[]) =>
  places.reduce((wrong, at) => {
    return wrong.slice(0, at) + (wrong[at] === "q" ? "p" : "q") + wrong.slice(at + 1);
  }, line);
const far = spoilt(one, 20, 30, 40, 60, 70, 80);

const ways: [what: string, typed: string[], prompts: string[]][] = [
  ["rows with numbers", rowsOf(one), ["11", "21"]],
  ["rows without", bare(rowsOf(one)), ["11", "21"]],
  ["some with", [bare(rowsOf(one))[0] ?? "", ...rowsOf(one).slice(1)], ["11", "21"]],
  ["lines that mail wrapped", [one.slice(0, 76), one.slice(76)], ["18"]],
  ["lines that a console wrapped", [one.slice(0, 80), one.slice(80)], ["19"]],
  ["mixed case", [one.replace(/\w/g, (c, at) => (at % 3 ? c : c.toUpperCase()))], []],
  ["wdsharel", [`wdsharel${one.slice(8)}`], []],
  ["wdshara1", [`WDSHARA1${one.slice(8)}`], []],
  ["wdshrae1", [`wdshrae1${one.slice(8)}`], []],
  ["wdshar1", [`wdshar1${one.slice(8)}`], []],
  ["no prefix", [one.slice(8)], []],
  ["rows and a mistyped prefix", bare(rowsOf(one)).map((r) => r.replace("e1", "el")), ["11", "21"]],
  ["y for z", [one.replace(/[yz]/g, (c) => (c === "y" ? "z" : "y"))], []],
];

test.each(ways)("askForShares() takes %s", async (_, typed, groups) => {
  const { taken, asked } = await enter(quiet, ...typed, two);
  expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
  const between = groups.map((group) => `  from group ${group}: `);
  expect(asked).toEqual(["share 1: ", ...between, "share 2: "]);
});

test("askForShares() takes rows of a share longer than a key's", async () => {
  const long = deal(repeatable(7)(256), 1, 1).map((share) => textOf(encodeShare(share)));
  const [line = ""] = long;
  for (const typed of [rowsOf(line), line.match(/.{1,76}/g) as string[]]) {
    expect((await enter(quiet, ...typed)).taken).toHaveLength(1);
  }
});

test("askForShares() asks at once for a row that has a symbol too few or too many", async () => {
  const [first = "", second = "", third = ""] = bare(rowsOf(one));
  for (const [wrong, symbols] of [
    [second.slice(0, -1), 39],
    [`${second} pp`, 42],
  ] as const) {
    const { screen, asked } = await enter(quiet, first, wrong, second, third, two);
    expect(asked).toHaveLength(5);
    expect(screen.shown).toContain(
      `  row 11 has ${symbols} symbols, not 40 (type it again, with ?`,
    );
  }
});

test("askForShares() takes a single row again where too much is wrong", async () => {
  const [first = "", second = "", third = ""] = rowsOf(one);
  const wrong = spoilt(third, 15, 17, 20, 22, 25, 27);
  const inRows = await enter(quiet, first, second, wrong, third, two);
  expect(inRows.asked.slice(-3)).toEqual(["  from group 21: ", "share 1: ", "share 2: "]);
  expect(inRows.screen.shown).toContain(
    "; try again\n  Type the whole share, or one row with its number.\n",
  );
  const inOneLine = await enter(quiet, far, first, "yes", two);
  expect(inOneLine.taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
  const cut = await enter(quiet, one.slice(0, -6), "", one, two);
  expect(cut.asked).toEqual(["share 1: ", "  from group 27: ", "share 1: ", "share 2: "]);
  expect(cut.screen.shown).toContain("  It has 105 symbols; a key's share has 111.");
});

test("askForShares() begins anew where a share begins", async () => {
  const [first = "", ...rest] = rowsOf(one);
  const { taken } = await enter(quiet, rowsOf(three)[0] as string, first, ...rest, two);
  expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
});

/** What refuses a share that was entered, and one of another set. */
const twice = "  share 1 was already entered\n";
const strange = `  this share is of set ${foreignSet}, expected set ${set}\n`;

test("askForShares() takes what is suggested without asking where accepted, by the same rules", async () => {
  const typed = [mistype(one), mistype(one), mistype(other), two];
  const { screen, taken, asked } = await enter({ ...quiet, accept: true }, ...typed);
  expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
  expect(asked).toEqual(["share 1: ", "share 2: ", "share 2: ", "share 2: "]);
  for (const said of ["group 3, symbol 4", twice, strange]) expect(screen.shown).toContain(said);
});

test("askForShares() asks again for nothing, a comment, and a sealed share", async () => {
  for (const typed of ["", "   ", "# share 2"]) {
    const { asked, taken } = await enter(quiet, one, typed, two);
    expect([asked.length, taken.length]).toEqual([3, 2]);
  }
  const publicKey = await publicKeyOf(privateKeys[0] as Uint8Array);
  const sealed = textOf(await sealShare(shares[1], publicKey));
  const { screen, taken } = await enter(quiet, one, sealed, two);
  expect(taken).toHaveLength(2);
  expect(screen.shown).toContain(
    "  this is a sealed share: unseal it on its node first; try again\n",
  );
});

test("askForShares() takes no share twice, and shares of one set only: the first one's or the wanted", async () => {
  const first = await enter(quiet, one, one.toUpperCase(), other, two);
  expect(first.taken.map(({ share }) => share.x)).toEqual([1, 2]);
  expect(first.asked).toEqual(["share 1: ", "share 2: ", "share 2: ", "share 2: "]);
  for (const said of [twice, strange]) expect(first.screen.shown).toContain(said);
  const wanted = await enter({ ...quiet, wanted: set }, other, one, other, two);
  expect(wanted.taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
  const refusal = `  this share is of set ${foreignSet}, expected set ${set}\n`;
  expect(wanted.screen.shown.split(refusal)).toHaveLength(3);
  expect(wanted.asked).toEqual(["share 1: ", "share 1: ", "share 2: ", "share 2: "]);
});

test("askForShares() lets whoever combines them find two values for one share", async () => {
  const forged = textOf(encodeShare(bent(shares[0])));
  const { taken } = await enter(quiet, one, forged);
  expect(taken.map(({ share }) => share.x)).toEqual([1, 1]);
});

test("askForShares() fails where the input ends too early, or on shares that contradict each other", async () => {
  const words = new RegExp(`^too few shares: set ${set} has 1 of the 2 shares needed$`);
  for (const typed of [[], ["", "hello"]]) {
    await expectFailure("too-few", /^no shares$/, () => enter(quiet, ...typed));
  }
  await expectFailure("too-few", words, () => enter(quiet, one));
  await expectFailure("too-few", words, () => enter({ ...quiet, wanted: set }, one, other));
  const [first, second] = deal(master, 3, 4, repeatable(2)) as [Share, Share];
  for (const [wrong, contradiction] of [
    [bent(first), /^share 2: share 1 of set [0-9a-f]{16} contradicts share 1$/],
    [{ ...second, k: 4 }, /^share 2: threshold 4, but share 1/],
  ] as const) {
    const both = [first, wrong].map((share) => textOf(encodeShare(share)));
    await expectFailure("mismatch", contradiction, () => enter(quiet, ...both));
  }
});

test("askForShares() wipes what was typed, whatever it was", async () => {
  const publicKey = await publicKeyOf(privateKeys[0] as Uint8Array);
  const sealed = await sealShare(shares[1], publicKey);
  const refused = ["hello", lines[0].slice(0, 50), lines[0], encodeShare(foreign[0])];
  const screen = screenOf(sealed, lines[0], ...refused, two);
  const taken = await askForShares(screen, quiet);
  expect(screen.given).toHaveLength(7);
  for (const typed of screen.given) expect(typed).toEqual(new Uint8Array(typed.length));
  expect(taken.map(({ share }) => share)).toEqual([shares[0], shares[1]]);
});

test("askForShares() wipes what was suggested, taken or not", async () => {
  for (const answer of ["yes", "no"]) {
    const screen = screenOf(mistype(one), answer, one, two);
    const wiped = await observeWipes(() => askForShares(screen, quiet));
    expect(wiped(lines[0])).toBeGreaterThan(1); // and the same as it was typed then
    expect(screen.given[0]).toEqual(new Uint8Array(lines[0].length));
  }
});

test("askForShares() passes on faults of ours", async () => {
  const fault = new TypeError("ours");
  const indexOf = () => {
    throw fault;
  };
  const typed = { length: 1, indexOf } as unknown as Uint8Array;
  const broken = { ...screenOf(), show: () => {}, ask: async () => typed };
  const failed = await askForShares(broken, quiet).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(TypeError);
});
