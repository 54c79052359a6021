import { afterAll, expect, test } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ErrorCode, fail } from "../../lib/core/errors.ts";
import { changeFolder, type Folder } from "../../lib/scheme/folder.ts";
import { root } from "../../scripts/dev/project.ts";
import { bulk, expectFailure } from "../core/helpers.ts";
import { changes, snapshot } from "../e2e/evidence.ts";
import { ownMounts } from "../e2e/needs.ts";
import { utf8 } from "../oracle/bytes.ts";

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
const change = <T>(path: string, action: (folder: Folder) => Promise<T>) =>
  changeFolder(path, { make: false }, action);
const scheme = utf8("scheme\n");

/** A generation's files, as init and rotate make them. */
async function makeFiles(folder: Folder, number = 1): Promise<void> {
  await folder.create(`vault-${number}.wd`, [bulk(5000, 1), bulk(5000, 2)]);
  await folder.create(`sealed-${number}/a`, [utf8("share a\n")]);
  await folder.create(`sealed-${number}/b`, [utf8("share b\n")]);
}

/** Asserts that the change fails so, and that the folder is then as it was, without a lock. */
async function isUndone(
  path: string,
  action: (folder: Folder) => Promise<unknown>,
  code: ErrorCode,
  words: RegExp,
) {
  const before = snapshot(path);
  const failure = await expectFailure(code, words, () => change(path, action));
  expect(changes(before, snapshot(path))).toEqual([]);
  return failure;
}

test("changeFolder() puts new files and then the one that makes them count", async () => {
  const path = folderWith({ notes: "kept" });
  const result = await change(path, async (folder) => {
    expect((await folder.names()).sort()).toEqual(["lock", "notes"]);
    await makeFiles(folder);
    expect((await folder.names()).sort()).toEqual(["lock", "notes", "sealed-1", "vault-1.wd"]);
    await folder.commit("scheme.json", scheme.slice(), { replace: false });
    return "done";
  });
  expect(result).toBe("done");
  expect(fs.readdirSync(path).sort()).toEqual(["notes", "scheme.json", "sealed-1", "vault-1.wd"]);
  expect(fs.readdirSync(join(path, "sealed-1")).sort()).toEqual(["a", "b"]);
  expect(textIn(path, "sealed-1/b")).toBe("share b\n");
  expect(textIn(path, "scheme.json")).toBe("scheme\n");
  expect(fs.statSync(join(path, "vault-1.wd")).size).toBe(10_000);
});

test("changeFolder() makes files 0600 and folders 0700, whatever the umask", async () => {
  for (const umask of [0o000, 0o022, 0o077, 0o777]) {
    const path = join(top, `umask-${umask}`);
    const before = process.umask(umask & 0o077);
    try {
      await changeFolder(path, { make: true }, async (folder) => {
        process.umask(umask);
        await folder.create("vault-1.wd", [utf8("x")]);
        process.umask(umask & 0o077);
        await makeFiles(folder, 2);
        expect(modeOf(path, "lock")).toBe("600");
        await folder.commit("scheme.json", scheme.slice(), { replace: false });
        await folder.commit("scheme.json", scheme.slice(), { replace: true });
      });
    } finally {
      process.umask(before);
    }
    const files = ["vault-1.wd", "vault-2.wd", "sealed-2/a", "sealed-2/b", "scheme.json"];
    for (const file of files) expect([file, modeOf(path, file)]).toEqual([file, "600"]);
    for (const folder of ["", "sealed-2"]) expect(modeOf(path, folder)).toBe("700");
  }
});

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
    await folder.commit("scheme.json", scheme.slice(), { replace: false });
  });
  expect([one, two].every((chunk) => chunk.every((byte) => byte === 0))).toBe(true);
  expect(fs.statSync(join(path, "empty")).size).toBe(0);
});

test("open() of what is not there names it", async () => {
  const path = folderWith();
  const words = new RegExp(`^cannot read ${path}/vault-1\\.wd: no such file or directory$`);
  await isUndone(path, (folder) => folder.open("vault-1.wd"), "io", words);
});

test("names() of a folder that is gone says so", async () => {
  const path = folderWith();
  const words = new RegExp(`^cannot read ${path}: no such file or directory$`);
  await expectFailure("io", words, () =>
    change(path, async (folder) => {
      fs.rmSync(path, { recursive: true });
      await folder.names();
    }),
  );
});

test("what is not committed is taken back, whether the change fails or not", async () => {
  for (const failing of [true, false]) {
    const path = folderWith({ "scheme.json": "old", "sealed-1/a": "old", "vault-1.wd": "old" });
    const before = snapshot(path);
    const action = async (folder: Folder) => {
      await makeFiles(folder, 2);
      if (failing) fail("mismatch", "what is wrong", "what to do");
    };
    if (failing) {
      const failure = await isUndone(path, action, "mismatch", /^what is wrong$/);
      expect(failure.hint).toBe("what to do");
    } else {
      await change(path, action);
      expect(changes(before, snapshot(path))).toEqual([]);
    }
  }
});

test("a failure at any step leaves the folder as it was", async () => {
  const steps: ((folder: Folder) => Promise<unknown>)[] = [
    (folder) => folder.create("vault-2.wd", [utf8("v")]),
    (folder) => folder.create("sealed-2/a", [utf8("a")]),
    (folder) => folder.create("sealed-2/b", [utf8("b")]),
    async (folder) => folder.ifUndone(() => {}),
    (folder) => folder.create("sealed-1/c", [utf8("c")]),
  ];
  for (let done = 0; done <= steps.length; done++) {
    const path = folderWith({ "scheme.json": "old", "sealed-1/a": "old" });
    const action = async (folder: Folder) => {
      for (const step of steps.slice(0, done)) await step(folder);
      throw new TypeError("ours");
    };
    const before = snapshot(path);
    const failure = await change(path, action).catch((error: unknown) => error);
    expect(failure).toEqual(new TypeError("ours"));
    expect(changes(before, snapshot(path))).toEqual([]);
  }
});

test("create() takes back a file whose chunks fail in the middle", async () => {
  const path = folderWith({ "vault-1.wd": "old" });
  async function* chunks() {
    yield bulk(100_000, 1);
    fail("mismatch", "chunk 1 does not verify");
  }
  const words = /^chunk 1 does not verify$/;
  await isUndone(path, (folder) => folder.create("vault-2.wd", chunks()), "mismatch", words);
  await isUndone(path, (folder) => folder.create("sealed-2/a", chunks()), "mismatch", words);
});

test("create() never writes over anything, nor through a link", async () => {
  const path = folderWith({ "vault-1.wd": "old", "sealed-1/a": "old", elsewhere: "other" });
  fs.symlinkSync("elsewhere", join(path, "link"));
  fs.symlinkSync("nowhere", join(path, "dangling"));
  for (const file of ["vault-1.wd", "sealed-1/a", "sealed-1", "link", "dangling"]) {
    const words = new RegExp(`^cannot create ${path}/${file}: file already exists$`);
    await isUndone(path, (folder) => folder.create(file, [utf8("new")]), "io", words);
  }
  const words = /^cannot create .*\/vault-1\.wd\/a: not a directory$/;
  await isUndone(path, (folder) => folder.create("vault-1.wd/a", [utf8("new")]), "io", words);
  const deep = /^cannot create .*\/x\/y: no such file or directory$/;
  await isUndone(path, (folder) => folder.create("x/y/z", [utf8("new")]), "io", deep);
});

test("a folder that was there before stays, and so does what others put into a new one", async () => {
  const path = folderWith({ "sealed-1/old": "old" });
  fs.mkdirSync(join(path, "sealed-2"));
  await isUndone(
    path,
    async (folder) => {
      await folder.create("sealed-1/a", [utf8("a")]);
      await folder.create("sealed-2/a", [utf8("a")]);
      fail("refused", "no");
    },
    "refused",
    /^no$/,
  );
  await expectFailure("refused", /^no$/, () =>
    change(path, async (folder) => {
      await folder.create("sealed-3/a", [utf8("a")]);
      fs.writeFileSync(join(path, "sealed-3/theirs"), "not ours");
      fail("refused", "no");
    }),
  );
  expect(fs.readdirSync(join(path, "sealed-3"))).toEqual(["theirs"]);
  expect(fs.existsSync(join(path, "lock"))).toBe(false);
});

test("what is gone already is no trouble when a change is taken back", async () => {
  const path = folderWith();
  await isUndone(
    path,
    async (folder) => {
      await makeFiles(folder);
      for (const name of ["vault-1.wd", "sealed-1", "lock"]) {
        fs.rmSync(join(path, name), { recursive: true });
      }
      fail("refused", "no");
    },
    "refused",
    /^no$/,
  );
});

test("what cannot be taken back is told of, and does not take the place of what failed", async () => {
  const path = folderWith();
  const child = changing(
    path,
    `await changeFolder(path, { make: false }, async (folder) => {
      await folder.create("sealed-1/a", [bytes(1)]);
      fs.rmSync(path + "/sealed-1", { recursive: true });
      fs.writeFileSync(path + "/sealed-1", "a file in its place");
      throw new TypeError("what failed");
    }).catch((error) => console.log(error.message));`,
  );
  const warning = new RegExp(`^worstday: warning: cannot clean up ${path}: .+\n$`);
  expect(await child.stderr.text()).toMatch(warning);
  expect(await child.stdout.text()).toBe("what failed\n");
  expect(fs.readdirSync(path)).toEqual(["sealed-1"]);
});

test("commit() that does not replace refuses a file that is there, and all is taken back", async () => {
  for (const kind of ["file", "folder", "link"]) {
    const path = folderWith(kind === "file" ? { "scheme.json": "theirs" } : {});
    if (kind === "folder") fs.mkdirSync(join(path, "scheme.json"));
    if (kind === "link") fs.symlinkSync("nowhere", join(path, "scheme.json"));
    const words = new RegExp(`^${path}/scheme\\.json exists already$`);
    await isUndone(
      path,
      async (folder) => {
        await makeFiles(folder);
        await folder.commit("scheme.json", scheme.slice(), { replace: false });
      },
      "refused",
      words,
    );
  }
});

test("commit() that replaces leaves a whole file, and whoever has the old one open keeps it", async () => {
  const path = folderWith({ "scheme.json": "old" });
  fs.chmodSync(join(path, "scheme.json"), 0o644);
  fs.linkSync(join(path, "scheme.json"), join(path, "other-name"));
  const bytes = scheme.slice();
  await change(path, (folder) => folder.commit("scheme.json", bytes, { replace: true }));
  expect(textIn(path, "scheme.json")).toBe("scheme\n");
  expect(modeOf(path, "scheme.json")).toBe("600");
  expect(textIn(path, "other-name")).toBe("old");
  expect(fs.readdirSync(path).sort()).toEqual(["other-name", "scheme.json"]);
});

test("commit() that replaces makes the file where there is none", async () => {
  const path = folderWith();
  await change(path, (folder) => folder.commit("scheme.json", scheme.slice(), { replace: true }));
  expect(fs.readdirSync(path)).toEqual(["scheme.json"]);
});

test("commit() that cannot replace takes all back, its temporary file too", async () => {
  const path = folderWith({ "scheme.json/in-the-way": "a folder" });
  await isUndone(
    path,
    async (folder) => {
      await makeFiles(folder);
      await folder.commit("scheme.json", scheme.slice(), { replace: true });
    },
    "io",
    new RegExp(`^cannot write ${path}/scheme\\.json: `),
  );
});

test("after commit() nothing is taken back, whatever fails", async () => {
  for (const replace of [true, false]) {
    const path = folderWith();
    let undone = 0;
    await expectFailure("io", /^the pipe was closed$/, () =>
      change(path, async (folder) => {
        await makeFiles(folder);
        folder.ifUndone(() => undone++);
        await folder.commit("scheme.json", scheme.slice(), { replace });
        fail("io", "the pipe was closed");
      }),
    );
    expect(fs.readdirSync(path).sort()).toEqual(["scheme.json", "sealed-1", "vault-1.wd"]);
    expect(undone).toBe(0);
  }
});

test("what is made after commit() is taken back again, and no more than that", async () => {
  const path = folderWith();
  await change(path, async (folder) => {
    await makeFiles(folder, 1);
    await folder.commit("scheme.json", scheme.slice(), { replace: false });
    await makeFiles(folder, 2);
  });
  expect(fs.readdirSync(path).sort()).toEqual(["scheme.json", "sealed-1", "vault-1.wd"]);
});

test("ifUndone() is done once where the change is taken back, the newest first", async () => {
  const path = folderWith();
  const done: string[] = [];
  await isUndone(
    path,
    async (folder) => {
      folder.ifUndone(() => void done.push(`first, ${fs.readdirSync(path)}`));
      await folder.create("vault-1.wd", [utf8("v")]);
      folder.ifUndone(() => void done.push(`second, ${fs.readdirSync(path).sort()}`));
      fail("refused", "no");
    },
    "refused",
    /^no$/,
  );
  expect(done).toEqual(["second, lock,vault-1.wd", "first, lock"]);
});

test("changeFolder() makes a folder that is not there, and takes it back", async () => {
  const path = join(top, "new");
  const making = (action: (folder: Folder) => Promise<unknown>) =>
    changeFolder(path, { make: true }, action);
  await expectFailure("refused", /^no$/, () =>
    making(async (folder) => {
      await makeFiles(folder);
      fail("refused", "no");
    }),
  );
  expect(fs.existsSync(path)).toBe(false);
  await making((folder) => folder.commit("scheme.json", scheme.slice(), { replace: false }));
  expect([fs.readdirSync(path), modeOf(path)]).toEqual([["scheme.json"], "700"]);
});

test("changeFolder() never takes back a folder that was there, however empty", async () => {
  const path = folderWith();
  const making = changeFolder(path, { make: true }, async () => fail("refused", "no"));
  await expectFailure("refused", /^no$/, () => making);
  expect(fs.readdirSync(path)).toEqual([]);
});

test("changeFolder() says why there can be no folder, and does not begin", async () => {
  const path = folderWith({ file: "a file" });
  const never = async () => {
    throw new TypeError("begun");
  };
  for (const [name, make, words] of [
    ["missing/new", true, /^cannot create .*missing\/new: no such file or directory$/],
    ["missing", false, /^cannot create .*missing\/lock: no such file or directory$/],
    ["file", true, /^cannot create .*file\/lock: not a directory$/],
    ["file", false, /^cannot create .*file\/lock: not a directory$/],
    ["file/new", true, /^cannot create .*file\/new: not a directory$/],
  ] as const) {
    const before = snapshot(path);
    await expectFailure("io", words, () => changeFolder(join(path, name), { make }, never));
    expect(changes(before, snapshot(path))).toEqual([]);
  }
});

test("changeFolder() refuses while another change is under way, and leaves its lock", async () => {
  const path = folderWith();
  await change(path, async (folder) => {
    const by = /^pid \d+ on [\w.-]+ since \d{4}-\d\d-\d\dT[\d:]{8}Z\n$/;
    expect(textIn(path, "lock")).toMatch(by);
    expect([textIn(path, "lock").split(" ")[1], modeOf(path, "lock")]).toEqual([
      `${process.pid}`,
      "600",
    ]);
    const before = snapshot(path);
    for (const make of [true, false]) {
      const second = () => changeFolder(path, { make }, async () => "begun");
      const words = new RegExp(
        `^${path}/lock is there, of pid ${process.pid} on .*Z: another change is`,
      );
      const { hint } = await expectFailure("refused", words, second);
      expect(hint).toMatch(/destroy any offline share that it showed, delete the lock/);
    }
    expect(changes(before, snapshot(path))).toEqual([]);
    await makeFiles(folder);
    await folder.commit("scheme.json", scheme.slice(), { replace: false });
  });
  expect(fs.existsSync(join(path, "lock"))).toBe(false);
});

test("a lock that says nothing, or something else, is a lock all the same", async () => {
  for (const content of ["", "4194305\n", "x".repeat(1000), "pid 1 on a\u001b[m since never\n"]) {
    const path = folderWith({ lock: content });
    const words = new RegExp(`^${path}/lock is there: another change`);
    await isUndone(path, async () => "begun", "refused", words);
  }
  const path = folderWith();
  for (const make of [
    () => fs.symlinkSync("nowhere", join(path, "lock")),
    () => fs.mkdirSync(join(path, "lock")),
    () => Bun.spawnSync(["mkfifo", join(path, "lock")]),
  ]) {
    make();
    await isUndone(path, async () => "begun", "refused", /lock is there: another change/);
    fs.rmSync(join(path, "lock"), { recursive: true });
  }
});

test("without its lock a change is not committed, and the lock of another stays", async () => {
  for (const replaced of [false, true]) {
    const path = folderWith({ "scheme.json": "old" });
    const words = new RegExp(`^${path}/lock was removed meanwhile: nothing was put in force$`);
    await expectFailure("refused", words, () =>
      change(path, async (folder) => {
        await makeFiles(folder);
        fs.rmSync(join(path, "lock"));
        if (replaced) fs.writeFileSync(join(path, "lock"), "another's");
        await folder.commit("scheme.json", scheme.slice(), { replace: true });
      }),
    );
    expect(fs.readdirSync(path).sort()).toEqual([...(replaced ? ["lock"] : []), "scheme.json"]);
    expect(textIn(path, "scheme.json")).toBe("old");
    if (replaced) expect(textIn(path, "lock")).toBe("another's");
  }
});

test("of many changes at once, one goes through", async () => {
  const path = join(top, "race");
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      changeFolder(path, { make: true }, async (folder) => {
        await makeFiles(folder);
        await Bun.sleep(20);
        await folder.commit("scheme.json", scheme.slice(), { replace: false });
      }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(fs.readdirSync(path).sort()).toEqual(["scheme.json", "sealed-1", "vault-1.wd"]);
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

test("SIGKILL in the middle of a change leaves the old file in force, and a lock", async () => {
  const path = folderWith({ "scheme.json": "old" });
  const child = changing(path, waiting);
  await child.stdout.getReader().read();
  child.kill("SIGKILL");
  await child.exited;
  expect(textIn(path, "scheme.json")).toBe("old");
  expect(fs.existsSync(join(path, "lock"))).toBe(true);
  const again = () => change(path, (folder) => makeFiles(folder, 3));
  await expectFailure("refused", /was interrupted$/, again);
  fs.rmSync(join(path, "lock"));
  await again();
});

const { missing } = ownMounts()[0] as { missing: string | undefined };
const mounting = (name: string, body: () => Promise<void>) =>
  missing === undefined
    ? test(name, body, 60_000)
    : test.skip(`${name}; skipped, ${missing}`, () => undefined);

// A file system with room for so many blocks and names, in a mount of the child's own.
const onFullDisks = `
  const { spawnSync } = Bun;
  const list = () => fs.readdirSync(path, { recursive: true }).sort().join(" ");
  for (const [blocks, names] of Array.from({ length: 16 }, (_, i) => [[i + 1, 99], [99, i + 2]]).flat()) {
    for (const old of [true, false]) {
      const options = "size=" + 4096 * blocks + ",nr_inodes=" + names;
      if (!spawnSync(["mount", "-t", "tmpfs", "-o", options, "none", path]).success) throw "mount";
      try { if (old) fs.writeFileSync(path + "/scheme.json", "old"); } catch {}
      const before = list();
      let done = true;
      await changeFolder(path, { make: true }, async (folder) => {
        await folder.create("vault-2.wd", [bytes(9000), bytes(9000)]);
        await folder.create("sealed-2/a", [bytes(100)]);
        await folder.create("sealed-2/b", [bytes(100)]);
        await folder.commit("scheme.json", bytes(300), { replace: old });
      }).catch((error) => {
        if (error.code !== "io" || !/no space left on device$/.test(error.message)) throw error;
        done = false;
      });
      const scheme = fs.existsSync(path + "/scheme.json") && fs.readFileSync(path + "/scheme.json", "utf8");
      console.log(JSON.stringify({ blocks, names, old, done, before, after: list(), scheme }));
      if (!spawnSync(["umount", path]).success) throw "umount";
    }
  }`;

mounting(
  "a disk that is full at any moment leaves the folder as it was, without a lock",
  async () => {
    const child = changing(folderWith(), onFullDisks, ["unshare", "-m"]);
    const said = await child.stdout.text();
    expect([await child.exited, await child.stderr.text()]).toEqual([0, ""]);
    const runs = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(runs).toHaveLength(64);
    for (const { done, before, after, scheme, ...run } of runs) {
      const context = JSON.stringify(run);
      const made = "scheme.json sealed-2 sealed-2/a sealed-2/b vault-2.wd";
      expect([context, after]).toEqual([context, done ? made : before]);
      if (done) expect(scheme).toBe("A".repeat(300));
      else if (run.old && run.blocks > 1) expect(scheme).toBe("old");
    }
    expect(new Set(runs.map(({ done }) => done)).size).toBe(2);
  },
);

test("what cannot be taken back does not keep the rest from it, the lock included", async () => {
  const path = folderWith();
  const failure = await change(path, async (folder) => {
    await folder.create("vault-1.wd", [utf8("v")]);
    folder.ifUndone(() => {
      throw new TypeError("cannot be undone");
    });
    fail("refused", "no");
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "refused", message: "no" });
  expect(fs.readdirSync(path)).toEqual([]);
});
