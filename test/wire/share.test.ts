import { expect, test } from "bun:test";
import fc from "fast-check";
import { concat } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import {
  decodePlace,
  decodeShare,
  encodePlace,
  encodeShare,
  placeBytes,
} from "../../lib/wire/share.ts";
import { codeOf, expectFailure, flipped, repeatable } from "../core/helpers.ts";
import { textOf, tokenOfBytes, upper } from "../oracle/text.ts";

const setId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const share: Share = { setId, k: 2, n: 3, x: 3, y: repeatable(1)(48) };
const line = encodeShare(share);

/** A share line around any bytes, with a right checksum. */
const lineOf = (...parts: (Uint8Array | number)[]) =>
  tokenOfBytes(
    "wdshare",
    concat(...parts.map((p) => (p instanceof Uint8Array ? p : Uint8Array.of(p)))),
  );

test("encodeShare() writes version ‖ set id ‖ k ‖ n ‖ x ‖ y", () => {
  expect(textOf(line)).toBe(textOf(lineOf(1, setId, 2, 3, 3, share.y)));
  expect(line).toHaveLength(119); // which DESIGN promises for a 32-byte secret
});

test("encodeShare() and decodeShare() undo each other for secrets of 1 to 256 bytes", () => {
  for (let length = 1; length <= 256; length++) {
    const one = { ...share, y: repeatable(length)(16 + length) };
    const text = encodeShare(one);
    expect(decodeShare(text)).toEqual(one);
    expect(decodeShare(upper(text))).toEqual(one);
    expect(encodeShare(decodeShare(upper(text)))).toEqual(text);
  }
});

test("encodeShare() and decodeShare() undo each other for any share", () => {
  const bytes = (minLength: number, maxLength = minLength) =>
    fc.uint8Array({ minLength, maxLength });
  const place = fc
    .tuple(fc.integer({ min: 1, max: 255 }), fc.nat(), fc.nat())
    .map(([n, a, b]) => ({ k: 1 + (a % n), n, x: 1 + (b % n) }));
  fc.assert(
    fc.property(place, bytes(8), bytes(17, 272), (place, setId, y) => {
      expect(decodeShare(encodeShare({ ...place, setId, y }))).toEqual({ ...place, setId, y });
    }),
    { numRuns: 1000 },
  );
});

test("decodeShare() reads back what deal() dealt", () => {
  for (const dealt of deal(repeatable(2)(64), 3, 255)) {
    expect(decodeShare(encodeShare(dealt))).toEqual(dealt);
  }
});

test("decodeShare() refuses a line with any bit turned over, cut anywhere, or with more", () => {
  for (let bit = 0; bit < line.length * 8; bit++) {
    expect(codeOf(() => decodeShare(flipped(line, bit)))).toBe("malformed");
  }
  for (let length = 0; length < line.length; length++) {
    expect(codeOf(() => decodeShare(line.subarray(0, length)))).toBe("malformed");
  }
  for (let byte = 0; byte < 256; byte++) {
    expect(codeOf(() => decodeShare(concat(line, Uint8Array.of(byte))))).toBe("malformed");
  }
});

test("decodeShare() refuses every byte at every place", () => {
  for (let place = 0; place < line.length; place++) {
    for (let byte = 0; byte < 256; byte++) {
      if (byte === line[place]) continue;
      expect(codeOf(() => decodeShare(line.with(place, byte)))).toBe("malformed");
    }
  }
});

test("decodeShare() refuses every length but 29 to 284 bytes", async () => {
  for (let length = 1; length <= 400; length++) {
    const data = concat(Uint8Array.of(1), setId, Uint8Array.of(2, 3, 1), new Uint8Array(400));
    const token = tokenOfBytes("wdshare", data.subarray(0, length));
    const decode = () => decodeShare(token);
    if (length < 29 || length > 284) {
      await expectFailure("malformed", new RegExp(`${length} bytes, expected 29 to 284`), decode);
    } else {
      expect(decodeShare(token).y).toHaveLength(length - 12);
    }
  }
});

test("decodePlace() takes 1 ≤ k ≤ n and 1 ≤ x ≤ n only, for all k and n", () => {
  const wrong: number[][] = [];
  for (let k = 0; k < 256; k++) {
    for (let n = 0; n < 256; n++) {
      for (const x of new Set([0, 1, k, n, (n + 1) & 255, 255])) {
        const isRight = k >= 1 && k <= n && x >= 1 && x <= n;
        const place = concat(setId, Uint8Array.of(k, n, x));
        if ((codeOf(() => decodePlace(place)) === "none") !== isRight) wrong.push([k, n, x]);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("decodePlace() takes 1 ≤ x ≤ n only, for all n and x", () => {
  const wrong: number[][] = [];
  for (let n = 1; n < 256; n++) {
    for (let x = 0; x < 256; x++) {
      const place = concat(setId, Uint8Array.of(1, n, x));
      if ((codeOf(() => decodePlace(place)) === "none") !== (x >= 1 && x <= n)) wrong.push([n, x]);
    }
  }
  expect(wrong).toEqual([]);
});

test("decodePlace() and encodePlace() undo each other", () => {
  expect(placeBytes).toBe(11);
  for (let x = 1; x <= 255; x++) {
    const place = { setId, k: 256 - x, n: 255, x };
    expect(decodePlace(encodePlace(place))).toEqual(place);
  }
});

test("decodeShare() says which of k, n and x is out of range", async () => {
  const y = share.y;
  const refused = [
    [[0, 3, 1], /0 of 3/],
    [[4, 3, 1], /4 of 3/],
    [[0, 0, 0], /0 of 0/],
    [[2, 3, 0], /index 0/], // its y would be the secret
    [[2, 3, 4], /index 4.*1 to 3/],
    [[1, 1, 255], /index 255/],
  ] as const;
  for (const [place, words] of refused) {
    const token = lineOf(1, setId, Uint8Array.of(...place), y);
    await expectFailure("malformed", words, () => decodeShare(token));
  }
});

test("decodeShare() refuses every version but 1, with a hint", async () => {
  for (let version = 0; version < 256; version++) {
    if (version === 1) continue;
    const token = lineOf(version, setId, 2, 3, 3, share.y);
    const words = new RegExp(`version ${version} `);
    const { hint } = await expectFailure("malformed", words, () => decodeShare(token));
    expect(hint).toMatch(/newer/);
  }
});

test("decodeShare() refuses a line of another kind and names both", async () => {
  for (const hrp of ["wdsealed", "wdpub", "wdkey"]) {
    const token = tokenOfBytes(
      hrp,
      concat(Uint8Array.of(1), setId, Uint8Array.of(2, 3, 3), share.y),
    );
    const words = new RegExp(`expected a wdshare1.*${hrp}1`);
    await expectFailure("malformed", words, () => decodeShare(token));
  }
});
