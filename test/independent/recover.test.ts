// The last resort, recover.py, both ways: it opens what the commands make, they open what make.py
// makes, and both say the same of damaged input. ("./recover combine" is recover.py's combine.)

import { expect, test } from "bun:test";
import { join } from "node:path";
import { bulk, flipped, repeatable } from "../core/helpers.ts";
import { root, type Sandbox, scenario } from "../e2e/harness.ts";
import { need } from "../e2e/needs.ts";
import { sample } from "../oracle/bytes.ts";
import { makeSet } from "../oracle/share.ts";
import { decode, encode } from "../oracle/text.ts";
import { checkVector, vectorFiles } from "../vector-files.ts";

const found = ["/usr/bin/python3", "python3"].find((path) => Bun.which(path) !== null);
const python = found ?? "python3";
const needs = [need(found !== undefined, "python3 is missing")];
const titled = (title: string) => (found ? title : `${title}; skipped, python3 is missing`);
const recover = join(root, "recover.py");
const make = join(root, "test/independent/make.py");
const makers = ["./", "./make "];
const MiB = 1024 * 1024;

/** A scenario in which ./recover and ./make are commands. */
function bothWays(name: string, body: (sandbox: Sandbox) => Promise<void>): void {
  const prepared = async (sandbox: Sandbox) => {
    for (const [name, script] of Object.entries({ recover, make })) {
      sandbox.file(name, `#!/bin/sh\nexec ${python} -B '${script}' "$@"\n`, 0o755);
    }
    await body(sandbox);
  };
  scenario(name, prepared, { needs, alone: true });
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
  const data = decode("wdshare", line);
  const at = pick([below(12), below(data.length)]);
  return encode("wdshare", data.with(at, pick([(data[at] as number) ^ (1 << below(8)), below(8)])));
}

test.skipIf(!found)(titled("the self-test passes"), () => {
  expect(Bun.spawnSync([python, "-B", recover, "self-test"]).exitCode).toBe(0);
});

for (const vector of vectorFiles) {
  const [name] = vector.command;
  if (!["unseal", "combine", "vault-open"].includes(name)) continue;
  test.skipIf(!found)(titled(`${vector.name}: ${vector.about}`), () => {
    checkVector(vector, [python, "-B", recover, name]);
  });
}

for (const maker of makers) {
  bothWays(
    `any k untidy lines of a random ${maker}split give the secret, fewer do not`,
    async (sandbox) => {
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
  );

  bothWays(`what ${maker}seal seals, to keys of ${maker}keygen, is unsealed`, async (sandbox) => {
    for (let round = 0; round < 3; round++) {
      const random = dice(100 + round);
      const secret = random.bytes(1 + random.below(256));
      sandbox.file("in.secret", secret);
      await sandbox.run(`${maker}split -k 2 -n 4 < in.secret > shares`);
      await sandbox.run(`for i in a c; do ${maker}keygen -o ${round}$i.key > $i.pub; done`);
      await sandbox.run(`${maker}keygen --hybrid -o ${round}b.key > b.pub`);
      await sandbox.run(`${maker}seal $(cat a.pub) $(cat b.pub) $(cat c.pub) - < shares > sealed`);
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
  });

  bothWays(
    `what ${maker}vault-close closes is opened, at and around the ends of chunks`,
    async (sandbox) => {
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
  );
}

bothWays("of shares altered, mixed and repeated, both say the same", async (sandbox) => {
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
});

bothWays("of a damaged vault of two chunks, both say the same", async (sandbox) => {
  sandbox.file("in.plain", bulk(MiB + 100, 1));
  await sandbox.run("./vault-close -o v.wd in.plain > v.master");
  const vault = sandbox.read("v.wd");
  const end = 80 + MiB + 16; // the first chunk's
  const cut = [end - 1, end, end + 1, end + 16, vault.length - 1].map((size) =>
    vault.slice(0, size),
  );
  const bits = [80, end - 16, end, vault.length - 1].map((at) => flipped(vault, 8 * at));
  for (const damaged of [...cut, ...bits, Buffer.concat([vault, Buffer.of(0)])]) {
    sandbox.file("bad.wd", damaged);
    expect(await both(sandbox, "vault-open bad.wd < v.master")).toBe(5);
  }
});
