/** Tokens as commands read them, and as people mistype them. */

import { explain } from "../../lib/typing/explain.ts";
import { decodeText, isUnverified } from "../../lib/wire/text.ts";
import { alphabet } from "../oracle/text.ts";

/** Decodes a token as commands do: what is wrong with one that does not verify is explained. */
export function readToken(token: Uint8Array) {
  try {
    return decodeText(token);
  } catch (error) {
    if (!isUnverified(error)) throw error;
    return explain(token, false);
  }
}

/** The token with the symbol at this offset behind the "1" changed by a value of 1 to 31. */
export function mistyped(token: Uint8Array, offset: number, value: number): Uint8Array {
  const at = token.indexOf(0x31) + 1 + offset;
  const symbol = alphabet.indexOf(String.fromCharCode(token[at] as number));
  return token.with(at, alphabet.charCodeAt(symbol ^ value));
}
