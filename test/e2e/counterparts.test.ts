// Two-way against PyNaCl and ssh-keygen. libsodium and privy's shamir-secret-sharing meet the library in
// test/core, test/nacl and test/wire; what makes an SSH key good or bad is test/ssh's.

import { expect } from "bun:test";
import { concat, hex, nth, sample, unhex } from "../oracle/bytes.ts";
import { boxOpen, parseSealed, recipientId, sealedAround, sealedLine } from "../oracle/sealed.ts";
import { decode, encode } from "../oracle/text.ts";
import { nodeA, nodeB, sshA, sshB, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";
import { need, program } from "./needs.ts";

const python = ["/usr/bin/python3", "python3"].find((path) => {
  return Bun.which(path) !== null && Bun.spawnSync([path, "-c", "import nacl.public"]).success;
});
const pynacl = need(python !== undefined, "PyNaCl is missing (Debian's python3-nacl)");
const sshKeygen = program("ssh-keygen", "Debian's openssh-client");
const [one = "", two = "", three = ""] = twoOfThree.lines;

function runPython(program: string, ...args: string[]): string {
  const { stdout, stderr } = Bun.spawnSync([python ?? "python3", "-c", program, ...args]);
  expect(stderr.toString()).toBe("");
  return stdout.toString();
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
const convertAndOpen = `
import sys
from nacl.public import SealedBox
from nacl.signing import SigningKey
seed, box = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2])
key = SigningKey(seed)
print(bytes(key.verify_key.to_curve25519_public_key()).hex())
print(SealedBox(key.to_curve25519_private_key()).decrypt(box).decode("ascii"))
`;
const publicLine = (digits: string) => encode("wdpub", concat(Uint8Array.of(1), unhex(digits)));

function putSshKeys({ file }: Sandbox): void {
  for (const [name, key] of Object.entries({ ssh: sshA, other: sshB })) {
    file(`${name}.pub`, `${key.publicLine}\n`);
    file(name, key.privateFile);
  }
}

scenario(
  "PyNaCl opens what seal has sealed, seals what unseal opens, and derives and converts keys alike",
  async (sandbox) => {
    const { file, ok, text } = sandbox;
    putSshKeys(sandbox);
    const lines = (await ok("cat shares share | ./seal a.pub b.pub ssh.pub")).text.split("\n");
    const [first, second, third] = lines.slice(0, 3).map((line) => hex(parseSealed(line).box));
    expect(runPython(openBox, hex(nodeA.secret), first ?? "")).toBe(one);
    expect(runPython(openBox, hex(nodeB.secret), second ?? "")).toBe(two);
    const seed = hex(sample("ssh root@node-a", 32));
    const converted = runPython(convertAndOpen, seed, third ?? "").split("\n");
    expect(converted).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), one, ""]);
    expect((await ok("./keygen -y < ssh")).text).toBe(`${publicLine(nth(converted, 0))}\n`);

    const box = unhex(runPython(makeBox, hex(nodeA.public), three));
    file("sealed", `${sealedLine(sealedAround(box, three, nodeA.public))}\n`);
    expect((await ok("./unseal --key a.key sealed")).text).toBe(`${three}\n`);
    await ok("./keygen -o k > k.pub");
    const secretLine = text("k").match(/^wdkey1\S+$/m)?.[0] ?? "";
    const publicKey = runPython(publicOf, hex(decode("wdkey", secretLine).slice(1)));
    expect(text("k.pub")).toBe(`${publicLine(publicKey)}\n`);
  },
  { needs: [pynacl] },
);

scenario(
  "seal takes an SSH key as a file and in quotes, and unseal its other half",
  async (sandbox) => {
    const { file, ok, fails } = sandbox;
    putSshKeys(sandbox);
    const { text } = await ok(`./seal ssh.pub '${sshB.publicLine}' < shares`);
    const lines = text.trimEnd().split("\n");
    [sshA, sshB].forEach(({ node }, i) => {
      const { recipient, box } = parseSealed(nth(lines, i));
      expect(hex(recipient)).toBe(hex(recipientId(node.public)));
      expect(new TextDecoder().decode(boxOpen(box, node))).toBe(nth(twoOfThree.lines, i));
    });
    file("lines", text);
    const both = await ok("./unseal --key ssh --key other lines");
    expect([both.text, both.stderr]).toEqual([`${one}\n${two}\n`, ""]);
    const part = await ok("./unseal --key - lines < other", /warning/);
    expect(part.text).toBe(`${lines[0]}\n${two}\n`);
    await fails(`./seal ssh.pub ${sshA.node.publicLine} < shares`, 6, /same recipient/);
    const secrets = sshA.privateFile.split("\n").slice(1, -2);
    await fails('./seal "$(cat ssh)" < share', 2, /looks like a share or a private key/, {
      secrets,
    });
    await fails("./unseal --key ssh.pub share", 3, /expected a private key/);
  },
  { smoke: true },
);

scenario(
  "host keys as ssh-keygen makes them hold shares of a vault, and other keys are refused by name",
  async (sandbox) => {
    const { ok, fails } = sandbox;
    putSshKeys(sandbox);
    expect((await ok("ssh-keygen -y -f ssh")).text).toBe(`${sshA.publicLine}\n`);
    const make = (flags: string) => ok(`ssh-keygen -q -N '' ${flags}`);
    await make("-t ed25519 -f host_a -C 'root@node a (rack 3)'");
    await make("-t ed25519 -f host_b");
    await ok(
      "./vault-close -o v in.plain | ./split -k 2 -n 2 | ./seal host_a.pub host_b.pub > lines",
    );
    const open = "./combine | ./vault-open v | cmp - in.plain";
    await ok(`./unseal --key host_a --key host_b lines | ${open}`);
    await make("-t rsa -b 2048 -f rsa");
    await make("-t ecdsa -f ecdsa");
    await ok("ssh-keygen -q -s rsa -I node -n node host_a.pub 2> /dev/null");
    await fails('./seal "$(cat rsa.pub)" < share', 3, /RSA/);
    await fails("./unseal --key ecdsa share", 3, /ECDSA/);
    await fails("./seal host_a-cert.pub < share", 3, /certificate/);
    await make("-t rsa -b 2048 -m PEM -f pem");
    await fails("./unseal --key pem share", 3, /not an OpenSSH.*\n.*hint: .*keygen/);
  },
  { needs: [sshKeygen] },
);

scenario(
  "a key with a passphrase is refused, and a copy without one is taken, as the hint says",
  async ({ ok, fails }) => {
    await ok("ssh-keygen -q -t ed25519 -N 'correct horse' -f host");
    await ok("./seal host.pub < share > mine");
    const { stderr } = await fails("./unseal --key host mine", 3, /passphrase/);
    const hint = /cp FILE COPY && ssh-keygen -p -N '' -f COPY/.exec(stderr)?.[0] ?? "";
    expect(hint).not.toBe("");
    const line = hint.replaceAll("COPY", "copy").replace("FILE", "host");
    await ok(`${line.replace("-p", "-q -p -P 'correct horse'")} > /dev/null`);
    await ok("./unseal --key copy mine | cmp - share");
  },
  { needs: [sshKeygen] },
);
