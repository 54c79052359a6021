// SSH keys as recipients and as keys: host keys as ssh-keygen makes them, and what is refused. What makes
// a key good or bad is test/ssh's.

import { expect } from "bun:test";
import { concat, hex, nth, sample, unhex } from "../oracle/bytes.ts";
import { boxOpen, parseSealed, recipientId } from "../oracle/sealed.ts";
import { encode } from "../oracle/text.ts";
import { pick, sealed, sshA, sshB, twoOfThree } from "./fixtures.ts";
import { type Sandbox, scenario } from "./harness.ts";
import { need, program } from "./needs.ts";

const sshKeygen = program("ssh-keygen", "Debian's openssh-client");
const python = ["/usr/bin/python3", "python3"].find((path) => {
  return Bun.which(path) !== null && Bun.spawnSync([path, "-c", "import nacl.bindings"]).success;
});
const pynacl = need(python !== undefined, "PyNaCl is missing (Debian's python3-nacl)");
const [one = "", two = ""] = twoOfThree.lines;

function prepare({ file }: Sandbox): void {
  for (const [name, key] of Object.entries({ ssh: sshA, other: sshB })) {
    file(`${name}.pub`, `${key.publicLine}\n`);
    file(name, key.privateFile);
  }
}

scenario(
  "seal takes an SSH key as a file and in quotes, and unseal its other half",
  async (sandbox) => {
    const { file, ok, fails, text: textOf } = sandbox;
    prepare(sandbox);
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
    file("converted", `${sealed(one, sshA.node)}\n`);
    await ok("./unseal --key ssh converted | cmp - share");
    const id = new RegExp(hex(recipientId(sshB.node.public)));
    await fails("./unseal --key other converted", 5, id);
    await ok("./keygen -y < ssh > wdpub");
    expect(textOf("wdpub")).toBe(`${sshA.node.publicLine}\n`);
    await fails("./seal wdpub ssh.pub < shares", 6, /same recipient/);
  },
  { smoke: true },
);

scenario(
  "what is no whole SSH key, or in a place where it cannot be, is refused and not repeated",
  async (sandbox) => {
    const { ok, fails, file } = sandbox;
    prepare(sandbox);
    const secrets = sshA.privateFile.split("\n").slice(1, -2);
    await ok("cat ssh.pub other.pub > two; cat other.pub | tr -d '\\n' | cat - ssh.pub > joined");
    await ok("cat ssh other > keys");
    file("cut", sshA.privateFile.slice(0, 200));
    for (const [line, code, says] of [
      ["./unseal --key ssh.pub share", 3, /expected a private key.*\n.*hint: /],
      ["./keygen -y < ssh.pub", 3, /expected a private key/],
      ["./keygen -y < cut", 3, /./],
      ["./seal ssh < share", 3, /expected a public key.*\n.*hint: .*\.pub/],
      ["./combine ssh", 3, /./],
      ['./seal "$(cat ssh)" < share', 2, /looks like a share or a private key/],
      ["./seal $(cat ssh) < share", 2, /looks like a share or a private key/],
      [`./seal 'restrict ${sshA.publicLine}' < share`, 3, /text before.*\n.*hint: /],
      ["./seal two < share", 3, /text after/],
      ["./seal joined < share", 3, /text after.*\n.*hint: /],
      ["./seal $(cat ssh.pub) < share", 3, /hint: .*quotes/],
      ["./unseal --key keys share", 3, /text after/],
    ] as const) {
      await fails(line, code, says, { secrets });
    }
  },
);

scenario(
  "host keys as ssh-keygen makes them hold shares of a vault, from peace to the worst day",
  async (sandbox) => {
    const { ok } = sandbox;
    prepare(sandbox);
    expect((await ok("ssh-keygen -y -f ssh")).text).toBe(`${sshA.publicLine}\n`);
    await ok("ssh-keygen -q -t ed25519 -N '' -f host_a -C 'root@node a (rack 3)'");
    await ok("ssh-keygen -q -t ed25519 -N '' -f host_b");
    await ok(
      "./vault-close -o v in.plain | ./split -k 2 -n 3 | ./seal host_a.pub host_b.pub - -o lines",
    );
    const open = "./combine | ./vault-open v | cmp - in.plain";
    await ok(`./unseal --key host_a lines | ${open}`, /left/);
    await ok(`head -2 lines | ./unseal --key host_a --key host_b | ${open}`);
    const told = await ok("./inspect host_a.pub; ./inspect host_a");
    const [first = "", second = ""] = told.text.trimEnd().split("\n");
    expect(first.replace(/^.* key +/, "")).toBe(second.replace(/^.* key +/, ""));
  },
  { needs: [sshKeygen] },
);

scenario(
  "other keys of ssh-keygen's are refused by both halves, and by name",
  async (sandbox) => {
    const { ok, fails } = sandbox;
    const make = (flags: string) => ok(`ssh-keygen -q -N '' ${flags}`);
    await make("-t rsa -b 2048 -f rsa");
    await make("-t ecdsa -f ecdsa");
    await make("-t ed25519 -f plain");
    await ok("ssh-keygen -q -s rsa -I node -n node plain.pub 2> /dev/null");
    for (const [name, says] of Object.entries({ rsa: /RSA/, ecdsa: /ECDSA/ })) {
      await fails(`./seal ${name}.pub < share`, 3, says);
      await fails(`./seal "$(cat ${name}.pub)" < share`, 3, says);
      await fails(`./unseal --key ${name} share`, 3, says);
      await fails(`./inspect ${name}`, 3, says);
    }
    await fails("./seal plain-cert.pub < share", 3, /certificate/);
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

const convertAndOpen = `
import sys
from nacl.public import SealedBox
from nacl.signing import SigningKey
seed, box = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2])
key = SigningKey(seed)
print(bytes(key.verify_key.to_curve25519_public_key()).hex())
print(SealedBox(key.to_curve25519_private_key()).decrypt(box).decode("ascii"))
`;
scenario(
  "PyNaCl converts an SSH key as seal does, and opens what seal has sealed to it",
  async (sandbox) => {
    prepare(sandbox);
    const { text } = await sandbox.ok("./seal ssh.pub < share");
    const seed = hex(sample("ssh root@node-a", 32));
    const command = [python ?? "python3", "-c", convertAndOpen, seed, hex(parseSealed(text).box)];
    const child = Bun.spawnSync(command);
    expect(child.stderr.toString()).toBe("");
    const [publicKey = "", share] = child.stdout.toString().split("\n");
    expect(`${share}\n`).toBe(pick(twoOfThree.lines, 1));
    const wdpub = encode("wdpub", concat(Uint8Array.of(1), unhex(publicKey)));
    expect((await sandbox.ok("./keygen -y < ssh")).text).toBe(`${wdpub}\n`);
  },
  { needs: [pynacl] },
);
