/**
 * A program on a pseudo-terminal of its own, and somebody who reads and types there, by way of
 * Python's: Bun's looks its C functions up at run time, which the static runtime does not offer.
 */

import { join } from "node:path";
import { root } from "../../scripts/dev/project.ts";

/** What is done: wait until the screen shows this, type, wait seconds, kill, note the mode, hang up. */
export type Step =
  | { sees: string }
  | { types: string }
  | { wait: number }
  | { kill: string }
  | "mode"
  | "hang up";

export interface Session {
  steps: Step[];
  /** Whether the terminal is the program's controlling one, which it then finds as /dev/tty. */
  controlling?: boolean;
  /** Which of its descriptors are on the terminal; the others are on /dev/null. */
  on?: number[];
  /** Whether the terminal does not block who reads from it, as another program may have left it. */
  nonBlocking?: boolean;
  /** Flags that are off from the start, such as ECHO. */
  off?: string[];
  env?: Record<string, string>;
}

export interface Outcome {
  /** The exit status, or the negative number of a signal. */
  status: number;
  screen: string;
  /** Which of ECHO, ICANON and ISIG were on, each time that was asked for. */
  modes: string[];
  /** Whether the terminal is in the end in the mode in which it began. */
  restored: boolean;
}

const driver = `
import fcntl, json, os, re, select, signal, sys, termios, time
plan, command = json.loads(sys.argv[1]), sys.argv[2:]
master, slave = os.openpty()
attributes = termios.tcgetattr(slave)
for name in plan["off"]:
    attributes[3] &= ~getattr(termios, name)
termios.tcsetattr(slave, termios.TCSANOW, attributes)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    if plan["controlling"]:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(slave if descriptor in plan["on"] else nothing, descriptor)
    if plan["nonBlocking"]:
        flags = fcntl.fcntl(slave, fcntl.F_GETFL)
        fcntl.fcntl(slave, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    os.closerange(3, 64)
    os.execvp(command[0], command)
screen, seen, modes, after = b"", 0, [], None
deadline = time.monotonic() + 30
def look(seconds):
    global screen
    while select.select([master], [], [], seconds)[0]:
        screen += os.read(master, 65536)
        seconds = 0
def mode():
    flags = termios.tcgetattr(slave)[3]
    return " ".join(name for name in ("ECHO", "ICANON", "ISIG") if flags & getattr(termios, name))
for step in plan["steps"]:
    if step == "mode":
        modes.append(mode())
    elif step == "hang up":
        after = termios.tcgetattr(slave)
        os.close(slave)
        os.close(master)
        master = None
    elif "types" in step:
        data = step["types"].encode("latin1")
        while data:
            ready = select.select([master], [master], [], 1)
            if ready[0]:
                look(0)
            if ready[1]:
                data = data[os.write(master, data[:512]):]
    elif "wait" in step:
        look(step["wait"])
    elif "kill" in step:
        os.kill(pid, getattr(signal, step["kill"]))
    else:
        while True:
            found = re.search(step["sees"].encode("latin1"), screen[seen:])
            if found:
                seen += found.end()
                break
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                sys.exit("never seen: " + step["sees"] + " in " + repr(screen))
            look(0.05)
status = None
while status is None:
    done, code = os.waitpid(pid, os.WNOHANG)
    if done:
        status = os.waitstatus_to_exitcode(code)
    elif time.monotonic() > deadline:
        os.kill(pid, signal.SIGKILL)
        sys.exit("still running: " + repr(screen))
    if master is not None:
        look(0.05)
    else:
        time.sleep(0.05)
after = after or termios.tcgetattr(slave)
print(json.dumps({
    "status": status,
    "screen": screen.decode("latin1"),
    "modes": modes,
    "restored": after == before,
}))
`;

/** Runs a body of TypeScript that may use `openTerminal` and `guard` of lib/cli. */
export async function onPty(body: string, session: Session): Promise<Outcome> {
  const from = (file: string) => JSON.stringify(join(root, "lib/cli", file));
  const script = `
    import { writeFileSync } from "node:fs";
    import { guard } from ${from("main.ts")};
    import { openTerminal } from ${from("tty.ts")};
    ${body}`;
  const { steps, controlling = true, on = [0, 1, 2], off = [], env = {} } = session;
  const { nonBlocking = false } = session;
  const plan = JSON.stringify({ steps, controlling, on, off, nonBlocking });
  const child = Bun.spawn(["python3", "-c", driver, plan, process.execPath, "-e", script], {
    env: { ...process.env, TERM: "xterm", ...env },
    stdin: "ignore",
    stderr: "pipe",
  });
  const [said, fault] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(fault);
  return JSON.parse(said) as Outcome;
}
