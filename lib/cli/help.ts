/** --help: one screen of plain text, from the same definition as the manual page. */

import { renderUsage } from "citty";
import type { Manual } from "./command.ts";
import { isOperand, operandName, paragraphs, pipelineOf } from "./manual.ts";

const screenLines = 24;

/** citty's rendering of the flags, without colours and blanks, plus description and example. */
export async function help(manual: Manual): Promise<string> {
  // In the executable, which is one file, a static import would be loaded at every start.
  const { stripVTControlCharacters } = await import("node:util");
  const { meta } = manual;
  const args = Object.entries(manual.args).map(([name, flag]) => {
    return isOperand(flag) ? [operandName(name, flag), flag] : [name, flag];
  });
  const rendered = stripVTControlCharacters(
    await renderUsage({ meta, args: Object.fromEntries(args) }),
  );
  const usage = rendered
    .slice(rendered.indexOf("USAGE")) // after the description and the version
    .replace(/ +$/gm, "")
    .replace(/^([A-Z]+)\n\n/gm, "$1\n")
    .trimEnd();
  const [what] = paragraphs(manual.description);
  const title = `${meta.name}: ${meta.description}`;
  const text = [title, what, `${usage}\n`].join("\n\n");
  const whole = `${text}\nEXAMPLE\n${pipelineOf(manual)}\n`;
  return whole.split("\n").length - 1 > screenLines ? text : whole; // the manual page has it
}
