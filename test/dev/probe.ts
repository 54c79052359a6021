/** The program that the tests compile and link: it reports on its own process as JSON. */
import { closeSync, constants, linkSync, openSync, readFileSync, writeSync } from "node:fs";

const [mode = "hello", operand = ""] = process.argv.slice(2);

function show(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`);
}

/** What takes threads, timers and a large heap. */
async function work(): Promise<void> {
  const source = "self.onmessage = (event) => self.postMessage(event.data * 2);";
  const worker = new Worker(URL.createObjectURL(new Blob([source])));
  const doubled = await new Promise<number>((resolve) => {
    worker.onmessage = (event: MessageEvent<number>) => resolve(event.data);
    worker.postMessage(21);
  });
  worker.terminate();
  const heap = Array.from({ length: 16 }, () => new Uint8Array(4 << 20).fill(1));
  await Bun.sleep(5);
  show({ doubled, heap: heap.length });
}

/** Gives a name to a file in the working directory that had none. */
function nameFile(name: string): void {
  const descriptor = openSync(".", constants.O_RDWR | constants.O_DIRECTORY | 0o20000000, 0o600);
  writeSync(descriptor, "whole\n");
  try {
    linkSync(`/proc/self/fd/${descriptor}`, name);
  } catch (error) {
    show((error as { code: string }).code);
  }
  closeSync(descriptor);
}

if (mode === "env") show({ process: process.env, bun: Bun.env });
else if (mode === "status") {
  show({
    status: readFileSync("/proc/self/status", "utf8"),
    limits: readFileSync("/proc/self/limits", "utf8"),
  });
} else if (mode === "wait") {
  writeSync(1, "ready\n");
  readFileSync(0);
} else if (mode === "arguments") show(process.argv.slice(3));
else if (mode === "work") await work();
else if (mode === "link") nameFile(operand);
else show({ hello: process.argv0.split("/").at(-1), zone: new Date(0).getTimezoneOffset() });
