// Terminals: a raw secret is not shown on one unless forced, and files for others get a warning.

import { expect } from "bun:test";
import { hex, utf8 } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { closeVault } from "../oracle/vault.ts";
import { changes, snapshot } from "./evidence.ts";
import { master, nodeA, pick, sealed, twoOfThree } from "./fixtures.ts";
import { commands, type Room, scenario } from "./harness.ts";

const phrase = utf8("correct horse battery staple");

function furnish(room: Room): void {
  room.file("shares", pick(makeSet("phrase", 2, 3, phrase).lines, 1, 2));
  room.file("vault", closeVault(master, phrase));
  room.file("key.master", master);
  room.file("in.plain", phrase);
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("a.pub", `${nodeA.publicLine}\n`);
  room.file("sealed", `${sealed(twoOfThree.lines[0] ?? "", nodeA)}\n`);
}

const revealing: Record<string, string> = {
  combine: "./combine shares < /dev/null",
  "vault-open": "./vault-open vault < key.master",
};
for (const [name, line] of Object.entries(revealing)) {
  scenario(`${name} does not write a secret to a terminal`, async (room) => {
    furnish(room);
    const { code, screen } = await room.terminal(line);
    expect(code, screen).toBe(6);
    expect(screen).not.toContain("horse");
    expect(screen).toMatch(new RegExp(`${name}: error: .*terminal`));
    expect(screen).toContain("--force");
    const quiet = await room.terminal(`${line} 2> said`);
    expect(quiet).toEqual({ code: 6, screen: "" });
  });

  scenario(`${name} --force writes a secret to a terminal`, async (room) => {
    furnish(room);
    const { code, screen } = await room.terminal(`${line.replace(" <", " --force <")} 2> said`);
    expect(code).toBe(0);
    expect(screen).toBe("correct horse battery staple");
  });

  scenario(`${name} on a terminal writes into a pipe`, async (room) => {
    furnish(room);
    const { code, screen } = await room.terminal(`${line} | cat > got`);
    expect(code, screen).toBe(0);
    expect(hex(room.read("got"))).toBe(hex(phrase));
  });
}

scenario("vault-close refuses a terminal for the key before anything is made", async (room) => {
  furnish(room);
  const before = snapshot(room.dir);
  const { code, screen } = await room.terminal("./vault-close -o v < in.plain");
  expect(code, screen).toBe(6);
  expect(screen).toMatch(/vault-close: error: .*terminal/);
  expect(changes(before, snapshot(room.dir))).toEqual([]);
});

scenario("vault-close --force writes the key to a terminal", async (room) => {
  furnish(room);
  const { code, screen } = await room.terminal(
    "stty raw; ./vault-close -o v --force < in.plain 2> said",
  );
  expect(code, screen).toBe(0);
  expect(screen.length).toBeGreaterThanOrEqual(32);
  room.file("got.master", Buffer.from(screen, "latin1").subarray(0, 32));
  expect((await room.ok("./vault-open v < got.master")).text).toBe("correct horse battery staple");
});

scenario("what shows no raw secret may run on a terminal", async (room) => {
  furnish(room);
  for (const line of [
    "./vault-close -o v --key-file key.master < in.plain",
    "./vault-open vault -o out < key.master",
    "./keygen -o node.key",
    "./keygen -y < a.key",
    "./inspect shares",
    "./combine shares -o got",
    "./combine shares | cat > got.2",
    "./unseal --key a.key sealed",
    "./combine --help",
  ]) {
    const { code, screen } = await room.terminal(line);
    expect(code, `${line}: ${screen}`).toBe(0);
    expect(screen).not.toContain("error");
  }
});

scenario(
  "a failure looks the same on a terminal: one line, no control characters",
  async (room) => {
    furnish(room);
    for (const line of ["./combine \"$(printf 'no\\033[31m')\"", "./combine --bogus shares"]) {
      const { code, screen } = await room.terminal(line);
      expect(code).toBeGreaterThan(0);
      const plain = screen.replaceAll(/\p{Cc}\[[\d;]*m/gu, "");
      expect(
        plain
          .trimEnd()
          .split("\r\n")
          .filter((said) => said.includes("error")).length,
      ).toBe(1);
      expect(plain).not.toMatch(/\p{Cc}(?<![\r\n])/u);
    }
  },
);

scenario(
  "--help has no colour codes in a pipe even when stdin and stderr are a terminal",
  async (room) => {
    for (const name of commands) {
      const { code } = await room.terminal(`./${name} --help > help.${name}`);
      expect(code).toBe(0);
      expect(new TextDecoder().decode(room.read(`help.${name}`))).not.toContain("\u001b");
    }
  },
);

const intoFiles: Record<string, string> = {
  ...revealing,
  "vault-close": "./vault-close -o v < in.plain",
};
for (const [name, line] of Object.entries(intoFiles)) {
  scenario(`${name} warns when its output is a file that others can read`, async (room) => {
    furnish(room);
    await room.ok(
      `umask 022; ${line} > open; rm -f v`,
      new RegExp(`${name}: warning: .*(read|0644|644|mode)`),
    );
    const shut = await room.ok(`umask 077; ${line} > shut; rm -f v`);
    expect(shut.stderr).not.toMatch(/others/);
    const piped = await room.ok(`${line} | cat > open`);
    expect(piped.stderr).not.toMatch(/others/);
  });
}
