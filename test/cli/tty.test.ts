import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/dev/project.ts";
import { onTerminal, type Place } from "../terminal.ts";

/** What is done: wait until the screen shows this, type, wait seconds, kill, note the mode, hang up. */
type Step =
  | { sees: string }
  | { types: string }
  | { wait: number }
  | { kill: string }
  | "mode"
  | "hang up";
type Session = Omit<Place, "env"> & { steps: Step[]; env?: Record<string, string> };
interface Outcome {
  status: number;
  screen: string;
  modes: string[];
  restored: boolean;
}

const slow = 60_000; // for slow machines: a bound, no assertion
const top = mkdtempSync(join(tmpdir(), "worstday-tty-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** Runs a body of TypeScript that may use `openTerminal` and `guard` of lib/cli. */
async function onPty(body: string, { steps, env = {}, ...place }: Session): Promise<Outcome> {
  const from = (file: string) => JSON.stringify(join(root, "lib/cli", file));
  const script = `
    import { writeFileSync } from "node:fs";
    import { guard } from ${from("main.ts")};
    import { openTerminal } from ${from("tty.ts")};
    ${body}`;
  const operator = onTerminal([process.execPath, "-e", script], {
    ...{ ...place, env: { ...process.env, TERM: "xterm", ...env } },
  });
  const modes: string[] = [];
  for (const step of steps) {
    if (step === "mode") modes.push(await operator.mode());
    else if (step === "hang up") operator.leaves();
    else if ("sees" in step) await operator.sees(new RegExp(step.sees), 0);
    else if ("types" in step) operator.types(step.types);
    else if ("wait" in step) await Bun.sleep(1000 * step.wait);
    else operator.kills(step.kill);
  }
  const { code, ...rest } = await operator.ends();
  return { status: code, ...rest, modes };
}

let count = 0;
/** Asks questions, `hidden` or `shown`, and gives what the program got, with what was on the screen. */
async function ask(
  questions: ("hidden" | "shown")[],
  session: Session,
): Promise<Outcome & { got: (string | null)[] | undefined }> {
  const file = join(top, `${count++}`);
  const outcome = await onPty(
    `await guard("probe", async () => {
      const terminal = await openTerminal();
      const got = [];
      for (const [i, kind] of ${JSON.stringify(questions)}.entries()) {
        const line = await terminal.ask("question " + i + ": ", { echo: kind === "shown" });
        got.push(line === undefined ? null : String.fromCharCode(...line));
      }
      terminal.show("thanks\\n");
      terminal.close();
      writeFileSync(${JSON.stringify(file)}, JSON.stringify(got));
    });`,
    session,
  );
  const got = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  return { ...outcome, got };
}

const question: Step = { sees: "question \\d: " };
const cooked = "ECHO ICANON ISIG";
const share = "wdshare1".padEnd(119, "qpzry9x8");
const good = { status: 0, restored: true };

test.concurrent(
  "without echo the screen shows nothing of what is typed, and is put back",
  async () => {
    const steps: Step[] = [question, "mode", { types: "a secret\r" }];
    const { got, screen, modes, ...rest } = await ask(["hidden"], { steps });
    expect(got).toEqual(["a secret"]);
    expect(screen).toBe("question 0: \r\nthanks\r\n");
    expect(modes).toEqual([""]);
    expect(rest).toEqual(good);
  },
  slow,
);

test.concurrent(
  "with echo the terminal does what it always does",
  async () => {
    const steps: Step[] = [question, "mode", { types: "a\x7fb secret\n" }];
    const { got, screen, modes, ...rest } = await ask(["shown"], { steps });
    expect(got).toEqual(["b secret"]);
    expect(screen).toBe("question 0: a\b \bb secret\r\nthanks\r\n");
    expect(modes).toEqual([cooked]);
    expect(rest).toEqual(good);
  },
  slow,
);

test.concurrent(
  "a line ends with newline or carriage return",
  async () => {
    const steps = ["one\r", "two\n", "\r", "\n"].flatMap((types): Step[] => [question, { types }]);
    const { got } = await ask(["hidden", "hidden", "hidden", "hidden"], { steps });
    expect(got).toEqual(["one", "two", "", ""]);
  },
  slow,
);

test.concurrent(
  "without echo, backspace and Ctrl-U take back, and other controls count for nothing",
  async () => {
    const typed = {
      "ab\x7fc": "ac",
      "ab\bc": "ac",
      "a\x7f\x7f\x7fb": "b",
      "\x7f\bx": "x",
      "wrong\x15right": "right",
      "\x15x": "x",
      "a\x01\x02\x05\tb\x1b\x1a\x1cc\x04d\x11\x13e": "abcde",
      "\xe9\xff\x80 ~": "\xe9\xff\x80 ~",
    };
    const steps = Object.keys(typed).flatMap((line): Step[] => [question, { types: `${line}\r` }]);
    const { got, screen } = await ask(
      Object.keys(typed).map(() => "hidden"),
      { steps },
    );
    expect(got).toEqual(Object.values(typed));
    expect(screen.replace(/question \d: /g, "").replaceAll("\r\n", "")).toBe("thanks");
  },
  slow,
);

test.concurrent(
  "Ctrl-D on an empty line ends the input, with and without echo",
  async () => {
    const steps: Step[] = [question, { types: "\x04" }, question, { types: "\x04" }];
    const both = await ask(["hidden", "shown"], { steps });
    expect(both).toMatchObject({ got: [null, null], ...good });
    const emptied: Step[] = [
      question,
      { types: "ab\x15\x04" },
      question,
      { types: "a\x04b\x04\n" },
    ];
    expect((await ask(["hidden", "shown"], { steps: emptied })).got).toEqual([null, "ab"]);
  },
  slow,
);

test.concurrent.each(["hidden", "shown"] as const)(
  "Ctrl-C at a %s question is SIGINT, and the terminal is put back",
  async (kind) => {
    const steps: Step[] = [question, { types: "half a sec" }, { types: "\x03" }];
    const { got, screen, ...rest } = await ask([kind], { steps });
    expect(got).toBeUndefined();
    expect(rest).toEqual({ status: -2, restored: true, modes: [] });
    if (kind === "hidden") expect(screen).toBe("question 0: ");
  },
  slow,
);

test.concurrent.each([
  ["SIGTERM", 15],
  ["SIGHUP", 1],
  ["SIGINT", 2],
] as const)(
  "%s at a hidden question puts the terminal back",
  async (kill, number) => {
    const steps: Step[] = [question, { types: "half" }, "mode", { kill }];
    const { status, restored, modes } = await ask(["hidden"], { steps });
    expect([status, restored, modes]).toEqual([-number, true, [""]]);
  },
  slow,
);

test.concurrent(
  "what listens for signals cleans up on Ctrl-C, once, before the program dies",
  async () => {
    const signals = JSON.stringify(join(import.meta.dir, "../../lib/system/signals.ts"));
    const body = `
    const { onFatalSignal } = await import(${signals});
    await guard("probe", async () => {
      const terminal = await openTerminal();
      onFatalSignal(() => terminal.show("cleaned up\\n"));
      await terminal.ask("question 0: ", { echo: false });
    });`;
    const outcome = await onPty(body, { steps: [question, { types: "x\x03" }] });
    expect(outcome).toMatchObject({ status: -2, restored: true });
    expect(outcome.screen).toBe("question 0: cleaned up\r\n");
  },
  slow,
);

test.concurrent(
  "several lines pasted at once answer several questions, and none is shown",
  async () => {
    for (const lines of [3, 9, 30]) {
      const all = Array.from({ length: lines }, (_, i) => `${i} ${share}`);
      const steps: Step[] = [question, { types: `${all.join("\r")}\r` }];
      const { got, screen, ...rest } = await ask(
        all.map(() => "hidden"),
        { steps },
      );
      expect(got).toEqual(all);
      expect(screen).not.toContain("wdshare1");
      expect(rest).toMatchObject(good);
    }
  },
  slow,
);

test.concurrent(
  "what is pasted while an answer is looked at is not shown either",
  async () => {
    const body = `
      const terminal = await openTerminal();
      for (let i = 0; i < 5; i++) {
        await terminal.ask("question " + i + ": ", { echo: false });
        Bun.sleepSync(100);
      }
      await terminal.ask("shown: ", { echo: true });
      terminal.close();`;
    const pasted = Array.from({ length: 5 }, (): Step[] => [
      { types: `${share}\r` },
      { wait: 0.06 },
    ]);
    const last: Step[] = [{ sees: "shown: " }, "mode", { types: "seen\n" }];
    const steps = [question, ...pasted.flat(), ...last];
    const { screen, modes, ...rest } = await onPty(body, { steps });
    expect(screen).toMatch(/^(question \d: \r\n){5}shown: seen\r\n$/);
    expect(modes).toEqual([cooked]);
    expect(rest).toEqual(good);
  },
  slow,
);

test.concurrent(
  "what was pasted behind a hidden answer answers a shown question",
  async () => {
    const steps: Step[] = [
      question,
      { types: "one\rtwo\rth" },
      { sees: "question 2: " },
      { types: "ree\r" },
    ];
    const { got } = await ask(["hidden", "shown", "shown"], { steps });
    expect(got).toEqual(["one", "two", "three"]);
  },
  slow,
);

test.concurrent(
  "lines pasted at a shown question answer the next ones as well",
  async () => {
    const steps: Step[] = [question, { types: "one\ntwo\nthree\n" }];
    expect((await ask(["shown", "shown", "hidden"], { steps })).got).toEqual([
      "one",
      "two",
      "three",
    ]);
  },
  slow,
);

test.concurrent(
  "a line is cut at 4,096 bytes, and the next one is whole",
  async () => {
    const long = "0123456789abcdef".repeat(300);
    const steps: Step[] = [question, { types: `${long}\rnext\r` }];
    const { got } = await ask(["hidden", "hidden"], { steps });
    expect(got?.map((line) => line?.length)).toEqual([4096, 4]);
    expect(got?.[0]).toBe(long.slice(0, 4096));
  },
  slow,
);

test.concurrent(
  "it speaks to the terminal past stdin, stdout and stderr",
  async () => {
    const steps: Step[] = [question, { types: "a secret\r" }];
    const { got, screen, ...rest } = await ask(["hidden"], { steps, on: [] });
    expect([got, screen]).toEqual([["a secret"], "question 0: \r\nthanks\r\n"]);
    expect(rest).toMatchObject(good);
  },
  slow,
);

test.concurrent(
  "without /dev/tty it takes the terminal that is stdin, and leaves it open",
  async () => {
    const steps: Step[] = [question, { types: "a secret\r" }, question, { types: "x\x7fshown\n" }];
    const { got, screen, ...rest } = await ask(["hidden", "shown"], { steps, controlling: false });
    expect(got).toEqual(["a secret", "shown"]);
    expect(screen).not.toContain("a secret");
    expect(rest).toMatchObject(good);

    const body = `
    import { fstatSync, writeSync } from "node:fs";
    await guard("probe", async () => {
      const terminal = await openTerminal();
      await terminal.ask("question 0: ", { echo: false });
      terminal.close();
      writeSync(1, fstatSync(0).isCharacterDevice() + "\\n");
    });`;
    const outcome = await onPty(body, { steps: [question, { types: "\r" }], controlling: false });
    expect(outcome).toMatchObject({ status: 0, screen: "question 0: \r\ntrue\r\n" });
  },
  slow,
);

test.concurrent(
  "it waits for a terminal that does not block",
  async () => {
    const steps: Step[] = [question, { wait: 0.1 }, { types: "a secret\r" }, { types: "shown\n" }];
    const session: Session = { steps, controlling: false, nonBlocking: true };
    const { got, ...rest } = await ask(["hidden", "shown"], session);
    expect(got).toEqual(["a secret", "shown"]);
    expect(rest).toMatchObject(good);
  },
  slow,
);

test.concurrent(
  "without any terminal it says so",
  async () => {
    for (const on of [[2], [1, 2]]) {
      const { got, ...outcome } = await ask(["hidden"], { steps: [], controlling: false, on });
      expect(got).toBeUndefined();
      expect(outcome).toMatchObject({
        status: 1,
        screen: "probe: error: cannot open /dev/tty: no such device or address\r\n",
      });
    }
  },
  slow,
);

test.concurrent(
  "a terminal that hides typing by itself is left so",
  async () => {
    const steps: Step[] = [question, "mode", { types: "a\r" }];
    const { got, modes, restored } = await ask(["hidden"], { steps, off: ["ECHO"] });
    expect(got).toEqual(["a"]);
    expect(modes).toEqual([""]);
    expect(restored).toBe(true);
  },
  slow,
);

test.concurrent.each(["hidden", "shown"] as const)(
  "a terminal that is gone ends the input at a %s question",
  async (kind) => {
    const steps: Step[] = [question, { types: "half" }, "hang up"];
    const session: Session = { steps, controlling: false, on: [0] };
    const { status, got } = await ask([kind, kind], session);
    expect({ status, got }).toEqual({ status: 0, got: [null, null] });
    const { status: signal } = await ask([kind], { steps });
    expect(signal).toBe(-1);
  },
  slow,
);

test.concurrent(
  "clear() wipes the screen and what has scrolled off it, where the terminal can",
  async () => {
    const body = `
    const terminal = await openTerminal();
    terminal.show("a secret");
    terminal.clear();
    terminal.show("gone\\n");
    terminal.close();`;
    const { screen } = await onPty(body, { steps: [] });
    expect(screen).toBe("a secret\x1b[H\x1b[2J\x1b[3Jgone\r\n");
    const dumb = await onPty(body, { steps: [], env: { TERM: "dumb" } });
    expect(dumb.screen).toBe("a secret\r\ngone\r\n");
  },
  slow,
);
