// Two-way against other people's programs: PyNaCl, libsodium, privy's shamir-secret-sharing.

import { expect } from "bun:test";
import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";
import { combine, split } from "shamir-secret-sharing";
import { concat, hash, hex, nth, sample, unhex, utf8 } from "../oracle/bytes.ts";
import { boxOpen, makeKey, parseSealed, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { combineLines, parseShare, shareLine } from "../oracle/share.ts";
import { decode, encode } from "../oracle/text.ts";
import { closeVault, keyId, openVault } from "../oracle/vault.ts";
import { master, nodeA, nodeB, payloadOf, pick, plaintext, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";
import { need } from "./needs.ts";

const python = ["/usr/bin/python3", "python3"].find((path) => {
  return Bun.which(path) !== null && Bun.spawnSync([path, "-c", "import nacl.public"]).success;
});
const pynacl = need(python !== undefined, "PyNaCl is missing (Debian's python3-nacl)");

function runPython(program: string, ...args: string[]): string {
  const { stdout, stderr } = Bun.spawnSync([python ?? "python3", "-c", program, ...args]);
  expect(stderr.toString()).toBe("");
  return stdout.toString();
}

async function boxesOf({ ok }: Sandbox): Promise<Uint8Array[]> {
  const { text } = await ok("./seal a.pub b.pub < shares");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => parseSealed(line).box);
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
const publicOf = `
import sys
from nacl.public import PrivateKey
sys.stdout.write(bytes(PrivateKey(bytes.fromhex(sys.argv[1])).public_key).hex())
`;

scenario(
  "PyNaCl opens what seal has sealed, seals what unseal opens, and derives keygen's keys",
  async (sandbox) => {
    const { file, ok, text } = sandbox;
    for (const [i, box] of (await boxesOf(sandbox)).entries()) {
      const share = runPython(openBox, hex(nth([nodeA, nodeB], i).secret), hex(box));
      expect(share).toBe(nth(twoOfThree.lines, i));
    }
    const share = nth(twoOfThree.lines, 2);
    const box = unhex(runPython(makeBox, hex(nodeA.public), share));
    file("sealed", `${sealedLine(sealedAround(box, share, nodeA.public))}\n`);
    expect((await ok("./unseal --key a.key sealed")).text).toBe(`${share}\n`);

    await ok("./keygen -o k > k.pub");
    const secretLine = text("k").match(/^wdkey1\S+$/m)?.[0] ?? "";
    const publicKey = runPython(publicOf, hex(decode("wdkey", secretLine).slice(1)));
    expect(text("k.pub")).toBe(`${encode("wdpub", concat(Uint8Array.of(1), unhex(publicKey)))}\n`);
  },
  { needs: [pynacl] },
);

scenario("libsodium opens what seal has sealed, and seals what unseal opens", async (sandbox) => {
  await sodium.ready;
  for (const [i, box] of (await boxesOf(sandbox)).entries()) {
    const key = nth([nodeA, nodeB], i);
    const share = sodium.crypto_box_seal_open(box, key.public, key.secret);
    expect(new TextDecoder().decode(share)).toBe(nth(twoOfThree.lines, i));
  }
  const lines = [nodeA, nodeB].map((key, i) => {
    const share = nth(twoOfThree.lines, i);
    return sealedLine(
      sealedAround(sodium.crypto_box_seal(utf8(share), key.public), share, key.public),
    );
  });
  sandbox.file("sealed", `${lines.join("\n")}\n`);
  const { text } = await sandbox.ok("./unseal --key a.key --key b.key sealed");
  expect(text).toBe(pick(twoOfThree.lines, 1, 2));
});

scenario(
  "libsodium opens the chunks of a vault, and vault-open those of libsodium",
  async ({ file, ok, read }) => {
    await sodium.ready;
    const keyOf = (header: Uint8Array) => hash("worstday file", 32, header, master);
    const nonce = unhex("000000000000000000000001");
    await ok("./vault-close -o v --key-file key.master < in.plain");
    const [header, chunk] = [read("v").slice(0, 80), read("v").slice(80)];
    const open = sodium.crypto_aead_chacha20poly1305_ietf_decrypt;
    expect(hex(open(null, chunk, null, nonce, keyOf(header)))).toBe(hex(plaintext));
    const other = closeVault(master, plaintext, "by libsodium").slice(0, 80);
    const seal = sodium.crypto_aead_chacha20poly1305_ietf_encrypt;
    file("w", concat(other, seal(plaintext, null, null, nonce, keyOf(other))));
    await ok("./vault-open w < key.master | cmp - in.plain");
  },
);

scenario(
  "privy's combine takes y, then x, of the shares of split; combine those of its split",
  async ({ file, ok }) => {
    for (const [k, n] of [
      [2, 3],
      [3, 5],
      [5, 5],
    ] as const) {
      const { text } = await ok(`./split -k ${k} -n ${n} < key.master`);
      const some = text.trimEnd().split("\n").slice(-k).map(parseShare);
      const cut = some.map(({ x, y }) => concat(y.slice(16), Uint8Array.of(x)));
      expect(hex(await combine(cut))).toBe(hex(master));

      const set = sample(`privy ${k}`, 8);
      const parts = await split(payloadOf(set, k, 255, master), 5, k);
      const lines = parts.map((part) => {
        return shareLine({ version: 1, set, k, n: 255, x: part.at(-1) ?? 0, y: part.slice(0, -1) });
      });
      file("given", `${lines.slice(0, k).join("\n")}\n`);
      await ok("./combine given | cmp - key.master");
      file("given", `${lines.join("\n")}\n`);
      expect((await ok("./combine --strict given | cmp - key.master")).stderr).toBe("");
    }
  },
);

scenario(
  "random keys, secrets and contents go both ways through the oracle",
  async ({ file, ok, read }) => {
    for (let round = 0; round < 3; round++) {
      const key = makeKey(hex(randomBytes(8)));
      const contents = new Uint8Array(randomBytes(1 + 5000 * round));
      file("key", `${key.secretLine}\n`);
      file("in.plain", contents);
      const { text } = await ok(
        `rm -f v; ./vault-close -o v < in.plain | ./split -k 2 -n 2 | ./seal ${key.publicLine} -`,
      );
      const [sealedOne = "", plainTwo = ""] = text.trimEnd().split("\n");
      const opened = new TextDecoder().decode(boxOpen(parseSealed(sealedOne).box, key));
      const found = combineLines([opened, plainTwo]);
      expect(hex(read("v").slice(16, 48))).toBe(hex(keyId(found)));
      expect(hex(openVault(found, read("v")))).toBe(hex(contents));
    }
  },
);
