// recovery-rotate: the next generation, changes of the plan, and what keeps the old one as it is.

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hex, nth, sample } from "../oracle/bytes.ts";
import { makeScheme, schemeText } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { bend, parseShare, shareLine } from "../oracle/share.ts";
import {
  audit,
  byPipes,
  expectedListing,
  init,
  keys,
  lay,
  listing,
  plaintext,
  put,
  rotate,
  shareLines,
  twoNodes,
  twoOfThree,
} from "./ceremony.ts";
import { changes as changesOf, snapshot } from "./evidence.ts";
import { MiB } from "./fixtures.ts";
import { programFiles, type Room, scenario } from "./harness.ts";
import { anotherUser, asNobody, ownMounts, which } from "./needs.ts";
import { attacker, changes, malformed, tamper } from "./tampering.ts";

const textOf = (room: Room, name: string) => readFileSync(join(room.dir, name), "utf8");
const verify = "./recovery-verify --dir D";

/** The holders of the scheme in D, as `NAME` by index. */
const namesIn = (made: { scheme: { holders: { name: string }[] } }) =>
  made.scheme.holders.map(({ name }) => name);

/** The files of one generation, byte for byte. */
function filesOf(room: Room, generation: number): Record<string, string> {
  const names = [
    `vault-${generation}.wd`,
    `sealed-${generation}/node-a`,
    `sealed-${generation}/node-b`,
  ];
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(room.dir, "D", name)).toString("hex")]),
  );
}

scenario("a rotation leaves the old generation and adds a whole new one", async (room) => {
  const old = twoOfThree(room);
  const before = filesOf(room, 1);
  const { text, stderr } = await room.ok(`${rotate} < shares`);
  expect(shareLines(text).length).toBe(1);
  expect(await listing(room)).toEqual(expectedListing(1, 2));
  expect(filesOf(room, 1)).toEqual(before);
  const made = audit(room, text);
  expect(made.scheme).toMatchObject({ generation: 2, k: 2, n: 3 });
  expect(namesIn(made)).toEqual(["node-a", "node-b", "offline-1"]);
  expect(hex(made.plaintext)).toBe(hex(plaintext));
  expect(made.scheme.set).not.toBe(old.scheme.set);
  expect(hex(made.master)).not.toBe(hex(old.master));
  expect(new Date(made.scheme.created).getTime()).toBeGreaterThan(Date.now() - 60_000);
  expect(stderr).toMatch(/sealed-2\/node-a/);
  expect(stderr).toMatch(/sealed-2\/node-b/);
  expect(stderr).toContain(made.scheme.set);
  expect(stderr).toContain(
    "keep the old offline share until recovery-verify passes on every node, then destroy it",
  );
});

scenario("both generations recover by way of the pipe commands, and do not mix", async (room) => {
  twoOfThree(room);
  room.file("new", (await room.ok(`${rotate} share-1 share-3`)).text);
  for (const line of [
    byPipes(1, ["node-a", "node-b"]),
    byPipes(1, ["node-b"], "offline"),
    byPipes(2, ["node-a", "node-b"]),
    byPipes(2, ["node-b"], "new"),
    "./unseal --key node-a.key D/sealed-2/node-a new | ./recovery-reconstruct --dir D",
  ]) {
    expect(hex((await room.ok(line)).stdout)).toBe(hex(plaintext));
  }
  await room.fails(byPipes(1, ["node-a"], "new"), 3, /2 sets|too few/);
  await room.fails("./recovery-reconstruct --dir D < shares", 5, /set/);
  await room.fails(`${rotate} < shares`, 5, /set/);
});

scenario("the executables' way: init, verify, rotate, drill, prune", async (room) => {
  twoOfThree(room);
  await room.ok("rm -r D");
  room.file("first", (await room.ok(`${init} < in.plain`)).text);
  const first = "./unseal --key node-a.key D/sealed-1/node-a first";
  await room.ok(`${first} | ${verify} --drill`);
  room.file("second", (await room.ok(`${first} | ${rotate}`)).text);
  await room.ok(verify);
  const second = "./unseal --key node-b.key D/sealed-2/node-b second";
  await room.fails(`${rotate} --prune`, 6, /drill/);
  await room.ok(`${second} | ${verify} --drill`);
  await room.ok(`${rotate} --prune`);
  audit(room, textOf(room, "second"));
  expect((await listing(room)).filter((name) => !name.includes("drilled"))).toEqual(
    expectedListing(2),
  );
});

scenario("a rotation after a rotation is generation 3", async (room) => {
  twoOfThree(room);
  room.file("new", (await room.ok(`${rotate} < shares`)).text);
  const again = `./unseal --key node-a.key D/sealed-2/node-a new | ${rotate}`;
  const made = audit(room, (await room.ok(again)).text);
  expect(made.scheme.generation).toBe(3);
  expect(await listing(room)).toEqual(expectedListing(1, 2, 3));
});

scenario("a generation is numbered past whatever a killed command left", async (room) => {
  twoOfThree(room);
  await room.ok("echo old > D/vault-4.wd; mkdir D/sealed-6; ln -s ../in.plain D/vault-7.wd");
  const made = audit(room, (await room.ok(`${rotate} < shares`)).text);
  expect(made.scheme.generation).toBe(8);
  expect(textOf(room, "D/vault-4.wd")).toBe("old\n");
  expect(hex(room.read("in.plain"))).toBe(hex(plaintext));
});

type Expected = { names: string[]; k: number; offline?: number };
const plans: [string, Expected][] = [
  ["--holder node-c=node-c.pub", { names: ["node-a", "node-b", "node-c", "offline-1"], k: 2 }],
  ["--drop node-a --holder node-d=node-d.pub", { names: ["node-b", "node-d", "offline-1"], k: 2 }],
  ["--drop node-a", { names: ["node-b", "offline-1"], k: 2 }],
  [
    "--drop node-a --drop node-b --holder node-c=node-c.pub",
    { names: ["node-c", "offline-1"], k: 2 },
  ],
  ["-k 3", { names: ["node-a", "node-b", "offline-1"], k: 3 }],
  ["-k 3 --offline 2", { names: ["node-a", "node-b", "offline-1", "offline-2"], k: 3 }],
  ["--offline 0", { names: ["node-a", "node-b"], k: 2 }],
  [
    "--holder node-c=node-c.pub --holder node-d=node-d.pub --offline 2 -k 4",
    { names: ["node-a", "node-b", "node-c", "node-d", "offline-1", "offline-2"], k: 4 },
  ],
];
for (const [flags, { names, k }] of plans) {
  scenario(`the plan changes: ${flags}`, async (room) => {
    twoOfThree(room);
    const { text } = await room.ok(`${rotate} ${flags} < shares`);
    const made = audit(room, text);
    expect(namesIn(made).toSorted()).toEqual(names);
    expect(made.scheme.k).toBe(k);
    expect(hex(made.plaintext)).toBe(hex(plaintext));
    const sealed = names.filter((name) => !name.startsWith("offline"));
    expect(readdirSync(join(room.dir, "D/sealed-2")).toSorted()).toEqual(sealed);
    await room.ok(verify);
  });
}

scenario("a holder's key is replaced, and the old key opens nothing new", async (room) => {
  twoOfThree(room);
  const fresh = makeKey("fresh");
  room.file("fresh.pub", `${fresh.publicLine}\n`);
  const { text } = await room.ok(`${rotate} --holder node-a=fresh.pub < shares`);
  const made = audit(room, text, "D", { "node-a": fresh });
  expect(namesIn(made)).toEqual(["node-a", "node-b", "offline-1"]);
  await room.fails("./unseal --key node-a.key D/sealed-2/node-a", 5, /key/);
});

scenario("from two offline shares to one, and k from 3 to 2", async (room) => {
  twoOfThree(room, { nodes: keys, k: 3, offline: 2 });
  const { text } = await room.ok(`${rotate} -k 2 --offline 1 < shares`);
  const made = audit(room, text);
  expect([made.scheme.k, made.scheme.n]).toEqual([2, 5]);
});

scenario("without flags the plan stays: two offline shares are two again", async (room) => {
  twoOfThree(room, { nodes: keys, k: 3, offline: 2 });
  const made = audit(room, (await room.ok(`${rotate} < shares`)).text);
  expect([made.scheme.k, made.scheme.n, made.offline.length]).toEqual([3, 6, 2]);
});

scenario("--secrets closes new contents, and the old ones stay in the old vault", async (room) => {
  twoOfThree(room);
  const fresh = sample("fresh", 2 * MiB + 5);
  room.file("fresh.plain", fresh);
  const made = audit(room, (await room.ok(`${rotate} --secrets fresh.plain < shares`)).text);
  expect(hex(made.plaintext)).toBe(hex(fresh));
  expect(hex((await room.ok(byPipes(1, ["node-a"], "offline"))).stdout)).toBe(hex(plaintext));
});

scenario("--secrets of an empty file needs --allow-empty", async (room) => {
  twoOfThree(room);
  room.file("nothing", "");
  await room.fails(`${rotate} --secrets nothing < shares`, 3, /empty|no /);
  await room.fails(`${rotate} --secrets nowhere < shares`, 1, /nowhere/);
  const { text } = await room.ok(`${rotate} --secrets nothing --allow-empty < shares`);
  expect(audit(room, text).plaintext.length).toBe(0);
});

scenario("a vault of several chunks is carried over byte for byte", async (room) => {
  const content = sample("large", 3 * MiB);
  twoOfThree(room, { plaintext: content });
  const made = audit(room, (await room.ok(`${rotate} < shares`)).text);
  expect(hex(made.plaintext)).toBe(hex(content));
});

scenario("a large scheme rotates", async (room) => {
  const nodes = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`n${i + 1}`, makeKey(`n${i + 1}`)]),
  );
  twoOfThree(room, { nodes, k: 5, offline: 3 });
  const made = audit(room, (await room.ok(`${rotate} < shares`)).text, "D", nodes);
  expect([made.scheme.k, made.scheme.n, made.offline.length]).toEqual([5, 12, 3]);
});

const usage: [string, RegExp][] = [
  ["./recovery-rotate", /--dir/],
  [`${rotate} --dir D`, /--dir/],
  [`${rotate} --bogus`, /--bogus/],
  [`${rotate} -k 1`, /-k/],
  [`${rotate} -k 4`, /-k|share/],
  [`${rotate} -k 2 -k 2`, /-k/],
  [`${rotate} --offline 2`, /offline/],
  [`${rotate} --offline -1`, /offline/],
  [`${rotate} --drop node-a --drop node-b`, /./],
  [`${rotate} --drop node-a --offline 0`, /./],
  [`${rotate} --holder node-c`, /holder/],
  [`${rotate} --holder Node=node-c.pub`, /holder|name/],
  [`${rotate} --holder offline=node-c.pub`, /holder|name/],
  [`${rotate} --holder offline-1=node-c.pub`, /holder|name/],
  [`${rotate} --holder node-c=node-c.pub --holder node-c=node-d.pub`, /twice|node-c/],
  [`${rotate} -o out`, /-o/],
  [`${rotate} --prune -k 2`, /./],
  [`${rotate} --prune --drop node-a`, /./],
  [`${rotate} --prune --holder node-c=node-c.pub`, /./],
  [`${rotate} --prune --secrets in.plain`, /./],
  [`${rotate} --prune shares`, /./],
];
for (const [line, says] of usage) {
  scenario(`a usage error, with nothing changed: ${line}`, async (room) => {
    twoOfThree(room);
    await room.fails(`${line} < shares`, 2, says);
  });
}

scenario("somebody who is no holder cannot be dropped", async (room) => {
  twoOfThree(room);
  for (const name of ["node-x", "offline", "offline-1", "Node-a", "../node-a"]) {
    const { code, text, stderr } = await room.run(`${rotate} --drop ${name} < shares`);
    expect([2, 6], stderr).toContain(code);
    expect(text).toBe("");
  }
  expect(await listing(room)).toEqual(expectedListing(1));
});

scenario("the same recipient twice is refused, old or new", async (room) => {
  twoOfThree(room);
  await room.fails(`${rotate} --holder node-c=node-a.pub < shares`, 6, /recipient|same key/);
  await room.fails(`${rotate} --holder node-a=node-b.pub < shares`, 6, /recipient|same key/);
  const both = "--holder node-a=node-b.pub --holder node-b=node-a.pub";
  await room.ok(`${rotate} ${both} < shares`);
});

scenario("a key that is none changes nothing", async (room) => {
  twoOfThree(room);
  await room.fails(`${rotate} --holder node-c=nowhere < shares`, 1, /nowhere/);
  await room.fails(`${rotate} --holder node-c=node-c.key < shares`, 3, /node-c/);
  await room.fails(`${rotate} --holder node-c=in.plain < shares`, 3, /in\.plain|node-c/);
});

scenario("shares that would go nowhere are refused unless forced", async (room) => {
  twoOfThree(room);
  await room.fails(`${rotate} < shares > /dev/null`, 6, /--force/);
  const closed = room.target === "source" ? 6 : 1;
  await room.fails(`${rotate} < shares >&-`, closed, /--force|bad file descriptor/);
  await room.ok(`${rotate} --offline 0 < shares > /dev/null`);
  audit(room, "");
  room.file(
    "again",
    (await room.ok("./unseal --key node-a.key --key node-b.key D/sealed-2/*")).text,
  );
  await room.ok(`${rotate} --offline 1 --force < again > /dev/null`);
  await room.ok(verify);
});

scenario("shares that are not the scheme's change nothing", async (room) => {
  const made = twoOfThree(room);
  const [, two, three] = made.lines.map((line) => parseShare(line));
  if (two === undefined || three === undefined) throw new Error("no shares");
  const stale = makeScheme({ nodes: twoNodes, seed: "stale" });
  const inputs: Record<string, [string[], number]> = {
    "one share": [[nth(made.lines, 0)], 4],
    "one that is bent": [[nth(made.lines, 0), shareLine(bend(two))], 5],
    "all, one of them bent": [[...made.lines.slice(0, 2), shareLine(bend(three))], 5],
    "another scheme's": [stale.lines, 5],
    "enough, and one of another scheme": [[...made.lines, nth(stale.lines, 0)], 5],
    garbage: [["garbage"], 3],
  };
  for (const [lines, code] of Object.values(inputs)) {
    room.file("given", lines.map((line) => `${line}\n`).join(""));
    await room.fails(`${rotate} < given`, code, /error: /);
    await room.fails(`${rotate} --secrets in.plain < given`, code, /error: /);
  }
  const { code, text, stderr } = await room.run(`false | ${rotate}`);
  expect([3, 4], stderr).toContain(code);
  expect(text).toBe("");
  expect(stderr).toMatch(/before/);
});

for (const change of changes) {
  scenario(`scheme.json with ${change.what} changed is not rotated`, async (room) => {
    twoOfThree(room);
    tamper(room, change);
    const before = snapshot(room.dir);
    for (const flags of ["", "--secrets in.plain", "--holder node-b=node-d.pub", "--drop node-b"]) {
      const { code, text, stderr } = await room.run(`${rotate} ${flags} < shares`);
      // The plan that the file says may be an impossible one, before any share is read.
      expect(flags.includes("--drop") ? [1, 2, 3, 5] : [1, 3, 5], stderr).toContain(code);
      expect(text).toBe("");
      expect(changesOf(before, snapshot(room.dir))).toEqual([]);
    }
  });
}

scenario(
  "a swapped recipient does not survive: exit 5 before anything is written",
  async (room) => {
    twoOfThree(room);
    tamper(
      room,
      nth(
        changes.filter(({ what }) => what.includes("attacker")),
        0,
      ),
    );
    expect(textOf(room, "D/scheme.json")).toContain(attacker.publicLine);
    await room.fails(`${rotate} < shares`, 5, /tag|scheme\.json/);
    await room.ok("chmod 555 D D/sealed-1");
    await room.fails(`${rotate} < shares`, 5, /tag|scheme\.json/);
  },
);

scenario("scheme.json with another tag, or malformed, is not rotated", async (room) => {
  const { scheme } = twoOfThree(room);
  const text = textOf(room, "D/scheme.json");
  put(room, "D/scheme.json", schemeText(scheme, "0".repeat(64)));
  await room.fails(`${rotate} < shares`, 5, /tag|scheme\.json/);
  for (const what of ["spaces in it", "CRLF", "a field twice", "a vault elsewhere", "version 2"]) {
    put(room, "D/scheme.json", malformed[what]?.(text) ?? "");
    await room.fails(`${rotate} < shares`, 3, /scheme\.json/);
  }
});

for (const [what, script, code] of [
  ["no directory", "rm -r D", 1],
  ["no scheme.json", "rm D/scheme.json", 1],
  ["no vault", "rm D/vault-1.wd", 1],
  ["a vault with a byte more", "printf x >> D/vault-1.wd", 5],
  ["a vault cut short", "truncate -s 100 D/vault-1.wd", 5],
  ["a lock", "echo 4194305 > D/lock", 6],
] as const) {
  scenario(`${what} is exit ${code}, and nothing changes`, async (room) => {
    const { master } = twoOfThree(room);
    await room.ok(script);
    await room.fails(`${rotate} < shares`, code, /error: /, { secrets: [plaintext, master] });
  });
}

scenario("a lock that was left says what to do, and then it works", async (room) => {
  twoOfThree(room);
  put(room, "D/lock", "4194305\n");
  const { stderr } = await room.fails(`${rotate} < shares`, 6, /lock/);
  expect(stderr).toMatch(/delete|remove/);
  await room.fails(`${rotate} --prune`, 6, /lock|drill/);
  await room.ok("rm D/lock");
  audit(room, (await room.ok(`${rotate} < shares`)).text);
});

scenario("links that wait in the directory are not written through", async (room) => {
  twoOfThree(room);
  room.file("victim", "precious\n");
  await room.ok("mkdir elsewhere; ln -s ../victim D/lock");
  await room.fails(`${rotate} < shares`, 6, /lock/);
  await room.ok("rm D/lock; ln -s ../elsewhere D/sealed-2; ln -s ../victim D/vault-2.wd");
  await room.run(`${rotate} < shares`);
  expect(textOf(room, "victim")).toBe("precious\n");
  expect(readdirSync(join(room.dir, "elsewhere"))).toEqual([]);
});

scenario(
  "a scheme.json that is a link is replaced or refused, its target left alone",
  async (room) => {
    twoOfThree(room);
    await room.ok("mv D/scheme.json kept; ln -s ../kept D/scheme.json; cp kept copy");
    await room.run(`${rotate} < shares`);
    await room.ok("cmp kept copy");
  },
);

scenario("offline shares that cannot be delivered leave the old generation", async (room) => {
  twoOfThree(room);
  for (const line of [
    `${rotate} < shares > /dev/full`,
    `( sleep 0.3; ${rotate} < shares; echo $? > code ) | true; code=$(cat code); rm code; exit $code`,
  ]) {
    const { code, stderr } = await room.run(line);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/recovery-rotate: error: /);
    expect(await listing(room)).toEqual(expectedListing(1));
  }
  await room.ok(`${verify} --drill < shares`);
});

scenario(
  "a directory that may not be written is exit 1, whole and with nothing told",
  async (room) => {
    twoOfThree(room);
    await room.ok("chmod -R a+rX D; chmod 555 D; chmod 644 shares");
    await room.fails(`${rotate.replace("./", `${asNobody}./`)} < shares`, 1, /D/);
  },
  { needs: anotherUser(...programFiles) },
);

scenario(
  "a directory that may be written and not listed is exit 1",
  async (room) => {
    twoOfThree(room);
    await room.ok("chown -R 65534:65534 D 2> /dev/null; chmod 644 shares; chmod 300 D");
    await room.fails(`${rotate.replace("./", `${asNobody}./`)} < shares`, 1, /D/);
  },
  { needs: anotherUser(...programFiles) },
);

for (const kib of [0, 4, 8, 12, 16, 20, 24]) {
  scenario(
    `a disk with ${kib} KiB left keeps the old generation or has the new one`,
    async (room) => {
      const old = twoOfThree(room);
      const script = `mkdir full; unshare -m sh -c 'mount -t tmpfs -o size=96k none full || exit 97
        cp -rp D full/D; left=$(( $(stat -f -c %f full) * 4 ))
        dd if=/dev/zero of=full/filler bs=1k count=$(( left - ${kib} )) 2> /dev/null
        ${rotate.replace(" D", " full/D")} < shares > share; echo $? > code
        cp -rp full/D copy; umount full' 2> said; exit $(cat code)`;
      const { code } = await room.run(script);
      const [share, said] = [textOf(room, "share"), textOf(room, "said")];
      if (code === 0) {
        audit(room, share, "copy");
        return;
      }
      expect(code, said).toBe(1);
      expect(said).toMatch(/^recovery-rotate: error: .*(space|full)/m);
      if (share !== "") expect(said).toMatch(/destroy/);
      expect(await listing(room, "copy"), said).toEqual(expectedListing(1));
      const kept = audit(room, old.offline.map((line) => `${line}\n`).join(""), "copy");
      expect(hex(kept.plaintext)).toBe(hex(plaintext));
    },
    { needs: ownMounts() },
  );
}

scenario("of rotations that race one wins at a time, and no loser gives shares", async (room) => {
  const old = twoOfThree(room);
  await room.run(
    `for i in 1 2 3 4 5 6; do
      ( ${rotate} < shares > share.$i 2> said.$i; echo $? > code.$i ) & done; wait`,
  );
  const codes = [1, 2, 3, 4, 5, 6].map((i) => textOf(room, `code.${i}`).trim());
  const said = codes.map((_, i) => textOf(room, `said.${i + 1}`)).join("");
  expect(codes.filter((code) => code === "0").length, said).toBe(1);
  expect(
    codes.every((code) => ["0", "5", "6"].includes(code)),
    said,
  ).toBe(true);
  for (const [i, code] of codes.entries()) {
    const share = textOf(room, `share.${i + 1}`);
    if (code === "0") expect(audit(room, share).scheme.generation).toBe(2);
    else expect(share, said).toBe("");
  }
  expect(await listing(room)).toEqual(expectedListing(1, 2));
  expect(hex((await room.ok(byPipes(1, ["node-a", "node-b"]))).stdout)).toBe(hex(old.plaintext));
});

scenario("looking on while a rotation works sees the old generation or the new", async (room) => {
  twoOfThree(room);
  const { stderr } = await room.run(
    `( ${rotate} < shares > new; echo "code $?" >&2 ) & rotating=$!
    while kill -0 $rotating 2> /dev/null; do
      ${verify} > /dev/null 2> seen || { cat seen >&2; echo "unwhole" >&2; }
    done`,
  );
  expect(stderr).toMatch(/^code 0$/m);
  expect(stderr).not.toContain("unwhole");
});

scenario("prune waits for a drill of the current generation", async (room) => {
  twoOfThree(room);
  await room.fails(`${rotate} --prune`, 6, /drill/);
  await room.ok(`${verify} --drill < shares`);
  room.file("new", (await room.ok(`${rotate} < shares`)).text);
  await room.fails(`${rotate} --prune`, 6, /drill/);
  await room.ok(`./unseal --key node-a.key D/sealed-2/node-a new | ${verify} --drill`);
  const { text } = await room.ok(`printf 'left alone' | ( ${rotate} --prune; cat )`);
  expect(text).toBe("left alone");
  const left = (await listing(room)).filter((name) => name !== "600 drilled-2");
  expect(left).toEqual(expectedListing(2));
  audit(room, textOf(room, "new"));
});

scenario("prune leaves alone what is no generation's", async (room) => {
  twoOfThree(room);
  const strange = ["README", "vault-x.wd", "vault-1.wd.bak", "sealed-x", "vault.wd", "vault-01.wd"];
  room.file("new", (await room.ok(`${rotate} < shares`)).text);
  for (const name of strange) put(room, `D/${name}`, "mine\n");
  await room.ok(`./unseal --key node-a.key D/sealed-2/node-a new | ${verify} --drill`);
  await room.ok(`${rotate} --prune`);
  for (const name of strange) expect(existsSync(join(room.dir, "D", name)), name).toBe(true);
  expect(existsSync(join(room.dir, "D/vault-1.wd"))).toBe(false);
  expect(existsSync(join(room.dir, "D/sealed-1"))).toBe(false);
});

scenario("prune does not follow a link out of the directory", async (room) => {
  twoOfThree(room);
  room.file("new", (await room.ok(`${rotate} < shares`)).text);
  await room.ok("mv D/sealed-1 outside; ln -s ../outside D/sealed-1");
  await room.ok(`./unseal --key node-a.key D/sealed-2/node-a new | ${verify} --drill`);
  await room.run(`${rotate} --prune`);
  expect(readdirSync(join(room.dir, "outside")).toSorted()).toEqual(["node-a", "node-b"]);
});

/** Generation 2 is in force and has passed a drill; generation 1 can go. */
async function rotateAndDrill(room: Room): Promise<void> {
  twoOfThree(room);
  room.file("new", (await room.ok(`${rotate} < shares`)).text);
  await room.ok(`./unseal --key node-a.key D/sealed-2/node-a new | ${verify} --drill`);
}

scenario("prune removes nothing where there is anything that is not worstday's", async (room) => {
  await rotateAndDrill(room);
  for (const [name, put] of [
    ["D/sealed-1/notes", "echo mine > D/sealed-1/notes"],
    ["D/sealed-1/notes", "mkdir D/sealed-1/notes"],
    ["D/sealed-1/link", "ln -s node-a D/sealed-1/link"],
    ["D/sealed-1/pipe", "mkfifo D/sealed-1/pipe"],
    ["D/sealed-1/new", "cp D/sealed-2/node-a D/sealed-1/new"],
    ["D/drilled-1", "mkfifo D/drilled-1"],
    ["D/vault-1.wd", "mv D/vault-1.wd kept; mkdir D/vault-1.wd"],
    ["D/sealed-1", "mv D/sealed-1 away; echo mine > D/sealed-1"],
  ] as const) {
    await room.run(put);
    await room.fails(`${rotate} --prune`, 6, new RegExp(`no file of ours: ${name}\n`));
    await room.run(`rm -r ${name}; mv kept D/vault-1.wd; mv away D/sealed-1`);
  }
  await room.ok("cp D/sealed-1/node-a D/sealed-1/node-z; echo damaged > D/sealed-1/node-b");
  await room.ok(`${rotate} --prune; test ! -e D/sealed-1`);
});

scenario(
  "prune does not empty what is mounted in the directory",
  async (room) => {
    await rotateAndDrill(room);
    const { text, stderr } =
      await room.run(`cp -r D/sealed-1 outside; ${which("unshare")} -m sh -c '
      mount --bind outside D/sealed-1; ${rotate} --prune; echo $?'; ls outside D`);
    expect(stderr).toMatch(/error: cannot remove D\/sealed-1: resource busy/);
    expect(text.split("\n")[0]).toBe("1");
    for (const name of ["outside/node-a", "D/vault-1.wd", "D/sealed-1/node-a"]) {
      expect(room.has(name), text).toBe(true);
    }
  },
  { needs: ownMounts() },
);

scenario("a pipe in the place of a scheme's file is not waited for", async (room) => {
  const script = (file: string) => `mv ${file} kept; mkfifo ${file}`;
  for (const [file, line, code] of [
    ["D/scheme.json", verify, 3],
    ["D/scheme.json", `${rotate} shares`, 3],
    ["D/scheme.json", "./recovery-reconstruct --dir D shares", 3],
    ["D/vault-1.wd", verify, 5],
    ["D/vault-1.wd", `${verify} --drill shares`, 5],
    ["D/vault-1.wd", `${rotate} shares`, 3],
    ["D/vault-1.wd", "./recovery-reconstruct --dir D shares", 3],
    ["D/sealed-1/node-a", verify, 5],
    ["D/drilled-1", `${rotate} --prune`, 3],
  ] as const) {
    twoOfThree(room);
    await room.run(script(file));
    const done = await room.run(`timeout 20 ${line}`);
    expect([line, done.code], done.stderr).toEqual([line, code]);
    expect(done.text + done.stderr).toMatch(new RegExp(`${file} is not a regular file`));
    await room.ok("rm -r D");
  }
});

scenario("prune with a current generation that is not whole removes nothing", async (room) => {
  for (const script of ["rm D/vault-2.wd", "rm D/scheme.json", "printf x >> D/scheme.json"]) {
    const old = twoOfThree(room);
    room.file("new", (await room.ok(`${rotate} < shares`)).text);
    await room.ok(`./unseal --key node-a.key D/sealed-2/node-a new | ${verify} --drill; ${script}`);
    const { code, stderr } = await room.run(`${rotate} --prune`);
    expect([1, 3, 5, 6], stderr).toContain(code);
    expect(existsSync(join(room.dir, "D/vault-1.wd"))).toBe(true);
    expect(old.scheme.generation).toBe(1);
    await room.ok("rm -r D");
  }
});

scenario("a drill of an older generation with the same number does not count", async (room) => {
  twoOfThree(room);
  await room.ok(`${verify} --drill < shares`);
  const other = makeScheme({ nodes: twoNodes, seed: "restored" });
  lay(room, other);
  put(room, "D/vault-0.wd", "older\n");
  const { code } = await room.run(`${rotate} --prune`);
  expect(code).toBe(6);
});

scenario("shares into a file that others can read get a warning", async (room) => {
  twoOfThree(room);
  await room.ok(`umask 022; ${rotate} < shares > open`, /recovery-rotate: warning: .*others/);
  expect(await listing(room)).toEqual(expectedListing(1, 2));
});
