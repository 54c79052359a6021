// recovery-init: what a new scheme is, byte for byte, and all that keeps one from being made.

import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { hex, sample } from "../oracle/bytes.ts";
import { openSealed } from "../oracle/scheme.ts";
import { makeKey } from "../oracle/sealed.ts";
import { parseShare } from "../oracle/share.ts";
import {
  audit,
  byPipes,
  expectedListing,
  furnish,
  holders,
  init,
  keys,
  listing,
  plaintext,
  shareLines,
} from "./ceremony.ts";
import { MiB, sshA, sshB } from "./fixtures.ts";
import { programFiles, type Room, scenario } from "./harness.ts";
import { anotherUser, asNobody, ownMounts } from "./needs.ts";

/** What is left in D by a command that failed late: nothing, whether D itself stays or not. */
function expectNothingIn(room: Room): void {
  const dir = join(room.dir, "D");
  expect(existsSync(dir) ? readdirSync(dir) : []).toEqual([]);
}

scenario("a scheme of two nodes and one offline share holds, byte for byte", async (room) => {
  furnish(room);
  const start = Math.floor(Date.now() / 1000) * 1000;
  const { text } = await room.ok(`${init} < in.plain`);
  expect(shareLines(text).length).toBe(1);
  expect(await listing(room)).toEqual(expectedListing(1));
  const made = audit(room, text);
  expect(made.scheme).toMatchObject({ version: 1, generation: 1, k: 2, n: 3 });
  expect(made.scheme.holders.map(({ name }) => name)).toEqual(["node-a", "node-b", "offline-1"]);
  expect(hex(made.plaintext)).toBe(hex(plaintext));
  const age = new Date(made.scheme.created).getTime() - start;
  expect(age).toBeWithin(0, 60_000);
  expect(statSync(join(room.dir, "D")).mode & 0o7777).toBe(0o700);
});

scenario(
  "any two shares of a new scheme open its vault by way of the pipe commands",
  async (room) => {
    furnish(room);
    const { text } = await room.ok(`${init} < in.plain`);
    room.file("offline", text);
    for (const line of [
      byPipes(1, ["node-a", "node-b"]),
      byPipes(1, ["node-a"], "offline"),
      byPipes(1, ["node-b"], "offline"),
    ]) {
      expect(hex((await room.ok(line)).stdout)).toBe(hex(plaintext));
    }
  },
);

scenario("a new scheme says which file is whose, and what to do before deleting", async (room) => {
  furnish(room);
  const { text, stderr } = await room.ok(`${init} < in.plain`);
  const { set } = audit(room, text).scheme;
  expect(stderr).toMatch(/sealed-1\/node-a/);
  expect(stderr).toMatch(/sealed-1\/node-b/);
  expect(stderr).toContain(set);
  expect(stderr).toMatch(/drill/);
});

scenario(
  "two schemes of the same secrets and nodes have nothing secret in common",
  async (room) => {
    furnish(room);
    const [one, two] = [
      audit(room, (await room.ok(`${init} < in.plain`)).text),
      audit(room, (await room.ok(`${init.replace(" D", " E")} < in.plain`)).text, "E"),
    ];
    expect(one.scheme.set).not.toBe(two.scheme.set);
    expect(hex(one.master)).not.toBe(hex(two.master));
    expect(one.scheme.vaultDigest).not.toBe(two.scheme.vaultDigest);
    for (const [i, line] of one.lines.entries()) {
      expect(hex(parseShare(line).y)).not.toBe(hex(parseShare(two.lines[i] ?? "").y));
    }
  },
);

const plans: [string, number, number, number][] = [
  ["2 of 2, one of them offline", 2, 1, 1],
  ["2 of 2 without an offline share", 2, 2, 0],
  ["3 of 3 with two offline", 3, 1, 2],
  ["3 of 5 with two offline", 3, 3, 2],
  ["5 of 12 with four offline", 5, 8, 4],
  ["9 of 24 with three offline, too many choices to try all", 9, 21, 3],
];
for (const [name, k, nodes, offline] of plans) {
  scenario(`${name}: every share is in place and recovers`, async (room) => {
    furnish(room);
    const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    const more = Object.fromEntries(names.map((node) => [node, makeKey(node)]));
    const given = names.map((node) => `--holder ${node}=${more[node]?.publicLine}`).join(" ");
    const flags = offline === 1 ? "" : `--offline ${offline}`;
    const { text } = await room.ok(`./recovery-init --dir D -k ${k} ${given} ${flags} < in.plain`);
    expect(shareLines(text).length).toBe(offline);
    const made = audit(room, text, "D", more);
    expect([made.scheme.k, made.scheme.n]).toEqual([k, nodes + offline]);
    expect(hex(made.plaintext)).toBe(hex(plaintext));
    room.file("some", made.lines.slice(-k).join("\n"));
    const { stdout } = await room.ok("./combine some | ./vault-open D/vault-1.wd");
    expect(hex(stdout)).toBe(hex(plaintext));
  });
}

scenario("a recipient is a literal key, a file, or a file with a comment", async (room) => {
  furnish(room);
  room.file("b.pub", `# node b\n${keys["node-b"]?.publicLine} of the second rack\n`);
  const { text } = await room.ok(
    `./recovery-init --dir D -k 2 --holder node-a=${keys["node-a"]?.publicLine} \
      --holder node-b=b.pub < in.plain`,
  );
  audit(room, text);
});

scenario(
  "SSH keys are recipients, in quotes and as files, and the same key in both forms",
  async (room) => {
    furnish(room);
    room.file("ssh-b.pub", `${sshB.publicLine}\n`);
    room.file("ssh-b", sshB.privateFile);
    const given = `--holder node-a='${sshA.publicLine}' --holder node-b=ssh-b.pub`;
    const line = `./recovery-init --dir D -k 2 ${given}`;
    const { text } = await room.ok(`${line} < in.plain`);
    audit(room, text, "D", { "node-a": sshA.node, "node-b": sshB.node });
    await room.ok("./recovery-verify --dir D --key ssh-b");
    const twice = `${line.replace(" D", " E")} --holder node-c=${sshA.node.publicLine}`;
    await room.fails(`${twice} < in.plain`, 6, /recipient|same key/);
  },
);

scenario("a file's name may have an equals sign, a holder's name may not", async (room) => {
  furnish(room);
  await room.ok("cp node-b.pub b=2.pub");
  audit(room, (await room.ok(`${init.replace("b.pub", "b.pub")} < in.plain`)).text);
  const line = init.replace("node-b.pub", "b=2.pub").replace(" D", " E");
  audit(room, (await room.ok(`${line} < in.plain`)).text, "E");
});

for (const [what, size] of [
  ["one byte", 1],
  ["exactly one chunk", MiB],
  ["two chunks and some", 2 * MiB + 12_345],
] as const) {
  scenario(`secrets of ${what} are kept byte for byte`, async (room) => {
    furnish(room);
    room.file("in.plain", sample("big", size));
    expect(hex(audit(room, (await room.ok(`${init} < in.plain`)).text).plaintext)).toBe(
      hex(sample("big", size)),
    );
  });
}

scenario("--secrets takes them from a file and leaves stdin alone", async (room) => {
  furnish(room);
  const { text } = await room.ok(
    `printf 'left alone' | ( ${init} --secrets in.plain > offline; cat )`,
  );
  expect(text).toBe("left alone");
  const made = audit(room, new TextDecoder().decode(room.read("offline")));
  expect(hex(made.plaintext)).toBe(hex(plaintext));
});

scenario("nothing to keep is an error unless --allow-empty says so", async (room) => {
  furnish(room);
  room.file("nothing", "");
  await room.fails(`${init} < /dev/null`, 3, /empty|no /);
  await room.fails(`false | ${init}`, 3, /before/);
  await room.fails(`${init} --secrets nothing`, 3, /nothing|empty/);
  const { text } = await room.ok(`${init} --allow-empty < /dev/null`);
  expect(audit(room, text).plaintext.length).toBe(0);
});

scenario("modes are 0600 and 0700 whatever the umask", async (room) => {
  furnish(room);
  for (const mask of ["000", "022", "077"]) {
    const { text } = await room.ok(`rm -rf D; umask ${mask}; ${init} < in.plain`);
    expect(await listing(room)).toEqual(expectedListing(1));
    audit(room, text);
  }
});

scenario("an empty directory will do, and so will one with other things in it", async (room) => {
  furnish(room);
  await room.ok("mkdir -m 700 D E; echo hello > E/README");
  audit(room, (await room.ok(`${init} < in.plain`)).text);
  audit(room, (await room.ok(`${init.replace(" D", " E/")} < in.plain`)).text, "E");
  await room.ok("grep -q hello E/README");
});

scenario("a generation is numbered past whatever a killed command left", async (room) => {
  furnish(room);
  await room.ok("mkdir -m 700 D; echo old > D/vault-3.wd; mkdir D/sealed-4 D/sealed-x");
  const { text } = await room.ok(`${init} < in.plain`);
  expect(audit(room, text).scheme.generation).toBe(5);
  await room.ok("grep -q old D/vault-3.wd");
});

for (const [what, make] of Object.entries({
  "a scheme": `${init} < in.plain > one`,
  "an empty scheme.json": "mkdir D; : > D/scheme.json",
  "a dangling link for scheme.json": "mkdir D; ln -s nowhere D/scheme.json",
  "a directory for scheme.json": "mkdir -p D/scheme.json",
})) {
  scenario(`${what} in the directory is refused before stdin is read`, async (room) => {
    furnish(room);
    await room.ok(`umask 077; ${make}`);
    await room.fails(`${init} < in.plain`, 6, /scheme/);
    await room.fails(`${init} --force < in.plain`, 6, /scheme/);
    await room.fails(`${init} < /dev/null`, 6, /scheme/);
    await room.fails(`${init} --secrets in.plain`, 6, /scheme/);
  });
}

scenario("a lock in the directory is refused, and once deleted no obstacle", async (room) => {
  furnish(room);
  await room.ok("mkdir -m 700 D; echo 4194305 > D/lock");
  await room.fails(`${init} < in.plain`, 6, /lock.*(delete|remove|rm)|(delete|remove|rm).*lock/s);
  await room.ok("rm D/lock");
  audit(room, (await room.ok(`${init} < in.plain`)).text);
});

scenario("the same recipient twice is refused, however it is written", async (room) => {
  furnish(room);
  const literal = keys["node-a"]?.publicLine ?? "";
  for (const twice of ["node-a.pub", literal, literal.toUpperCase()]) {
    const line = `./recovery-init --dir D -k 2 --holder node-a=node-a.pub --holder node-b=${twice}`;
    await room.fails(`${line} < in.plain`, 6, /recipient|same key/);
  }
});

scenario("shares that would go nowhere are refused unless forced", async (room) => {
  furnish(room);
  await room.fails(`${init} < in.plain > /dev/null`, 6, /--force/);
  const closed = room.target === "source" ? 6 : 1;
  await room.fails(`${init} < in.plain >&-`, closed, /--force|bad file descriptor/);
  await room.ok(`${init} --offline 0 < in.plain > /dev/null`);
  audit(room, "");
  const forced = init.replace(" D", " E");
  await room.ok(`${forced} --force < in.plain > /dev/null`);
  expect(room.has("E/scheme.json")).toBe(true);
});

const usage: [string, RegExp][] = [
  [`./recovery-init -k 2 ${holders}`, /--dir/],
  [`./recovery-init --dir D ${holders}`, /-k/],
  ["./recovery-init --dir D -k 2", /holder|share/],
  [`./recovery-init --dir "" -k 2 ${holders}`, /--dir/],
  [`${init} --dir E`, /--dir/],
  [`${init} -k 2`, /-k/],
  [`${init} --bogus`, /--bogus/],
  [`${init} surplus`, /too many/],
  [`${init} -o out`, /-o/],
  [`${init} --offline 2`, /offline/],
  [`${init} --offline 254`, /./],
  [`${init} --offline -1`, /offline/],
  [`${init} --offline one`, /offline/],
  [`${init} --offline 1.0`, /offline/],
  [`${init} --offline 1 --offline 1`, /offline/],
  ["./recovery-init --dir D -k 3 --holder node-a=node-a.pub", /share|holder|-k/],
  ["./recovery-init --dir D -k 2 --offline 0 --holder node-a=node-a.pub", /share|holder|-k/],
  [init.replace("-k 2", "-k 4"), /-k|share/],
  ...["0", "1", "256", "-2", "2.0", "two", "0x2", "1e1"].map((k): [string, RegExp] => {
    return [init.replace("-k 2", `-k ${k}`), /-k/];
  }),
  [`${init} --holder node-a=node-c.pub`, /node-a|twice/],
  [`${init} --holder node-c`, /holder|NAME=KEY/],
  [`${init} --holder node-c=`, /holder|key/i],
  [`${init} --holder =node-c.pub`, /holder|name/],
  ...[
    ...["offline", "Node", "-n", ".n", "_n", "a/b", "a b", "../x", "é", "a:b", "n".repeat(65)],
    ...["offline-1", "a\nb"],
  ].map((name): [string, RegExp] => [`${init} --holder '${name}=node-c.pub'`, /name|holder/]),
];
for (const [line, says] of usage) {
  scenario(`a usage error, with nothing made: ${line}`, async (room) => {
    furnish(room);
    await room.fails(`${line} < in.plain`, 2, says);
    expect(room.has("D")).toBe(false);
  });
}

scenario("names of one and of 64 characters, and odd ones that are allowed", async (room) => {
  furnish(room);
  const long = `0${"x._-".repeat(15)}abc`;
  const line = `./recovery-init --dir D -k 2 --holder a=node-a.pub --holder ${long}=node-b.pub`;
  const { text } = await room.ok(`${line} --holder offline-x=node-c.pub < in.plain`);
  const more = {
    ...{ a: makeKey("node-a"), [long]: makeKey("node-b"), "offline-x": makeKey("node-c") },
  };
  audit(room, text, "D", more);
});

scenario("a key that is none is named by its holder, with nothing made", async (room) => {
  furnish(room);
  const literal = keys["node-c"]?.publicLine ?? "";
  room.file("two.pub", `${literal}\n${keys["node-d"]?.publicLine}\n`);
  room.file("nothing", "");
  await room.ok("mkdir folder");
  const wrong: [string, number][] = [
    [`${literal.slice(0, -1)}q`, 3],
    ["node-c.key", 3],
    ["two.pub", 3],
    ["nothing", 3],
    ["in.plain", 3],
    ["nowhere", 1],
    ["folder", 1],
    ["/dev/zero", 3],
  ];
  for (const [key, code] of wrong) {
    await room.fails(`${init} --holder node-c=${key} < in.plain`, code, /error: /);
  }
  const secret = keys["node-c"]?.secretLine;
  await room.fails(`${init} --holder node-c=${secret} < in.plain`, 2, /argument/);
});

scenario("secrets that cannot be read make nothing", async (room) => {
  furnish(room);
  await room.ok("mkdir folder");
  await room.fails(`${init} --secrets nowhere`, 1, /nowhere/);
  await room.fails(`${init} --secrets folder`, 1, /folder/);
  const closed = room.target === "source" ? 3 : 1;
  await room.fails(`${init} <&-`, closed, /empty|no |bad file descriptor/);
});

scenario("a place where no directory can be is exit 1", async (room) => {
  furnish(room);
  await room.fails(`${init.replace(" D", " in.plain")} < in.plain`, 1, /in\.plain/);
  await room.fails(`${init.replace(" D", " in.plain/D")} < in.plain`, 1, /in\.plain/);
});

scenario("an offline share that cannot be delivered means no scheme", async (room) => {
  furnish(room);
  for (const line of [
    `${init} < in.plain > /dev/full`,
    `( sleep 0.3; ${init} < in.plain; echo $? > code ) | true; exit $(cat code)`,
  ]) {
    const { code, stderr } = await room.run(line);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/recovery-init: error: /);
    expectNothingIn(room);
  }
  audit(room, (await room.ok(`${init} < in.plain`)).text);
});

scenario(
  "a share that was delivered in part is not one that was delivered",
  async (room) => {
    furnish(room);
    const names = Array.from(
      { length: 3 },
      (_, i) => `--holder n${i}=${makeKey(`n${i}`).publicLine}`,
    );
    const { stderr } = await room.run(
      `mkdir small; unshare -m sh -c 'mount -t tmpfs -o size=4k none small || exit 97
      head -c 3900 /dev/zero > small/filler
      ./recovery-init --dir D -k 3 ${names.join(" ")} --offline 2 < in.plain >> small/filler
      echo "code $?" >&2; umount small'`,
    );
    expect(stderr).toMatch(/^code 1$/m);
    expect(stderr).toMatch(/recovery-init: \w+: .*destroy/);
    expectNothingIn(room);
  },
  { needs: ownMounts() },
);

scenario(
  "a directory that may not be written is exit 1",
  async (room) => {
    furnish(room);
    await room.ok("chmod 644 *.pub in.plain; mkdir -m 555 D; mkdir -m 555 E");
    const line = init.replace("./", `${asNobody}./`);
    await room.fails(`${line} < in.plain`, 1, /D/);
    await room.fails(`${line.replace(" D", " E/D")} < in.plain`, 1, /E/);
  },
  { needs: anotherUser(...programFiles) },
);

for (const kib of [0, 4, 8, 12, 16, 20, 24]) {
  scenario(
    `a disk with ${kib} KiB left gets a whole scheme or none`,
    async (room) => {
      furnish(room);
      const script = `mkdir full; unshare -m sh -c 'mount -t tmpfs -o size=64k none full || exit 97
        dd if=/dev/zero of=full/filler bs=1k count=${64 - kib} 2> /dev/null
        ${init.replace(" D", " full/D")} < in.plain > share; echo $? > code
        ls -R full > listing; cp -r full/D copy; umount full' 2> said; exit $(cat code)`;
      const { code } = await room.run(script);
      const share = new TextDecoder().decode(room.read("share"));
      const said = new TextDecoder().decode(room.read("said"));
      if (code === 0) {
        audit(room, share, "copy");
        return;
      }
      expect(code, said).toBe(1);
      expect(said).toMatch(/^recovery-init: error: .*(space|full)/m);
      if (share !== "") expect(said).toMatch(/destroy/);
      const left = room.has("copy") ? readdirSync(join(room.dir, "copy")) : [];
      expect(left, said).toEqual([]);
    },
    { needs: ownMounts() },
  );
}

scenario(
  "of commands that race for one directory one wins, and no loser gives shares",
  async (room) => {
    furnish(room);
    await room.run(
      `for i in 1 2 3 4 5 6; do ( ${init} < in.plain > share.$i 2> said.$i; echo $? > code.$i ) & done; wait`,
    );
    const text = (name: string) => readFileSync(join(room.dir, name), "utf8");
    const codes = [1, 2, 3, 4, 5, 6].map((i) => text(`code.${i}`).trim());
    expect(codes.toSorted().join(""), codes.map((_, i) => text(`said.${i + 1}`)).join("")).toBe(
      "066666",
    );
    for (const [i, code] of codes.entries()) {
      if (code === "0") audit(room, text(`share.${i + 1}`));
      else expect(text(`share.${i + 1}`)).toBe("");
    }
    expect(await listing(room)).toEqual(expectedListing(1));
  },
);

scenario("shares into a file that others can read get a warning", async (room) => {
  furnish(room);
  await room.ok(`umask 022; ${init} < in.plain > open`, /recovery-init: warning: .*others/);
});

scenario("a sealed line is what seal makes: it is opened by its node alone", async (room) => {
  furnish(room);
  const { text } = await room.ok(`${init} < in.plain`);
  audit(room, text);
  const line = readFileSync(join(room.dir, "D/sealed-1/node-a"), "utf8").trim();
  const keyB = makeKey("node-b");
  expect(() => openSealed(line, keyB)).toThrow();
  await room.fails("./unseal --key node-b.key D/sealed-1/node-a", 5, /key/);
});

scenario("--help tells the commands' flags", async (room) => {
  const { text } = await room.ok("./recovery-init --help");
  for (const flag of ["--dir", "-k", "--holder", "--offline", "--secrets", "--allow-empty"]) {
    expect(text).toContain(flag);
  }
});
