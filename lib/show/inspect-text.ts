/** The facts that `inspect` finds, as a table. */

import type { Facts, SetFacts } from "./inspect.ts";

export type Located = Facts & { where: string };

/** Lines without newlines, in three columns: where it is, what it is, and its facts. */
export function table(items: Located[], sets: SetFacts[]): string[] {
  const rows = [
    ...items.map((item) => [item.where, item.kind, factsText(item)]),
    ...sets.map(setRow),
  ];
  const [first, second] = [0, 1].map((column) => {
    return rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0);
  });
  return rows.map(([where = "", what = "", known = ""]) => {
    return `${where.padEnd(first ?? 0)}  ${what.padEnd(second ?? 0)}  ${known}`;
  });
}

function factsText(facts: Facts): string {
  const { set, k, n, index, recipient, recipientName, key, publicKey } = facts;
  const place = `set ${set}, share ${index} of ${n}, any ${k} recover`;
  const named = recipientName === undefined ? `${recipient}` : `${recipient}, ${recipientName}`;
  const line = String(publicKey).length > 100 ? "" : `, ${publicKey}`; // 2,000 characters fit no table
  switch (facts.kind) {
    case "share":
      return `${place}, secret of ${facts["secretBytes"]} bytes`;
    case "sealed share":
      return `${place}, sealed to ${named}, ${key}`;
    case "vault": {
      const { keyId, fileBytes, chunks, plaintextBytes } = facts;
      const size = `${plaintextBytes} bytes of plaintext in ${chunks} chunk${chunks === 1 ? "" : "s"}`;
      return `${fileBytes} bytes, ${size}, key id ${keyId}`;
    }
    case "scheme": {
      const { generation, created, vault, keyId } = facts;
      const made = `generation ${generation}, created ${created}, any ${k} of ${n} recover`;
      return `set ${set}, ${made}, ${vault}, key id ${keyId}`;
    }
    case "holder": {
      const keyed = key === undefined ? "" : `, ${key}${line}`;
      return `${facts["name"]}: share ${index}, ${recipient}${keyed}`;
    }
    case "writer":
      return `writes updates of set ${set}, and reads none`;
    case "update":
      return `update ${facts["number"]} of set ${set}, of ${facts["time"]}, key id ${facts["keyId"]}`;
    default:
      return `${named}, ${key}${line}`;
  }
}

function setRow({ set, k, n, shares, sealed, complete }: SetFacts): string[] {
  const noun = shares.length === 1 ? "share" : "shares"; // "shares 2 of 3" would be a count
  const here = shares.length > 0 ? `${noun} ${shares.join(", ")} of ${n}` : `no share of ${n}`;
  const closed = sealed.length > 0 ? `, sealed ${sealed.join(", ")}` : "";
  const missing = complete ? "" : `, ${k - shares.length} more needed`;
  return [`set ${set}`, complete ? "complete" : "incomplete", `${here}${closed}${missing}`];
}
