// The last resort, recover.py, both ways: it opens what the commands make, they open what make.py
// makes, and both say the same of damaged input. ("./recover combine" is recover.py's combine.)

import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bulk, repeatable } from "../core/helpers.ts";
import { root, type Sandbox, scenario } from "../e2e/harness.ts";
import { need } from "../e2e/needs.ts";
import { sample } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { decode, encode } from "../oracle/text.ts";

const found = ["/usr/bin/python3", "python3"].find((path) => Bun.which(path) !== null);
const needs = [need(found !== undefined, "python3 is missing")];
const python = found ?? "python3";
const titled = (title: string) => (found ? title : `${title}; skipped, python3 is missing`);
const programs = {
  recover: join(root, "recover.py"),
  make: join(root, "test/independent/make.py"),
};
const makers = ["./", "./make "];
const MiB = 1024 * 1024;

function prepare(sandbox: Sandbox): void {
  for (const [name, path] of Object.entries(programs)) {
    const call = `exec ${python} -B '${path}' "$@"`;
    sandbox.file(name, `#!/bin/sh\n${call}\n`, 0o755);
  }
}

/** Runs a command line, which begins with a command's name, both ways: they must say the same. */
async function both(sandbox: Sandbox, line: string, context = ""): Promise<Uint8Array | number> {
  const [ours, other] = await Promise.all([
    sandbox.run(`./${line}`),
    sandbox.run(`./recover ${line}`),
  ]);
  const told = `${context}\n${line}\n${ours.stderr}${other.stderr}`;
  expect(other.code, told).toBe(ours.code);
  expect(Buffer.compare(other.stdout, ours.stdout), told).toBe(0);
  if (ours.code !== 0) expect(ours.stdout.length + other.stdout.length, told).toBe(0);
  return ours.code === 0 ? ours.stdout : ours.code;
}

/** Numbers that look random and are the same on every run. */
function dice(seed: number) {
  const random = repeatable(seed);
  const below = (end: number) => {
    const [high = 0, low = 0] = random(2);
    return (high * 256 + low) % end;
  };
  const pick = <T>(items: T[]) => items[below(items.length)] as T;
  const shuffle = <T>(items: T[]) => {
    const keyed = items.map((item) => ({ item, key: below(65_536) }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  };
  return { below, pick, shuffle, bytes: random };
}
type Dice = ReturnType<typeof dice>;

/** The lines as a hurried hand would bring them: grouped, in capitals, again, with remarks. */
function untidy(lines: string[], { below, pick, shuffle }: Dice): string {
  const again = below(3) === 0 && lines.length > 0 ? [pick(lines)] : [];
  const written = shuffle([...lines, ...again]).map((line) => {
    const grouped = pick([line, line.replace(/.{4}/g, "$& "), line.replace(/.{9}/g, "$&-\t")]);
    const remark = pick(["", "", " # share of 2025, \u2713\n", " - \n"]);
    return remark + pick([grouped, grouped.toUpperCase(), `  ${grouped}`]);
  });
  return pick(["", "\ufeff"]) + written.join(pick(["\n", "\r\n", "\n\n"])) + pick(["", "\n", "\r"]);
}

/** The line with a byte of its data changed and its checksum right; the header's more often. */
function altered(line: string, { below, pick }: Dice): string {
  const hrp = line.slice(0, line.indexOf("1"));
  const data = decode(hrp, line);
  const at = pick([below(hrp === "wdshare" ? 12 : 20), below(data.length)]);
  return encode(hrp, data.with(at, pick([(data[at] as number) ^ (1 << below(8)), below(8)])));
}

test.skipIf(found === undefined)(titled("the self-test passes"), () => {
  const { exitCode } = Bun.spawnSync([python, "-B", programs.recover, "self-test"]);
  expect(exitCode).toBe(0);
});

const codes = { io: 1, usage: 2, malformed: 3, "too-few": 4, mismatch: 5, refused: 6 };
for (const file of readdirSync(join(root, "test/vectors"))) {
  if (!file.endsWith(".json")) continue;
  const vector = JSON.parse(readFileSync(join(root, "test/vectors", file), "utf8"));
  if (!["unseal", "combine", "vault-open"].includes(vector.command[0])) continue;
  test.skipIf(found === undefined)(titled(`${file}: ${vector.about}`), () => {
    const bytesOf = (content: string) =>
      content.startsWith("hex:") ? Uint8Array.fromHex(content.slice(4)) : Buffer.from(content);
    const cwd = mkdtempSync(join(tmpdir(), "worstday-recover-"));
    for (const [name, content] of Object.entries(vector.files)) {
      writeFileSync(join(cwd, name), bytesOf(content as string));
    }
    const call = [python, "-B", programs.recover, ...vector.command];
    const { exitCode, stdout } = Bun.spawnSync(call, {
      cwd,
      stdin: bytesOf(vector.stdin),
      stderr: "ignore",
    });
    rmSync(cwd, { recursive: true });
    expect(exitCode).toBe(vector.error ? codes[vector.error as keyof typeof codes] : 0);
    expect(new Uint8Array(stdout)).toEqual(new Uint8Array(bytesOf(vector.stdout ?? "")));
  });
}

for (const maker of makers) {
  scenario(
    `any k untidy lines of a random ${maker}split give the secret, fewer do not`,
    async (sandbox) => {
      prepare(sandbox);
      for (let round = 0; round < 10; round++) {
        const random = dice(round);
        const n = round === 0 ? 255 : 1 + random.below(random.pick([5, 30]));
        const k = 1 + random.below(Math.min(n, 20));
        const secret = random.bytes(random.pick([1, 32, 119, 256, 1 + random.below(256)]));
        sandbox.file("in.secret", secret);
        const { text } = await sandbox.run(`${maker}split -k ${k} -n ${n} < in.secret`);
        const lines = random.shuffle(text.trimEnd().split("\n"));
        expect(lines.length).toBe(n);
        const given = k - 1 + random.below(n - k + 2);
        sandbox.file("shares", untidy(lines.slice(0, given), random));
        const result = await both(sandbox, "combine shares", `${k} of ${n}, given ${given}`);
        expect(result).toEqual(given < k ? 4 : secret);
      }
    },
    { needs, alone: true },
  );

  scenario(
    `what ${maker}seal seals, to keys of ${maker}keygen, is unsealed`,
    async (sandbox) => {
      prepare(sandbox);
      for (let round = 0; round < 3; round++) {
        const random = dice(100 + round);
        const secret = random.bytes(1 + random.below(256));
        sandbox.file("in.secret", secret);
        await sandbox.run(`${maker}split -k 2 -n 4 < in.secret > shares`);
        await sandbox.run(`for i in a b c; do ${maker}keygen -o ${round}$i.key > $i.pub; done`);
        await sandbox.run(
          `${maker}seal $(cat a.pub) $(cat b.pub) $(cat c.pub) - < shares > sealed`,
        );
        const sealed = new TextDecoder().decode(sandbox.read("sealed")).trimEnd().split("\n");
        const [a, b] = [`--key ${round}a.key`, `--key ${round}b.key`];
        sandbox.file("some", untidy([...sealed.slice(0, 2), ...sealed.slice(3)], random));
        sandbox.file("of-c", untidy(sealed.slice(2, 3), random));
        expect(await both(sandbox, `unseal ${a} of-c`)).toBe(5);
        for (const keys of [a, b, `${a} ${b}`]) {
          sandbox.file("lines", (await both(sandbox, `unseal ${keys} some of-c`)) as Uint8Array);
          expect(await both(sandbox, "combine lines")).toEqual(secret);
        }
      }
    },
    { needs, alone: true },
  );

  scenario(
    `what ${maker}vault-close closes is opened, at and around the ends of chunks`,
    async (sandbox) => {
      prepare(sandbox);
      for (const size of [0, 1, 63, 64, 65, MiB - 1, MiB, MiB + 1, 2 * MiB, 2.5 * MiB]) {
        sandbox.file("in.plain", bulk(size, size));
        const flags = size === 0 && maker === "./" ? "--allow-empty" : "";
        await sandbox.run(`${maker}vault-close -o ${size}.wd ${flags} < in.plain > ${size}.master`);
        const { code } = await sandbox.run(
          `./vault-open ${size}.wd < ${size}.master | cmp - in.plain`,
        );
        expect(code, `${size} bytes`).toBe(0);
        const line = `./recover vault-open ${size}.wd < ${size}.master | cmp - in.plain`;
        expect((await sandbox.run(line)).code, `${size} bytes`).toBe(0);
      }
    },
    { needs, alone: true },
  );
}

scenario(
  "of shares altered, mixed and repeated, both say the same",
  async (sandbox) => {
    prepare(sandbox);
    const seen = new Set<number>();
    for (let round = 0; round < 40; round++) {
      const random = dice(1000 + round);
      const n = 2 + random.below(6);
      const k = 1 + random.below(n);
      // Two sets of one id hold two secrets: taken together, they are a forgery.
      const [one, two] = ["one", "two"].map((name) => makeSet("set", k, n, sample(name, 32)).lines);
      const later = makeSet("later", 2, 3, sample("later", 32)).lines;
      const forged = random.below(4) === 0 ? random.below(n) : 0;
      const lines = [...(two as string[]).slice(0, forged), ...(one as string[]).slice(forged)];
      const given = random.shuffle(lines).slice(0, k - 1 + random.below(n - k + 2));
      if (random.below(4) === 0) given.push(...random.shuffle(later).slice(random.below(3)));
      for (let faults = random.below(3); faults > 0 && given.length > 0; faults--) {
        const fault = altered(random.pick(given), random);
        if (random.below(3) === 0) given.push(fault);
        else given[random.below(given.length)] = fault;
      }
      const text = untidy(given, random);
      sandbox.file("shares", text);
      const set = Buffer.from(sample("set set", 8)).toString("hex");
      const flags = random.pick(["", "", "--strict ", `--set ${set} `]);
      const result = await both(sandbox, `combine ${flags}shares`, `round ${round}:\n${text}`);
      seen.add(typeof result === "number" ? result : 0);
    }
    expect([...seen].sort()).toEqual([0, 3, 4, 5, 6]);
  },
  { needs, alone: true },
);

scenario(
  "of sealed shares and keys altered, both say the same",
  async (sandbox) => {
    prepare(sandbox);
    const seen = new Set<number>();
    sandbox.file("in.secret", sample("secret", 32));
    await sandbox.run("for i in x y; do ./keygen -o $i.key > $i.pub; done");
    await sandbox.run(
      "./split -k 2 -n 3 < in.secret | ./seal $(cat x.pub) $(cat y.pub) - > sealed",
    );
    const lines = new TextDecoder().decode(sandbox.read("sealed")).trimEnd().split("\n");
    for (let round = 0; round < 20; round++) {
      const random = dice(2000 + round);
      const given = random.shuffle(lines).slice(random.below(3));
      const at = random.below(given.length);
      given[at] = altered(given[at] as string, random);
      const text = untidy(given, random);
      sandbox.file("lines", text);
      const result = await both(sandbox, "unseal --key x.key lines", `round ${round}:\n${text}`);
      seen.add(typeof result === "number" ? result : 0);
    }
    expect([...seen].sort()).toEqual([0, 3, 5]);
  },
  { needs, alone: true },
);

scenario(
  "of a damaged vault, or a wrong key, both say the same",
  async (sandbox) => {
    prepare(sandbox);
    sandbox.file("in.plain", bulk(MiB + 100, 1));
    await sandbox.run("./vault-close -o v.wd in.plain > v.master");
    const [vault, master] = [sandbox.read("v.wd"), sandbox.read("v.master")];
    const ends = [0, 1, 79, 80, 81, 95, 96, 97, 80 + MiB + 15, 80 + MiB + 16, 80 + MiB + 17];
    for (const end of [...ends, 80 + MiB + 32, vault.length - 1]) {
      sandbox.file("bad.wd", vault.slice(0, end));
      expect(await both(sandbox, "vault-open bad.wd < v.master")).toBe(end < 80 ? 3 : 5);
    }
    for (const at of [
      0,
      14,
      15,
      16,
      47,
      48,
      63,
      64,
      79,
      80,
      80 + MiB,
      96 + MiB,
      vault.length - 1,
    ]) {
      sandbox.file("bad.wd", vault.with(at, (vault[at] as number) ^ 1));
      expect(await both(sandbox, "vault-open bad.wd < v.master")).toBe(at < 16 ? 3 : 5);
    }
    sandbox.file("bad.wd", Buffer.concat([vault, Buffer.of(0)]));
    expect(await both(sandbox, "vault-open bad.wd < v.master")).toBe(5);
    for (const [key, code] of [
      [master.with(31, (master[31] as number) ^ 1), 5],
      [master.slice(1), 3],
      [Buffer.concat([master, Buffer.of(10)]), 3],
      [new Uint8Array(0), 3],
    ] as const) {
      sandbox.file("bad.master", key);
      expect(await both(sandbox, "vault-open v.wd < bad.master")).toBe(code);
    }
  },
  { needs, alone: true },
);
