import { expect, test } from "bun:test";
import { table } from "../../lib/show/inspect-text.ts";

test("table() gives a line to each item and each set, in columns", () => {
  const items = [
    { where: "a", kind: "share", set: "s", k: 2, n: 3, index: 1, secretBytes: 32 },
    { where: "bb", kind: "sealed share", set: "s", k: 2, n: 3, index: 2, recipient: "r", key: "K" },
    { where: "c", kind: "vault", keyId: "i", fileBytes: 97, chunks: 1, plaintextBytes: 1 },
    { where: "c", kind: "vault", keyId: "i", fileBytes: 9, chunks: 2, plaintextBytes: 2 },
    { where: "d", kind: "public key", recipient: "r", key: "K", publicKey: "p" },
    { where: "e", kind: "public key", recipient: "r", key: "K", publicKey: "p".repeat(1969) },
  ];
  const sets = [{ set: "s", k: 2, n: 3, shares: [1], sealed: [2], complete: false }];
  expect(table(items, sets)).toEqual([
    "a      share         set s, share 1 of 3, any 2 recover, secret of 32 bytes",
    "bb     sealed share  set s, share 2 of 3, any 2 recover, sealed to r, K",
    "c      vault         97 bytes, 1 bytes of plaintext in 1 chunk, key id i",
    "c      vault         9 bytes, 2 bytes of plaintext in 2 chunks, key id i",
    "d      public key    r, K, p",
    "e      public key    r, K",
    "set s  incomplete    share 1 of 3, sealed 2, 1 more needed",
  ]);
});

test("table() gives a line to a scheme and to each holder, and names recipients where it can", () => {
  const where = "s";
  const known = { set: "s", k: 2, n: 3, generation: 4, created: "then", vault: "v", keyId: "i" };
  const items = [
    { where, kind: "scheme", ...known },
    {
      where,
      kind: "holder",
      set: "s",
      name: "a",
      index: 1,
      recipient: "r",
      key: "K",
      publicKey: "p",
    },
    { where, kind: "holder", set: "s", name: "b", index: 2, recipient: "offline" },
    { where, kind: "public key", recipient: "r", recipientName: "a", key: "K", publicKey: "p" },
  ];
  expect(table(items, [])).toEqual([
    "s  scheme      set s, generation 4, created then, any 2 of 3 recover, v, key id i",
    "s  holder      a: share 1, r, K, p",
    "s  holder      b: share 2, offline",
    "s  public key  r, a, K, p",
  ]);
});
