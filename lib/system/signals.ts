/** Cleans up when a signal ends the program. */

import { readFileSync } from "node:fs";

/** Signals that end a program unless it handles them, as far as the runtime can; not its own faults. */
const fatalSignals = {
  ...{ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGUSR1: 10, SIGUSR2: 12, SIGALRM: 14, SIGTERM: 15 },
  ...{ SIGXCPU: 24, SIGVTALRM: 26, SIGPROF: 27, SIGIO: 29 },
} as const;
type FatalSignal = keyof typeof fatalSignals;
const cleanUps: (() => void)[] = [];

/**
 * On a signal, cleans up, the newest first, and then dies of it, so that the caller sees that.
 * Returns a function that ends this.
 */
export function onFatalSignal(cleanUp: () => void): () => void {
  const signals = cleanUps.length === 0 ? heeded() : [];
  for (const signal of signals) process.on(signal, die);
  cleanUps.push(cleanUp);
  return () => {
    const place = cleanUps.indexOf(cleanUp);
    if (place >= 0) cleanUps.splice(place, 1);
    if (cleanUps.length > 0) return;
    for (const signal of Object.keys(fatalSignals)) process.removeListener(signal, die);
  };
}

/** All but those that were ignored at the start, as by nohup: a handler would undo that. */
function heeded(): FatalSignal[] {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(ownStatus())?.[1] ?? "0";
  const ignored = (number: number) => (BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n;
  const signals = Object.entries(fatalSignals) as [FatalSignal, number][];
  return signals.filter(([, number]) => ignored(number) === 0n).map(([signal]) => signal);
}

/** Nothing else says so; without /proc, as in an empty root, no signal counts as ignored. */
function ownStatus(): string {
  try {
    return readFileSync("/proc/self/status", "latin1");
  } catch {
    return "";
  }
}

/** Process 1, which cannot kill itself, exits with the status that a shell would give. */
export function die(signal: FatalSignal): never {
  for (const cleanUp of cleanUps.splice(0).reverse()) {
    try {
      cleanUp();
    } catch {
      // dying is all that is left to do
    }
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + fatalSignals[signal]);
}
