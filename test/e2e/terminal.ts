// A real pseudo-terminal, by way of Python's: Bun's own looks its C functions up at run time, which
// the static runtime, on which these tests run as well, does not offer.

const onPty =
  "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])) & 255)";

/** Runs a command with a terminal on stdin, stdout and stderr; `screen` is all that it showed. */
export async function onTerminal(
  command: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; screen: string }> {
  const child = Bun.spawn(["python3", "-c", onPty, ...command], { cwd, env, stdin: "ignore" });
  const screen = Buffer.from(await child.stdout.bytes()).toString("latin1");
  return { code: await child.exited, screen };
}

// Carries bytes both ways between us and a terminal that is the command's controlling one.
const relay = `
import os, pty, select, sys, termios
pid, master = pty.fork()
if pid == 0:
    termios.tcsetwinsize(0, (24, 80))
    os.execvp(sys.argv[1], sys.argv[1:])
sources = [master, 0]
while True:
    ready = select.select(sources, [], [])[0]
    if 0 in ready:
        keys = os.read(0, 4096)
        if keys:
            os.write(master, keys)
        else:
            sources.remove(0)
    if master in ready:
        try:
            shown = os.read(master, 4096)
        except OSError:
            break
        if not shown:
            break
        os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
`;

/** Somebody at a terminal, who reads and types. */
export type Operator = {
  /** Waits until the screen shows this behind what was seen before, and for a moment, as people do. */
  sees(what: RegExp, momentMs?: number): Promise<RegExpExecArray>;
  types(keys: string): void;
  /** All that the screen has shown so far. */
  screen(): string;
  /** Closes the terminal's window: what runs on it is hung up on. */
  leaves(): void;
  /** Waits for the end of the command; the exit status is 255 less than 256 for a signal. */
  ends(): Promise<{ code: number; screen: string }>;
};

/** Runs a command whose controlling terminal an operator sits at. */
export function atTerminal(
  command: string[],
  cwd: string,
  env: Record<string, string>,
  patienceMs = 30_000,
): Operator {
  const child = Bun.spawn(["python3", "-c", relay, ...command], {
    ...{ cwd, env, stdin: "pipe", stdout: "pipe", stderr: "inherit" },
    ...{ timeout: patienceMs, killSignal: "SIGKILL" },
  });
  let [screen, seen, over] = ["", 0, false];
  let wake = () => {};
  const reading = (async () => {
    for await (const shown of child.stdout) {
      screen += Buffer.from(shown).toString("latin1");
      wake();
    }
    over = true;
    wake();
  })();
  return {
    async sees(what, momentMs = 50) {
      while (true) {
        const found = new RegExp(what, what.flags.replace("g", "")).exec(screen.slice(seen));
        if (found !== null) {
          seen += found.index + found[0].length;
          await Bun.sleep(momentMs);
          return found;
        }
        if (over) throw new Error(`the screen never showed ${what}:\n${screen}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    types(keys) {
      child.stdin.write(keys);
      child.stdin.flush();
    },
    screen: () => screen,
    leaves: () => child.kill("SIGKILL"),
    async ends() {
      await reading;
      return { code: await child.exited, screen };
    },
  };
}
