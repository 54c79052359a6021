// vault-close and vault-open: sizes, keys, key files, pipes and large vaults.

import { expect } from "bun:test";
import { hex, sample, utf8 } from "../oracle/bytes.ts";
import { closeVault, keyId, openVault } from "../oracle/vault.ts";
import { MiB, master, otherMaster, plaintext, vault } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";
import { program } from "./needs.ts";

function furnish(room: Room): void {
  room.file("key.master", master);
  room.file("wrong.master", otherMaster);
  room.file("in.plain", plaintext);
  room.file("vault", vault);
}

function vaultBytes(size: number): number {
  return 80 + size + 16 * Math.max(1, Math.ceil(size / MiB));
}

for (const size of [1, 15, 16, 1000, MiB - 1, MiB, MiB + 1, 2 * MiB, 2 * MiB + 1]) {
  scenario(
    `a plaintext of ${size} bytes is closed as the design says, and comes back`,
    async (room) => {
      const data = sample("data", size);
      room.file("in.plain", data);
      const { stdout } = await room.ok("./vault-close -o v < in.plain");
      expect(stdout.length).toBe(32);
      expect(room.read("v").length).toBe(vaultBytes(size));
      expect(hex(openVault(stdout, room.read("v")))).toBe(hex(data));
      room.file("new.master", stdout);
      await room.ok("./vault-open v < new.master | cmp - in.plain");
      await room.ok("./vault-open v -o out < new.master; cmp out in.plain");
      await room.ok("cat in.plain | ./vault-close -o w > other.master");
      await room.ok("cat other.master | ./vault-open w | cmp - in.plain");
    },
  );

  scenario(`a vault of ${size} bytes made elsewhere is opened`, async (room) => {
    furnish(room);
    const data = sample("data", size);
    room.file("v", closeVault(master, data, "elsewhere"));
    room.file("want", data);
    await room.ok("./vault-open v < key.master | cmp - want");
  });
}

scenario("an empty plaintext needs --allow-empty", async (room) => {
  furnish(room);
  await room.fails("./vault-close -o v < /dev/null", 3, /empty/);
  await room.fails("./vault-close -o v --key-file key.master < /dev/null", 3, /empty/);
  const { stdout } = await room.ok("./vault-close -o v --allow-empty < /dev/null");
  expect(room.read("v").length).toBe(96);
  expect(openVault(stdout, room.read("v")).length).toBe(0);
  room.file("new.master", stdout);
  expect((await room.ok("./vault-open v < new.master")).text).toBe("");
  await room.ok("./vault-open v -o out < new.master");
  expect(room.read("out").length).toBe(0);
  await room.ok("./vault-close -o w --allow-empty --key-file key.master < in.plain");
});

scenario("two vaults of one plaintext have nothing in common", async (room) => {
  furnish(room);
  await room.ok(
    "./vault-close -o a < in.plain > a.master; ./vault-close -o b < in.plain > b.master",
  );
  expect(hex(room.read("a.master"))).not.toBe(hex(room.read("b.master")));
  await room.ok("./vault-close -o c --key-file key.master < in.plain");
  await room.ok("./vault-close -o d --key-file key.master < in.plain");
  expect(hex(room.read("c").slice(0, 48))).toBe(hex(room.read("d").slice(0, 48)));
  expect(hex(room.read("c").slice(48, 64))).not.toBe(hex(room.read("d").slice(48, 64)));
});

scenario("vault-close --key-file uses that key and prints nothing", async (room) => {
  furnish(room);
  const { text } = await room.ok("./vault-close -o v --key-file key.master < in.plain");
  expect(text).toBe("");
  expect(hex(room.read("v").slice(16, 48))).toBe(hex(keyId(master)));
  expect(hex(openVault(master, room.read("v")))).toBe(hex(plaintext));
});

scenario(
  "vault-close --key-file - takes the key from stdin and the plaintext from a file",
  async (room) => {
    furnish(room);
    const { text } = await room.ok("./vault-close -o v --key-file - in.plain < key.master");
    expect(text).toBe("");
    expect(hex(openVault(master, room.read("v")))).toBe(hex(plaintext));
  },
);

for (const size of [0, 1, 31, 33, 64, 100_000]) {
  scenario(`a key of ${size} bytes is malformed`, async (room) => {
    furnish(room);
    room.file("odd.master", sample("odd key", size));
    const says = size === 0 ? /32|empty|no key/ : /32/;
    await room.fails("./vault-open vault < odd.master", 3, says);
    await room.fails("./vault-open vault -o out < odd.master", 3, says);
    await room.fails("./vault-close -o v --key-file odd.master < in.plain", 3, says);
    await room.fails("./vault-close -o v --key-file - in.plain < odd.master", 3, says);
  });
}

scenario("a key in hex, or with a newline after it, is malformed", async (room) => {
  furnish(room);
  room.file("hex.secret", hex(master));
  await room.fails("./vault-open vault < hex.secret", 3, /32/);
  await room.fails("( cat key.master; echo ) | ./vault-open vault", 3, /32/);
});

scenario("a wrong key is a mismatch that names both keys", async (room) => {
  furnish(room);
  const given = hex(keyId(otherMaster)).slice(0, 4);
  const wanted = hex(keyId(master)).slice(0, 4);
  const says = new RegExp(`${given}.*${wanted}`);
  await room.fails("./vault-open vault < wrong.master", 5, says);
  await room.fails("./vault-open vault -o out < wrong.master", 5, says);
});

scenario("a vault comes through a pipe that has a name", async (room) => {
  furnish(room);
  await room.ok("mkfifo pipe");
  const got = await room.ok("cat vault > pipe & ./vault-open pipe < key.master");
  expect(got.text).toBe(new TextDecoder().decode(plaintext));
  await room.ok("cat vault > pipe & ./vault-open pipe -o out < key.master");
  expect(hex(room.read("out"))).toBe(hex(plaintext));
  await room.fails("cat vault > pipe & ./vault-open pipe < wrong.master", 5, /./);
  await room.fails("head -c 100 vault > pipe & ./vault-open pipe < key.master", 5, /./);
  await room.fails("head -c 50 vault > pipe & ./vault-open pipe < key.master", 3, /./);
});

scenario("the vault and the key may both come through slow pipes", async (room) => {
  furnish(room);
  await room.ok("mkfifo pipe");
  const { text } = await room.ok(
    "( for i in 0 40 80 120; do tail -c +$((i + 1)) vault | head -c 40; sleep 0.05; done ) > pipe &" +
      " ( head -c 7 key.master; sleep 0.1; tail -c 25 key.master ) | ./vault-open pipe",
  );
  expect(text).toBe(new TextDecoder().decode(plaintext));
});

scenario("a plaintext in odd pieces is the same plaintext", async (room) => {
  furnish(room);
  room.file("big.plain", sample("pieces", 2 * MiB + 77));
  await room.ok(
    "( head -c 1048575 big.plain; sleep 0.05; tail -c +1048576 big.plain | head -c 2; sleep 0.05;" +
      " tail -c +1048578 big.plain ) | ./vault-close -o v --key-file key.master",
  );
  expect(hex(openVault(master, room.read("v")))).toBe(hex(room.read("big.plain")));
});

scenario("vault-open -o never shows a part of the file under its name", async (room) => {
  furnish(room);
  room.file("big", closeVault(master, sample("whole", 3 * MiB)));
  await room.ok("mkfifo pipe");
  const child = Bun.spawn(["sh", "-c", "exec ./vault-open pipe -o out < key.master"], {
    cwd: room.dir,
    env: room.env,
    stderr: "pipe",
  });
  await room.run(
    "( head -c 2500000 big; sleep 0.6; tail -c +2500001 big ) > pipe & sleep 0.4; ls -A > seen",
  );
  expect(await child.exited).toBe(0);
  expect(new TextDecoder().decode(room.read("seen")).split("\n")).not.toContain("out");
  expect(room.read("out").length).toBe(3 * MiB);
});

const large = 65;

scenario(
  `a vault of ${large} MiB goes through pipes both ways`,
  async (room) => {
    furnish(room);
    await room.ok(`head -c ${large * MiB} /dev/urandom > big.plain`);
    await room.ok("cat big.plain | ./vault-close -o v > new.master");
    expect(room.read("v").length).toBe(vaultBytes(large * MiB));
    await room.ok("./vault-open v < new.master | cmp - big.plain");
    await room.ok(
      "mkfifo pipe; cat v > pipe & ./vault-open pipe -o out < new.master; cmp out big.plain",
    );
  },
  { alone: true },
);

scenario(
  `a vault above 64 MiB that is no regular file needs -o`,
  async (room) => {
    furnish(room);
    await room.ok(
      `head -c ${large * MiB} /dev/zero | ./vault-close -o v > new.master; mkfifo pipe`,
    );
    const { code, stderr } = await room.run(
      "cat v > pipe 2> /dev/null & cat=$!; ./vault-open pipe < new.master > out; code=$?;" +
        " kill $cat 2> /dev/null; exit $code",
    );
    expect([2, 6], stderr).toContain(code);
    expect(stderr).toMatch(/^vault-open: (error|hint): .*-o\b/m);
    expect(room.read("out").length).toBe(0);
  },
  { alone: true },
);

scenario(
  `a large vault damaged in its last chunk yields nothing at all on stdout`,
  async (room) => {
    furnish(room);
    await room.ok(`head -c ${large * MiB} /dev/zero | ./vault-close -o v > new.master`);
    await room.ok(`head -c ${vaultBytes(large * MiB) - 1} v > cut; rm v`);
    await room.fails("./vault-open cut < new.master", 5, /chunk/);
    await room.fails("./vault-open cut -o out < new.master", 5, /chunk/);
  },
  { alone: true },
);

// A process that the test runner starts is charged with the runner's own memory; Python is small.
const peakOf = `import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=open("key"), stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
`;

scenario(
  "vault-open keeps under 160 MiB of memory whatever the size of the vault",
  async (room) => {
    room.file("peak.py", peakOf);
    for (const size of [64, 300]) {
      await room.ok(`umask 077; head -c ${size * MiB} /dev/zero | ./vault-close -o v > key`);
      for (const line of ["./vault-open v", "./vault-open v -o out"]) {
        const { text, stderr } = await room.run(`python3 peak.py ${line}`);
        expect(stderr).toBe("");
        expect(Number(text) / 1024).toBeGreaterThan(1);
        expect(Number(text) / 1024).toBeLessThan(160);
      }
      await room.ok("rm v out");
    }
  },
  { only: "dist", alone: true, needs: [program("python3", "to measure memory")] },
);

scenario("a vault holds a tar of this very directory", async (room) => {
  room.file("tree/a", sample("a", 5000));
  room.file("tree/b", utf8("b\n"));
  await room.ok("tar c tree | ./vault-close -o v > key; mkdir back");
  await room.ok("./vault-open v < key | tar x -C back; diff -r tree back/tree");
});
