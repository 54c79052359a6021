// A text card's QR code as a picture: PGM, without any program that draws text.

const pixels = 4;

/** The rows of half-blocks in a text, dark where there is ink, as a greyscale picture. */
export function pictureOf(text: string): Uint8Array {
  const rows = text.split("\n").filter((line) => /^ {2}[ ▀▄█]{30,}$/u.test(line));
  const modules = rows.flatMap((row) => [
    Array.from(row, (cell) => cell === "█" || cell === "▀"),
    Array.from(row, (cell) => cell === "█" || cell === "▄"),
  ]);
  const width = (modules[0]?.length ?? 0) * pixels;
  const lines = modules.flatMap((row) => {
    const line = row.flatMap((dark) => Array<number>(pixels).fill(dark ? 0 : 255));
    return Array<number[]>(pixels).fill(line);
  });
  return Buffer.concat([
    Buffer.from(`P5 ${width} ${lines.length} 255\n`),
    ...lines.map((line) => Buffer.from(line)),
  ]);
}
