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

const top = mkdtempSync(join(tmpdir(), "worstday-tty-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** At the same time as the others; the bound is for slow machines, no assertion. */
const onScreen = (name: string, body: () => Promise<void>) => test.concurrent(name, body, 60_000);

/** Runs a body of TypeScript that may use `openTerminal` and `guard` of lib/cli. */
async function onPty(body: string, { steps, env = {}, ...place }: Session): Promise<Outcome> {
  const from = (file: string) => JSON.stringify(join(root, "lib/cli", file));
  const script = `
    import { writeFileSync } from "node:fs";
    import { guard } from ${from("main.ts")};
    import { openTerminal } from ${from("tty.ts")};
    ${body}`;
  const all = { ...process.env, TERM: "xterm", ...env };
  const operator = onTerminal([process.execPath, "-e", script], { ...place, env: all });
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

const cooked = "ECHO ICANON ISIG";
const share = "wdshare1".padEnd(119, "qpzry9x8");
const good = { status: 0, restored: true };
const question: Step = { sees: "question \\d: " };
/** Waits for a question each time, and types this. */
const answers = (...lines: string[]) => lines.flatMap((types): Step[] => [question, { types }]);

onScreen("without echo the screen shows nothing of what is typed, and is put back", async () => {
  const steps: Step[] = [question, "mode", { types: "a secret\r" }];
  const screen = "question 0: \r\nthanks\r\n";
  const expected = { got: ["a secret"], screen, modes: [""], ...good };
  // Also where none of stdin, stdout and stderr is the terminal.
  for (const on of [[0, 1, 2], []]) expect(await ask(["hidden"], { steps, on })).toEqual(expected);
});

onScreen("with echo the terminal does what it always does", async () => {
  const steps: Step[] = [question, "mode", { types: "a\x7fb secret\n" }];
  const screen = "question 0: a\b \bb secret\r\nthanks\r\n";
  expect(await ask(["shown"], { steps })).toEqual({
    got: ["b secret"],
    screen,
    modes: [cooked],
    ...good,
  });
});

onScreen(
  "without echo, backspace and Ctrl-U take back, and other controls do nothing",
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
      "": "",
    };
    const lines = Object.keys(typed);
    const steps = answers(...lines.map((line, i) => line + (i % 2 === 0 ? "\r" : "\n")));
    const { got, screen } = await ask(
      lines.map(() => "hidden"),
      { steps },
    );
    expect(got).toEqual(Object.values(typed));
    expect(screen.replace(/question \d: /g, "").replaceAll("\r\n", "")).toBe("thanks");
  },
);

onScreen("Ctrl-D on an empty line ends the input, with and without echo", async () => {
  const both = await ask(["hidden", "shown"], { steps: answers("\x04", "\x04") });
  expect(both).toMatchObject({ got: [null, null], ...good });
  const emptied = await ask(["hidden", "shown"], { steps: answers("ab\x15\x04", "a\x04b\x04\n") });
  expect(emptied.got).toEqual([null, "ab"]);
});

for (const kind of ["hidden", "shown"] as const) {
  onScreen(`Ctrl-C at a ${kind} question is SIGINT, and the terminal is put back`, async () => {
    const steps: Step[] = [question, { types: "half a sec" }, { types: "\x03" }];
    const { screen, ...rest } = await ask([kind], { steps });
    expect(rest).toEqual({ got: undefined, status: -2, restored: true, modes: [] });
    if (kind === "hidden") expect(screen).toBe("question 0: ");
  });

  onScreen(`a terminal that is gone ends the input at a ${kind} question`, async () => {
    const steps: Step[] = [question, { types: "half" }, "hang up"];
    const session: Session = { steps, controlling: false, on: [0] };
    expect(await ask([kind, kind], session)).toMatchObject({ status: 0, got: [null, null] });
    expect((await ask([kind], { steps })).status).toBe(-1);
  });
}

for (const [kill, number] of Object.entries({ SIGTERM: 15, SIGHUP: 1, SIGINT: 2 })) {
  onScreen(`${kill} at a hidden question puts the terminal back`, async () => {
    const steps: Step[] = [question, { types: "half" }, "mode", { kill }];
    const outcome = await ask(["hidden"], { steps });
    expect(outcome).toMatchObject({ status: -number, restored: true, modes: [""] });
  });
}

onScreen(
  "what listens for signals cleans up on Ctrl-C, once, before the program dies",
  async () => {
    const signals = JSON.stringify(join(root, "lib/system/signals.ts"));
    const body = `
    const { onFatalSignal } = await import(${signals});
    await guard("probe", async () => {
      const terminal = await openTerminal();
      onFatalSignal(() => terminal.show("cleaned up\\n"));
      await terminal.ask("question 0: ", { echo: false });
    });`;
    const outcome = await onPty(body, { steps: answers("x\x03") });
    const screen = "question 0: cleaned up\r\n";
    expect(outcome).toMatchObject({ status: -2, restored: true, screen });
  },
);

onScreen("many lines pasted at once answer as many questions, and none is shown", async () => {
  const lines = Array.from({ length: 30 }, (_, i) => `${i} ${share}`);
  const steps = answers(`${lines.join("\r")}\r`);
  const { screen, ...rest } = await ask(
    lines.map(() => "hidden"),
    { steps },
  );
  expect(rest).toMatchObject({ got: lines, ...good });
  expect(screen).not.toContain("wdshare1");
});

onScreen("what is pasted while an answer is looked at is not shown either", async () => {
  const body = `
    const terminal = await openTerminal();
    for (let i = 0; i < 5; i++) {
      await terminal.ask("question " + i + ": ", { echo: false });
      Bun.sleepSync(100);
    }
    await terminal.ask("shown: ", { echo: true });
    terminal.close();`;
  const pasted = Array.from({ length: 5 }, (): Step[] => [{ types: `${share}\r` }, { wait: 0.06 }]);
  const last: Step[] = [{ sees: "shown: " }, "mode", { types: "seen\n" }];
  const { screen, ...rest } = await onPty(body, { steps: [question, ...pasted.flat(), ...last] });
  expect(screen).toMatch(/^(question \d: \r\n){5}shown: seen\r\n$/);
  expect(rest).toEqual({ modes: [cooked], ...good });
});

onScreen(
  "what was pasted behind an answer answers the next questions, of either kind",
  async () => {
    const behindHidden: Step[] = [
      ...answers("one\rtwo\rth"),
      { sees: "question 2: " },
      { types: "ree\r" },
    ];
    for (const [questions, steps] of [
      [["hidden", "shown", "shown"], behindHidden],
      [["shown", "shown", "hidden"], answers("one\ntwo\nthree\n")],
    ] as const) {
      expect((await ask([...questions], { steps })).got).toEqual(["one", "two", "three"]);
    }
  },
);

onScreen("a line is cut at 4,096 bytes, and the next one is whole", async () => {
  const long = "0123456789abcdef".repeat(300);
  const { got } = await ask(["hidden", "hidden"], { steps: answers(`${long}\rnext\r`) });
  expect(got).toEqual([long.slice(0, 4096), "next"]);
});

onScreen("without /dev/tty it takes the terminal that is stdin, and leaves it open", async () => {
  const session = { steps: answers("a secret\r", "x\x7fshown\n"), controlling: false };
  const { screen, ...rest } = await ask(["hidden", "shown"], session);
  expect(rest).toMatchObject({ got: ["a secret", "shown"], ...good });
  expect(screen).not.toContain("a secret");

  const body = `
    import { fstatSync, writeSync } from "node:fs";
    const terminal = await openTerminal();
    await terminal.ask("question 0: ", { echo: false });
    terminal.close();
    writeSync(1, fstatSync(0).isCharacterDevice() + "\\n");`;
  const outcome = await onPty(body, { steps: answers("\r"), controlling: false });
  expect(outcome).toMatchObject({ status: 0, screen: "question 0: \r\ntrue\r\n" });
});

onScreen("it waits for a terminal that does not block", async () => {
  const steps: Step[] = [question, { wait: 0.1 }, { types: "a secret\r" }, { types: "shown\n" }];
  const session: Session = { steps, controlling: false, nonBlocking: true };
  const outcome = await ask(["hidden", "shown"], session);
  expect(outcome).toMatchObject({ got: ["a secret", "shown"], ...good });
});

onScreen("without any terminal it says so", async () => {
  const screen = "probe: error: cannot open /dev/tty: no such device or address\r\n";
  for (const on of [[2], [1, 2]]) {
    const outcome = await ask(["hidden"], { steps: [], controlling: false, on });
    expect(outcome).toMatchObject({ got: undefined, status: 1, screen });
  }
});

onScreen("a terminal that hides typing by itself is left so", async () => {
  const steps: Step[] = [question, "mode", { types: "a\r" }];
  const outcome = await ask(["hidden"], { steps, off: ["ECHO"] });
  expect(outcome).toMatchObject({ got: ["a"], modes: [""], restored: true });
});

const wiped = "(\\x1b\\[\\d+H\\x1b\\[2K){60}\\x1b\\[2J\\x1b\\[3J";

onScreen("clear() wipes every row, and what has scrolled off, where the terminal can", async () => {
  const body = `
    const terminal = await openTerminal();
    terminal.show((terminal.keeps ? "it stays" : "a secret") + "\\n");
    terminal.clear();
    terminal.show("gone\\n");
    terminal.close();`;
  const { screen } = await onPty(body, { steps: [] });
  expect(screen).toMatch(new RegExp(`^a secret\r\n${wiped}gone\r\n$`));
  const dumb = await onPty(body, { steps: [], env: { TERM: "dumb" } });
  expect(dumb.screen).toBe("it stays\r\n\r\ngone\r\n");
});

onScreen("turn() shows on the other screen, and Ctrl-C wipes it and turns back too", async () => {
  const body = `
    const terminal = await openTerminal();
    const turnBack = terminal.turn();
    await terminal.ask("a secret: ", { echo: true });
    turnBack();
    terminal.close();`;
  const session = { steps: [{ sees: "a secret: " }, { types: "\x03" }] };
  const stopped = await onPty(body, session);
  const turned = new RegExp(`^\x1b\\[\\?1049h${wiped}a secret: .*${wiped}\x1b\\[\\?1049l$`, "s");
  expect([stopped.status, stopped.screen]).toEqual([-2, expect.stringMatching(turned)]);
  const ended = await onPty(body, { steps: [{ sees: "a secret: " }, { types: "x\n" }] });
  expect([ended.status, ended.screen]).toEqual([0, expect.stringMatching(turned)]);
  const dumb = await onPty(body, { ...session, env: { TERM: "dumb" } });
  expect(dumb.screen).not.toContain("\x1b");
});

onScreen("keys that send sequences do nothing, which is said; pasting sends some too", async () => {
  const typed = ["a\x1b[D\x1b[3~b\x1bOHc", "\x1b[200~pasted\x1b[201~", "x\x1b", "[y\x1b[", "\x1b"];
  const { got, screen } = await ask(["hidden", "hidden", "hidden", "hidden", "shown"], {
    steps: [...answers(...typed.slice(0, 4).map((line) => `${line}\r`)), ...answers("z\x1b[Cz\n")],
  });
  expect(got).toEqual(["abc", "pasted", "x", "[y", "zz"]);
  const said = "only Backspace and Ctrl-U change what is typed: other keys were ignored";
  expect(screen.split(said)).toHaveLength(3);
});
