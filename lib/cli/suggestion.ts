/** What was probably meant by an unknown flag or command. */

/** `did you mean …?`, of the words that are most like the one that was typed; undefined if none is. */
export function suggestion(typed: string, words: string[]): string | undefined {
  const distances = words.map((word) => distance(typed, word));
  const least = Math.min(...distances);
  const isNear = typed.length > 3 && least <= (typed.length > 5 ? 2 : 1);
  const stem = typed.replace(/^-+/, "");
  const found = isNear
    ? words.filter((_, i) => distances[i] === least)
    : words.filter((word) => stem.length > 2 && word.includes(stem));
  return found.length > 0 && found.length < 4 ? `did you mean ${found.join(" or ")}?` : undefined;
}

/** How many characters to change, add or leave out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const [left, above, before] = [next[j], row[j + 1], row[j]] as [number, number, number];
      next.push(Math.min(left + 1, above + 1, before + (character === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) as number;
}
