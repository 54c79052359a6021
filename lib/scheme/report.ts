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
  /** Those of updates, and what the newest is. */
  updates?: Finding[];
  newest?: object;
  /** In a drill, the holders whose shares were given. */
  drill: string[] | undefined;
  /** What it was compared with, to know that it is current. */
  comparedWith: string | undefined;
}

export function reportText({ scheme, drill, comparedWith, ...found }: Report): string {
  const findings = [...found.findings, ...(found.updates ?? [])];
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, verdict, reason, key }) => {
    const kind = key === undefined ? "" : ` (${key})`;
    return `${name.padEnd(width)}  ${verdict}: ${escapeControls(reason)}${kind}`;
  });
  const isGood = findings.every(({ verdict }) => verdict === "good" || verdict === "not checked");
  const verdict = drill ? "authenticated by the master key" : "consistent, not authenticated";
  const passed = isGood && drill ? [`passed with the shares of ${drill.join(", ")}`] : [];
  const end = isGood ? verdict : "faults found";
  return [summary(scheme), ...lines, currency(comparedWith), ...passed, end, ""].join("\n");
}

export function reportJson(report: Report): string {
  const { scheme, findings, updates, newest, drill, comparedWith = "" } = report;
  const { set, generation, created, k, n } = scheme;
  const [vault, ...holders] = findings;
  const found = { authenticated: drill !== undefined, vault, holders, updates, newest };
  const known = { comparedWith: comparedWith || null, drill: drill ?? null };
  return toJson({ set, generation, created, k, n, ...found, ...known });
}

function currency(comparedWith: string | undefined): string {
  if (comparedWith !== undefined) return `current: the same as ${escapeControls(comparedWith)}`;
  return "whether it is current is not known: nothing to compare with";
}
