// The last resort, recover.py, both ways: it opens what the commands make, they open what make.py
// makes, and both say the same of damaged input.

import { afterAll, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { root } from "../../scripts/dev/project.ts";
import { bulk, flipped, repeatable } from "../core/helpers.ts";
import { lay } from "../e2e/ceremony.ts";
import { type Sandbox, scenario } from "../e2e/harness.ts";
import { need } from "../e2e/needs.ts";
import { sample } from "../oracle/bytes.ts";
import { makeScheme } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { makeSet } from "../oracle/share.ts";
import { decode, encode } from "../oracle/text.ts";
import { writerLine } from "../oracle/update.ts";
import { vectorFiles } from "../vector-files.ts";

const found = ["/usr/bin/python3", "python3"].find((path) => Bun.which(path) !== null);
const needs = [need(found !== undefined, "python3 is missing")];
const MiB = 1024 * 1024;

/** recover.py and make.py, which take their command lines one after another. */
const server = Bun.spawn([found ?? "false", "-B", join(root, "test/independent/serve.py")], {
  stdin: "pipe",
  stderr: "inherit",
});
const answers = createInterface({ input: Readable.fromWeb(server.stdout as never) })[
  Symbol.asyncIterator
]();
afterAll(() => server.kill());

interface Result {
  code: number;
  stdout: Uint8Array;
  stderr: string;
}

/** Runs `PROGRAM ARGUMENTS < FILE` in a folder. */
async function runPython(cwd: string, line: string): Promise<Result> {
  const [words = "", input] = line.split(" < ");
  const [program, ...argv] = words.split(" ");
  const stdin = input === undefined ? "" : readFileSync(join(cwd, input)).toString("hex");
  server.stdin.write(`${JSON.stringify({ program, argv, cwd, stdin })}\n`);
  await server.stdin.flush();
  const { code, stdout, stderr } = JSON.parse((await answers.next()).value ?? "");
  return { code, stdout: Uint8Array.fromHex(stdout), stderr };
}

/** What makes inputs: our commands, or make.py. */
const makers = {
  commands: (sandbox: Sandbox, line: string) => sandbox.run(`./${line}`),
  "make.py": ({ dir }: Sandbox, line: string) => runPython(dir, `make ${line}`),
};

/** Runs a command line, which begins with a command's name, both ways: they must say the same. */
async function both(sandbox: Sandbox, line: string, context = ""): Promise<Uint8Array | number> {
  const [ours, other] = [
    await sandbox.run(`./${line}`),
    await runPython(sandbox.dir, `recover ${line}`),
  ];
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

const linesOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd().split("\n");

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

scenario("an update is opened both ways, and refused both ways", async (sandbox) => {
  const { file, run, read } = sandbox;
  const made = makeScheme({ nodes: { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") } });
  lay(sandbox, made);
  file("writer", `${writerLine(made)}\n`);
  file("master", made.master);
  for (const contents of ["one", "two"]) {
    file("in", contents);
    expect((await run("./recovery-update --dir D --writer writer < in")).code).toBe(0);
  }
  const open = (u: number, v: number) =>
    both(sandbox, `vault-open --update D/update-1.${u} D/vault-1.${v}.wd < master`);
  expect(await open(2, 2)).toEqual(new TextEncoder().encode("two"));
  expect(await open(1, 2)).toBe(5);
  file("D/update-1.3", Buffer.from(read("D/update-1.2")).toString().replace(/q/, "p"));
  expect(await open(3, 2)).toBe(3);
  file("master", new Uint8Array(32));
  expect(await open(2, 2)).toBe(5);
});

scenario(
  "the self-test passes, and every vector comes out as it says",
  async (sandbox) => {
    expect(await runPython(sandbox.dir, "recover self-test")).toMatchObject({ code: 0 });
    for (const { name, command, stdin, files, status, stdout } of vectorFiles) {
      if (!["unseal", "combine", "vault-open"].includes(command[0])) continue;
      for (const [file, bytes] of Object.entries(files)) sandbox.file(file, bytes);
      sandbox.file("stdin", stdin);
      const done = await runPython(sandbox.dir, `recover ${command.join(" ")} < stdin`);
      expect([name, done.code, done.stdout]).toEqual([name, status, stdout]);
    }
  },
  { needs },
);

for (const [maker, make] of Object.entries(makers)) {
  scenario(
    `any k untidy lines of a random split by ${maker} give the secret, fewer do not`,
    async (sandbox) => {
      for (let round = 0; round < 6; round++) {
        const random = dice(round);
        const n = round === 0 ? 255 : 1 + random.below(random.pick([5, 30]));
        const k = 1 + random.below(Math.min(n, 20));
        const secret = random.bytes(random.pick([1, 32, 119, 256, 1 + random.below(256)]));
        sandbox.file("in.secret", secret);
        const { stdout } = await make(sandbox, `split -k ${k} -n ${n} < in.secret`);
        const lines = random.shuffle(linesOf(stdout));
        expect(lines.length).toBe(n);
        const given = k - 1 + random.below(n - k + 2);
        sandbox.file("shares", untidy(lines.slice(0, given), random));
        const result = await both(sandbox, "combine shares", `${k} of ${n}, given ${given}`);
        expect(result).toEqual(given < k ? 4 : secret);
      }
    },
    { needs },
  );

  scenario(
    `what ${maker} seal, to keys of their own, is unsealed`,
    async (sandbox) => {
      const random = dice(100);
      const secret = random.bytes(1 + random.below(256));
      sandbox.file("in.secret", secret);
      sandbox.file("shares", (await make(sandbox, "split -k 2 -n 4 < in.secret")).stdout);
      const keys: string[] = [];
      for (const name of ["x", "y", "z"]) {
        const flags = name === "y" ? " --hybrid" : "";
        keys.push(...linesOf((await make(sandbox, `keygen -o ${name}${flags}`)).stdout));
      }
      const sealed = linesOf((await make(sandbox, `seal ${keys.join(" ")} - < shares`)).stdout);
      sandbox.file("some", untidy([...sealed.slice(0, 2), ...sealed.slice(3)], random));
      sandbox.file("of-z", untidy(sealed.slice(2, 3), random));
      expect(await both(sandbox, "unseal --key x of-z")).toBe(5);
      for (const flags of ["--key x", "--key y", "--key x --key y"]) {
        sandbox.file("lines", (await both(sandbox, `unseal ${flags} some of-z`)) as Uint8Array);
        expect(await both(sandbox, "combine lines")).toEqual(secret);
      }
    },
    { needs },
  );

  scenario(
    `what ${maker} close is opened, at and around the ends of chunks`,
    async (sandbox) => {
      for (const size of [0, 1, 64, 65, MiB, MiB + 1]) {
        const plain = bulk(size, size);
        sandbox.file("plain", plain);
        const flags = size === 0 && maker === "commands" ? " --allow-empty" : "";
        const closed = await make(sandbox, `vault-close -o ${size}.wd${flags} < plain`);
        sandbox.file("master", closed.stdout);
        expect(await both(sandbox, `vault-open ${size}.wd < master`, `${size}`)).toEqual(plain);
      }
    },
    { needs },
  );
}

scenario(
  "of shares altered, mixed and repeated, both say the same",
  async (sandbox) => {
    const seen = new Set<number>();
    for (let round = 0; round < 25; round++) {
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
  { needs },
);

scenario(
  "of a damaged vault of two chunks, both say the same",
  async (sandbox) => {
    sandbox.file("in.plain", bulk(MiB + 100, 1));
    await sandbox.run("./vault-close -o v.wd in.plain > v.master");
    const vault = sandbox.read("v.wd");
    const end = 80 + MiB + 16; // the first chunk's
    const cut = [end, end + 16].map((size) => vault.slice(0, size));
    const bits = [80, end].map((at) => flipped(vault, 8 * at));
    for (const damaged of [...cut, ...bits, Buffer.concat([vault, Buffer.of(0)])]) {
      sandbox.file("bad.wd", damaged);
      expect(await both(sandbox, "vault-open bad.wd < v.master")).toBe(5);
    }
  },
  { needs },
);
