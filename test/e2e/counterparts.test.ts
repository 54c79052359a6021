// Two-way against other people's programs: PyNaCl, libsodium, privy's shamir-secret-sharing.

import { expect } from "bun:test";
import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";
import { combine, split } from "shamir-secret-sharing";
import { concat, hash, hex, sample, unhex, utf8 } from "../oracle/bytes.ts";
import { boxOpen, makeKey, parseSealed, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { combineLines, parseShare, shareLine } from "../oracle/share.ts";
import { decode, encode } from "../oracle/text.ts";
import { closeVault, keyId, openVault } from "../oracle/vault.ts";
import { master, nodeA, nodeB, payloadOf, pick, plaintext, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";
import { need } from "./needs.ts";

const python = ["/usr/bin/python3", "python3"].find((path) => {
  return Bun.which(path) !== null && Bun.spawnSync([path, "-c", "import nacl.public"]).success;
});
const pynacl = need(python !== undefined, "PyNaCl is missing (Debian's python3-nacl)");

async function runPython(room: Room, program: string, ...args: string[]): Promise<string> {
  const child = Bun.spawn([python ?? "python3", "-c", program, ...args], {
    cwd: room.dir,
    env: room.env,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [said, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect(await child.exited, errors).toBe(0);
  return said;
}

const openBox = `
import sys
from nacl.public import PrivateKey, SealedBox
key = PrivateKey(bytes.fromhex(sys.argv[1]))
sys.stdout.write(SealedBox(key).decrypt(bytes.fromhex(sys.argv[2])).decode("ascii"))
`;
const makeBox = `
import sys
from nacl.public import PublicKey, SealedBox
box = SealedBox(PublicKey(bytes.fromhex(sys.argv[1]))).encrypt(sys.argv[2].encode("ascii"))
sys.stdout.write(box.hex())
`;

function furnish(room: Room): void {
  room.file("shares", pick(twoOfThree.lines, 1, 2));
  room.file("a.key", `${nodeA.secretLine}\n`);
  room.file("b.key", `${nodeB.secretLine}\n`);
}

async function boxesOf(room: Room): Promise<Uint8Array[]> {
  const { text } = await room.ok(`./seal ${nodeA.publicLine} ${nodeB.publicLine} < shares`);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => parseSealed(line).box);
}

scenario(
  "PyNaCl's SealedBox opens what seal has sealed",
  async (room) => {
    furnish(room);
    const boxes = await boxesOf(room);
    for (const [i, key] of [nodeA, nodeB].entries()) {
      const share = await runPython(room, openBox, hex(key.secret), hex(boxes[i] ?? key.secret));
      expect(share).toBe(twoOfThree.lines[i] ?? "");
    }
  },
  { needs: [pynacl] },
);

scenario(
  "unseal opens what PyNaCl's SealedBox has sealed",
  async (room) => {
    furnish(room);
    const share = twoOfThree.lines[2] ?? "";
    const box = unhex(await runPython(room, makeBox, hex(nodeA.public), share));
    room.file("sealed", `${sealedLine(sealedAround(box, share, nodeA.public))}\n`);
    expect((await room.ok("./unseal --key a.key sealed")).text).toBe(`${share}\n`);
  },
  { needs: [pynacl] },
);

scenario(
  "PyNaCl derives the public key that keygen prints",
  async (room) => {
    const { text } = await room.ok("./keygen -o k > k.pub; ./keygen -y < k");
    const secretLine = new TextDecoder().decode(room.read("k")).match(/^wdkey1\S+$/m)?.[0] ?? "";
    room.file("again", `${secretLine}\n`);
    const program = `
import sys
from nacl.public import PrivateKey
sys.stdout.write(bytes(PrivateKey(bytes.fromhex(sys.argv[1])).public_key).hex())
`;
    const said = await runPython(room, program, hex(decode("wdkey", secretLine).slice(1)));
    expect(text).toBe(`${encode("wdpub", concat(Uint8Array.of(1), unhex(said)))}\n`);
  },
  { needs: [pynacl] },
);

scenario("libsodium opens what seal has sealed", async (room) => {
  await sodium.ready;
  furnish(room);
  const boxes = await boxesOf(room);
  for (const [i, key] of [nodeA, nodeB].entries()) {
    const share = sodium.crypto_box_seal_open(boxes[i] ?? key.secret, key.public, key.secret);
    expect(new TextDecoder().decode(share)).toBe(twoOfThree.lines[i] ?? "");
  }
});

scenario("unseal opens what libsodium has sealed", async (room) => {
  await sodium.ready;
  furnish(room);
  const lines = [nodeA, nodeB].map((key, i) => {
    const share = twoOfThree.lines[i] ?? "";
    const box = sodium.crypto_box_seal(utf8(share), key.public);
    expect(new TextDecoder().decode(boxOpen(box, key))).toBe(share);
    return sealedLine(sealedAround(box, share, key.public));
  });
  room.file("sealed", `${lines.join("\n")}\n`);
  const { text } = await room.ok("./unseal --key a.key --key b.key sealed");
  expect(text).toBe(pick(twoOfThree.lines, 1, 2));
});

scenario(
  "libsodium opens the chunks of a vault, and vault-open those of libsodium",
  async (room) => {
    await sodium.ready;
    const keyOf = (header: Uint8Array) => hash("worstday file", 32, header, master);
    const nonceOf = (header: Uint8Array) => concat(header.slice(48, 64), unhex("0000000000000001"));
    room.file("key.master", master);
    room.file("in.plain", plaintext);
    await room.ok("./vault-close -o v --key-file key.master < in.plain");
    const bytes = room.read("v");
    const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      bytes.slice(80),
      null,
      nonceOf(bytes),
      keyOf(bytes.slice(0, 80)),
    );
    expect(hex(opened)).toBe(hex(plaintext));
    const header = closeVault(master, plaintext, "by libsodium").slice(0, 80);
    const chunk = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      plaintext,
      null,
      null,
      nonceOf(header),
      keyOf(header),
    );
    room.file("w", concat(header, chunk));
    await room.ok("./vault-open w < key.master | cmp - in.plain");
  },
);

scenario("privy's combine takes y, then x, of the shares that split makes", async (room) => {
  const secret = sample("for privy", 32);
  room.file("in.secret", secret);
  for (const [k, n] of [
    [2, 3],
    [3, 5],
    [5, 5],
  ] as const) {
    const { text } = await room.ok(`./split -k ${k} -n ${n} < in.secret`);
    const cut = text
      .trimEnd()
      .split("\n")
      .slice(-k)
      .map((line) => {
        const { x, y } = parseShare(line);
        return concat(y.slice(16), Uint8Array.of(x));
      });
    expect(hex(await combine(cut))).toBe(hex(secret));
  }
});

scenario(
  "combine takes the shares that privy's split makes of a tag and a secret",
  async (room) => {
    const secret = sample("from privy", 32);
    for (const k of [2, 3, 5]) {
      const set = sample(`privy ${k}`, 8);
      const parts = await split(payloadOf(set, k, 255, secret), 5, k);
      const lines = parts.map((part) => {
        const [y, x] = [part.slice(0, -1), part.at(-1) ?? 0];
        return shareLine({ version: 1, set, k, n: 255, x, y });
      });
      room.file("shares", `${lines.slice(0, k).join("\n")}\n`);
      expect(hex((await room.ok("./combine shares")).stdout)).toBe(hex(secret));
      room.file("shares", `${lines.join("\n")}\n`);
      const all = await room.ok("./combine --strict shares");
      expect(hex(all.stdout)).toBe(hex(secret));
      expect(all.stderr).toBe("");
    }
  },
);

scenario("random keys, secrets and contents go both ways through the oracle", async (room) => {
  for (let round = 0; round < 3; round++) {
    const key = makeKey(hex(randomBytes(8)));
    const contents = new Uint8Array(randomBytes(1 + 5000 * round));
    room.file("key", `${key.secretLine}\n`);
    room.file("in.plain", contents);
    const { text } = await room.ok(
      `rm -f v; ./vault-close -o v < in.plain | ./split -k 2 -n 2 | ./seal ${key.publicLine} -`,
    );
    const [sealedOne = "", plainTwo = ""] = text.trimEnd().split("\n");
    const opened = new TextDecoder().decode(boxOpen(parseSealed(sealedOne).box, key));
    const found = combineLines([opened, plainTwo]);
    expect(hex(room.read("v").slice(16, 48))).toBe(hex(keyId(found)));
    expect(hex(openVault(found, room.read("v")))).toBe(hex(contents));
  }
});
