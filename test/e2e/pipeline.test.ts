// The work the commands are for, in the pipes in which they are used.

import { expect } from "bun:test";
import { hex, sample } from "../oracle/bytes.ts";
import { combineLines } from "../oracle/share.ts";
import { pick, twoOfThree } from "./fixtures.ts";
import { scenario } from "./harness.ts";

const setUp = [
  "./keygen -o node-a.key > node-a.pub",
  "./keygen -o node-b.key > node-b.pub",
  "tar cf plain.tar tree",
].join(" && ");
const giveBack =
  "cat node-a.sealed offline.txt | ./unseal --key node-a.key | ./combine" +
  " | ./vault-open vault.wd -o secrets.tar";

scenario(
  "a tar goes into a vault and comes back from one node and the offline share",
  async (room) => {
    for (let i = 0; i < 20; i++) room.file(`tree/${i}`, sample(`tree ${i}`, i * 10_007));
    await room.ok(setUp);
    await room.ok(
      "./vault-close -o vault.wd < plain.tar | ./split -k 2 -n 3" +
        " | ./seal node-a.pub node-b.pub - > lines",
    );
    await room.ok(
      "sed -n 1p lines > node-a.sealed; sed -n 3p lines > offline.txt; mv plain.tar gone",
    );
    await room.ok("rm -r lines node-b.key tree");
    await room.ok(giveBack);
    await room.ok("cmp secrets.tar gone");
  },
);

scenario("every pair of the three holders opens the vault", async (room) => {
  room.file("plain.tar", sample("tar", 3000));
  await room.ok("./keygen -o a > a.pub && ./keygen -o b > b.pub");
  await room.ok(
    "./vault-close -o v < plain.tar | ./split -k 2 -n 3 | ./seal a.pub b.pub - > lines",
  );
  for (const pair of ["1p;2p", "1p;3p", "2p;3p"]) {
    const { stdout } = await room.ok(
      `sed -n '${pair}' lines | ./unseal --key a --key b | ./combine | ./vault-open v`,
    );
    expect(hex(stdout)).toBe(hex(room.read("plain.tar")));
  }
});

scenario("one holder alone does not open the vault, and leaves nothing", async (room) => {
  room.file("plain.tar", "secrets");
  await room.ok("./keygen -o a > a.pub");
  await room.ok("./vault-close -o v < plain.tar | ./split -k 2 -n 3 | ./seal a.pub - - > lines");
  await room.ok("sed -n 1p lines > one");
  await room.fails("./unseal --key a < one | ./combine | ./vault-open v -o out", 3, /vault-open/);
  await room.fails("./unseal --key a < one | ./combine", 4, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
});

scenario("the shares that split makes are what the design says they are", async (room) => {
  const secret = sample("a secret", 32);
  room.file("in.secret", secret);
  const { text } = await room.ok("./split -k 3 -n 5 < in.secret");
  const lines = text.trimEnd().split("\n");
  expect(lines.length).toBe(5);
  for (const line of lines) expect(line).toMatch(/^wdshare1[02-9ac-hj-np-z]{111}$/);
  expect(hex(combineLines([lines[4] ?? "", lines[1] ?? "", lines[2] ?? ""]))).toBe(hex(secret));
});

scenario("split makes a new set each time", async (room) => {
  room.file("in.secret", sample("a secret", 32));
  const { text } = await room.ok("./split -k 2 -n 2 < in.secret; ./split -k 2 -n 2 < in.secret");
  const ids = text
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(9, 21));
  expect(new Set(ids).size).toBe(2);
  expect(new Set(text.trimEnd().split("\n")).size).toBe(4);
});

for (const size of [1, 2, 31, 32, 255, 256]) {
  scenario(`a secret of ${size} bytes comes back`, async (room) => {
    const secret = sample(`secret of ${size}`, size);
    room.file("in.secret", secret);
    const { stdout } = await room.ok("./split -k 2 -n 3 < in.secret | sed 1d | ./combine");
    expect(hex(stdout)).toBe(hex(secret));
  });
}

scenario("a secret is taken byte for byte, its last newline included", async (room) => {
  for (const secret of ["hunter2\n", "\n", "hunter2", "a\r\n", "\0\0\0"]) {
    room.file("in.secret", secret);
    const { text } = await room.ok("./split -k 2 -n 2 < in.secret | ./combine");
    expect(text).toBe(secret);
  }
});

scenario("split refuses an empty secret as malformed", async (room) => {
  await room.fails("./split -k 2 -n 3 < /dev/null", 3, /empty|no (input|secret|bytes)|0 bytes/i);
});

for (const size of [257, 258, 4096, 1024 * 1024]) {
  scenario(`split refuses a secret of ${size} bytes as malformed`, async (room) => {
    room.file("in.secret", sample("too long", size));
    await room.fails("./split -k 2 -n 3 < in.secret", 3, /256/);
  });
}

for (const [k, n] of [
  [1, 1],
  [1, 3],
  [2, 2],
  [5, 9],
  [3, 255],
  [255, 255],
] as const) {
  scenario(`${k} of ${n} shares come together in any order`, async (room) => {
    room.file("in.secret", sample("wide", 32));
    const { text } = await room.ok(
      `./split -k ${k} -n ${n} < in.secret > s; tail -n ${k} s | sed '1!G;h;$!d' | ./combine`,
    );
    expect(text).toBe(new TextDecoder().decode(sample("wide", 32)));
  });
}

scenario("a share line is itself a secret that can be split once more", async (room) => {
  const share = twoOfThree.lines[0] ?? "";
  expect(share.length).toBe(119);
  room.file("share", share);
  const { text } = await room.ok("./split -k 2 -n 2 < share | ./combine");
  expect(text).toBe(share);
  room.file("second", pick(twoOfThree.lines, 2));
  const { stdout } = await room.ok(
    "( ./split -k 3 -n 4 < share | sed 2d | ./combine; echo; cat second ) | ./combine",
  );
  expect(hex(stdout)).toBe(hex(twoOfThree.secret));
});

scenario("worstday NAME is NAME", async (room) => {
  room.file("in.secret", sample("a secret", 32));
  const { stdout } = await room.ok("./worstday split -k 2 -n 3 < in.secret | ./worstday combine");
  expect(hex(stdout)).toBe(hex(sample("a secret", 32)));
  await room.ok("./worstday keygen -o a > a.pub; ./worstday keygen -y < a | cmp - a.pub");
  const { text } = await room.ok(
    "echo x | ./worstday vault-close -o v > key; ./worstday vault-open v < key",
  );
  expect(text).toBe("x\n");
  await room.ok(
    "./split -k 1 -n 1 < in.secret | ./worstday seal a.pub | ./worstday unseal --key a" +
      " | ./worstday inspect",
  );
});

scenario("worstday NAME fails with the exit codes of NAME", async (room) => {
  room.file("one", pick(twoOfThree.lines, 1));
  await room.fails("./worstday combine < one", 4, /combine/);
  await room.fails("./worstday combine --bogus < one", 2, /--bogus/);
  await room.fails("./worstday combine missing", 1, /missing/);
  await room.fails("./worstday split -k 2 -n 3 < /dev/null", 3, /split/);
});

scenario(
  "an executable copied alone into an empty directory works",
  async (room) => {
    const { code, stderr } = await room.run(
      "mkdir alone && cp -L combine alone/combine && cd alone && ./combine --version",
    );
    expect(code, stderr).toBe(0);
  },
  { only: "dist" },
);

scenario(
  "executables do not obey .env and bunfig.toml where they run",
  async (room) => {
    room.file("evil.ts", "console.log('evil'); process.exit(9);");
    room.file("bunfig.toml", 'preload = ["./evil.ts"]\n');
    room.file(".env", "BUN_OPTIONS=--preload=./evil.ts\nNODE_OPTIONS=--require=./evil.ts\n");
    room.file("tsconfig.json", "{ nonsense");
    room.file("package.json", "{ nonsense");
    room.file("in.secret", "hello");
    const { text } = await room.ok("./split -k 2 -n 3 < in.secret | ./combine");
    expect(text).toBe("hello");
  },
  { only: "dist" },
);
