/** What a card says below its code, to whoever finds it and on the worst day. */

import { type Share, shareTagBytes } from "../core/sharing.ts";
import { masterBytes } from "../core/vault.ts";
import { isOffline, type Scheme } from "../scheme/fields.ts";

export const columns = 80;

/** What a card says besides its share. */
export interface Remarks {
  date: string;
  label?: string | undefined;
  contact?: string | undefined;
  /** Where the vault and the software are. */
  where?: string | undefined;
  /** The scheme that the share belongs to. */
  scheme?: Scheme | undefined;
}

/** How many other shares there must be. */
export const more = (k: number) => (k === 2 ? "one more share" : `${k - 1} more shares`);

/** What this is, whom to ask, and what to type: lines without newlines. */
export function stepsOf(share: Share, remarks: Remarks): string[] {
  const { k } = share;
  const forVault = isKey(share);
  const what = forVault ? "the key to an encrypted vault" : "a secret";
  const from = remarks.scheme ? ", the scheme's folder" : ", the vault";
  const open = forVault
    ? vaultSteps(share, remarks)
    : [`  ./worstday combine ${filesFor(k)} > secret`];
  return [
    "The code holds the same line: any device that scans it has the share.",
    `This is ${k === 1 ? "" : "part of "}${what}; worstday is the software for it.`,
    `If you found it: ${k === 1 ? "it opens all" : "alone it opens nothing"}. Do not copy or scan it; please tell`,
    `contact: ${remarks.contact ?? "_".repeat(60)}`,
    ...(forVault ? [`vault and software: ${remarks.where ?? "_".repeat(60)}`, ""] : []),
    `On the worst day, with worstday${forVault ? from : ""}${k === 1 ? "" : ` and ${more(k)}`}:`,
    "  umask 077; cat > offline.txt  # type the rows, then Enter and Ctrl-D",
    ...open,
  ];
}

/** Whether what is shared has the length of a vault's key. */
export const isKey = ({ y }: Share) => y.length - shareTagBytes === masterBytes;
const filesFor = (k: number) => (k === 1 ? "offline.txt" : "offline.txt others.txt");

/** The commands that open the vault, or a scheme's newest contents, and who has the other shares. */
function vaultSteps({ k, x }: Share, { scheme }: Remarks): string[] {
  const others = scheme?.holders.filter(({ index }) => index !== x) ?? [];
  const names = `Other shares: ${others.map(({ name }) => name).join(", ")}`;
  const node = others.find((holder) => !isOffline(holder))?.name ?? "node-a";
  const unseal = (name: string) =>
    `  ./worstday unseal --key ${name}.key ${scheme ? "--dir scheme" : `${name}.sealed`} >> others.txt`;
  const [own, any] = [unseal(node), unseal("NAME")];
  const [recover, rest] = scheme
    ? [`recovery-reconstruct --dir scheme ${filesFor(k)} \\`, "-o secrets.tar"]
    : [`combine ${filesFor(k)} |`, "./worstday vault-open vault.wd -o secrets.tar"];
  return [
    ...(k === 1 ? [] : [own.length > columns ? any : own]),
    ...[`  ./worstday ${recover}`, `    ${rest}`],
    "Without worstday, use recover.py, which needs only Python.",
    ...(others.length === 0 ? [] : [cut(names)]),
  ];
}

function cut(text: string): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
}
