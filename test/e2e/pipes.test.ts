// The pipe commands as processes, in the pipes in which they are used. Lines of all kinds, mistyped ones
// and what inspect says are test/commands/lines.test.ts's; what makes them good or bad the vectors'.

import { expect } from "bun:test";
import { hex, nth, sample } from "../oracle/bytes.ts";
import { boxOpen, parseSealed, recipientId } from "../oracle/sealed.ts";
import { combineLines, shareBytes } from "../oracle/share.ts";
import { mistype } from "../oracle/text.ts";
import { keyId } from "../oracle/vault.ts";
import { master, nodeA, nodeB, nodeC, pick, sealed, threeOfFive, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const [one = "", two = "", three = ""] = twoOfThree.lines;

scenario(
  "a tar goes into a vault, and two of three holders get it back",
  async ({ file, ok, text }) => {
    for (let i = 0; i < 20; i++) file(`tree/${i}`, sample(`tree ${i}`, i * 1_007));
    const made = await ok("./keygen -o a > new-a.pub; cat new-a.pub");
    expect(made.text).toMatch(/^wdpub1[02-9ac-hj-np-z]{68}\n$/);
    expect(text("a")).toMatch(/^wdkey1[02-9ac-hj-np-z]{68}$/m);
    await ok("./keygen -y < a | cmp - new-a.pub; ./keygen -o b > new-b.pub; ! cmp -s a b");
    await ok(
      "tar cf in.tar tree; ./vault-close -o v < in.tar | ./split -k 2 -n 3 |" +
        " ./seal new-a.pub new-b.pub - > lines",
    );
    const worstDay = "./combine | ./vault-open v";
    await ok(`sed -n '1p;2p' lines | ./unseal --key a --key b | ${worstDay} | cmp - in.tar`);
    await ok(`sed -n '1p;3p' lines | ./unseal --key a | ${worstDay} -o out.tar`);
    await ok("cmp out.tar in.tar && tar xf out.tar");
  },
  { smoke: true },
);

scenario(
  "split makes the shares that the design says, and combine takes them in any order, of several files",
  async ({ file, ok }) => {
    const { text } = await ok("./split -k 3 -n 5 < key.master; ./split -k 3 -n 5 < key.master");
    const lines = text.trimEnd().split("\n");
    expect(new Set(lines).size).toBe(10);
    expect(new Set(lines.map((line) => line.slice(9, 21))).size).toBe(2);
    for (const line of lines) expect(line).toMatch(/^wdshare1[02-9ac-hj-np-z]{111}$/);
    expect(hex(combineLines(pick(lines, 5, 2, 3).trimEnd().split("\n")))).toBe(hex(master));
    file("x", pick(threeOfFive.lines, 5, 1));
    file("y", `# the third\r\n\r\n  ${pick(threeOfFive.lines, 3).toUpperCase()}`);
    const { stdout, stderr } = await ok("./combine --strict x y");
    expect([hex(stdout), stderr]).toEqual([hex(master), ""]);
  },
  { smoke: true },
);

scenario(
  "seal seals the i-th line to the i-th recipient, in another box each time, and unseal opens them",
  async ({ file, ok }) => {
    const line = `cat shares offline | ./seal c.pub ${nodeA.publicLine} -`;
    const [lines = [], again = []] = [(await ok(line)).text, (await ok(line)).text].map((text) =>
      text.trimEnd().split("\n"),
    );
    [nodeC, nodeA].forEach((key, i) => {
      const { version, recipient, header, box } = parseSealed(nth(lines, i));
      const share = nth(twoOfThree.lines, i);
      expect([version, hex(recipient)]).toEqual([1, hex(recipientId(key.public))]);
      expect(hex(header)).toBe(hex(shareBytes(nth(twoOfThree.shares, i)).slice(1, 12)));
      expect(box.length).toBe(48 + share.length);
      expect(new TextDecoder().decode(boxOpen(box, key))).toBe(share);
      expect(hex(parseSealed(nth(again, i)).box)).not.toBe(hex(box));
    });
    expect(lines.slice(2)).toEqual([three]);
    const toB = sealed(two, nodeB);
    file("mixed", `${toB}\n${sealed(one, nodeA)}\n${three}\n`);
    const part = await ok("./unseal --key a.key --key c.key mixed", /warning: .*\b1\b/);
    expect(part.text).toBe(`${toB}\n${one}\n${three}\n`);
    const all = await ok("./unseal --key a.key --key b.key < mixed");
    expect([all.text, all.stderr]).toEqual([`${two}\n${one}\n${three}\n`, ""]);
  },
  { smoke: true },
);

scenario(
  "inspect lines up many kinds of many files, and says of each set whether it is complete",
  async ({ file, ok }) => {
    file("long-name", pick(threeOfFive.lines, 1));
    const { text } = await ok("./inspect share offline long-name sealed vault a.pub");
    const lines = text.trimEnd().split("\n");
    expect(new Set(lines.slice(0, 4).map((line) => line.indexOf("set "))).size).toBe(1);
    expect(lines.at(-2)).toMatch(new RegExp(`^set ${twoOfThree.id} .*complete +shares 1, 3 of 3`));
    expect(lines.at(-1)).toMatch(/incomplete +share 1 of 5, 2 more needed$/);
    const { items } = JSON.parse((await ok("cat vault | ./inspect --json")).text);
    expect(Object.values(items[0])).toContain(hex(keyId(master)));
  },
  { smoke: true },
);

scenario("inspect of many files needs few descriptors", async ({ ok }) => {
  await ok("i=0; while test $i -lt 100; do cp vault v$i; i=$((i + 1)); done");
  const { text } = await ok("ulimit -n 64; ./inspect v[0-9]*");
  expect(text.match(/^v/gm)?.length).toBeGreaterThan(99);
});

scenario(
  "hybrid keys, whose code is loaded when such a key or line is there",
  async ({ ok, fails }) => {
    await ok("./keygen --hybrid -o h.key > h.pub && ./keygen -y < h.key | cmp - h.pub");
    await ok("cat shares offline | ./seal h.pub b.pub - > lines; ./inspect lines h.key h.pub > x");
    await ok("./unseal --key h.key --key b.key lines | ./combine | cmp - key.master");
    await ok("sed -n '1s/q/p/gp' lines > bad");
    const hint = /errors in a line this long cannot be located: copy the whole line again/;
    await fails("./unseal --key h.key bad", 3, hint);
  },
  { smoke: true },
);

scenario(
  "each fails in one line that tells nothing secret, and so does the pipe behind it",
  async ({ file, fails, ok }) => {
    const wrong = [16, 43].reduce(mistype, two);
    file("bad", `${one}\n${wrong}\n`);
    const secrets = [two, wrong];
    const places = "2 symbols look wrong: group 5, symbol 1; group 11, symbol 4";
    await fails("./keygen -y < a.pub", 3, /expected a wdkey1 line/);
    await fails("head -c 257 /dev/zero | ./split -k 2 -n 3", 3, /256/);
    await fails("./seal a.pub b.pub < bad", 3, /line 2/, { secrets }); // all lines or none
    await fails("./unseal --key c.key sealed", 5, /none of/);
    await fails("./inspect --json share bad", 3, /bad: line 2/, { secrets });
    await fails("./combine --strict -o out bad", 3, /hint: .* --accept-corrections/, { secrets });
    await ok(
      "./combine --accept-corrections bad | cmp - key.master",
      new RegExp(`warning: bad: line 2: corrected: ${places}\n`),
    );
    const alone = "./unseal --key a.key sealed | ./combine";
    await fails(alone, 4, /set [0-9a-f]{16} has 1 of the 2 shares needed/);
    await fails(`${alone} | ./vault-open vault -o out`, 3, /vault-open/);
  },
);

scenario("unseal takes a key from a pipe whose name is gone by then", async ({ ok }) => {
  const { text } = await ok(`mkfifo -m 600 p; ( exec 3> p; rm p; cat a.key >&3 ) &
    ./unseal --key p sealed`);
  expect(text).toBe(`${one}\n`);
});
