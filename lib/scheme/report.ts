/** What recovery-verify reports, as text and as JSON. */

import { toJson } from "../system/json.ts";
import { escapeControls } from "../system/messages.ts";
import type { Scheme } from "./fields.ts";
import type { Finding } from "./findings.ts";
import { summary } from "./read.ts";

export interface Report {
  scheme: Scheme;
  /** The vault's, then each holder's. */
  findings: Finding[];
  updates: Finding[];
  /** What the newest update is. */
  newest: object;
  /** In a drill, the holders whose shares were given. */
  drill: string[] | undefined;
  /** What it was compared with, to know that it is current. */
  comparedWith: string | undefined;
}

export function reportText(report: Report): string {
  const { scheme, drill, comparedWith } = report;
  const findings = [...report.findings, ...report.updates];
  const width = findings.reduce((most, { name }) => Math.max(most, name.length), 0);
  const lines = findings.map(({ name, verdict, reason, key }) => {
    const kind = key === undefined ? "" : ` (${key})`;
    return `${name.padEnd(width)}  ${verdict}: ${escapeControls(reason)}${kind}`;
  });
  const current =
    comparedWith === undefined
      ? "nothing to compare with: this may not be the current generation"
      : `the generation is current: the same as ${escapeControls(comparedWith)}`;
  const isGood = findings.every(({ verdict }) => verdict === "good" || verdict === "not checked");
  const verdict = drill ? "authenticated by the master key" : "consistent, not authenticated";
  const passed = isGood && drill ? [`passed with the shares of ${drill.join(", ")}`] : [];
  const end = isGood ? verdict : "faults found";
  return [summary(scheme), ...lines, current, ...passed, end, ""].join("\n");
}

export function reportJson({ scheme, findings, updates, newest, ...report }: Report): string {
  const { set, generation, created, k, n } = scheme;
  const [vault, ...holders] = findings;
  const { drill = null, comparedWith = null } = report;
  const found = { authenticated: drill !== null, vault, holders, updates, newest };
  return toJson({ set, generation, created, k, n, ...found, comparedWith, drill });
}
