import { expect, test } from "bun:test";
import { help } from "../../lib/cli/help.ts";
import { examplesOf, operandName } from "../../lib/cli/manual.ts";
import { readManuals } from "../../scripts/dev/manual.ts";

test.each((await readManuals()).map((manual) => [manual.meta.name, manual] as const))(
  "help() for %s is one screen of plain text with all flags",
  async (name, manual) => {
    const text = await help(manual);
    const lines = text.split("\n").slice(0, -1);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(text).toMatch(/^[\n -~]+\n$/);
    expect(text).not.toMatch(/ $|--[a-z]\b/m);
    expect(lines[0]).toBe(`${name}: ${manual.meta.description}`);
    for (const [long, flag] of Object.entries(manual.args)) {
      if (flag.type === "positional") expect(text).toContain(operandName(long, flag));
      else {
        const short = "alias" in flag ? `-${flag.alias}, ` : "";
        expect(text).toMatch(new RegExp(`^ *${short}--${long}\\b`, "m"));
      }
    }
    const first = examplesOf(manual)[0]?.line.replace(/^/gm, "  ");
    const example = `\nEXAMPLE\n${first}\n`;
    const fits = lines.length + example.split("\n").length - 1 <= 24;
    expect(text.includes("EXAMPLE") ? text.endsWith(`\n${example}`) : !fits).toBe(true);
  },
);
