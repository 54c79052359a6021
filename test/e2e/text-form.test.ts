// The text form: what hands and editors may do to a line. What they may not is a vector for each fault
// (text-*, share-*, sealed-*), and more are in test/wire.

import { nodeA, pick, sealed, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

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

scenario("a token of another kind is refused, its kind and place told", async ({ fails }) => {
  await fails("cat share a.pub | ./combine", 3, /line 2\b.*wdpub|public key/i);
  await fails("cat share a.key | ./combine", 3, /line 2\b.*wdkey|private key/i);
  await fails("cat share a.key | ./unseal --key a.key", 3, /line 2\b/);
  await fails("cat share a.key | ./seal - -", 3, /line 2\b/);
  await fails("./seal a.pub < sealed", 3, /sealed/);
});
