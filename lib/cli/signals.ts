/** Cleaning up where a signal ends the program. */

const fatalSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Cleans up and then dies of the signal after all, so that the caller sees it. Returns what ends that.
 */
export function onFatalSignal(cleanUp: () => void): () => void {
  const handlers = fatalSignals.map((signal) => {
    const handler = () => {
      cleanUp();
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => {
    for (const { signal, handler } of handlers) process.removeListener(signal, handler);
  };
}
