/** Updates in process, on real folders: what is written, what is taken, and attacks on both. */

import {
  afterAll,
  afterEach,
  beforeEach,
  expect,
  setDefaultTimeout,
  setSystemTime,
  test,
} from "bun:test";
import * as fs from "node:fs";
import { type Input, openIo } from "../../lib/cli/io.ts";
import type { RecoveryError } from "../../lib/core/errors.ts";
import { keyOf } from "../../lib/update/open.ts";
import { decodeUpdate, encodeUpdate, openUpdate } from "../../lib/update/token.ts";
import { decodeWriter } from "../../lib/update/writer.ts";
import * as combine from "../../scripts/combine.ts";
import * as inspect from "../../scripts/inspect.ts";
import * as keygen from "../../scripts/keygen.ts";
import * as init from "../../scripts/recovery-init.ts";
import * as prune from "../../scripts/recovery-prune.ts";
import * as reconstruct from "../../scripts/recovery-reconstruct.ts";
import * as rotate from "../../scripts/recovery-rotate.ts";
import * as update from "../../scripts/recovery-update.ts";
import * as verify from "../../scripts/recovery-verify.ts";
import * as unseal from "../../scripts/unseal.ts";
import * as vaultOpen from "../../scripts/vault-open.ts";
import { at, enterFolder, put, refuse, removeFolders, succeed } from "../commands/folder-io.ts";
import { repeatable } from "../core/helpers.ts";

setDefaultTimeout(60_000); // for a busy machine

afterAll(removeFolders);
afterEach(() => void setSystemTime());

const text = (name: string) => fs.readFileSync(at(name), "latin1");
const copy = (from: string, to: string) => fs.copyFileSync(at(`D/${from}`), at(`D/${to}`));
const remove = (...names: string[]) => {
  for (const name of names) fs.rmSync(at(`D/${name}`));
};
const names = () => fs.readdirSync(at("D")).filter((name) => /\d\.\d/.test(name));
const tokenIn = (name: string) => decodeUpdate(Buffer.from(text(`D/${name}`).trim()));
const keysOf = () => {
  const { updateKey } = JSON.parse(text("D/scheme.json"));
  const writerKey = decodeWriter(Buffer.from(text("w").trim())).key;
  return { updateKey: Uint8Array.fromHex(updateKey), writerKey };
};
const write = (contents: string, more = "") =>
  succeed(update, `--dir D --writer @w${more}`, contents);
const take = (more = "") => succeed(reconstruct, `--dir D${more} @a @o`);
const check = async (more = "") => (await succeed(verify, `--dir D${more}`)).stdout;

/** Opens node a's share of this generation into the file a. */
async function openShare(generation: number): Promise<void> {
  put("a", (await succeed(unseal, `--key @a.key @D/sealed-${generation}/node-a`)).stdout);
}

/** A scheme over "first" in D, its writer file w, and the shares a and o. */
async function makeScheme(): Promise<void> {
  for (const node of ["a", "b"])
    put(`${node}.pub`, (await succeed(keygen, `-o @${node}.key`)).stdout);
  const holders = "--holder node-a=@a.pub --holder node-b=@b.pub";
  await succeed(init, `--dir D -k 2 ${holders} -o @o --writer @w`, "first");
  await openShare(1);
}

beforeEach(async () => {
  enterFolder();
  await makeScheme();
});

test("the newest update is the contents; without one, the first vault is", async () => {
  expect((await take()).stdout).toBe("first");
  for (const n of [1, 2, 3]) {
    expect(await write(`contents ${n}`)).toEqual({ told: "", stdout: "" });
    const { told, stdout } = await take();
    expect(stdout).toBe(`contents ${n}`);
    expect(told).toMatch(
      new RegExp(`contents: update ${n}, of 20\\S+Z, 0 days old; --update ${n - 1} takes`),
    );
  }
  expect((await take(" --update 2 --expect-update 3")).stdout).toBe("contents 2");
  expect((await take(" --update 0")).stdout).toBe("first");
  const { told } = await write("contents 4", " --verbose --keep 2");
  expect(told).toBe("hint: update 4 of generation 1 is in place");
  expect(names().sort()).toEqual(["update-1.3", "update-1.4", "vault-1.3.wd", "vault-1.4.wd"]);
  expect((await take()).stdout).toBe("contents 4");
  for (const name of names()) expect(fs.statSync(at(`D/${name}`)).mode & 0o777).toBe(0o600);
});

test("a vault without its token does not count, keeps its number, and goes with the older ones", async () => {
  await write("one");
  copy("vault-1.1.wd", "vault-1.2.wd");
  expect((await take()).stdout).toBe("one");
  expect(await check()).toMatch(/^update 2 +not checked: no update-1\.2: under way/m);
  await write("three");
  expect((await take()).stdout).toBe("three");
  await write("four", " --keep 1");
  expect(names().sort()).toEqual(["update-1.4", "vault-1.4.wd"]);
});

test("--keep neither counts nor removes what is damaged, or of another set with this generation's number", async () => {
  await write("one");
  const foreign = { ...tokenIn("update-1.1"), number: 2, setId: new Uint8Array(8) };
  put("D/update-1.2", await encodeUpdate(foreign, repeatable(4)(32), keysOf()));
  copy("vault-1.1.wd", "vault-1.2.wd");
  put("D/update-1.3", "");
  await write("four", " --keep 2");
  const others = ["update-1.2", "update-1.3", "vault-1.2.wd"];
  const all = [...others, "update-1.1", "update-1.4", "vault-1.1.wd", "vault-1.4.wd"];
  expect(names().sort()).toEqual(all.sort());
  await write("five", " --keep 1");
  expect(names().sort()).toEqual([...others, "update-1.5", "vault-1.5.wd"].sort());
});

test("the master key opens an update by pipes", async () => {
  await write("one");
  await write("two");
  await succeed(combine, "-o @key @a @o");
  const key = new Uint8Array(fs.readFileSync(at("key")));
  const of = (token: number, vault: number) =>
    `--update @D/update-1.${token} @D/vault-1.${vault}.wd`;
  expect((await succeed(vaultOpen, of(2, 2), key)).stdout).toBe("two");
  await refuse("mismatch", /vault-1\.2\.wd: this key is/, vaultOpen, of(1, 2), key);
  const other = repeatable(1)(32);
  await refuse("mismatch", /update-1\.1: it does not carry the tag/, vaultOpen, of(1, 1), other);
  const { hint } = await refuse("mismatch", /this key is/, vaultOpen, "@D/vault-1.1.wd", key);
  expect(hint).toBe("the vault of an update opens with --update and its update- file");
});

test("a rotation carries the newest contents over, and only its own writer file is good", async () => {
  await write("one");
  await write("two");
  await succeed(rotate, "--dir D --update 1 -o @o1 --writer @w1 @a @o");
  fs.renameSync(at("o1"), at("o"));
  await openShare(2);
  expect((await take()).stdout).toBe("one");
  const failure = await refuse("mismatch", /w is for set/, update, "--dir D --writer @w", "three");
  expect(failure.hint).toBe(
    "a rotation gives a new writer file; so does recovery-reconstruct --writer",
  );
  await succeed(update, "--dir D --writer @w1", "three");
  expect(names()).toContain("update-2.1");
  const { told } = await succeed(rotate, "--dir D -o @o2 @a @o");
  expect(told).toMatch(/contents: update 1, of/);
  fs.renameSync(at("o2"), at("o"));
  await openShare(3);
  expect((await take()).stdout).toBe("three");
  await succeed(reconstruct, "--dir D --writer @w3 @a @o");
  await succeed(update, "--dir D --writer @w3", "four");

  // prune takes the updates of old generations with them, and nothing that only has such a name
  await succeed(verify, "--dir D --drill @a @o");
  put("drilled", "");
  copy("scheme.json", "update-1.9");
  await refuse("refused", /^not part of the scheme: \S+update-1\.9$/, prune, "--dir D");
  copy("update-3.1", "update-1.9");
  await refuse("refused", /^not part of the scheme: \S+update-1\.9$/, prune, "--dir D");
  remove("update-1.9");
});

test("writer files: from init, rotate and reconstruct, never over another file", async () => {
  await succeed(reconstruct, "--dir D --writer @again @a @o");
  expect(text("again")).toBe(text("w"));
  const both = "--dir D --writer @new --master @a @o";
  await refuse("usage", /--writer writes nothing else/, reconstruct, both);
  await refuse("usage", /takes no --update/, rotate, "--dir D --secrets @a --update 0 @a @o");
  const { stdout } = await succeed(inspect, "@w");
  expect(stdout).toMatch(/w: line 1 +writer +writes updates of set \w{16}, and reads none$/m);
  await write("one");
  const json = JSON.parse((await succeed(inspect, "--json @D/update-1.1")).stdout);
  const { set, number, keyId } = json.items[0];
  const { keyId: found, setId } = tokenIn("update-1.1");
  expect([set, number, keyId]).toEqual([setId.toHex(), 1, found.toHex()]);
});

test("verify tells the number and the age of the newest contents, and of each update if it is good", async () => {
  setSystemTime(new Date("2026-01-01T00:00:00Z"));
  await write("one");
  setSystemTime(new Date("2026-01-03T00:00:00Z"));
  await write("two");
  setSystemTime(new Date("2026-01-13T12:00:00Z"));
  const report = await check(" --writer @w --max-age 11");
  expect(report).toMatch(/^update 2 +good: of 2026-01-03T00:00:00Z, 10 days old, authentic, and/m);
  expect(report).toMatch(/^update 1 +good: of 2026-01-01T00:00:00Z, 12 days old, authentic, and/m);
  const { newest } = JSON.parse(await check(" --json"));
  expect(newest).toEqual({ number: 2, time: "2026-01-03T00:00:00Z", ageSeconds: 10.5 * 86_400 });
  await expect(check(" --max-age 10")).rejects.toThrow("bad: age");
  setSystemTime(new Date("2026-01-01T00:00:00Z"));
  await expect(check(" --max-age 10")).rejects.toThrow("bad: age");
  setSystemTime();
  const drilled = await succeed(verify, "--dir D --drill --update 1 @a @o");
  expect(drilled.stdout).toMatch(/^update 1 +good: .* old, opened, and its SHA-256 matches/m);
  expect(drilled.stdout).toMatch(/^update 2 +good: .* old, authentic, and its SHA-256 matches/m);
  const forged = { ...keysOf(), writerKey: repeatable(3)(32) };
  put("D/update-1.1", await encodeUpdate(tokenIn("update-1.1"), repeatable(4)(32), forged));
  const failed = /update 1 \(\S+update-1.1: it does not|^bad: update 1 \(it does not carry the tag/;
  await expect(check(" --drill @a @o")).rejects.toThrow(failed);
});

test("copied half-way, the folder gives the newest update that is whole, or names what is missing", async () => {
  await write("one");
  await write("two");
  const all = ["update-1.1", "vault-1.1.wd", "update-1.2", "vault-1.2.wd"];
  for (const name of all) fs.renameSync(at(`D/${name}`), at(name));
  for (let some = 0; some < 16; some++) {
    const here = all.filter((_, i) => (some >> i) & 1);
    for (const name of here) fs.copyFileSync(at(name), at(`D/${name}`));
    const newest = [2, 1].find((number) => here.includes(`update-1.${number}`));
    if (newest === undefined || here.includes(`vault-1.${newest}.wd`)) {
      expect((await take()).stdout).toBe(["first", "one", "two"][newest ?? 0] as string);
    } else {
      const missing = new RegExp(`cannot read \\S+/vault-1.${newest}.wd: no such file`);
      await refuse("io", missing, reconstruct, "--dir D @a @o");
      await expect(check()).rejects.toThrow(/^missing: update /);
    }
    remove(...here);
  }
});

test("of two at once, one is refused", async () => {
  const both = await Promise.allSettled([write("one"), write("two")]);
  const refused = both.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(refused.map(({ code }) => code)).toEqual(["refused"]);
  expect(refused[0].message).toMatch(/lock exists/);
  expect(names()).toHaveLength(2);
});

test("a rotation meanwhile ends an update, even if the lock was removed", async () => {
  const scheme = text("D/scheme.json");
  await succeed(rotate, "--dir D -o @o2 @a @o");
  const rotated = text("D/scheme.json");
  put("D/scheme.json", scheme);
  const { io, end } = openIo();
  const read = async () => {
    put("D/scheme.json", rotated);
    return 1;
  };
  const rotating = { ...io, open: async () => ({ name: "stdin", read }) as unknown as Input };
  const args = { dir: at("D"), writer: at("w"), keep: undefined, verbose: false };
  const done = update.run({ ...args, "allow-empty": false }, rotating);
  await expect(done).rejects.toThrow("was changed while this command ran");
  end();
  expect(names()).toEqual([]);
});

test("nothing to read, a full number, a wrong flag", async () => {
  await refuse("malformed", /no secrets in stdin/, update, "--dir D --writer @w");
  expect(names()).toEqual([]);
  await refuse("usage", /--keep takes/, update, "--dir D --writer @w --keep 0", "x");
  await refuse("io", /there is no update-1\.3 in/, reconstruct, "--dir D --update 3 @a @o");
  await refuse("usage", /--update is used only with --drill/, verify, "--dir D --update 3");
  put("D/vault-1.999999.wd", "");
  await refuse("refused", /update 999999, the last/, update, "--dir D --writer @w", "x");
});

/** Each attack on a folder with updates 1 and 2: what reconstruct says, and verify with the writer file. */
const swapped = /vault-1\.2\.wd: its (key id|SHA-256) is not the one in \S*update-1\.2/;
const attacks: Record<string, [attack: () => void | Promise<void>, says: RegExp, told?: RegExp]> = {
  "an update by somebody without the writer key": [
    async () => {
      const keys = { ...keysOf(), writerKey: repeatable(3)(32) };
      const token = await encodeUpdate(tokenIn("update-1.2"), repeatable(4)(32), keys);
      put("D/update-1.2", token);
    },
    /update-1\.2: it does not carry the tag of the writer key/,
  ],
  "an older one under a new number": [
    () => {
      copy("update-1.1", "update-1.3");
      copy("vault-1.1.wd", "vault-1.3.wd");
    },
    /update-1\.3: it is update 1, renamed/,
  ],
  "one of another set": [
    async () => {
      const foreign = { ...tokenIn("update-1.2"), setId: new Uint8Array(8) };
      put("D/update-1.2", await encodeUpdate(foreign, repeatable(4)(32), keysOf()));
    },
    /update-1\.2: it is of set 0{16}, expected set/,
  ],
  "another vault under a good token": [() => copy("vault-1.1.wd", "vault-1.2.wd"), /./, swapped],
  "a vault with one byte more": [
    () => fs.appendFileSync(at("D/vault-1.2.wd"), "x"),
    /vault-1\.2\.wd: /,
    swapped,
  ],
  "a sealed key that is another's": [
    async () => {
      put("D/update-1.2", await encodeUpdate(tokenIn("update-1.2"), repeatable(4)(32), keysOf()));
    },
    /update-1\.2: the key in it is not that of its vault/,
    /good/,
  ],
};

for (const [name, [attack, says, told = says]] of Object.entries(attacks)) {
  test(`attack: ${name}`, async () => {
    await write("one");
    await write("two");
    await attack();
    await refuse("mismatch", says, reconstruct, "--dir D @a @o");
    await refuse("mismatch", says, rotate, "--dir D -o @new @a @o");
    const report = await check(" --writer @w").catch((error: RecoveryError) => error.message);
    expect(report).toMatch(told.source === "good" ? /good/ : /^bad: update \d/);
    expect((await take(" --update 1")).stdout).toBe("one");
  });
}

test("attack: another update key in scheme.json is not one that the writer file vouches for", async () => {
  const { updateKey } = JSON.parse(text("D/scheme.json"));
  const another = updateKey.replace(/^../, updateKey.startsWith("00") ? "11" : "00");
  put("D/scheme.json", text("D/scheme.json").replace(updateKey, another));
  const says = /the update key in scheme.json is not the one that \S+w vouches for/;
  await refuse("mismatch", says, update, "--dir D --writer @w", "secret");
  await refuse("mismatch", says, verify, "--dir D --writer @w");
  await refuse("mismatch", /does not carry the tag of this key/, reconstruct, "--dir D @a @o");
  expect(names()).toEqual([]);
});

test("attack: another generation in scheme.json, without a vault of that number, is refused", async () => {
  const scheme = text("D/scheme.json").replace('"generation":1', '"generation":9');
  put("D/scheme.json", scheme.replace("vault-1.wd", "vault-9.wd"));
  await refuse("io", /vault-9\.wd: no such file/, update, "--dir D --writer @w", "secret");
  expect(names()).toEqual([]);
  copy("vault-1.wd", "vault-9.wd"); // which no writer file tells
  await write("secret");
  expect(names().sort()).toEqual(["update-9.1", "vault-9.1.wd"]);
  await refuse("mismatch", /does not carry the tag of this key/, reconstruct, "--dir D @a @o");
});

test("attack: a stolen writer file writes, and reads nothing", async () => {
  await write("one");
  const { key, updateKeyHash, setId } = decodeWriter(Buffer.from(text("w").trim()));
  const token = tokenIn("update-1.1");
  for (const secret of [key, updateKeyHash, new Uint8Array([...setId, ...key]).slice(0, 32)]) {
    expect(await openUpdate(token, secret)).toBe(undefined);
    await expect(keyOf(token, secret)).rejects.toThrow("it does not carry the tag");
    await refuse("mismatch", /this key is/, vaultOpen, "@D/vault-1.1.wd", secret.slice());
  }
  await succeed(update, "--dir D --writer @w", "by the thief");
  expect((await take()).stdout).toBe("by the thief");
});

test("attack: the newest deleted, which --expect-update tells; gaps in the numbers are none", async () => {
  for (const contents of ["one", "two", "three"]) await write(contents);
  remove("update-1.2", "vault-1.2.wd");
  expect((await take(" --expect-update 3")).stdout).toBe("three");
  expect(await check(" --writer @w --expect-update 3")).toMatch(/^update 3 .*\nupdate 1 /m);
  remove("update-1.3", "vault-1.3.wd");
  expect((await take()).stdout).toBe("one");
  const older = /^the newest update is 1, expected 3$/;
  for (const command of [reconstruct, rotate, verify]) {
    const shares = command === verify ? "" : " @a @o";
    await refuse("mismatch", older, command, `--dir D --expect-update 3${shares}`);
  }
});
