"""Runs a command on a pseudo-terminal and does there what lines of JSON tell it to: see terminal.ts."""

import fcntl, json, os, re, signal, sys, termios, time
import pexpect

plan, command = json.loads(sys.argv[1]), sys.argv[2:]


# What a new terminal is like; the command may have changed its own before we look at it.
before = termios.tcgetattr(os.openpty()[1])
for name in plan["off"]:
    before[3] &= ~getattr(termios, name)


def prepare():
    """In the child, before it becomes the command: the terminal is on descriptors 0, 1 and 2."""
    termios.tcsetattr(0, termios.TCSANOW, before)
    if not plan["controlling"]:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        fcntl.ioctl(0, termios.TIOCNOTTY)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if plan["nonBlocking"]:
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_NONBLOCK)
    for descriptor in {0, 1, 2} - set(plan["on"]):
        os.dup2(os.open("/dev/null", os.O_RDWR), descriptor)


child = pexpect.spawn(
    command[0], command[1:], encoding="latin-1", preexec_fn=prepare, dimensions=(24, 80), maxread=65536
)
child.delaybeforesend = None
number = int.from_bytes(fcntl.ioctl(child.child_fd, 0x80045430, bytes(4)), "little")  # TIOCGPTN
# Held open, or there would be an end of the input where the command holds none of it itself.
slave = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY)
screen, deadline = "", time.monotonic() + plan["seconds"]
after = None


def find(pattern):
    """What matches behind all that was found before, or nothing where the command ends without."""
    while True:
        seen = child.expect([pattern, pexpect.TIMEOUT, pexpect.EOF], timeout=0.05)
        if seen == 0:
            return [child.match.group(0), *child.match.groups()]
        if seen == 2 or time.monotonic() > deadline:
            return None


def end():
    """Waits for the end: the exit status, or the negative number of a signal."""
    if after is None:
        find(re.compile(r"(?!)"))  # reads what is shown until then, and matches nothing
    while child.isalive():
        time.sleep(0.05)
        if time.monotonic() > deadline:
            child.kill(signal.SIGKILL)
    status = child.exitstatus if child.signalstatus is None else -child.signalstatus
    return {"status": status, "restored": (after or termios.tcgetattr(slave)) == before}


class Screen:
    def write(self, text):
        global screen
        screen += text

    def flush(self):
        pass


child.logfile_read = Screen()
for line in sys.stdin:
    step = json.loads(line)
    answer = None
    if "sees" in step:
        answer = {"found": find(re.compile(step["sees"], re.IGNORECASE if step["anyCase"] else 0))}
    elif "types" in step:
        child.send(step["types"])
    elif "kill" in step:
        child.kill(getattr(signal, step["kill"]))
    elif "hangUp" in step:
        after = termios.tcgetattr(slave)
        os.close(slave)
        os.close(child.child_fd)
    elif "mode" in step:
        flags = termios.tcgetattr(slave)[3]
        names = ("ECHO", "ICANON", "ISIG")
        answer = {"mode": " ".join(name for name in names if flags & getattr(termios, name))}
    else:
        answer = end()
    if answer is not None:
        print(json.dumps({**answer, "screen": screen}), flush=True)
