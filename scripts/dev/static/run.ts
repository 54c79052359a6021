/** Runs one of the system's programs; throws with what it printed on stderr if it fails. */
import { spawnSync } from "node:child_process";

export function run(program: string, args: string[], cwd?: string): string {
  // a message in another language would be no use in an error; nothing here asks for input
  const env = { ...process.env, LC_ALL: "C" };
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const done = spawnSync(program, args, { cwd, env, stdio: [...stdio], maxBuffer: 1 << 28 });
  if (done.error) throw new Error(`${program}: ${done.error.message}`);
  if (done.status === 0) return done.stdout.toString();
  const how = done.signal ?? `exit ${done.status}`;
  throw new Error(`${program} failed (${how}):\n${done.stderr.toString().trimEnd()}`);
}
