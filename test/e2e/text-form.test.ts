// The text form: what hands and editors may do to a line, and what they may not. Every fault that a line
// can have is a vector (text-*, share-*, sealed-*), and more are in test/wire; here each kind once,
// through every command that reads lines.

import { concat, sample, utf8 } from "../oracle/bytes.ts";
import { mistype } from "../oracle/text.ts";
import { nodeA, oddShare, pick, sealed, twoOfThree } from "./fixtures.ts";
import { scenario, scenarios } from "./harness.ts";

const [one = "", two = ""] = twoOfThree.lines;
const both = pick(twoOfThree.lines, 1, 2);
const grouped = (line: string, gap: string): string => line.match(/.{1,5}/g)?.join(gap) ?? "";

scenario(
  "lines are read as editors and hands leave them",
  async ({ file, ok }) => {
    for (const text of [
      both.replaceAll("\n", "\r\n"),
      `\ufeff# shares\n${both}`,
      `# one\n\n${one}\n#\n   \n\t\n# two\n${two}\n\n# end`,
      `${one.slice(0, 30)}${one.slice(30).toUpperCase()}\n${two}`,
      `  ${grouped(one, " -\t ").toUpperCase()} \n${two}\t\n`,
    ]) {
      file("given", text);
      await ok("./combine given | cmp - key.master");
      await ok("./combine < given | cmp - key.master");
      await ok("./seal - - < given | cmp - shares"); // in the canonical form
    }
    file("x", `\ufeff${one}`);
    file("y", `\ufeff${two}`);
    await ok("./combine x y | cmp - key.master");
    file("x.key", `# node-a\r\n${grouped(nodeA.secretLine, "-").toUpperCase()}\r\n`);
    file("x.pub", `# node-a\n\n${grouped(nodeA.publicLine, " ").toUpperCase()}\n# end\n`);
    file("sealed", grouped(sealed(one, nodeA), " ").toUpperCase());
    await ok("./unseal --key x.key sealed | cmp - share");
    await ok("./seal x.pub < share | ./unseal --key x.key | cmp - share");
    await ok("./keygen -y < x.key | cmp - a.pub");
  },
  { smoke: true },
);

/** What stands on line 2 of a file whose line 1 is a good share. */
const faults: Record<string, [string | Uint8Array, RegExp?]> = {
  "a wrong symbol": [mistype(two, 40), /check|typ|symbol/i],
  "a line cut short": [two.slice(0, 70)],
  "a comment after the token": [`${two} # mine`],
  "a byte that is not UTF-8": [concat(utf8(two.slice(0, 9)), Uint8Array.of(0xff)), /ASCII/],
  "an escape character": [`${two.slice(0, 40)}\u001b[31m${two.slice(40)}`],
  "an over-long line": ["q".repeat(100_000), /long|symbol/i],
  "an unknown version": [oddShare({ version: 2, x: 2 }), /hint: /],
  words: ["this is not a share"],
};
scenarios(
  faults,
  (what) => `a share line with ${what} is malformed, and its place is told`,
  async ({ file, fails }, [fault, says = /./]) => {
    const bytes = typeof fault === "string" ? utf8(fault) : fault;
    const secrets = { secrets: [two.slice(8)] };
    file("bad", concat(utf8(`${one}\n`), bytes, utf8("\n")));
    await fails("./combine < bad", 3, /\bline 2\b/, secrets);
    await fails("./combine offline bad", 3, /bad.*\bline 2\b/, secrets);
    await fails("cat sealed bad | ./unseal --key a.key", 3, /\bline 3\b/, secrets);
    await fails("./seal - - < bad", 3, /\bline 2\b/, secrets);
    await fails("./inspect bad", 3, says, secrets);
  },
);

scenario("a newline missing between two files is named in a hint", async ({ file, fails }) => {
  file("x", one);
  file("up", `${one.toUpperCase()}${two.toUpperCase()}`);
  for (const line of ["combine", "inspect", "seal - -", "unseal --key a.key"]) {
    await fails(`cat x share | ./${line}`, 3, /hint: .*newline/);
    await fails(`cat x sealed | ./${line}`, 3, /hint: .*newline/);
  }
  await fails("./combine up", 3, /hint: .*newline/);
});

const unreadable: Record<string, string | Uint8Array> = {
  "UTF-16": new Uint8Array(Buffer.from(`\ufeff${both}`, "utf16le")),
  "old Macintosh line ends": both.replaceAll("\n", "\r"),
  "a vault": concat(utf8("worstday vault 1"), sample("vault", 200)),
  "random bytes": sample("noise", 5000),
};
scenarios(
  unreadable,
  (what) => `combine, seal and unseal refuse ${what}`,
  async ({ file, fails }, bytes) => {
    file("bad", bytes);
    for (const line of ["combine", "seal - -", "unseal --key a.key"]) {
      await fails(`./${line} < bad`, 3, /./, { secrets: [one, two] });
    }
  },
);

scenario("a token of another kind is refused, its kind and place told", async ({ fails }) => {
  await fails("cat share a.pub | ./combine", 3, /line 2\b.*wdpub|public key/i);
  await fails("cat share a.key | ./combine", 3, /line 2\b.*wdkey|private key/i);
  await fails("cat share a.key | ./unseal --key a.key", 3, /line 2\b/);
  await fails("cat share a.key | ./seal - -", 3, /line 2\b/);
  await fails("./seal a.pub < sealed", 3, /sealed/);
});
