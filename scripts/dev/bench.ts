/**
 * npm run bench [-- MEBIBYTES]: times as ratios within one run, against a script that only prints a
 * line, linked statically as the commands are, and against age on the same data. Machines are noisy:
 * a command and its yardstick take turns, which hyperfine does not do, and medians are compared.
 */

import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeImage } from "./image.ts";
import { bin, ownArch, temporaryFolder } from "./project.ts";
import { median } from "./timing/statistics.ts";

const folder = temporaryFolder();
const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
const mebibytes = Number(process.argv[2] ?? 1024);
try {
  await makeHello();
  const holders = "--holder a=a.pub --holder b=b.pub";
  shell(`keygen -o a.key > a.pub && keygen -o b.key > b.pub && head -c 32 /dev/urandom > master
    split -k 2 -n 3 < master > shares && seal a.pub b.pub - < shares > sealed
    head -n 1 shares > share && sed 's/1q/1p/' share > mistyped
    recovery-init --dir scheme -k 2 ${holders} --writer writer < master > enough
    unseal --key a.key scheme/sealed-1/a >> enough
    vault-close -o small.wd --key-file master < shares
    head -c ${mebibytes}M /dev/urandom > plain && vault-close -o vault.wd --key-file master < plain
    head -c 1M /dev/urandom > mebibyte
    age-keygen -o age.key 2> age.log; age-keygen -y age.key > age.pub; age -r $(cat age.pub) -o plain.age plain`);
  const recipient = readFileSync(join(folder, "age.pub"), "latin1").trim();
  console.log("start to exit, against a static script that prints a line");
  const short = (command: string, limit?: number) => compare(command, "./hello < empty", 40, limit);
  short("split -k 2 -n 3 < master", 1.5);
  short("combine < shares", 1.5);
  short("inspect < sealed", 1.5);
  short("seal a.pub b.pub - < shares", 1.9);
  short("unseal --key a.key < sealed", 1.9);
  short("vault-open small.wd < master", 1.9);
  short("keygen < empty");
  short("seal --accept-corrections - < mistyped");
  short("card < share");
  short("recovery-verify --dir scheme < empty");
  short("recovery-reconstruct --dir scheme < enough");
  console.log("\nrecovery-update of 1 MiB, against age -r of the same");
  const update = "recovery-update --dir scheme --writer writer --keep 1 < mebibyte";
  compare(update, `age -r ${recipient} < mebibyte`, 40, 3);
  console.log(`\nvault-open of ${mebibytes} MiB, against age -d of the same; then to a pipe`);
  const age = "age -d -i age.key plain.age";
  compare("vault-open vault.wd < master", age, 5, 1);
  compare("vault-open vault.wd | cat < master", `${age} | cat`, 5);
} finally {
  rmSync(folder, { recursive: true });
}

async function makeHello(): Promise<void> {
  const script = join(folder, "hello.ts");
  await Bun.write(script, 'import { writeSync } from "node:fs";\nwriteSync(1, "hello\\n");\n');
  await makeImage(script, join(folder, "hello"), { arch: ownArch, harden: true });
}

/** Commands are given as `COMMAND < INPUT`; those with a pipe in them are run by a shell. */
function compare(job: string, yardstick: string, rounds: number, limit?: number): void {
  const [ours, theirs]: [number[], number[]] = [[], []];
  run(job); // to warm up
  run(yardstick);
  for (let round = 0; round < rounds; round++) {
    ours.push(run(job));
    theirs.push(run(yardstick));
  }
  const [a, b] = [median(ours), median(theirs)];
  const verdict = limit ? `, at most ${limit}: ${a / b <= limit ? "met" : "NOT MET"}` : "";
  const figures = `${a.toFixed(1)} ms / ${b.toFixed(1)} ms = ${(a / b).toFixed(2)}`;
  console.log(`  ${job.padEnd(44)} ${figures}${verdict}`);
}

/** How long it took, in milliseconds. */
function run(job: string): number {
  const [line = "", input = "empty"] = job.split(" < ");
  const command = line.includes("|") ? ["sh", "-c", line] : line.split(" ");
  const stdin = openSync(join(folder, input), "r");
  const start = performance.now();
  const { exitCode } = Bun.spawnSync(command, {
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
