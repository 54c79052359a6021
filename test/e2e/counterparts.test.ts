// Two-way against PyNaCl. libsodium and privy's shamir-secret-sharing meet the library in test/core,
// test/nacl and test/wire.

import { expect } from "bun:test";
import { concat, hex, nth, unhex } from "../oracle/bytes.ts";
import { parseSealed, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { decode, encode } from "../oracle/text.ts";
import { nodeA, nodeB, twoOfThree } from "./fixtures.ts";
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
