/** Compares what two images were made of: dist/ARCH/inputs.json. */
import { readFileSync } from "node:fs";
import type { ImageInputs } from "./image.ts";

export function readInputs(file: string): ImageInputs {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** One line for each input that is not the same in both, such as "bun.version: 1.4.4 / 1.4.5". */
export function differences(a: ImageInputs, b: ImageInputs): string[] {
  const [first, second] = [new Map(leaves(a)), new Map(leaves(b))];
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((name) => first.get(name) !== second.get(name))
    .map((name) => `${name}: ${first.get(name) ?? "none"} / ${second.get(name) ?? "none"}`);
}

function leaves(value: object): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] =>
    typeof inner === "object" && inner !== null
      ? leaves(inner).map(([rest, leaf]) => [`${name}.${rest}`, leaf])
      : [[name, String(inner)]],
  );
}
