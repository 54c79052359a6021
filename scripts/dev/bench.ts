/**
 * npm run bench [-- MEBIBYTES]: time and memory as ratios within one run, against a compiled
 * script that only prints a line and against `age -d` on the same data. Machines are noisy: a
 * command and its yardstick take turns, which hyperfine does not do, and medians are compared.
 */

import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { makeImage } from "./image.ts";
import { bin, ownArch, temporaryFolder } from "./project.ts";

const folder = temporaryFolder();
const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
try {
  await benchStart();
  benchVault(Number(process.argv[2] ?? 1024));
} finally {
  rmSync(folder, { recursive: true });
}

/** Short runs: from exec to exit, on input of the usual size. */
async function benchStart(): Promise<void> {
  const [script, hello, own] = ["hello.ts", "hello", "static-hello"].map((name) =>
    join(folder, name),
  );
  await Bun.write(
    script as string,
    'import { writeSync } from "node:fs";\nwriteSync(1, "hello\\n");\n',
  );
  await compile(script as string, hello as string);
  await makeImage(script as string, own as string, { arch: ownArch, harden: true });
  const holders = "--holder a=a.pub --holder b=b.pub";
  shell(`keygen -o a.key > a.pub && keygen -o b.key > b.pub && head -c 32 /dev/urandom > master
    split -k 2 -n 3 < master > shares && seal a.pub b.pub - < shares > sealed
    head -n 1 shares > share && sed 's/1q/1p/' share > mistyped
    recovery-init --dir scheme -k 2 ${holders} < master > enough
    unseal --key a.key scheme/sealed-1/a >> enough`);
  console.log("start to exit, against a compiled script that prints a line");
  for (const [command, limit] of [
    ["split -k 2 -n 3 < master", 2],
    ["combine < shares", 2],
    ["inspect < sealed", 2],
    ["keygen < empty", 4],
    ["seal a.pub b.pub - < shares", 4],
    ["unseal --key a.key < sealed", 4],
    ["seal --accept-corrections - < mistyped"],
    ["card < share"],
    ["recovery-verify --dir scheme < empty"],
    ["recovery-reconstruct --dir scheme < enough"],
  ] as [string, number?][]) {
    compare(command, "hello", "./hello < empty", 40, limit);
  }
  const megabytes = (Bun.file(join(bin, "combine")).size / 1e6).toFixed(1);
  console.log(`\nwhat every run pays, of one image of ${megabytes} MB`);
  for (const yardstick of ["age --version", "./hello", "./static-hello"]) {
    compare("combine --version", yardstick, yardstick, 40);
  }
}

/** One long run: bulk decryption. */
function benchVault(mebibytes: number): void {
  shell(`head -c ${mebibytes}M /dev/urandom > plain; vault-close -o vault.wd --key-file master < plain
    age-keygen -o age.key 2> age.log; age -r $(age-keygen -y age.key) -o plain.age plain`);
  console.log(`\nvault-open of ${mebibytes} MiB, against age -d of the same`);
  compare("vault-open vault.wd < master", "age", "age -d -i age.key plain.age", 5, 1);
  compare(
    "vault-open vault.wd | cat < master",
    "age, to a pipe",
    "age -d -i age.key plain.age | cat",
    5,
  );
}

/** Commands are given as `COMMAND < INPUT`; those with a pipe in them are run by a shell. */
function compare(
  job: string,
  name: string,
  yardstick: string,
  rounds: number,
  limit?: number,
): void {
  const times: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    times[0].push(run(job));
    times[1].push(run(yardstick));
    if (round < 0) for (const list of times) list.pop(); // the first is to warm up
  }
  const [ours, theirs] = times.map(
    (list) => list.toSorted((a, b) => a - b)[rounds >> 1] as number,
  ) as [number, number];
  const ratio = ours / theirs;
  const verdict =
    limit === undefined ? "" : `, at most ${limit}: ${ratio <= limit ? "met" : "NOT MET"}`;
  const figures = `${ours.toFixed(1)} ms / ${theirs.toFixed(1)} ms of ${name} = ${ratio.toFixed(2)}`;
  run(job, ["/usr/bin/time", "-f", "%M", "-o", "peak"]); // whose own memory is small
  const peak = Number(readFileSync(join(folder, "peak"), "utf8")) / 1024;
  console.log(`  ${job.padEnd(40)} ${figures}${verdict}; peak ${peak.toFixed(0)} MiB`);
}

/** How long it took, in milliseconds. */
function run(job: string, before: string[] = []): number {
  const [line = "", input = "empty"] = job.split(" < ");
  const command = line.includes("|") ? ["sh", "-c", line] : line.split(" ");
  const stdin = openSync(join(folder, input), "r");
  const start = performance.now();
  const { exitCode } = Bun.spawnSync([...before, ...command], {
    ...{ cwd: folder, env, stdin, stdout: "ignore", stderr: "ignore" },
  });
  const milliseconds = performance.now() - start;
  closeSync(stdin);
  if (exitCode !== 0) throw new Error(`${job}: exit status ${exitCode}`);
  return milliseconds;
}

function shell(script: string): void {
  const command = ["sh", "-euc", `umask 077; : > empty; ${script}`];
  const { exitCode, stderr } = Bun.spawnSync(command, { cwd: folder, env });
  if (exitCode !== 0) throw new Error(`${script}: exit status ${exitCode}\n${stderr}`);
}
