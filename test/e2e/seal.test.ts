// keygen and seal: node keys, and a line for each recipient. The forms of recipients and what makes a key
// good or bad are vectors (pub-*, key-*), test/pipes/recipient.test.ts's and test/wire's.

import { expect } from "bun:test";
import { hex, nth } from "../oracle/bytes.ts";
import { boxOpen, makeKey, parseSealed, recipientId } from "../oracle/sealed.ts";
import { shareBytes } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { nodeA, nodeC, pick, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

scenario(
  "keygen makes a new key each time, and gives its public half",
  async ({ ok, text }) => {
    const { text: made, stderr } = await ok("./keygen -o k > k.pub; cat k.pub");
    expect(made).toMatch(/^wdpub1[02-9ac-hj-np-z]{68}\n$/);
    expect(made + stderr).not.toMatch(/wdkey/i);
    expect(text("k")).toMatch(/^wdkey1[02-9ac-hj-np-z]{68}$/m);
    await ok("./keygen -y < k | cmp - k.pub; ./inspect k | grep -q $(cat k.pub)");
    const both = await ok("./keygen | tee l; ./keygen");
    expect(new Set(both.text.match(/^wdkey1\S+$/gm)).size).toBe(2);
    await ok("./keygen -y < l > l.pub; ! cmp -s k.pub l.pub");
    for (const seed of ["x", "y"]) {
      // made elsewhere, of any 32 bytes
      const key = makeKey(seed);
      await ok(`test "$(echo ${key.secretLine} | ./keygen -y)" = ${key.publicLine}`);
    }
  },
  { smoke: true },
);

scenario(
  "seal seals the i-th line to the i-th recipient, in another box each time",
  async ({ ok }) => {
    const line = `cat shares offline | ./seal c.pub ${nodeA.publicLine} -`;
    const [lines = [], again = []] = [(await ok(line)).text, (await ok(line)).text].map((text) =>
      text.trimEnd().split("\n"),
    );
    expect(lines.length).toBe(3);
    [nodeC, nodeA].forEach((key, i) => {
      const { version, recipient, header, box } = parseSealed(nth(lines, i));
      const share = nth(twoOfThree.lines, i);
      expect([version, hex(recipient)]).toEqual([1, hex(recipientId(key.public))]);
      expect(hex(header)).toBe(hex(shareBytes(nth(twoOfThree.shares, i)).slice(1, 12)));
      expect(box.length).toBe(48 + share.length);
      expect(new TextDecoder().decode(boxOpen(box, key))).toBe(share);
      expect(hex(parseSealed(nth(again, i)).box)).not.toBe(hex(box));
    });
    expect(lines[2]).toBe(nth(twoOfThree.lines, 2));
  },
  { smoke: true },
);

scenario(
  "seal wants as many recipients as shares, and none of them twice",
  async ({ ok, fails }) => {
    await fails("./seal a.pub b.pub c.pub - < shares", 2, /\b4\b.*\b2\b|\b2\b.*\b4\b/);
    await fails("./seal a.pub < shares", 2, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
    await ok("cp a.pub again.pub");
    for (const pair of ["a.pub a.pub", "a.pub again.pub", `a.pub ${nodeA.publicLine}`]) {
      await fails(`./seal ${pair} < shares`, 6, /--force|twice|same/);
      await ok(`./seal --force ${pair} < shares | ./unseal --key a.key | cmp - shares`);
    }
  },
);

scenario("seal writes all lines or none", async ({ file, fails }) => {
  file("bad", `${pick(twoOfThree.lines, 1)}${mistype(nth(twoOfThree.lines, 1), 50)}\n`);
  await fails("./seal a.pub b.pub < bad", 3, /\b2\b/);
});
