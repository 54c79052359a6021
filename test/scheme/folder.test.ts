import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ErrorCode, fail } from "../../lib/core/errors.ts";
import { changeFolder, type Folder } from "../../lib/scheme/folder.ts";
import { root } from "../../scripts/dev/project.ts";
import { bulk, expectFailure } from "../core/helpers.ts";
import { changes, snapshot } from "../e2e/evidence.ts";
import { utf8 } from "../oracle/bytes.ts";

setDefaultTimeout(60_000); // for a busy machine

const top = fs.mkdtempSync(join(tmpdir(), "worstday-folder-"));
afterAll(() => fs.rmSync(top, { recursive: true, force: true }));

let count = 0;
/** A new folder with these files in it. */
function folderWith(files: Record<string, string> = {}): string {
  const path = join(top, `${count++}`);
  fs.mkdirSync(path, { mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(join(path, name, ".."), { recursive: true });
    fs.writeFileSync(join(path, name), content);
  }
  return path;
}

const textIn = (...path: string[]) => fs.readFileSync(join(...path), "utf8");
const modeOf = (...path: string[]) => (fs.statSync(join(...path)).mode & 0o7777).toString(8);
const namesIn = (...path: string[]) => fs.readdirSync(join(...path)).sort();
type Action = (folder: Folder) => Promise<unknown>;
const change = (path: string, action: Action) => changeFolder(path, { make: false }, action);
const making = (path: string, action: Action) => changeFolder(path, { make: true }, action);
const commit = (folder: Folder, replace = false) =>
  folder.commit("scheme.json", utf8("scheme\n"), { replace });

/** A generation's files, as init and rotate make them. */
async function makeFiles(folder: Folder, number = 1): Promise<void> {
  await folder.create(`vault-${number}.wd`, [bulk(5000, 1), bulk(5000, 2)]);
  await folder.create(`sealed-${number}/a`, [utf8("share a\n")]);
  await folder.create(`sealed-${number}/b`, [utf8("share b\n")]);
}

/** Asserts that the change fails so, and that the folder is then as it was, without a lock. */
async function isUndone(path: string, action: Action, code: ErrorCode, words: RegExp) {
  const before = snapshot(path);
  await expectFailure(code, words, () => change(path, action));
  expect(changes(before, snapshot(path))).toEqual([]);
}

const no = (): never => fail("refused", "no");

test("changeFolder() puts new files and then the one that makes them count", async () => {
  const path = folderWith({ notes: "kept" });
  const result = await change(path, async (folder) => {
    expect((await folder.names()).sort()).toEqual(["lock", "notes"]);
    await makeFiles(folder);
    expect((await folder.names()).sort()).toEqual(["lock", "notes", "sealed-1", "vault-1.wd"]);
    await commit(folder);
    return "done";
  });
  expect(result).toBe("done");
  expect(namesIn(path)).toEqual(["notes", "scheme.json", "sealed-1", "vault-1.wd"]);
  expect(namesIn(path, "sealed-1")).toEqual(["a", "b"]);
  expect(textIn(path, "sealed-1/b")).toBe("share b\n");
  expect(textIn(path, "scheme.json")).toBe("scheme\n");
  expect(fs.statSync(join(path, "vault-1.wd")).size).toBe(10_000);
});

test.each([0o000, 0o022, 0o077, 0o777])(
  "changeFolder() makes files 0600 and folders 0700 under umask %o",
  async (umask) => {
    const path = join(top, `umask-${umask}`);
    const before = process.umask(umask & 0o077);
    try {
      await making(path, async (folder) => {
        process.umask(umask);
        await folder.create("vault-1.wd", [utf8("x")]);
        process.umask(umask & 0o077);
        await makeFiles(folder, 2);
        expect(modeOf(path, "lock")).toBe("600");
        await commit(folder);
        await commit(folder, true);
      });
    } finally {
      process.umask(before);
    }
    const files = ["vault-1.wd", "vault-2.wd", "sealed-2/a", "sealed-2/b", "scheme.json"];
    for (const file of files) expect([file, modeOf(path, file)]).toEqual([file, "600"]);
    for (const folder of ["", "sealed-2"]) expect(modeOf(path, folder)).toBe("700");
  },
);

test("create() writes all chunks, of whichever kind, and wipes them", async () => {
  const path = folderWith();
  const [one, two] = [bulk(70_000, 1), bulk(3, 2)];
  const expected = Buffer.concat([one, two]);
  async function* chunks() {
    yield one;
    await Bun.sleep(1);
    yield two;
  }
  await change(path, async (folder) => {
    await folder.create("vault-1.wd", chunks());
    const input = await folder.open("vault-1.wd");
    const buffer = new Uint8Array(80_000);
    expect(await input.read(buffer)).toBe(70_003);
    input.close();
    expect(Buffer.compare(buffer.subarray(0, 70_003), expected)).toBe(0);
    await folder.create("empty", []);
    await commit(folder);
  });
  expect([one, two].every((chunk) => chunk.every((byte) => byte === 0))).toBe(true);
  expect(fs.statSync(join(path, "empty")).size).toBe(0);
});

test("open() of what is not there names it, and names() of a folder that is gone", async () => {
  const path = folderWith();
  const open: Action = (folder) => folder.open("vault-1.wd");
  const missing = new RegExp(`^cannot read ${path}/vault-1\\.wd: no such file or directory$`);
  await isUndone(path, open, "io", missing);
  const gone: Action = (folder) => {
    fs.rmSync(path, { recursive: true });
    return folder.names();
  };
  const words = new RegExp(`^cannot read ${path}: no such file or directory$`);
  await expectFailure("io", words, () => change(path, gone));
});

test("without commit() the folder is as it was, whether the change fails at any step or not", async () => {
  const steps: Action[] = [
    (folder) => folder.create("vault-2.wd", [utf8("v")]),
    (folder) => folder.create("sealed-2/a", [utf8("a")]),
    (folder) => folder.create("sealed-2/b", [utf8("b")]),
    async (folder) => folder.ifUndone(() => {}),
    (folder) => folder.create("sealed-1/c", [utf8("c")]),
  ];
  const fault = new TypeError("ours");
  for (let done = 0; done <= steps.length; done++) {
    for (const outcome of ["done", fault]) {
      const path = folderWith({ "scheme.json": "old", "sealed-1/a": "old" });
      const before = snapshot(path);
      const changing = change(path, async (folder) => {
        for (const step of steps.slice(0, done)) await step(folder);
        if (outcome === fault) throw fault;
        return outcome;
      });
      expect(await changing.catch((error: unknown) => error)).toBe(outcome);
      expect(changes(before, snapshot(path))).toEqual([]);
    }
  }
});

test("create() takes back a file whose chunks fail in the middle", async () => {
  const path = folderWith({ "vault-1.wd": "old" });
  async function* chunks() {
    yield bulk(100_000, 1);
    fail("mismatch", "chunk 1 does not verify");
  }
  for (const file of ["vault-2.wd", "sealed-2/a"]) {
    const words = /^chunk 1 does not verify$/;
    await isUndone(path, (folder) => folder.create(file, chunks()), "mismatch", words);
  }
});

test("create() never writes over anything, nor through a link", async () => {
  const path = folderWith({ "vault-1.wd": "old", "sealed-1/a": "old", elsewhere: "other" });
  fs.symlinkSync("elsewhere", join(path, "link"));
  fs.symlinkSync("nowhere", join(path, "dangling"));
  const exists = ["vault-1.wd", "sealed-1/a", "sealed-1", "link", "dangling"];
  for (const [file, words] of [
    ...exists.map((file) => [file, `${file}: file already exists`] as const),
    ["vault-1.wd/a", "vault-1.wd/a: not a directory"],
    ["x/y/z", "x/y: no such file or directory"],
  ] as const) {
    const create: Action = (folder) => folder.create(file, [utf8("new")]);
    await isUndone(path, create, "io", new RegExp(`^cannot create ${path}/${words}$`));
  }
});

test("a folder that was there before stays, and so does what others put into a new one", async () => {
  const path = folderWith({ "sealed-1/old": "old" });
  fs.mkdirSync(join(path, "sealed-2"));
  const before = snapshot(path);
  const changing = change(path, async (folder) => {
    for (const number of [1, 2, 3]) await folder.create(`sealed-${number}/a`, [utf8("a")]);
    fs.writeFileSync(join(path, "sealed-3/theirs"), "not ours");
    no();
  });
  await expectFailure("refused", /^no$/, () => changing);
  const created = ["sealed-3 created", "sealed-3/theirs created"];
  expect(changes(before, snapshot(path))).toEqual(created);
});

test("what is gone already is no trouble when a change is taken back", async () => {
  const path = folderWith();
  const action: Action = async (folder) => {
    await makeFiles(folder);
    for (const name of namesIn(path)) fs.rmSync(join(path, name), { recursive: true });
    no();
  };
  await isUndone(path, action, "refused", /^no$/);
});

test("what cannot be taken back is told of, and keeps neither the rest from it nor what failed", async () => {
  const path = folderWith();
  const child = changing(
    path,
    `await changeFolder(path, { make: false }, async (folder) => {
      await folder.create("vault-1.wd", [bytes(1)]);
      await folder.create("sealed-1/a", [bytes(1)]);
      fs.rmSync(path + "/sealed-1", { recursive: true });
      fs.writeFileSync(path + "/sealed-1", "a file in its place");
      throw new TypeError("what failed");
    }).catch((error) => console.log(error.message));`,
  );
  const warning = new RegExp(`^worstday: warning: cannot clean up ${path}: .+\n$`);
  expect(await child.stderr.text()).toMatch(warning);
  expect(await child.stdout.text()).toBe("what failed\n");
  expect(namesIn(path)).toEqual(["sealed-1"]);
});

test.each([
  ["file", (path: string) => fs.writeFileSync(path, "theirs")],
  ["folder", (path: string) => fs.mkdirSync(path)],
  ["link", (path: string) => fs.symlinkSync("nowhere", path)],
])("commit() that does not replace refuses a %s that is there", async (_, put) => {
  const path = folderWith();
  put(join(path, "scheme.json"));
  const action: Action = async (folder) => {
    await makeFiles(folder);
    await commit(folder);
  };
  await isUndone(path, action, "refused", new RegExp(`^${path}/scheme\\.json already exists$`));
});

test("commit() that replaces leaves a whole file, and whoever has the old one open keeps it", async () => {
  const path = folderWith({ "scheme.json": "old" });
  fs.chmodSync(join(path, "scheme.json"), 0o644);
  fs.linkSync(join(path, "scheme.json"), join(path, "other-name"));
  await change(path, (folder) => commit(folder, true));
  expect(textIn(path, "scheme.json")).toBe("scheme\n");
  expect(modeOf(path, "scheme.json")).toBe("600");
  expect(textIn(path, "other-name")).toBe("old");
  expect(namesIn(path)).toEqual(["other-name", "scheme.json"]);
});

test("commit() that cannot replace takes all back, its temporary file too", async () => {
  const path = folderWith({ "scheme.json/in-the-way": "a folder" });
  const action: Action = async (folder) => {
    await makeFiles(folder);
    await commit(folder, true);
  };
  await isUndone(path, action, "io", new RegExp(`^cannot write ${path}/scheme\\.json: `));
});

test.each([true, false])(
  "after commit(), replacing: %p, only what was made since is taken back",
  async (replace) => {
    const path = folderWith();
    const undone: string[] = [];
    const changing = change(path, async (folder) => {
      await makeFiles(folder, 1);
      folder.ifUndone(() => undone.push("before"));
      await commit(folder, replace);
      await makeFiles(folder, 2);
      folder.ifUndone(() => undone.push("after"));
      no();
    });
    await expectFailure("refused", /^no$/, () => changing);
    expect(namesIn(path)).toEqual(["scheme.json", "sealed-1", "vault-1.wd"]);
    expect(undone).toEqual(["after"]);
  },
);

test("ifUndone() is done once where the change is taken back, the newest first", async () => {
  const path = folderWith();
  const done: string[] = [];
  const action: Action = async (folder) => {
    folder.ifUndone(() => void done.push(`first, ${namesIn(path)}`));
    await folder.create("vault-1.wd", [utf8("v")]);
    folder.ifUndone(() => void done.push(`second, ${namesIn(path)}`));
    no();
  };
  await isUndone(path, action, "refused", /^no$/);
  expect(done).toEqual(["second, lock,vault-1.wd", "first, lock"]);
});

test("changeFolder() makes a folder that is not there, and takes only such a one back", async () => {
  const [path, empty] = [join(top, "new"), folderWith()];
  const failing: Action = async (folder) => {
    await makeFiles(folder);
    no();
  };
  for (const one of [path, empty])
    await expectFailure("refused", /^no$/, () => making(one, failing));
  expect([fs.existsSync(path), namesIn(empty)]).toEqual([false, []]);
  await making(path, commit);
  expect([namesIn(path), modeOf(path)]).toEqual([["scheme.json"], "700"]);
});

test.each([
  ["missing/new", true, "missing/new: no such file or directory"],
  ["missing", false, "missing/lock: no such file or directory"],
  ["file", true, "file/lock: not a directory"],
  ["file", false, "file/lock: not a directory"],
  ["file/new", true, "file/new: not a directory"],
])(
  "changeFolder() of %s, making it: %p, does not begin, and says why",
  async (name, make, words) => {
    const path = folderWith({ file: "a file" });
    const before = snapshot(path);
    const changing = changeFolder(join(path, name), { make }, async () => no());
    await expectFailure("io", new RegExp(`^cannot create ${path}/${words}$`), () => changing);
    expect(changes(before, snapshot(path))).toEqual([]);
  },
);

test("changeFolder() refuses while another change is under way, and leaves its lock", async () => {
  const path = folderWith();
  await change(path, async (folder) => {
    const since = "on [\\w.-]+ since \\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z";
    expect(textIn(path, "lock")).toMatch(new RegExp(`^pid ${process.pid} ${since}\n$`));
    expect(modeOf(path, "lock")).toBe("600");
    const before = snapshot(path);
    for (const second of [change, making]) {
      const words = `^${path}/lock exists \\(pid ${process.pid} on .*Z\\): another change is`;
      const begin = () => second(path, async () => "begun");
      const { hint } = await expectFailure("refused", new RegExp(words), begin);
      expect(hint).toMatch(/destroy any offline share that it showed, delete lock/);
    }
    expect(changes(before, snapshot(path))).toEqual([]);
    await commit(folder);
  });
  expect(namesIn(path)).toEqual(["scheme.json"]);
});

const saying = (content: string) => (lock: string) => fs.writeFileSync(lock, content);
test.each([
  ["an empty file", saying("")],
  ["a number", saying("4194305\n")],
  ["a long file", saying("x".repeat(1000))],
  ["a file with control characters", saying("pid 1 on a\u001b[m since never\n")],
  ["a link", (lock: string) => fs.symlinkSync("nowhere", lock)],
  ["a folder", (lock: string) => fs.mkdirSync(lock)],
  ["a FIFO", (lock: string) => Bun.spawnSync(["mkfifo", lock])],
])("%s is a lock all the same", async (_, make) => {
  const path = folderWith();
  make(join(path, "lock"));
  const words = new RegExp(`^${path}/lock exists: another change`);
  await isUndone(path, async () => "begun", "refused", words);
});

test.each([undefined, "another's"])(
  "without its lock a change is not committed; the lock that is there is %p, and stays",
  async (lock) => {
    const path = folderWith({ "scheme.json": "old" });
    const changing = change(path, async (folder) => {
      await makeFiles(folder);
      fs.rmSync(join(path, "lock"));
      if (lock) fs.writeFileSync(join(path, "lock"), lock);
      await commit(folder, true);
    });
    const words = new RegExp(
      `^${path}/lock was removed while this command ran: nothing was changed$`,
    );
    await expectFailure("refused", words, () => changing);
    const left = ["scheme.json", "sealed-1", "vault-1.wd"]; // they may be another change's by now
    expect(namesIn(path)).toEqual(lock ? ["lock", ...left] : left);
    expect(textIn(path, "scheme.json")).toBe("old");
    if (lock) expect(textIn(path, "lock")).toBe(lock);
  },
);

test("of many changes at once, one goes through", async () => {
  const path = join(top, "race");
  const racing = Array.from({ length: 20 }, () =>
    making(path, async (folder) => {
      await makeFiles(folder);
      await Bun.sleep(20);
      await commit(folder);
    }),
  );
  const outcomes = await Promise.allSettled(racing);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(namesIn(path)).toEqual(["scheme.json", "sealed-1", "vault-1.wd"]);
});

/** A program of its own that changes the folder and says `ready` in the middle of it. */
function changing(path: string, body: string, before: string[] = []) {
  const script = `
    import * as fs from "node:fs";
    import { changeFolder } from ${JSON.stringify(join(root, "lib/scheme/folder.ts"))};
    const path = ${JSON.stringify(path)};
    const bytes = (length) => new Uint8Array(length).fill(65);
    ${body}`;
  return Bun.spawn([...before, process.execPath, "-e", script], { stdout: "pipe", stderr: "pipe" });
}

const waiting = `
  await changeFolder(path, { make: true }, async (folder) => {
    await folder.create("vault-2.wd", [bytes(100_000)]);
    await folder.create("sealed-2/a", [bytes(100)]);
    folder.ifUndone(() => fs.writeSync(2, "undone\\n"));
    async function* endless() {
      yield bytes(100);
      fs.writeSync(1, "ready\\n");
      await Bun.sleep(60_000);
    }
    await folder.create("sealed-2/b", endless());
  });`;

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s in the middle of a change takes it back",
  async (signal) => {
    for (const path of [
      folderWith({ "scheme.json": "old", "sealed-1/a": "old" }),
      join(top, signal),
    ]) {
      const isThere = fs.existsSync(path);
      const before = isThere && snapshot(path);
      const child = changing(path, waiting);
      await child.stdout.getReader().read();
      expect(fs.existsSync(join(path, "sealed-2/b"))).toBe(true);
      child.kill(signal);
      await child.exited;
      expect(child.signalCode).toBe(signal);
      expect(await child.stderr.text()).toBe("undone\n");
      expect(fs.existsSync(path)).toBe(isThere);
      if (before) expect(changes(before, snapshot(path))).toEqual([]);
    }
  },
);
