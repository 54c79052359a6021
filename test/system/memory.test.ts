/** What is left of secrets in a process that waits for a person, once they are wiped. */

import { expect, test } from "bun:test";
import * as fs from "node:fs";
import { join } from "node:path";
import { root, temporaryFolder } from "../../scripts/dev/project.ts";

/** recovery-init in a process that stops at the prompt, so to speak: when it hands out the offline share. */
const stopping = `
  import * as fs from "node:fs";
  import { parse } from "${root}/lib/cli/arguments.ts";
  import { openIo } from "${root}/lib/cli/io.ts";
  import * as init from "${root}/scripts/recovery-init.ts";
  const output = async () => ({ kind: "stdout", sync: async () => true, async send(chunks) {
    for (const chunk of chunks) fs.appendFileSync("offline", chunk);
    fs.writeSync(1, "at the prompt\\n");
    fs.readSync(0, new Uint8Array(1));
  } });
  const line = "--dir D -k 2 --holder a=a.pub --holder b=b.pub --secrets secrets";
  const args = await parse(init.manual.args, line.split(" "));
  await init.run(args, { ...openIo().io, tell() {}, output });`;

/** The pages of a process that can be written to and are there. */
function memoryOf(pid: number): Buffer[] {
  const [memory, pages] = ["mem", "pagemap"].map((name) =>
    fs.openSync(`/proc/${pid}/${name}`, "r"),
  );
  const found: Buffer[] = [];
  const mapped = fs.readFileSync(`/proc/${pid}/smaps`, "latin1");
  for (const [, from, to, size] of mapped.matchAll(/^(\w+)-(\w+) rw[\s\S]*?^Rss: +(\d+) kB/gm)) {
    const [start, end] = [from, to].map((digits) => Number.parseInt(digits as string, 16) / 4096);
    if (size === "0") continue;
    for (let page = start as number; page < (end as number); page += 131_072) {
      const entries = Buffer.alloc(8 * Math.min(131_072, (end as number) - page));
      fs.readSync(pages as number, entries, 0, entries.length, 8 * page);
      for (let i = 7; i < entries.length; i += 8) {
        if ((entries[i] as number) < 0x80) continue;
        const bytes = Buffer.alloc(4096);
        fs.readSync(memory as number, bytes, 0, 4096, 4096 * (page + (i - 7) / 8));
        found.push(bytes);
      }
    }
  }
  return found;
}

test("at the prompt of recovery-init the master key is nowhere, nor are sealed shares", async () => {
  const folder = temporaryFolder();
  const run = (script: string, ...args: string[]) =>
    Bun.spawnSync([process.execPath, join(root, "scripts", `${script}.ts`), ...args], {
      cwd: folder,
    });
  for (const name of ["a", "b"]) {
    fs.writeFileSync(join(folder, `${name}.pub`), run("keygen", "-o", `${name}.key`).stdout);
  }
  fs.writeFileSync(join(folder, "secrets"), "secrets");
  fs.writeFileSync(join(folder, "stopping.ts"), stopping);
  const child = Bun.spawn([process.execPath, "stopping.ts"], {
    cwd: folder,
    stdin: "pipe",
    stdout: "pipe",
  });
  await child.stdout.getReader().read();
  const memory = Buffer.concat(memoryOf(child.pid));
  child.stdin.write("\n");
  child.stdin.end();
  expect(await child.exited).toBe(0);
  const shares = run("unseal", "--key", "a.key", "--key", "b.key", "--dir", "D").stdout;
  fs.writeFileSync(join(folder, "shares"), shares);
  const master = run("combine", "shares").stdout;
  expect([master.length, memory.includes("at the prompt")]).toEqual([32, true]);
  const lines = shares.toString().trim().split("\n");
  expect(lines.length).toBe(2);
  for (const secret of [master, ...lines.map((line) => line.slice(24, 100))]) {
    expect(memory.includes(secret)).toBe(false);
  }
  fs.rmSync(folder, { recursive: true });
});
