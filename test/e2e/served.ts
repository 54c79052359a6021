// Snippets without the cost of starting our commands: what stands between pipes is run one after another,
// our commands by server.ts, which stays, and others by the shell.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "./server.ts";

/** What only a shell understands, or must run side by side, and what changes the shell itself. */
const special =
  /[()$`\\{}?*[~!#"\n]|(?<!&)&(?!&)|\d>|>>|\|\||\b(umask|cd|exit|exec|set|yes|sleep)\b/;
/** One of our commands, its words, and files that its streams come from and go to. */
const command = /^\.\/([a-z-]+)((?: +(?:'[^']*'|[\w./:=+,@%-])+)*)((?: *[<>] *[\w./-]+)*)$/;

interface Place {
  cwd: string;
  env: Record<string, string>;
  shell: string[];
}

const folder = mkdtempSync(join(tmpdir(), "worstday-served-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const answers: ((code: number) => void)[] = [];
let server: Bun.Subprocess | undefined;
let count = 0;

/** Runs a snippet; undefined if it takes a shell. */
export async function runServed(script: string, names: string[], place: Place) {
  if (special.test(script.replace(/'[^'\n]*'/g, ""))) return undefined;
  const pipes = [...script.matchAll(/(;|&&|^)((?:'[^']*'|[^;&'])+)/g)].map(([, joint, pipe]) => {
    const stages = pipe?.match(/(?:'[^']*'|[^|'])+/g) ?? [];
    return { joint, stages: stages.map((stage) => stage.trim()) };
  });
  const ours = pipes.flatMap(({ stages }) => stages).filter((stage) => stage.includes("./"));
  if (!ours.every((stage) => names.includes(command.exec(stage)?.[1] ?? ""))) return undefined;

  const here = join(folder, `${count++}`);
  const newFile = (name: string) => {
    writeFileSync(`${here}.${name}`, "", { mode: 0o600 });
    return `${here}.${name}`;
  };
  const [given, said] = [newFile("given"), newFile("said")];
  const files = [given, said];
  let code = 0;
  for (const { joint, stages } of pipes) {
    if (joint === "&&" && code !== 0) continue;
    let input = "/dev/null";
    for (const [i, stage] of stages.entries()) {
      const output = i === stages.length - 1 ? given : newFile(`${files.length}`);
      files.push(output);
      code = await runStage(stage, [input, output, said], place);
      input = output;
    }
  }
  const [stdout = new Uint8Array(), stderr] = [given, said].map((file) => readFileSync(file));
  for (const file of files) rmSync(file, { force: true });
  return { code, stdout: new Uint8Array(stdout), stderr: `${stderr}` };
}

async function runStage(stage: string, streams: [string, string, string], place: Place) {
  const [, name, words = "", redirects = ""] = command.exec(stage) ?? [];
  const [input, output, said] = streams;
  if (name === undefined) return runOther(stage, streams, place);
  const argv = (words.match(/(?:'[^']*'|[^ '])+/g) ?? []).map((word) => word.replaceAll("'", ""));
  const job: Job = { cwd: place.cwd, name, argv, input, output: [output, "a"], said };
  for (const [, kind, file = ""] of redirects.matchAll(/([<>]) *([^ <>]+)/g)) {
    if (kind === "<") job.input = file;
    else job.output = [file, "w"];
  }
  server ??= Bun.spawn([process.execPath, join(import.meta.dir, "server.ts")], {
    env: { ...place.env, HOME: folder, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    stdio: ["ignore", "ignore", "inherit"],
    ipc: (code: number) => answers.shift()?.(code),
    onExit: (_, code) => answers.forEach((answer) => void answer(code ?? -1)),
  });
  server.unref();
  server.send(job);
  return new Promise<number>((resolve) => answers.push(resolve));
}

async function runOther(
  stage: string,
  [input, output, said]: [string, string, string],
  { cwd, env, shell }: Place,
): Promise<number> {
  const stdio = [openSync(input, "r"), openSync(output, "a"), openSync(said, "a")] as const;
  const child = Bun.spawn([...shell, "-c", stage], { cwd, env, stdio: [...stdio] });
  for (const descriptor of stdio) closeSync(descriptor);
  return child.exited;
}
