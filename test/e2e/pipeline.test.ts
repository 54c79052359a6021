// The work the commands are for, in the pipes in which they are used.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { combineLines } from "../oracle/share.ts";
import { pick, twoOfThree } from "./fixtures.ts";
import { scenario, scenarios } from "./harness.ts";

scenario(
  "a tar goes into a vault, and every pair of three holders gives it back",
  async ({ file, ok }) => {
    for (let i = 0; i < 20; i++) file(`tree/${i}`, sample(`tree ${i}`, i * 10_007));
    await ok("./keygen -o a > new-a.pub && ./keygen -o b > new-b.pub && tar cf plain.tar tree");
    await ok(
      "./vault-close -o v < plain.tar | ./split -k 2 -n 3 | ./seal new-a.pub new-b.pub - > lines",
    );
    for (const pair of ["1p;2p", "1p;3p", "2p;3p"]) {
      await ok(
        `sed -n '${pair}' lines | ./unseal --key a --key b | ./combine | ./vault-open v | cmp - plain.tar`,
      );
    }
    await ok("sed -n '1p;3p' lines | ./unseal --key a | ./combine | ./vault-open v -o secrets.tar");
    await ok("cmp secrets.tar plain.tar && tar xf secrets.tar");
  },
  { smoke: true },
);

scenario(
  "one holder alone does not open the vault, and leaves nothing",
  async ({ fails }) => {
    await fails(
      "./unseal --key a.key sealed | ./combine | ./vault-open vault -o out",
      3,
      /vault-open/,
    );
    await fails("./unseal --key a.key sealed | ./combine", 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
  },
  { smoke: true },
);

scenario(
  "the shares that split makes are what the design says, and new ones each time",
  async ({ ok }) => {
    const { text } = await ok("./split -k 3 -n 5 < key.master; ./split -k 3 -n 5 < key.master");
    const lines = text.trimEnd().split("\n");
    expect(new Set(lines).size).toBe(10);
    expect(new Set(lines.map((line) => line.slice(9, 21))).size).toBe(2);
    for (const line of lines) expect(line).toMatch(/^wdshare1[02-9ac-hj-np-z]{111}$/);
    const some = combineLines([lines[4] ?? "", lines[1] ?? "", lines[2] ?? ""]);
    expect(hex(some)).toBe(hex(twoOfThree.secret));
  },
  { smoke: true },
);

const secrets: Record<string, string | Uint8Array> = {
  "1 byte": sample("secret", 1),
  "256 bytes": sample("secret", 256),
  "text with a newline": "hunter2\n",
  "a line end of Windows": "a\r\n",
  "zeros alone": "\0\0\0",
  "a share line": pick(twoOfThree.lines, 1),
};
scenarios(
  secrets,
  (what) => `a secret of ${what} comes back byte for byte`,
  async ({ file, ok }, secret) => {
    file("in.secret", secret);
    await ok("./split -k 2 -n 3 < in.secret | sed 1d | ./combine | cmp - in.secret");
    await ok(
      "./split -k 2 -n 2 < in.secret | ./seal a.pub b.pub | ./unseal --key b.key --key a.key" +
        " | ./combine | cmp - in.secret",
    );
  },
);

scenario("split refuses secrets of no bytes and of more than 256", async ({ fails }) => {
  await fails("./split -k 2 -n 3 < /dev/null", 3, /empty|no (input|secret|bytes)|0 bytes/i);
  for (const size of [257, 1_048_576]) {
    await fails(`head -c ${size} /dev/urandom | ./split -k 2 -n 3`, 3, /256/);
  }
});

scenario("k of n shares come together in any order, whatever k and n", async ({ ok }) => {
  for (const [k, n] of [
    [1, 1],
    [1, 3],
    [2, 2],
    [5, 9],
    [3, 255],
    [255, 255],
  ]) {
    const reversed = `tail -n ${k} s | sed '1!G;h;$!d'`;
    await ok(
      `./split -k ${k} -n ${n} < key.master > s; ${reversed} | ./combine | cmp - key.master`,
    );
  }
});

scenario(
  "worstday NAME is NAME, with its exit status",
  async ({ ok, fails }) => {
    await ok("./worstday split -k 2 -n 3 < key.master | ./worstday combine | cmp - key.master");
    await ok("./worstday keygen -o a > new.pub; ./worstday keygen -y < a | cmp - new.pub");
    await ok(
      "./worstday vault-close -o v < in.plain > k; ./worstday vault-open v < k | cmp - in.plain",
    );
    await ok("./worstday seal new.pub < share | ./worstday unseal --key a | ./worstday inspect");
    await fails("./worstday combine < share", 4, /combine/);
    await fails("./worstday combine --bogus < share", 2, /--bogus/);
    await fails("./worstday combine missing", 1, /missing/);
  },
  { smoke: true },
);

scenario(
  "an executable works copied alone, and does not obey the files where it runs",
  async ({ file, ok }) => {
    await ok("mkdir alone && cp -L combine alone/combine && cd alone && ./combine --version");
    file("evil.ts", "console.log('evil'); process.exit(9);");
    file("bunfig.toml", 'preload = ["./evil.ts"]\n');
    file(".env", "BUN_OPTIONS=--preload=./evil.ts\nNODE_OPTIONS=--require=./evil.ts\n");
    file("tsconfig.json", "{ nonsense");
    file("package.json", "{ nonsense");
    await ok("./split -k 2 -n 3 < key.master | ./combine | cmp - key.master");
  },
  { only: "dist" },
);
