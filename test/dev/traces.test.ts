/**
 * Where secrets go: every byte that the recovery commands hand to the kernel is looked through for
 * the master, the shares and the plaintext, in any spelling. They may go to stdout and nowhere else.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
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
function traced(script: string): { calls: string; stderr: string } {
  const flags = `-f -qq -y -xx -s 1000000 -o trace -e trace=${leaving}`;
  const env = { PATH: `${bin}:${process.env["PATH"]}` };
  const command = ["sh", "-c", `umask 077; strace ${flags} ${script}`];
  const { exitCode, stderr } = start(command, { cwd: folder, env });
  expect(exitCode, stderr).toBe(0);
  const calls = readFileSync(join(folder, "trace"), "utf8")
    .replace(/^\d+ +write\(1<.*\n/gm, "")
    .replace(/\\x(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  rmSync(join(folder, "trace"));
  return { calls, stderr };
}

/** Every run of that many bytes. */
const runs = <T extends string | Buffer>(whole: T, length: number) =>
  Array.from({ length: whole.length - length + 1 }, (_, at) => whole.slice(at, at + length) as T);

/** Every run of eight bytes of a secret, as it is and in hex. */
function spellings(secret: Uint8Array): string[] {
  return runs(Buffer.from(secret), 8).flatMap((piece) => {
    const hex = piece.toString("hex");
    return [piece.toString("latin1"), hex, hex.toUpperCase()];
  });
}

/** What may be told of none of it: the master, the key of the file, each share, the plaintext. */
function leaks(text: string, made: Made): string[] {
  const { master, plaintext, files, scheme, lines } = made;
  const vault = files.get(scheme.vault) ?? new Uint8Array();
  const first = master.slice(0, 6);
  const secrets: Record<string, string[]> = {
    "the master": spellings(master),
    "the master in base64": [Buffer.from(master).toString("base64").slice(0, 40)],
    "the key of the file": spellings(hash("worstday file", 32, vault.slice(0, 80), master)),
    "the plaintext": spellings(plaintext),
    "the master in decimals": [first.join(), first.join(" ")],
  };
  for (const [i, line] of lines.entries()) {
    secrets[`the value of share ${i + 1}`] = spellings(parseShare(line).y);
    const symbols = runs(line.slice(28), 10);
    secrets[`the line of share ${i + 1}`] = symbols.flatMap((run) => [run, run.toUpperCase()]);
  }
  for (const [name, key] of Object.entries(keys)) {
    secrets[`the key of ${name}`] = [...spellings(key.secret), key.secretLine.slice(12, 40)];
  }
  const told = Object.entries(secrets).filter(([, marks]) =>
    marks.some((mark) => text.includes(mark)),
  );
  return told.map(([what]) => what);
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
  const written = /(?:open|openat|creat)\([^"\n]*"([^"\n]*)", [^\n]*O_(?:WRONLY|RDWR)/g;
  for (const [, path] of what.calls.matchAll(written)) {
    expect(path).toMatch(/^(D$|D\/|\/dev\/(tty|null)$)/); // D itself: a file without a name
  }
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

/** Puts the shares but the first where the commands read them. */
function hold(made: Made): void {
  writeFileSync(join(folder, "shares"), `${made.lines.slice(1).join("\n")}\n`, { mode: 0o600 });
}

const holders = "--holder node-a=node-a.pub --holder node-b=node-b.pub";
const tracing = { strace: "strace" };
drill("no secret leaves but by stdout, by any recovery command", tracing, async () => {
  const init = traced(`recovery-init --dir D -k 2 ${holders} < plain > first`);
  const first = audited("first");
  judge(init, [first]);
  expect(leaks(disk(), first)).toEqual([]);
  hold(first);
  for (const flags of ["", "--key node-a.key", "--json", "--drill < shares", "--drill shares"]) {
    judge(traced(`recovery-verify --dir D ${flags} > said`), [first]);
    expect(leaks(readFileSync(join(folder, "said"), "latin1"), first)).toEqual([]);
  }
  judge(traced("recovery-reconstruct --dir D --master < shares > out"), [first]);
  judge(traced("recovery-reconstruct --dir D shares > out"), [first]);

  const rotate = traced("recovery-rotate --dir D < shares > second");
  const second = audited("second");
  judge(rotate, [first, second]);
  hold(second);
  const again = traced("recovery-rotate --dir D --secrets plain shares > third");
  const third = audited("third");
  judge(again, [first, second, third]);
  for (const made of [first, second, third]) expect(leaks(disk(), made)).toEqual([]);

  hold(third);
  judge(traced("recovery-verify --dir D --drill shares"), [third]);
  judge(traced("recovery-prune --dir D"), [third]);
  expect(leaks(disk(), third)).toEqual([]);
});

drill("the search would notice", tracing, async () => {
  const made = { lines: [], files: new Map(), scheme: { vault: "" } } as unknown as Made;
  const seen = traced("sh -c 'tee D/copy < plain > /dev/null; rm D/copy'");
  const leaked = leaks(seen.calls, { ...made, master: sample("m", 32), plaintext });
  expect(leaked).toEqual(["the plaintext"]);
});
