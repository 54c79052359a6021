// recovery-init: what a new scheme is, byte for byte, and all that keeps one from being made. Plans and
// names that cannot be are test/scheme/{plan,holder-flags}.test.ts's.

import { expect } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hex, sample } from "../oracle/bytes.ts";
import { openSealed } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { parseShare } from "../oracle/share.ts";
import {
  audit,
  byPipes,
  expectedListing,
  init,
  keys,
  listing,
  plaintext,
  prepare,
  shareLines,
} from "./ceremony.ts";
import { MiB, sshA, sshB } from "./fixtures.ts";
import { programFiles, type Sandbox, scenario, scenarios } from "./harness.ts";
import { anotherUser, asNobody, ownMounts } from "./needs.ts";

/** What is left in D by a command that failed late: nothing, whether D itself stays or not. */
function expectNothingIn({ dir }: Sandbox, name = "D"): void {
  const path = join(dir, name);
  expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
}

scenario(
  "a scheme of two nodes and one offline share holds, byte for byte",
  async (sandbox) => {
    const { dir, ok, fails, file, text: textOf } = sandbox;
    prepare(sandbox);
    const start = Math.floor(Date.now() / 1000) * 1000;
    for (const mask of ["077", "022", "000"]) {
      const { text, stderr } = await ok(`rm -rf D; umask ${mask}; ${init} < in.plain`);
      expect(shareLines(text).length).toBe(1);
      expect(await listing(sandbox)).toEqual(expectedListing(1));
      const { scheme, ...made } = audit(sandbox, text);
      expect(scheme).toMatchObject({ version: 1, generation: 1, k: 2, n: 3 });
      expect(scheme.holders.map(({ name }) => name)).toEqual(["node-a", "node-b", "offline-1"]);
      expect(hex(made.plaintext)).toBe(hex(plaintext));
      expect(new Date(scheme.created).getTime() - start).toBeWithin(0, 60_000);
      expect(statSync(join(dir, "D")).mode & 0o7777).toBe(0o700);
      for (const fact of ["sealed-1/node-a", "sealed-1/node-b", scheme.set, "drill"]) {
        expect(stderr).toContain(fact);
      }
      file("offline", text);
    }
    for (const line of [
      byPipes(1, ["node-a", "node-b"]),
      byPipes(1, ["node-a"], "offline"),
      byPipes(1, ["node-b"], "offline"),
    ]) {
      await ok(`${line} | cmp - in.plain`);
    }
    expect(() => openSealed(textOf("D/sealed-1/node-a").trim(), makeKey("node-b"))).toThrow();
    await fails("./unseal --key node-b.key D/sealed-1/node-a", 5, /key/);
  },
  { smoke: true },
);

scenario(
  "two schemes of the same secrets and nodes have nothing secret in common",
  async (sandbox) => {
    prepare(sandbox);
    const one = audit(sandbox, (await sandbox.ok(`${init} < in.plain`)).text);
    const other = init.replace(" D", " E");
    const two = audit(sandbox, (await sandbox.ok(`${other} < in.plain`)).text, "E");
    expect(one.scheme.set).not.toBe(two.scheme.set);
    expect(hex(one.master)).not.toBe(hex(two.master));
    expect(one.scheme.vaultDigest).not.toBe(two.scheme.vaultDigest);
    for (const [i, line] of one.lines.entries()) {
      expect(hex(parseShare(line).y)).not.toBe(hex(parseShare(two.lines[i] ?? "").y));
    }
  },
);

const plans: Record<string, [k: number, nodes: number, offline: number]> = {
  "2 of 2, one of them offline": [2, 1, 1],
  "9 of 24 with three offline, too many choices to try all": [9, 21, 3],
};
scenarios(
  plans,
  (name) => `${name}: every share is in place and recovers`,
  async (sandbox, [k, nodes, offline]) => {
    const { file, ok } = sandbox;
    prepare(sandbox);
    const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    const more = Object.fromEntries(names.map((node) => [node, makeKey(node)]));
    const given = names.map((node) => `--holder ${node}=${more[node]?.publicLine}`).join(" ");
    const flags = offline === 1 ? "" : `--offline ${offline}`;
    const { text } = await ok(`./recovery-init --dir D -k ${k} ${given} ${flags} < in.plain`);
    expect(shareLines(text).length).toBe(offline);
    const made = audit(sandbox, text, "D", more);
    expect([made.scheme.k, made.scheme.n]).toEqual([k, nodes + offline]);
    expect(hex(made.plaintext)).toBe(hex(plaintext));
    file("some", made.lines.slice(-k).join("\n"));
    await ok("./combine some | ./vault-open D/vault-1.wd | cmp - in.plain");
  },
);

scenario(
  "a recipient is a literal key, a file with a comment, or an SSH key, and none comes twice",
  async (sandbox) => {
    const { file, ok, fails } = sandbox;
    prepare(sandbox);
    const literal = keys["node-a"]?.publicLine ?? "";
    file("b=2.pub", `# node b\n${keys["node-b"]?.publicLine} of the second rack\n`);
    const line = "./recovery-init --dir D -k 2";
    const given = `--holder node-a=${literal} --holder node-b=b=2.pub`;
    audit(sandbox, (await ok(`${line} ${given} < in.plain`)).text);

    file("ssh-b.pub", `${sshB.publicLine}\n`);
    file("ssh-b", sshB.privateFile);
    const ssh = `${line.replace(" D", " E")} --holder node-a='${sshA.publicLine}' --holder node-b=ssh-b.pub`;
    const { text } = await ok(`${ssh} < in.plain`);
    audit(sandbox, text, "E", { "node-a": sshA.node, "node-b": sshB.node });
    await ok("./recovery-verify --dir E --key ssh-b");
    for (const twice of [
      `${line} --holder node-a=node-a.pub --holder node-b=${literal.toUpperCase()}`,
      `${ssh} --holder node-c=${sshA.node.publicLine}`,
    ]) {
      await fails(`${twice.replace(/ [DE]/, " F")} < in.plain`, 6, /recipient|same key/);
    }
  },
);

scenario(
  "secrets are kept byte for byte, of stdin or of a file, and need --allow-empty to be none",
  async (sandbox) => {
    const { file, ok, fails, text } = sandbox;
    prepare(sandbox);
    file("nothing", "");
    await fails(`false | ${init}`, 3, /before/);
    await fails(`${init} --secrets nothing`, 3, /nothing|empty/);
    await fails(`${init} --secrets nowhere`, 1, /nowhere/);
    const closed = sandbox.target === "source" ? 3 : 1; // Bun opens /dev/null in its place
    await fails(`${init} <&-`, closed, /no |bad file descriptor/);
    const none = await ok(`${init} --allow-empty < /dev/null`);
    expect(audit(sandbox, none.text).plaintext.length).toBe(0);
    for (const size of [1, MiB, 2 * MiB + 12_345]) {
      file("in.plain", sample("big", size));
      await ok(
        `rm -r D; printf 'left alone' | ( ${init} --secrets in.plain > offline; cat ) > rest`,
      );
      expect(text("rest")).toBe("left alone");
      expect(hex(audit(sandbox, text("offline")).plaintext)).toBe(hex(sample("big", size)));
    }
  },
);

scenario(
  "a directory with other things in it will do, its generations numbered past those",
  async (sandbox) => {
    const { ok, fails } = sandbox;
    prepare(sandbox);
    await ok("mkdir -m 700 D; echo hello > D/README; echo 4194305 > D/lock");
    await fails(`${init} < in.plain`, 6, /lock.*(delete|remove|rm)|(delete|remove|rm).*lock/s);
    await ok("rm D/lock; echo old > D/vault-3.wd; mkdir D/sealed-4 D/sealed-x");
    const made = audit(sandbox, (await ok(`${init} < in.plain`)).text);
    expect(made.scheme.generation).toBe(5);
    await ok("grep -q hello D/README && grep -q old D/vault-3.wd");
    const in_ = (place: string) => `${init.replace(" D", ` ${place}`)} < in.plain`;
    await fails(in_("in.plain"), 1, /in\.plain/);
    await fails(in_("in.plain/D"), 1, /in\.plain/);
  },
);

scenarios(
  {
    "a scheme": `${init} < in.plain > one`,
    "an empty scheme.json": "mkdir D; : > D/scheme.json",
    "a dangling link for scheme.json": "mkdir D; ln -s nowhere D/scheme.json",
  },
  (what) => `${what} in the directory is refused before stdin is read`,
  async (sandbox, make) => {
    prepare(sandbox);
    await sandbox.ok(`umask 077; ${make}`);
    await sandbox.fails(`${init} --force < in.plain`, 6, /scheme/);
    await sandbox.fails(`${init} < /dev/null`, 6, /scheme/);
  },
);

scenario(
  "shares that would go nowhere are refused unless forced, and others' eyes warned of",
  async (sandbox) => {
    const { ok, fails, has } = sandbox;
    prepare(sandbox);
    await fails(`${init} < in.plain > /dev/null`, 6, /--force/);
    const closed = sandbox.target === "source" ? 6 : 1; // Bun opens /dev/null in its place
    await fails(`${init} < in.plain >&-`, closed, /--force|bad file descriptor/);
    await ok(`${init} --offline 0 < in.plain > /dev/null`);
    audit(sandbox, "");
    await ok(`${init.replace(" D", " E")} --force < in.plain > /dev/null`);
    expect(has("E/scheme.json")).toBe(true);
    const open = `umask 022; ${init.replace(" D", " F")} < in.plain > open`;
    await ok(open, /recovery-init: warning: .*others/);
  },
);

scenario("a key that is none is named by its holder, with nothing made", async (sandbox) => {
  const { file, ok, fails } = sandbox;
  prepare(sandbox);
  file("two.pub", `${keys["node-c"]?.publicLine}\n${keys["node-d"]?.publicLine}\n`);
  await ok("mkdir folder");
  for (const [key, code] of [
    [`${keys["node-c"]?.publicLine.slice(0, -1)}q`, 3],
    ...([
      ["node-c.key", 3],
      ["two.pub", 3],
      ["in.plain", 3],
      ["/dev/zero", 3],
    ] as const),
    ...([
      ["nowhere", 1],
      ["folder", 1],
      [keys["node-c"]?.secretLine, 2],
    ] as const),
  ] as const) {
    await fails(`${init} --holder node-c=${key} < in.plain`, code, /error: /);
  }
});

scenario("an offline share that cannot be delivered means no scheme", async (sandbox) => {
  prepare(sandbox);
  for (const line of [
    `${init} < in.plain > /dev/full`,
    `( sleep 0.3; ${init} < in.plain; echo $? > code ) | true; exit $(cat code)`,
  ]) {
    const { code, stderr } = await sandbox.run(line);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/recovery-init: error: /);
    expectNothingIn(sandbox);
  }
  audit(sandbox, (await sandbox.ok(`${init} < in.plain`)).text);
});

scenario(
  "a share that was delivered in part is not one that was delivered",
  async (sandbox) => {
    prepare(sandbox);
    const names = [0, 1, 2].map((i) => `--holder n${i}=${makeKey(`n${i}`).publicLine}`);
    const { stderr } = await sandbox.run(
      `mkdir small; unshare -m sh -c 'mount -t tmpfs -o size=4k none small || exit 97
      head -c 3900 /dev/zero > small/filler
      ./recovery-init --dir D -k 3 ${names.join(" ")} --offline 2 < in.plain >> small/filler
      echo "code $?" >&2; umount small'`,
    );
    expect(stderr).toMatch(/^code 1$/m);
    expect(stderr).toMatch(/recovery-init: \w+: .*destroy/);
    expectNothingIn(sandbox);
  },
  { needs: ownMounts() },
);

scenario(
  "a directory that may not be written is exit 1",
  async (sandbox) => {
    prepare(sandbox);
    await sandbox.ok("chmod 644 *.pub in.plain; mkdir -m 555 D");
    const line = init.replace("./", `${asNobody}./`);
    await sandbox.fails(`${line} < in.plain`, 1, /D/);
    await sandbox.fails(`${line.replace(" D", " D/E")} < in.plain`, 1, /E/);
  },
  { needs: anotherUser(...programFiles) },
);
