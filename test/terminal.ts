/** Commands on a pseudo-terminal with somebody who reads and types there, by way of Debian's pexpect. */

import { join } from "node:path";

export interface Place {
  cwd?: string;
  env: Record<string, string | undefined>;
  /** Whether the terminal is the command's controlling one, which it then finds as /dev/tty. */
  controlling?: boolean;
  /** Which of its descriptors are on the terminal; the others are on /dev/null. */
  on?: number[];
  /** Whether the terminal does not block who reads from it, as another program may have left it. */
  nonBlocking?: boolean;
  /** Flags that are off from the start, such as ECHO. */
  off?: string[];
}

/** Somebody at a terminal, who reads and types. */
export interface Operator {
  /** Waits until the screen shows this behind what was seen before, and for a moment, as people do. */
  sees(what: RegExp, momentMs?: number): Promise<(string | undefined)[]>;
  types(keys: string): void;
  /** All that the screen had shown when it was last looked at. */
  screen(): string;
  /** Which of ECHO, ICANON and ISIG are on. */
  mode(): Promise<string>;
  kills(signal: string): void;
  /** Closes the terminal's window: what runs on it is hung up on. */
  leaves(): void;
  /** Waits for the end: the exit status, or the negative number of a signal. */
  ends(): Promise<{ code: number; screen: string; restored: boolean }>;
}

export function onTerminal(command: string[], place: Place): Operator {
  const { cwd, env, ...rest } = place;
  const defaults = { controlling: true, on: [0, 1, 2], nonBlocking: false, off: [], seconds: 180 };
  const plan = JSON.stringify({ ...defaults, ...rest });
  const driver = join(import.meta.dir, "terminal.py");
  const child = Bun.spawn(["/usr/bin/python3", driver, plan, ...command], {
    ...{ env, stdin: "pipe", stdout: "pipe", stderr: "inherit" },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const reader = child.stdout.getReader();
  let [screen, pending] = ["", ""];
  const tell = (step: object) => {
    child.stdin.write(`${JSON.stringify(step)}\n`);
    child.stdin.flush();
  };
  /** Tells it a step, and waits for the line that answers it. */
  const ask = async (step: object) => {
    tell(step);
    while (!pending.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the driver of the terminal has ended:\n${screen}`);
      pending += Buffer.from(value).toString();
    }
    const [line = "", ...more] = pending.split("\n");
    pending = more.join("\n");
    const answer = JSON.parse(line);
    screen = answer.screen;
    return answer;
  };
  return {
    async sees(what, momentMs = 50) {
      const anyCase = what.flags.includes("i");
      const { found } = await ask({ sees: what.source, anyCase });
      if (found === null) throw new Error(`the screen never showed ${what}:\n${screen}`);
      await Bun.sleep(momentMs);
      return found.map((group: string | null) => group ?? undefined);
    },
    types: (keys) => tell({ types: keys }),
    screen: () => screen,
    mode: async () => (await ask({ mode: true })).mode,
    kills: (signal) => tell({ kill: signal }),
    leaves: () => tell({ hangUp: true }),
    async ends() {
      const { status, restored } = await ask({ end: true });
      child.stdin.end();
      await child.exited;
      return { code: status, screen, restored };
    },
  };
}
