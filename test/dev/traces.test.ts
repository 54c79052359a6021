/**
 * Where secrets go: every byte that the recovery commands hand to the kernel is looked through for
 * the master, the shares and the plaintext, in any spelling. They may go to stdout and nowhere else.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "../../scripts/dev/project.ts";
import { hash, sample } from "../oracle/bytes.ts";
import { auditScheme, type Made } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { parseShare } from "../oracle/share.ts";
import { drill, start } from "./machine.ts";

setDefaultTimeout(120_000);

const keys = { "node-a": makeKey("node-a"), "node-b": makeKey("node-b") };
const plaintext = sample("plaintext", 300);
const leaving = [
  ...["write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "splice", "vmsplice"],
  ...["tee", "copy_file_range", "memfd_create", "mmap", "open", "openat", "creat", "add_key"],
  ...["%network", "%process", "%ipc", "io_uring_setup", "ioctl", "prctl"],
].join();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "worstday-traces-"));
  writeFileSync(join(folder, "plain"), plaintext, { mode: 0o600 });
  for (const [name, key] of Object.entries(keys)) {
    writeFileSync(join(folder, `${name}.pub`), `${key.publicLine}\n`);
    writeFileSync(join(folder, `${name}.key`), `${key.secretLine}\n`, { mode: 0o600 });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command; what it handed to the kernel but for its stdout, each string as bytes. */
function traced(script: string): { calls: string; stdout: string; stderr: string } {
  const flags = `-f -qq -y -xx -s 1000000 -o trace -e trace=${leaving}`;
  const done = start(["sh", "-c", `umask 077; strace ${flags} ${script}`], {
    cwd: folder,
    env: { PATH: `${bin}:${process.env["PATH"]}` },
  });
  expect(done.exitCode, done.stderr).toBe(0);
  const trace = readFileSync(join(folder, "trace"), "utf8");
  rmSync(join(folder, "trace"));
  const calls = trace
    .split("\n")
    .filter((line) => !/^\d+ +write\(1</.test(line))
    .map((line) => line.replace(/\\x(..)/g, (_, digits: string) => latin1(digits)));
  return { calls: calls.join("\n"), stdout: done.stdout, stderr: done.stderr };
}

const latin1 = (digits: string) => String.fromCharCode(Number.parseInt(digits, 16));

/** Every run of eight bytes of a secret, as it is, in hex and in base64. */
function spellings(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret);
  return Array.from({ length: bytes.length - 7 }, (_, at) => bytes.subarray(at, at + 8)).flatMap(
    (piece) => [
      piece.toString("latin1"),
      piece.toString("hex"),
      piece.toString("hex").toUpperCase(),
    ],
  );
}

/** What may be told of none of it: the master, the key of the file, each share, the plaintext. */
function secretsOf(made: Made): Map<string, string[]> {
  const vault = made.files.get(made.scheme.vault) ?? new Uint8Array();
  const fileKey = hash("worstday file", 32, vault.slice(0, 80), made.master);
  const secrets = new Map([
    ["the master", spellings(made.master)],
    ["the master in base64", [Buffer.from(made.master).toString("base64").slice(0, 40)]],
    ["the key of the file", spellings(fileKey)],
    ["the plaintext", spellings(made.plaintext)],
    ["the secret in decimals", [made.master.slice(0, 6).join(), made.master.slice(0, 6).join(" ")]],
  ]);
  for (const [i, line] of made.lines.entries()) {
    secrets.set(`the value of share ${i + 1}`, spellings(parseShare(line).y));
    const symbols = line.slice(28);
    const runs = Array.from({ length: symbols.length - 9 }, (_, at) => symbols.slice(at, at + 10));
    secrets.set(`the line of share ${i + 1}`, [...runs, ...runs.map((run) => run.toUpperCase())]);
  }
  for (const [name, key] of Object.entries(keys)) {
    secrets.set(`the key of ${name}`, [...spellings(key.secret), key.secretLine.slice(12, 40)]);
  }
  return secrets;
}

function leaks(text: string, made: Made): string[] {
  return [...secretsOf(made)]
    .filter(([, traces]) => traces.some((trace) => text.includes(trace)))
    .map(([what]) => what);
}

/** Files that were opened to be written to. */
function written(calls: string): string[] {
  const opened = calls.matchAll(
    /(?:open|openat|creat)\([^"\n]*"([^"\n]*)", [^\n]*O_(?:WRONLY|RDWR)/g,
  );
  return [...new Set([...opened].map(([, path = ""]) => path))];
}

/** What no command has any business with. */
const strange = /\b(memfd_create|socket|connect|fork|vfork|execveat|io_uring_setup|add_key)\(/;

function judge(what: { calls: string; stderr: string }, made: Made[]): void {
  for (const one of made) {
    expect(leaks(what.calls, one)).toEqual([]);
    expect(leaks(what.stderr, one)).toEqual([]);
  }
  expect(what.calls).not.toMatch(strange);
  expect(what.calls).not.toMatch(/mmap\([^\n]*PROT_WRITE[^\n]*MAP_SHARED[^\n]*, \d+</);
  expect(what.calls.match(/\bexecve\(/g)?.length).toBe(1);
  for (const path of written(what.calls)) expect(path).toMatch(/^(D$|D\/|\/dev\/(tty|null)$)/);
}

/** Everything in the directory, of every generation, as one text. */
function disk(): string {
  return readdirSync(join(folder, "D"), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, "D", name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

function audited(file: string): Made {
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, "D", name)));
  return auditScheme(read, keys, readFileSync(join(folder, file), "utf8").trim().split("\n"));
}

const holders = "--holder node-a=node-a.pub --holder node-b=node-b.pub";
describe("no secret leaves but by stdout", () => {
  drill("init, verify, drill, reconstruct, rotate, prune", { strace: "strace" }, async () => {
    const init = traced(`recovery-init --dir D -k 2 ${holders} < plain > first`);
    const first = audited("first");
    judge(init, [first]);
    expect(leaks(disk(), first)).toEqual([]);
    writeFileSync(join(folder, "shares"), `${first.lines.slice(1).join("\n")}\n`, { mode: 0o600 });

    for (const script of [
      "recovery-verify --dir D > said",
      "recovery-verify --dir D --key node-a.key > said",
      "recovery-verify --dir D --json > said",
      "recovery-verify --dir D --drill < shares > said",
      "recovery-verify --dir D --drill shares > said",
    ]) {
      judge(traced(script), [first]);
      expect(leaks(readFileSync(join(folder, "said"), "latin1"), first)).toEqual([]);
    }
    judge(traced("recovery-reconstruct --dir D --master < shares > out"), [first]);
    judge(traced("recovery-reconstruct --dir D shares > out"), [first]);

    const rotate = traced("recovery-rotate --dir D < shares > second");
    const second = audited("second");
    judge(rotate, [first, second]);
    writeFileSync(join(folder, "shares"), `${second.lines.slice(1).join("\n")}\n`, { mode: 0o600 });
    const again = traced("recovery-rotate --dir D --secrets plain shares > third");
    const third = audited("third");
    judge(again, [first, second, third]);
    for (const made of [first, second, third]) expect(leaks(disk(), made)).toEqual([]);

    writeFileSync(join(folder, "shares"), `${third.lines.slice(1).join("\n")}\n`, { mode: 0o600 });
    judge(traced("recovery-verify --dir D --drill shares"), [third]);
    judge(traced("recovery-prune --dir D"), [third]);
    expect(leaks(disk(), third)).toEqual([]);
  });

  drill("the search would notice", { strace: "strace" }, async () => {
    const made = { lines: [], files: new Map(), scheme: { vault: "" } } as unknown as Made;
    const seen = traced("sh -c 'tee D/copy < plain > /dev/null; rm D/copy'");
    expect(leaks(seen.calls, { ...made, master: sample("m", 32), plaintext })).toEqual([
      "the plaintext",
    ]);
  });
});
