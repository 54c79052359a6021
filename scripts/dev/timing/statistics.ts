/** Whether two classes of times differ: Welch's t-test, as dudect uses it (see ../timing.ts). */

/** How much of the measurements is kept, from the fastest on: interruptions are in the tail. */
const kept = [...Array.from({ length: 10 }, (_, i) => 1 - 0.5 ** (i + 1)), 1];

/** Welch's t of two samples; NaN where one of them has fewer than two values. */
export function welch(a: number[], b: number[]): number {
  const [first, second] = [moments(a), moments(b)];
  const error = Math.sqrt(first.variance / a.length + second.variance / b.length);
  const difference = first.mean - second.mean;
  return difference === 0 && error === 0 ? 0 : difference / error;
}

/**
 * The largest |t| over all crops, each in the first order (the means differ) and in the second (the
 * variances do). Class 0 and class 1, one for each time.
 */
export function largestT(times: Float64Array, classes: Uint8Array): number {
  const sorted = times.toSorted();
  const values = kept.flatMap((part) => {
    const limit = sorted[Math.ceil(part * sorted.length) - 1] as number;
    const [a, b] = [0, 1].map((wanted) => [
      ...times.filter((time, i) => time <= limit && classes[i] === wanted),
    ]) as [number[], number[]];
    return [welch(a, b), welch(squares(a), squares(b))].map(Math.abs);
  });
  return Math.max(...values.filter((t) => !Number.isNaN(t)));
}

/** Each value's squared distance from the mean: their own mean is the variance. */
function squares(values: number[]): number[] {
  const { mean } = moments(values);
  return values.map((value) => (value - mean) ** 2);
}

function moments(values: number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sum = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, variance: sum / (values.length - 1) };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
