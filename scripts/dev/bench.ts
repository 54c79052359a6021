/**
 * npm run bench [-- MEBIBYTES]: time and memory as ratios within one run, against a compiled
 * script that only prints a line and against `age -d` on the same data. Machines are noisy: a
 * command and its yardstick take turns, and medians are compared.
 */

import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compile } from "./compile.ts";
import { makeImage } from "./image.ts";
import { bin, ownArch, temporaryFolder } from "./project.ts";

interface Job {
  command: string[];
  input?: string;
}

const folder = temporaryFolder();
try {
  await benchStart();
  await benchVault(Number(process.argv[2] ?? 1024));
} finally {
  rmSync(folder, { recursive: true });
}

/** Short runs: from exec to exit, on input of the usual size. */
async function benchStart(): Promise<void> {
  const script = 'import { writeSync } from "node:fs";\nwriteSync(1, "hello\\n");\n';
  writeFileSync(join(folder, "hello.ts"), script);
  await compile(join(folder, "hello.ts"), join(folder, "hello"));
  shell(`${bin}/keygen -o a.key > a.pub && ${bin}/keygen -o b.key > b.pub`);
  shell("head -c 32 /dev/urandom > master");
  shell(`${bin}/split -k 2 -n 3 < master > shares 2> /dev/null`);
  shell(`${bin}/seal a.pub b.pub - < shares > sealed 2> /dev/null`);
  shell("head -n 1 shares > share && sed 's/1q/1p/' share > mistyped");
  const holders = "--holder a=a.pub --holder b=b.pub";
  shell(`${bin}/recovery-init --dir scheme -k 2 ${holders} < master > enough 2> /dev/null`);
  shell(`${bin}/unseal --key a.key scheme/sealed-1/a >> enough`);
  const jobs: [limit: number | undefined, input: string, ...command: string[]][] = [
    [2, "master", "split", "-k", "2", "-n", "3"],
    [2, "shares", "combine"],
    [2, "sealed", "inspect"],
    [4, "/dev/null", "keygen"],
    [4, "shares", "seal", "a.pub", "b.pub", "-"],
    [4, "sealed", "unseal", "--key", "a.key"],
    [undefined, "mistyped", "seal", "--accept-corrections", "-"],
    [undefined, "share", "card"],
    [undefined, "/dev/null", "recovery-verify", "--dir", "scheme"],
    [undefined, "enough", "recovery-reconstruct", "--dir", "scheme"],
  ];
  console.log("start to exit, against a compiled script that prints a line");
  const hello = { command: [join(folder, "hello")] };
  for (const [limit, input, name, ...rest] of jobs) {
    const command = [join(bin, name as string), ...rest];
    compare(name as string, { command, input }, hello, { rounds: 40, limit });
  }
  await benchVersion(hello);
}

/** What every run pays: the image's size, and the time to start and to end. */
async function benchVersion(hello: Job): Promise<void> {
  const image = join(bin, "combine");
  const packed = Bun.gzipSync(await Bun.file(image).bytes(), { level: 9 }).length;
  const [size, gzip] = [Bun.file(image).size, packed].map((bytes) => (bytes / 1e6).toFixed(1));
  console.log(`\none image of ${size} MB, ${gzip} MB compressed; combine --version`);
  const version = { command: [image, "--version"] };
  const own = join(folder, "static-hello");
  await makeImage(join(folder, "hello.ts"), own, { arch: ownArch, harden: true });
  compare("against age --version", version, { command: ["age", "--version"] }, { rounds: 40 });
  compare("against a bare hello", version, hello, { rounds: 40 });
  compare("against the same, static", version, { command: [own] }, { rounds: 40 });
}

/** One long run: bulk decryption. */
async function benchVault(mebibytes: number): Promise<void> {
  shell(`head -c ${mebibytes}M /dev/urandom > plain`);
  shell(`${bin}/vault-close -o vault.wd --key-file master < plain`);
  shell("age-keygen -o age.key 2> age.log");
  shell("age -r $(age-keygen -y age.key) -o plain.age plain");
  const age = ["age", "-d", "-i", "age.key"];
  const open = { command: [join(bin, "vault-open"), "vault.wd"], input: "master" };
  console.log(`\nvault-open of ${mebibytes} MiB, against age -d of the same`);
  const limits = { rounds: 5, limit: 1 };
  compare("to /dev/null, one pass", open, { command: [...age, "plain.age"] }, limits);
  const piped = (command: string) => ["sh", "-c", `${command} | cat > /dev/null`];
  const ours = { command: piped(open.command.join(" ")), input: "master" };
  const theirs = { command: piped("age -d -i age.key plain.age") };
  compare("to a pipe, two passes", ours, theirs, { rounds: 5 });
}

function compare(
  name: string,
  job: Job,
  yardstick: Job,
  { rounds, limit }: { rounds: number; limit?: number | undefined },
): void {
  const times: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    times[0].push(run(job));
    times[1].push(run(yardstick));
    if (round < 0) for (const list of times) list.pop(); // the first is to warm up
  }
  const [ours, theirs] = times.map(median) as [number, number];
  const ratio = ours / theirs;
  const verdict =
    limit === undefined ? "" : `, at most ${limit}: ${ratio <= limit ? "met" : "NOT MET"}`;
  const figures = `${ours.toFixed(1)} ms / ${theirs.toFixed(1)} ms = ${ratio.toFixed(2)}`;
  console.log(`  ${name.padEnd(24)} ${figures}${verdict}; peak ${peakMebibytes(job)} MiB`);
}

/** How long it took, in milliseconds. */
function run({ command, input = "/dev/null" }: Job): number {
  const stdin = openSync(resolve(folder, input), "r");
  const start = performance.now();
  const { exitCode } = Bun.spawnSync(command, {
    cwd: folder,
    stdin,
    stdout: "ignore",
    stderr: "ignore",
  });
  const milliseconds = performance.now() - start;
  closeSync(stdin);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: exit status ${exitCode}`);
  return milliseconds;
}

/** By GNU time, whose own memory is small: what starts a process lends it its peak. */
function peakMebibytes({ command, input = "/dev/null" }: Job): string {
  run({ command: ["/usr/bin/time", "-f", "%M", "-o", "peak", ...command], input });
  return (Number(readFileSync(join(folder, "peak"), "utf8")) / 1024).toFixed(0);
}

function shell(script: string): void {
  const { exitCode } = Bun.spawnSync(["sh", "-c", `umask 077; ${script}`], { cwd: folder });
  if (exitCode !== 0) throw new Error(`${script}: exit status ${exitCode}`);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
