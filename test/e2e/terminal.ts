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
