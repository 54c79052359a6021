import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { hchacha } from "@noble/ciphers/chacha.js";
import { sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { ascii, concat } from "../../lib/core/bytes.ts";
import * as hashes from "../../lib/core/hash.ts";
import * as primitives from "../../lib/core/primitives.ts";
import { randomBytes } from "../../lib/core/random.ts";
import { sha512 } from "../../lib/ssh/ed25519-key.ts";
import { hash } from "../oracle/bytes.ts";
import { testOutside } from "../outside-vectors.ts";
import { bulk, cuts, flipped, flips, hex, repeatable } from "./helpers.ts";
import * as reference from "./reference.ts";

const native = { ...primitives, ...hashes };
const both = [
  ["native", native],
  ["reference", reference],
] as const;
const basePoint: Uint8Array = Uint8Array.of(9, ...new Uint8Array(31));
const seconds = 60_000; // for slow machines: a bound, no assertion

interface Wycheproof<Group> {
  numberOfTests: number;
  testGroups: Group[];
}
type XdhGroup = { tests: { public: string; private: string; shared: string; flags: string[] }[] };
type AeadCase = Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag" | "result", string>;

test("the runtime's SHA-512 is noble's at every length from 0 to 300", () => {
  for (let length = 0; length <= 300; length++) {
    const bytes = bulk(length, length);
    expect(sha512(bytes)).toEqual(nobleSha512(bytes));
  }
});

test("both ChaCha20-Poly1305 agree at every length from 0 to 200 and around the chunk sizes", async () => {
  const around = [65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_048_577];
  for (const length of [...Array(201).keys(), ...around]) {
    const [key, nonce, message] = [randomBytes(32), randomBytes(12), bulk(length, length)];
    const [ours, theirs] = [
      await native.chacha20Poly1305(key),
      await reference.chacha20Poly1305(key),
    ];
    const sealed = await ours.seal(nonce, message);
    expect(sealed.length).toBe(length + 16);
    expect(sealed).toEqual(await theirs.seal(nonce, message));
    expect(await ours.open(nonce, sealed)).toEqual(message);
    expect(await theirs.open(nonce, sealed)).toEqual(message);
  }
});

test.each(both)("%s: what is changed in a bit, or cut, opens nothing", async (_, p) => {
  const [key, nonce] = [repeatable(1)(32), repeatable(2)(12)];
  const aead = await p.chacha20Poly1305(key);
  const sealed = await aead.seal(nonce, ascii("attack at dawn"));
  const opened = [
    ...[...flips(sealed), ...cuts(sealed)].map((other) => aead.open(nonce, other)),
    ...flips(nonce).map((other) => aead.open(other, sealed)),
    ...flips(key).map(async (other) => (await p.chacha20Poly1305(other)).open(nonce, sealed)),
  ];
  for (const one of opened) expect(await one).toBeUndefined();
});

test("both ChaCha20-Poly1305 agree on associated data, and open nothing under any other", async () => {
  for (let length = 0; length <= 100; length++) {
    const [key, nonce, aad] = [randomBytes(32), randomBytes(12), bulk(length, length)];
    const [ours, theirs] = [
      await native.chacha20Poly1305(key),
      await reference.chacha20Poly1305(key),
    ];
    const message = bulk(32, length + 1);
    const sealed = await ours.seal(nonce, message, aad);
    expect(sealed).toEqual(await theirs.seal(nonce, message, aad));
    for (const aead of [ours, theirs]) {
      expect(await aead.open(nonce, sealed, aad)).toEqual(message);
      expect(await aead.open(nonce, sealed, concat(aad, ascii("x")))).toBeUndefined();
      if (length > 0) expect(await aead.open(nonce, sealed)).toBeUndefined();
      if (length > 0) expect(await aead.open(nonce, sealed, flipped(aad, 0))).toBeUndefined();
    }
  }
});

test.each(both)("%s: a mistake in a program is thrown, not taken for a wrong tag", async (_, p) => {
  const aead = await p.chacha20Poly1305(repeatable(1)(32));
  const nothing = undefined as unknown as Uint8Array;
  expect(async () => aead.open(new Uint8Array(12), nothing)).toThrow(TypeError);
});

test.each(both)("%s: every buffer may be reused once the promise is there", async (_, p) => {
  const [key, nonce, message] = [repeatable(1)(32), repeatable(2)(12), bulk(1_048_576, 3)];
  const expected = await (await reference.chacha20Poly1305(key)).seal(nonce, message);

  const importing = p.chacha20Poly1305(key);
  key.fill(0x55);
  const aead = await importing;

  const [n, m] = [nonce.slice(), message.slice()];
  const sealing = aead.seal(n, m);
  for (const used of [n, m]) used.fill(0x55);
  expect(await sealing).toEqual(expected);

  const [nonceAgain, c] = [nonce.slice(), expected.slice()];
  const opening = aead.open(nonceAgain, c);
  for (const used of [nonceAgain, c]) used.fill(0x55);
  expect(await opening).toEqual(message);

  const [scalar, u] = [repeatable(5)(32), basePoint.slice()];
  const wanted = await reference.x25519(scalar.slice(), u.slice());
  const shared = p.x25519(scalar, u);
  for (const used of [scalar, u]) used.fill(0x55);
  expect(await shared).toEqual(wanted);
});

test.each(both)("%s: inputs are left as they were, parts of larger buffers too", async (_, p) => {
  const buffer = bulk(200, 9);
  const before = buffer.slice();
  const [key, nonce, message] = [[1, 33], [35, 47], [51]].map((ends) => buffer.subarray(...ends));
  const aead = await p.chacha20Poly1305(key as Uint8Array);
  const sealed = await aead.seal(nonce as Uint8Array, message as Uint8Array);
  expect(await aead.open(nonce as Uint8Array, sealed)).toEqual(before.slice(51));
  const shared = await p.x25519(buffer.subarray(3, 35), buffer.subarray(40, 72));
  expect(shared).toEqual(await p.x25519(before.slice(3, 35), before.slice(40, 72)));
  expect(buffer).toEqual(before);
});

test("both X25519 agree on random scalars and random u, the top bit of u being ignored", async () => {
  for (let round = 0; round < 100; round++) {
    const [scalar, u] = [randomBytes(32), randomBytes(32)];
    const shared = await native.x25519(scalar, u);
    expect(shared).toBeDefined();
    expect(shared).toEqual(await reference.x25519(scalar, u));
    expect(shared).toEqual(await native.x25519(scalar, flipped(u, 255)));
  }
});

test(
  "both X25519 give the result that RFC 7748, section 5.2, has after 1,000 rounds",
  async () => {
    for (const [, { x25519 }] of both) {
      let [u, scalar] = [basePoint, basePoint];
      for (let round = 1; round <= 1000; round++) {
        [u, scalar] = [scalar, (await x25519(scalar, u)) as Uint8Array];
        if (round === 1) expect(scalar.toHex()).toStartWith("422c8e7a6227d7bca1350b3e2bb7279f");
      }
      expect(scalar.toHex()).toBe(
        "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
      );
    }
  },
  seconds,
);

function sha256(primitives: Pick<typeof native, "sha256">, ...parts: Uint8Array[]): string {
  const hash = primitives.sha256();
  for (const part of parts) hash.update(part);
  return hash.digest().toHex();
}

test.each(both)("%s: SHA-256 of FIPS 180-4's examples, and of a million letters", (_, p) => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const long = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
  const million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
  expect(sha256(p)).toBe(empty);
  expect(sha256(p, ascii("abc"))).toBe(abc);
  expect(sha256(p, ascii("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).toBe(long);
  expect(sha256(p, new Uint8Array(1_000_000).fill(0x61))).toBe(million);
});

test("both SHA-256 agree with OpenSSL's at every length from 0 to 300 and around the chunk sizes", () => {
  for (const length of [...Array(301).keys(), 65_535, 65_536, 1_048_576, 1_048_592, 1_048_593]) {
    const bytes = bulk(length, length);
    const expected = createHash("sha256").update(Buffer.from(bytes)).digest("hex");
    for (const [, p] of both) expect(sha256(p, bytes)).toBe(expected);
  }
});

test.each(both)("%s: SHA-256 is the same however its input is cut", (_, p) => {
  const bytes = bulk(200, 7);
  const expected = sha256(p, bytes);
  for (let at = 0; at <= 200; at++) {
    const parts = [bytes.subarray(0, at), new Uint8Array(0), bytes.subarray(at)];
    expect(sha256(p, ...parts)).toBe(expected);
  }
  expect(sha256(p, ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(expected);
});

test.each(both)("%s: two SHA-256 at once do not mix, and share memory with nobody", (_, p) => {
  const [one, two] = [p.sha256(), p.sha256()];
  const [bytes, other] = [bulk(300, 1), bulk(300, 2)];
  const buffer = bytes.slice();
  one.update(buffer);
  two.update(other);
  expect(Buffer.compare(buffer, bytes)).toBe(0);
  buffer.set(other);
  one.update(buffer);
  buffer.fill(0);
  const digest = one.digest();
  expect(digest).toHaveLength(32);
  expect(digest.toHex()).toBe(sha256(p, concat(bytes, other)));
  digest.fill(0);
  expect(two.digest().toHex()).toBe(sha256(p, other));
});

test.each(both)("%s: a key or u of the wrong length is an error, never a result", async (_, p) => {
  for (const length of [0, 31, 33]) {
    const wrong = new Uint8Array(length).fill(9);
    expect(async () => p.x25519(repeatable(1)(32), wrong)).toThrow();
    expect(async () => p.chacha20Poly1305(wrong).then((a) => a.seal(wrong, wrong))).toThrow();
  }
});

testOutside(
  "both X25519 pass all 518 cases of Wycheproof; where the result is zero there is none",
  "wycheproof_x25519_test.json",
  async (text) => {
    const { testGroups, numberOfTests } = JSON.parse(text) as Wycheproof<XdhGroup>;
    const cases = testGroups.flatMap(({ tests }) => tests);
    expect([cases.length, numberOfTests]).toEqual([518, 518]);
    let zeros = 0;
    for (const vector of cases) {
      const zero = vector.shared === "00".repeat(32);
      zeros += zero ? 1 : 0;
      for (const [, { x25519 }] of both) {
        const shared = await x25519(hex(vector.private), hex(vector.public));
        expect(shared?.toHex()).toBe(zero ? undefined : vector.shared);
      }
    }
    expect(zeros).toBe(31);
  },
);

/** XChaCha20-Poly1305 is ChaCha20-Poly1305 under a subkey that noble derives here. */
testOutside(
  "both ChaCha20-Poly1305 pass all 315 cases of Wycheproof's XChaCha20-Poly1305",
  "wycheproof_xchacha20_poly1305_test.json",
  async (text) => {
    const { testGroups } = JSON.parse(text) as Wycheproof<{ tests: AeadCase[] }>;
    const cases = testGroups.flatMap(({ tests }) => tests);
    let own = 0;
    for (const vector of cases) {
      const [key, iv, aad, message] = [vector.key, vector.iv, vector.aad, vector.msg].map(hex);
      if (iv?.length !== 24) continue;
      own++;
      const sealed = hex(vector.ct + vector.tag);
      const subkey = new Uint8Array(32);
      const words = [ascii("expand 32-byte k"), key, iv.slice(0, 16), subkey].map(
        (bytes) => new Uint32Array((bytes as Uint8Array).buffer),
      ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
      hchacha(...words);
      const nonce = concat(new Uint8Array(4), iv.slice(16));
      for (const [, p] of both) {
        const aead = await p.chacha20Poly1305(subkey);
        const opened = await aead.open(nonce, sealed, aad);
        expect(opened).toEqual(vector.result === "invalid" ? undefined : message);
        if (opened) expect(await aead.seal(nonce, message as Uint8Array, aad)).toEqual(sealed);
      }
    }
    expect(cases).toHaveLength(315);
    expect(own).toBeGreaterThan(280);
  },
);

test.each([0, 1, 16, 32, 63, 64, 65, 200])("HMAC with a key of %d bytes is noble's", (length) => {
  const key = repeatable(length)(length);
  for (const size of [0, 1, 55, 64, 100, 300]) {
    const [a, b] = [bulk(size, 1), bulk(size, 2)];
    const theirs = reference.sha256(key);
    theirs.update(concat(a, b));
    expect(hashes.hmac(key, a, b)).toEqual(theirs.digest());
  }
});

test("labeledHash() and derive() are HMAC and HKDF (RFC 5869) under a label of 16 bytes", () => {
  for (const label of ["worstday share", "x", "sixteen letters."]) {
    const message = bulk(100, label.length);
    expect(hashes.labeledHash(label, message)).toEqual(hash(label, 32, message));
    for (const size of [1, 32, 256]) {
      const secret = repeatable(size)(size);
      expect(hashes.derive(secret, label, message)).toEqual(hash(label, 32, message, secret));
      expect(secret).toEqual(repeatable(size)(size));
    }
  }
  expect(() => hashes.labeledHash("seventeen letters", new Uint8Array())).toThrow(RangeError);
});
