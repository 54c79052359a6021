// How far long work is: on stderr where that is a terminal, and nowhere else.

import { expect } from "bun:test";
import { scenario } from "./harness.ts";

/** Two pieces of plaintext with more than a second between them. */
const slowly = "(head -c 2097152 /dev/zero; sleep 1.2; head -c 2097152 /dev/zero)";
const clearLine = "\r\u001b[K";

scenario(
  "slow work on a terminal shows how far it is, and takes that away again",
  async ({ terminal }) => {
    const close = `${slowly} | ./vault-close -o v --key-file key.master`;
    const { code, screen } = await terminal(close);
    expect(code, screen).toBe(0);
    const [before, ...shown] = screen.split(clearLine);
    expect([before, shown.at(-1)]).toEqual(["", ""]);
    expect(shown.slice(0, -1).join("\n")).toMatch(/^(stdin: \d+ MiB\n?)+$/);
  },
);

scenario("an error on a terminal begins on a line of its own", async ({ terminal, ok, file }) => {
  file("empty", "");
  await ok("./vault-close -o v --key-file key.master --allow-empty empty");
  const open = `(cat v; ${slowly}) | ./vault-open /dev/fd/3 -o out 3<&0 < key.master`;
  const lines = (await terminal(open)).screen.split(clearLine);
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.slice(0, -1).join("")).not.toContain("error");
  expect(lines.at(-1)).toMatch(/^vault-open: error: /);
});

scenario(
  "no progress is shown where stderr is no terminal, nor for short work",
  async ({ terminal, read }) => {
    const close = `${slowly} | ./vault-close -o v --key-file key.master 2> said`;
    expect((await terminal(close)).screen).toBe("");
    expect(read("said").length).toBe(0);
    expect((await terminal("./vault-open vault -o out < key.master")).screen).toBe("");
  },
);
