/** Two-way with privy's shamir-secret-sharing, whose shares are y ‖ x. */

import { expect, test } from "bun:test";
import { combine, split } from "shamir-secret-sharing";
import { ascii, concat } from "../../lib/core/bytes.ts";
import { recover } from "../../lib/core/recover.ts";
import { deal, type Share, shareTagBytes } from "../../lib/core/sharing.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { decodeText } from "../../lib/wire/text.ts";
import { hash } from "../oracle/bytes.ts";
import { choose, repeatable } from "./helpers.ts";

const lengths = [1, 2, 31, 32, 33, 255, 256];

/** tag ‖ secret as SPEC has it, by noble alone. */
function payloadOf(setId: Uint8Array, k: number, n: number, secret: Uint8Array): Uint8Array {
  const message = concat(Uint8Array.of(1), setId, Uint8Array.of(k, n), secret);
  return concat(hash("worstday share", 16, message), secret);
}

test("privy combines y ‖ x of our share lines, header and tag cut away", async () => {
  for (const length of lengths) {
    const secret = repeatable(length)(length);
    const cut = deal(secret, 3, 5).map((share) => {
      const { data } = decodeText(encodeShare(share));
      return concat(data.subarray(12 + shareTagBytes), data.subarray(11, 12));
    });
    for (const three of choose(cut, 3)) expect(await combine(three)).toEqual(secret);
    expect(await combine(cut)).toEqual(secret);
  }
});

test("privy combines y ‖ x of our whole payload to tag ‖ secret", async () => {
  for (const length of lengths) {
    const secret = repeatable(length)(length);
    const [a, b] = deal(secret, 2, 3) as [Share, Share];
    const combined = await combine([a, b].map(({ x, y }) => concat(y, Uint8Array.of(x))));
    expect(combined).toEqual(payloadOf(a.setId, 2, 3, secret));
  }
});

test("recover() combines the shares that privy splits our payload into", async () => {
  const setId = ascii("8 bytes.");
  for (const length of lengths) {
    const secret = repeatable(length)(length);
    const theirs = await split(payloadOf(setId, 3, 255, secret), 5, 3);
    const shares = theirs.map((bytes): Share => {
      return { setId, k: 3, n: 255, x: bytes.at(-1) as number, y: bytes.slice(0, -1) };
    });
    for (const three of choose(shares, 3)) expect(recover(three).secret).toEqual(secret);
    expect(recover(shares)).toEqual({ secret, disagreeing: [] });
  }
});
