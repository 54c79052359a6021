// A real pseudo-terminal, by way of Bun's own.

/** Runs a command with a terminal on stdin, stdout and stderr; `screen` is all that it showed. */
export async function onTerminal(
  command: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; screen: string }> {
  const shown: Uint8Array[] = [];
  const child = Bun.spawn(command, {
    cwd,
    env,
    terminal: {
      cols: 200,
      rows: 50,
      data(_terminal, bytes) {
        shown.push(bytes.slice());
      },
    },
  });
  const code = await child.exited;
  await Bun.sleep(50);
  child.terminal?.close();
  return { code, screen: Buffer.concat(shown).toString("latin1") };
}
