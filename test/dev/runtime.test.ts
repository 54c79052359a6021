/** What a runtime needs its C library for, on whichever runtime these tests run. */

import { expect, setDefaultTimeout, test } from "bun:test";

setDefaultTimeout(60_000);

test("workers start, answer and end, many at once and one after another", async () => {
  const source = "self.onmessage = (event) => self.postMessage(event.data.map((x) => x * x));";
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const square = async (numbers: number[]): Promise<number[]> => {
    const worker = new Worker(url);
    const answer = await new Promise<number[]>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<number[]>) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(numbers);
    });
    worker.terminate();
    return answer;
  };
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => square([n, n + 1, round])));
    expect(answers[5]).toEqual([36, 49, round * round]);
  }
});

test("child processes get input and give output, many at once", async () => {
  const children = Array.from({ length: 20 }, async (_, i) => {
    const child = Bun.spawn(["sh", "-c", `cat; exit ${i}`], { stdin: Buffer.alloc(300_000, i) });
    const bytes = await new Response(child.stdout).bytes();
    return [bytes.length, bytes[299_999], await child.exited];
  });
  expect(await Promise.all(children)).toEqual(children.map((_, i) => [300_000, i, i]));
});

test("timers fire in order, and none that was cleared", async () => {
  const fired: number[] = [];
  clearTimeout(setTimeout(() => fired.push(0), 1));
  for (const delay of [30, 10, 20]) setTimeout(() => fired.push(delay), delay);
  await Bun.sleep(100);
  expect(fired).toEqual([10, 20, 30]);
});

test("a large heap is allocated, collected and allocated again", () => {
  for (let round = 0; round < 2; round++) {
    const blocks = Array.from({ length: 40 }, (_, i) => new Uint8Array(4 << 20).fill(i));
    expect(blocks.reduce((sum, block) => sum + (block.at(-1) as number), 0)).toBe(780);
    const objects = new Map(Array.from({ length: 100_000 }, (_, i) => [`key ${i}`, { i }]));
    expect(objects.get("key 99999")).toEqual({ i: 99_999 });
    Bun.gc(true);
  }
});

test("exceptions cross native code, and a stack that overflows is an error", () => {
  const deep = (n: number): number => 1 + deep(n + 1);
  expect(() => deep(0)).toThrow(RangeError);
  expect(() => [1].map(() => JSON.parse("{"))).toThrow(SyntaxError);
});

test("locales, compression, hashes and numbers come out as they should", () => {
  expect(new Intl.NumberFormat("de").format(1234.5)).toBe("1.234,5");
  const plain = new TextEncoder().encode("worst day ".repeat(10_000));
  expect(Bun.gunzipSync(Bun.gzipSync(plain))).toEqual(plain);
  expect(new Bun.CryptoHasher("sha256").update("abc").digest("hex")).toStartWith("ba7816bf");
  const numbers = [Math.sin(1), Math.exp(1), 2 ** 0.5].map((x) => x.toFixed(12));
  expect(numbers).toEqual(["0.841470984808", "2.718281828459", "1.414213562373"]);
});
