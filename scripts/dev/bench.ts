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
    head -c 4096 /dev/urandom > secrets && vault-close -o secrets.wd --key-file master < secrets
    head -n 1 sealed > a.sealed && tail -n 1 sealed > offline
    age-keygen -o age.key 2> age.log; age-keygen -y age.key > age.pub; age -r $(cat age.pub) -o plain.age plain
    age -r $(cat age.pub) -o secrets.age secrets
    grep AGE age.key | ssss-split -t 2 -n 3 -Q | head -n 2 > ssss`);
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
  console.log("\nthe worst day with 4 KiB of secrets, against age with its key split by ssss");
  const recover = "unseal --key a.key | combine | vault-open secrets.wd -o made";
  const recoverAge = "ssss-combine -t 2 -Q 2>&1 | age -d -i - secrets.age < ssss";
  compare(`cat a.sealed offline | ${recover}`, recoverAge, 40, 2.5);
  console.log(`\n${mebibytes} MiB into a file that is synced, and to a pipe, against age`);
  const age = (what: string) => `age ${what} && sync made`;
  const close = age(`-r ${recipient} -o made plain`);
  compare("vault-close -o made --key-file master < plain", close, 5, 1);
  compare("vault-open vault.wd -o made < master", age("-d -i age.key -o made plain.age"), 5, 1);
  compare("vault-open vault.wd | cat < master", "age -d -i age.key plain.age | cat", 5, 1.3);
} finally {
  rmSync(folder, { recursive: true });
}

async function makeHello(): Promise<void> {
  const script = join(folder, "hello.ts");
  await Bun.write(script, 'import { writeSync } from "node:fs";\nwriteSync(1, "hello\\n");\n');
  await makeImage(script, join(folder, "hello"), { arch: ownArch, harden: true });
}

/** Commands are given as `COMMAND < INPUT`; those with a pipe or && are run by a shell. */
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
  const command = /[|&]/.test(line) ? ["sh", "-c", line] : line.split(" ");
  const stdin = openSync(join(folder, input), "r");
  rmSync(join(folder, "made"), { force: true });
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
