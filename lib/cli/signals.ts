/** Cleaning up where a signal ends the program. */

const fatalSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const cleanUps: (() => void)[] = [];

/**
 * Cleans up, the newest first, and then dies of the signal after all, so that the caller sees it.
 * Returns what ends that.
 */
export function onFatalSignal(cleanUp: () => void): () => void {
  if (cleanUps.length === 0) for (const signal of fatalSignals) process.on(signal, die);
  cleanUps.push(cleanUp);
  return () => {
    const place = cleanUps.indexOf(cleanUp);
    if (place >= 0) cleanUps.splice(place, 1);
    if (cleanUps.length > 0) return;
    for (const signal of fatalSignals) process.removeListener(signal, die);
  };
}

function die(signal: NodeJS.Signals): void {
  for (const cleanUp of cleanUps.splice(0).reverse()) {
    try {
      cleanUp();
    } catch {
      // dying is all that is left to do
    }
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
