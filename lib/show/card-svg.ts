/** The card of a share as a page: one self-contained SVG that fits A4 and Letter. */

import type { Card, Modules } from "./card.ts";

/** In millimetres, within the margins that browsers leave on both. */
const [width, height] = [180, 250];
const codeWidth = 84;

/** The card and its QR code, as an SVG document. */
export function cardSvg(card: Card, modules: Modules): string {
  let y = 0;
  const line = (text: string, size: number, attributes = "") => {
    y += size * 1.35;
    return `<text y="${round(y)}" font-size="${size}"${attributes}>${escapeXml(text)}</text>`;
  };
  const head = [
    line(card.title, 6, ' font-weight="bold"'),
    `<text x="${width}" y="${round(y)}" font-size="4" text-anchor="end">${card.date}</text>`,
    line(card.label, 3.6),
    line("", 2),
    ...card.about.map((text) => line(text, 3.6)),
    ...card.rows.map((text) => line(text, 4.2)),
    line("", 2),
  ];
  const code = drawCode(modules, y);
  y += codeWidth;
  const steps = card.steps.map((text) => line(text, 3.6));
  return `<svg xmlns="http://www.w3.org/2000/svg" font-family="monospace"
 width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}">
<title>${escapeXml(card.title)}</title>
<style>text { white-space: pre }</style>
<rect width="${width}" height="${height}" fill="white"/>
${[...head, code, ...steps].join("\n")}
</svg>
`;
}

/** One path: every run of dark modules in a row is a rectangle. */
function drawCode(modules: Modules, y: number): string {
  const runs = modules.flatMap((row, at) => {
    const cells = row.map((dark) => (dark ? "1" : "0")).join("");
    return [...cells.matchAll(/1+/g)].map(
      ({ index, 0: run }) => `M${index} ${at}h${run.length}v1h-${run.length}z`,
    );
  });
  const place = `translate(0 ${round(y)}) scale(${codeWidth / modules.length})`;
  return `<path transform="${place}" shape-rendering="crispEdges" d="${runs.join("")}"/>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function round(millimetres: number): number {
  return Math.round(millimetres * 100) / 100;
}
