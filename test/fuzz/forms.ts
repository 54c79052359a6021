/**
 * What SPEC.md says must come of a damaged input, told without lib/: the same value, where the damage
 * is to what does not count; the same with lines missing, where whole lines are gone; or an error.
 */

import type { ErrorCode } from "../../lib/core/errors.ts";

export type Verdict = "same" | "fewer" | "another value" | ErrorCode;

/** What a form says of a damaged input, knowing the whole one. */
export type Form = (damaged: Uint8Array, whole: Uint8Array) => Verdict[];

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const withoutMark = (bytes: Uint8Array): string => latin1(bytes).replace(/^\u00ef\u00bb\u00bf/, "");
const linesOf = (text: string): string[] =>
  text.split("\n").map((line) => line.replace(/\r$/, "").replace(/^[ \t]*#.*/s, ""));

/** The tokens of text in canonical form; what is no token of any form comes out as itself. */
function tokensOf(lines: string[]): string[] {
  return lines
    .map((line) => (/[^\t -~]/.test(line) ? "not ASCII" : line.replace(/[ \t-]/g, "")))
    .filter((token) => token !== "")
    .map((token) => token.toLowerCase());
}

/** Tokens with what begins none appended to those before, which a reader may do. */
const rejoined = (tokens: string[]): string =>
  tokens
    .join()
    .replace(/(^|,)1(?=wd)/g, "$1")
    .replace(/,(?!wd(?:share|sealed|pub|key)1)/g, "");

/** Lines of shares, of which some are enough or not, and what there is if there are none. */
export function linesForm(ifNone: ErrorCode): Form {
  return function lines(damaged, whole) {
    const [found, all] = [damaged, whole].map((bytes) => tokensOf(linesOf(withoutMark(bytes))));
    if (found?.join() === all?.join()) return ["same"];
    if (found?.length === 0) return [ifNone];
    if (rejoined(found ?? []) === all?.join()) return ["same", "malformed"];
    if (!found?.every((token) => all?.includes(token))) return ["malformed"];
    return ["fewer", "too-few", "mismatch", "refused"];
  };
}

/** A file with one token, and with a comment behind it if `mayComment`. */
export function keyForm(mayComment: boolean): Form {
  const commented =
    /^([ \t-]*wdpub1(?:[a-z0-9]{68}|[a-z0-9]{1963}))[ \t](?!.*wd(?:share|sealed|pub|key)1)[^\r]*$/i;
  return function key(damaged, whole) {
    const [found, all] = [damaged, whole].map((bytes) => {
      const lines = linesOf(withoutMark(bytes));
      return tokensOf(mayComment ? lines.map((line) => line.replace(commented, "$1")) : lines);
    });
    return found?.join() === all?.join() ? ["same"] : ["malformed"];
  };
}

/** The bytes of canonical base64. */
function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? bytes : undefined;
}

/**
 * A public key line of OpenSSH's. The sign of x, its top bit, does not count; and there is no
 * checksum: another 32 bytes are another key, if they are one.
 */
export const sshLineForm: Form = (damaged, whole) => {
  const [found, all] = [damaged, whole].map((bytes) => {
    const lines = linesOf(withoutMark(bytes)).filter((line) => !/^[ \t]*$/.test(line));
    const line = /^[ \t]*ssh-ed25519[ \t]+([^ \t]+)(?:[ \t]+(.*))?$/s.exec(lines[0] ?? "");
    const [, base64 = "", comment = ""] = line ?? [];
    const isSecond = /wd(share|sealed|pub|key)1|AAAA[a-z0-9+/]{16}/i.test(comment);
    const blob = bytesOf(base64);
    if (lines.length !== 1 || isSecond || blob?.length !== 51) return { head: "", key: "" };
    const key = blob.subarray(19).with(-1, (blob[50] as number) & 0x7f);
    return { head: blob.toString("hex", 0, 19), key: Buffer.from(key).toString("hex") };
  });
  if (found?.head !== all?.head) return ["malformed"];
  return found?.key === all?.key ? ["same"] : ["malformed", "another value"];
};

/** A private key file of OpenSSH's with a key of the length of ed25519's: the comment does not count. */
export const sshFileForm: Form = (damaged, whole) => {
  const [found, all] = [damaged, whole].map((bytes) => {
    const armor =
      /^-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END OPENSSH PRIVATE KEY-----[ \t\r\n]*$/;
    const body = bytesOf((armor.exec(latin1(bytes))?.[1] ?? "?").replace(/[ \t\r\n]/g, ""));
    if (!body || body.length < 229) return "none";
    const commentBytes = body.readUInt32BE(225);
    const padding = body.subarray(229 + commentBytes);
    const isPadding =
      commentBytes <= body.length - 229 && padding.every((byte, i) => byte === ((i + 1) & 0xff));
    return isPadding ? `${body.length} ${body.toString("hex", 0, 225)}` : "none";
  });
  return found === all ? ["same"] : ["malformed"];
};

/** A vault: all of it counts, and what is wrong with its beginning is another error. */
export const vaultForm: Form = (damaged) => {
  const isVault = latin1(damaged).startsWith("worstday vault 1");
  return isVault && damaged.length >= 80 ? ["mismatch"] : ["malformed"];
};

export const rawKeyForm: Form = (damaged) => [damaged.length === 32 ? "mismatch" : "malformed"];

/** scheme.json, all of which counts: what is not malformed is not what its tag was made over. */
export const schemeForm: Form = () => ["malformed", "mismatch"];
