/** Our Salsa20 and Poly1305, whose words are signed integers, against noble's and the RFC. */

import { expect, test } from "bun:test";
import { poly1305 as noblePoly1305 } from "@noble/ciphers/_poly1305.js";
import { xsalsa20 as nobleXsalsa20 } from "@noble/ciphers/salsa.js";
import { ascii } from "../../lib/core/bytes.ts";
import { poly1305 } from "../../lib/nacl/poly1305.ts";
import { hsalsa20, xsalsa20 } from "../../lib/nacl/salsa20.ts";
import { hex, repeatable } from "../core/helpers.ts";
import { allocatedIn, holders } from "../core/memory.ts";

test("hsalsa20() gives NaCl's first and second key", () => {
  // "Cryptography in NaCl", sections 5 and 8
  const shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  const first = hsalsa20(shared, new Uint8Array(16));
  expect(first.toHex()).toBe("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
  const second = hsalsa20(first, hex("69696ee955b62b73cd62bda875fc73d6"));
  expect(second.toHex()).toBe("dc908dda0b9344a953629b733820778880f3ceb421bb61b91cbd4c3e66256ce4");
});

test("xsalsa20() is noble's for every length to 300, and for words at their bounds", () => {
  for (let length = 0; length <= 300; length++) {
    const [key, nonce] = [repeatable(length)(32), repeatable(length + 1)(24)];
    if (length % 4 === 1) key.fill(0xff);
    if (length % 4 === 2) nonce.fill(0x80);
    const theirs = nobleXsalsa20(key, nonce, new Uint8Array(length));
    expect(xsalsa20(key, nonce, length).toHex()).toBe(theirs.toHex());
  }
});

test("poly1305() gives the tag of RFC 8439, section 2.5.2", () => {
  const key = hex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
  const tag = poly1305(key, ascii("Cryptographic Forum Research Group"));
  expect(tag.toHex()).toBe("a8061dc1305136c6c22b8baf0c0127a9");
});

/** Where carries go all the way, and where the sum is reduced or just not (RFC 8439, A.3). */
test("poly1305() gives the tags of RFC 8439's hard cases", () => {
  const ones = "ff".repeat(16);
  const cases = [
    ["02", "00", ones, "03"],
    ["02", ones, "02", "03"],
    ["01", "00", `${ones}f0${"ff".repeat(15)}11`, "05"],
    ["01", "00", `${ones}fb${"fe".repeat(15)}${"01".repeat(16)}`, "00"],
    ["02", "00", `fd${"ff".repeat(15)}`, `fa${"ff".repeat(15)}`],
  ] as const;
  for (const [r, s, message, tag] of cases) {
    const [rest, last] = [message.slice(0, -32), message.slice(-32)];
    const padded = rest.length % 32 === 0 ? message : rest + last;
    const bytes = hex(padded.padEnd(Math.ceil(padded.length / 32) * 32, "0"));
    const key = hex(r.padEnd(32, "0") + s.padEnd(32, "0"));
    expect(poly1305(key, bytes).toHex()).toBe(tag.padEnd(32, "0"));
  }
});

test("poly1305() is noble's for every length to 300, and for limbs at their bounds", () => {
  for (let length = 0; length <= 300; length++) {
    const [key, message] = [repeatable(length)(32), repeatable(length + 1)(length)];
    if (length % 3 === 1) message.fill(0xff);
    if (length % 5 === 1) key.fill(0xff, 0, 16);
    if (length % 7 === 1) key.fill(0xff, 16);
    const before = [key.toHex(), message.toHex()];
    const tag = poly1305(key, message).toHex();
    expect(tag).toBe(noblePoly1305(message, key).toHex());
    expect([key.toHex(), message.toHex()]).toEqual(before);
  }
});

test("poly1305() is noble's where the sum goes round once more, and leaves a carry", () => {
  // 2^130 + 12284: the lowest limb is 1023 before 5 is added to it for 2^130
  const key = hex("ff".repeat(32));
  const message = hex("e856f6ea85ab23f64fe49048203cb556");
  expect(poly1305(key, message)).toEqual(noblePoly1305(message, key));
});

test("hsalsa20() and xsalsa20() leave no key, and nothing of what they give", async () => {
  const [key, nonce] = [repeatable(1)(32), repeatable(2)(24)];
  const results: Uint8Array[] = [];
  const memory = await allocatedIn(() => {
    results.push(hsalsa20(key, nonce.slice(0, 16)), xsalsa20(key, nonce, 100));
  });
  const [subkey, stream] = results as [Uint8Array, Uint8Array];
  const kept = [key, key.slice(0, 16), subkey.slice(0, 16), subkey.slice(16), stream.slice(64, 80)];
  expect(kept.map((one) => holders(memory, one, ...results))).toEqual([0, 0, 0, 0, 0]);
});

test("poly1305() leaves zeros in all but its tag, and blocks of the message", async () => {
  const [key, message] = [repeatable(1)(32), repeatable(2)(50)];
  let tag: Uint8Array = new Uint8Array();
  const memory = await allocatedIn(() => {
    tag = poly1305(key, message);
  });
  const given = [key, message, tag].map(({ buffer }) => buffer);
  const left = memory.filter(({ buffer }) => !given.includes(buffer));
  const secret = left.filter((one) => !Buffer.from(message).includes(one.subarray(0, -1)));
  expect(secret.length).toBeGreaterThan(5);
  for (const one of secret) expect(one.every((byte) => byte === 0)).toBe(true);
});
