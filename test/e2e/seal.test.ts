// keygen and seal: node keys, recipients in every form, and which of them are refused. What makes a key
// good or bad is test/wire's.

import { expect } from "bun:test";
import { hex, nth } from "../oracle/bytes.ts";
import { boxOpen, makeKey, parseSealed, recipientId } from "../oracle/sealed.ts";
import { shareBytes } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { nodeA, nodeB, nodeC, pick, twoOfThree } from "./fixtures.ts";
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

scenario("keygen -y refuses what is not one private key", async ({ file, fails }) => {
  await fails("./keygen -y < a.pub", 3, /private|wdkey/);
  await fails("./keygen -y < shares", 3, /private|wdkey/);
  await fails("cat a.key b.key | ./keygen -y", 3, /one|two|2|more/);
  file("bad", `${mistype(nodeA.secretLine, 12)}\n`);
  await fails("./keygen -y < bad", 3, /\b(line |:)?1\b/);
});

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

scenario("seal reads a recipient file with comments around its key", async ({ file, ok }) => {
  file("r", `# node-a\n\n${nodeA.publicLine}\n# rack 4\n`);
  file("crlf", `${nodeB.publicLine}\r\n`);
  await ok("./seal r crlf < shares | ./unseal --key a.key --key b.key | cmp - shares");
});

scenario(
  "seal refuses a recipient that is not exactly one public key, and repeats none",
  async ({ file, fails, run }) => {
    file("both", `${nodeA.publicLine}\n${nodeB.publicLine}\n`);
    file("none", "# no key here\n");
    file("nothing", "");
    file("mixed", `${nodeA.publicLine}\n${nodeA.secretLine}\n`);
    for (const name of ["both", "none", "nothing", "mixed", "share", "sealed"]) {
      await fails(`./seal ${name} - < shares`, 3, new RegExp(`\\b${name}\\b`));
    }
    await fails("./seal a.key - < shares", 3, /a\.key.*(private|wdkey|public)/);
    await fails(`./seal ${mistype(nodeA.publicLine, 20)} - < shares`, 3, /./);
    await fails("./seal a.pub nowhere < shares", 1, /nowhere/);
    for (const literal of [nodeC.secretLine, nodeC.secretLine.toUpperCase()]) {
      const { code, stderr, text } = await run(`./seal ${literal} - < shares`);
      expect([code, text], stderr).toEqual([2, ""]);
      expect(stderr.toLowerCase()).not.toContain(nodeC.secretLine.slice(20, 34));
    }
  },
);

scenario("seal writes all lines or none", async ({ file, fails }) => {
  file("bad", `${pick(twoOfThree.lines, 1)}${mistype(nth(twoOfThree.lines, 1), 50)}\n`);
  await fails("./seal a.pub b.pub < bad", 3, /\b2\b/);
});
