// SSH keys as recipients and as keys: host keys as ssh-keygen makes them, and what is refused.

import { expect } from "bun:test";
import { concat, hex, sample, unhex } from "../oracle/bytes.ts";
import { boxOpen, parseSealed, recipientId } from "../oracle/sealed.ts";
import { encode } from "../oracle/text.ts";
import { pick, plaintext, sealed, sshA, sshB, twoOfThree } from "./fixtures.ts";
import { type Room, scenario } from "./harness.ts";
import { need, program } from "./needs.ts";

const sshKeygen = program("ssh-keygen", "Debian's openssh-client");
const python = ["/usr/bin/python3", "python3"].find((path) => {
  return Bun.which(path) !== null && Bun.spawnSync([path, "-c", "import nacl.bindings"]).success;
});
const pynacl = need(python !== undefined, "PyNaCl is missing (Debian's python3-nacl)");
const [one = "", two = ""] = twoOfThree.lines;

function furnish(room: Room): void {
  room.file("shares", pick(twoOfThree.lines, 1, 2));
  room.file("share", pick(twoOfThree.lines, 1));
  for (const [name, key] of Object.entries({ a: sshA, b: sshB })) {
    room.file(`${name}.pub`, `${key.publicLine}\n`);
    room.file(name, key.privateFile);
  }
}

/** A key by ssh-keygen, in the room. */
async function make(room: Room, flags: string): Promise<void> {
  await room.ok(`ssh-keygen -q ${flags}`);
}

scenario(
  "seal takes an SSH key as a file and in quotes, and unseal its other half",
  async (room) => {
    furnish(room);
    const { text } = await room.ok(`./seal a.pub '${sshB.publicLine}' < shares`);
    const lines = text.trimEnd().split("\n");
    [sshA, sshB].forEach(({ node }, i) => {
      const { recipient, box } = parseSealed(lines[i] ?? "");
      expect(hex(recipient)).toBe(hex(recipientId(node.public)));
      expect(new TextDecoder().decode(boxOpen(box, node))).toBe(twoOfThree.lines[i] ?? "");
    });
    room.file("lines", text);
    const both = await room.ok("./unseal --key a --key b lines");
    expect(both.text).toBe(`${one}\n${two}\n`);
    expect(both.stderr).toBe("");
    expect((await room.ok("./unseal --key - lines < b", /warning/)).text).toBe(
      `${lines[0]}\n${two}\n`,
    );
  },
);

scenario("unseal opens what is sealed to the key that an SSH key converts to", async (room) => {
  furnish(room);
  room.file("lines", `${sealed(one, sshA.node)}\n`);
  expect((await room.ok("./unseal --key a lines")).text).toBe(`${one}\n`);
  await room.fails("./unseal --key b lines", 5, new RegExp(hex(recipientId(sshB.node.public))));
});

scenario("keygen -y gives the wdpub of an SSH key, which is the same recipient", async (room) => {
  furnish(room);
  await room.ok("./keygen -y < a > a.wdpub");
  expect(new TextDecoder().decode(room.read("a.wdpub"))).toBe(`${sshA.node.publicLine}\n`);
  await room.fails("./seal a.wdpub a.pub < shares", 6, /same recipient/);
  await room.ok("./seal --force a.wdpub a.pub < shares | ./unseal --key a | ./combine > /dev/null");
});

scenario("lines of an SSH key may end as on Windows", async (room) => {
  furnish(room);
  room.file("w", sshA.privateFile.replaceAll("\n", "\r\n"));
  room.file("w.pub", `\ufeff${sshA.publicLine}\r\n`);
  await room.ok("./seal w.pub < share | ./unseal --key w | cmp - share");
});

scenario("unseal warns of an SSH private key that others can read", async (room) => {
  furnish(room);
  room.file("open", sshA.privateFile, 0o644);
  await room.ok("./seal a.pub < share | ./unseal --key open", /warning: others can read.*open/);
  const { stderr } = await room.ok("./seal a.pub < share > x; ./unseal --key a x");
  expect(stderr).not.toMatch(/private key/);
});

scenario("halves given for one another are refused, with a hint", async (room) => {
  furnish(room);
  const secrets = [sshA.privateFile.split("\n").slice(1, -2).join("")];
  const options = { secrets };
  await room.fails("./unseal --key a.pub share", 3, /expected a private key.*\n.*hint: /, options);
  await room.fails("./keygen -y < a.pub", 3, /expected a private key/, options);
  await room.fails("./seal a < share", 3, /expected a public key.*\n.*hint: .*\.pub/, options);
  await room.fails("./combine a", 3, /./, options);
  await room.fails("./inspect a.pub b.pub a nothing", 1, /nothing/, options);
});

scenario("an SSH private key as an argument is refused, and not repeated", async (room) => {
  furnish(room);
  const secrets = [sshA.privateFile, sshA.privateFile.split("\n")[2] ?? ""];
  for (const line of [
    './seal "$(cat a)" < share',
    "./seal $(cat a) < share",
    '"./inspect" "$(cat a)"',
  ]) {
    const { stderr } = await room.fails(line, 2, /key was given as an argument/, { secrets });
    for (const part of sshA.privateFile.split("\n").slice(1, -2))
      expect(stderr).not.toContain(part);
  }
});

scenario("SSH keys without a place are refused: options, joined lines, no quotes", async (room) => {
  furnish(room);
  await room.fails(`./seal 'restrict ${sshA.publicLine}' < share`, 3, /text before.*\n.*hint: /);
  await room.ok("cat a.pub b.pub > two; cat b.pub | tr -d '\\n' | cat - a.pub > joined");
  await room.fails("./seal two < share", 3, /text after/);
  await room.fails("./seal joined < share", 3, /text after.*\n.*hint: /);
  await room.fails("./seal $(cat a.pub) < share", 3, /hint: .*quotes/);
  await room.ok("cat a b > keys");
  await room.fails("./unseal --key keys share", 3, /text after/);
});

scenario("no prefix of an SSH key makes anything but an error", async (room) => {
  furnish(room);
  const publicLine = sshA.publicLine.split(" ").slice(0, 2).join(" ");
  for (let round = 1; round < 12; round++) {
    const part = (text: string) => text.slice(0, Math.floor(((text.length - 2) * round) / 12));
    room.file("bad", part(sshA.privateFile));
    await room.fails("./keygen -y < bad", 3, /./);
    room.file("bad.pub", part(publicLine));
    await room.fails("./seal bad.pub < share", 3, /./);
  }
});

scenario(
  "host keys as ssh-keygen makes them hold shares of a vault, from peace to the worst day",
  async (room) => {
    await make(room, "-t ed25519 -N '' -f host_a -C 'root@node a (rack 3)'");
    await make(room, "-t ed25519 -N '' -f host_b");
    room.file("in.plain", plaintext);
    await room.ok(
      "./vault-close -o v in.plain | ./split -k 2 -n 3 | ./seal host_a.pub host_b.pub - -o lines",
    );
    await room.ok(
      "./unseal --key host_a lines | ./combine | ./vault-open v | cmp - in.plain",
      /left/,
    );
    await room.ok(
      "head -2 lines | ./unseal --key host_a --key host_b | ./combine | ./vault-open v | cmp - in.plain",
    );
    const told = await room.ok("./inspect host_a.pub; ./inspect host_a");
    const [first = "", second = ""] = told.text.trimEnd().split("\n");
    expect(first.replace(/^.* key +/, "")).toBe(second.replace(/^.* key +/, ""));
  },
  { needs: [sshKeygen] },
);

scenario(
  "ssh-keygen reads what the tests call a key of OpenSSH's, and gives its public half",
  async (room) => {
    furnish(room);
    expect((await room.ok("ssh-keygen -y -f a")).text).toBe(`${sshA.publicLine}\n`);
  },
  { needs: [sshKeygen] },
);

scenario(
  "other keys of ssh-keygen's are refused by both halves, and by name",
  async (room) => {
    furnish(room);
    await make(room, "-t rsa -b 2048 -N '' -f rsa");
    await make(room, "-t ecdsa -N '' -f ecdsa");
    await make(room, "-t ed25519 -N '' -f plain");
    await room.ok("ssh-keygen -q -s rsa -I node -n node plain.pub 2> /dev/null");
    const kinds = { rsa: /RSA/, ecdsa: /ECDSA/ };
    for (const [name, says] of Object.entries(kinds)) {
      await room.fails(`./seal ${name}.pub < share`, 3, says);
      await room.fails(`./seal "$(cat ${name}.pub)" < share`, 3, says);
      await room.fails(`./unseal --key ${name} share`, 3, says);
      await room.fails(`./inspect ${name}`, 3, says);
    }
    await room.fails("./seal plain-cert.pub < share", 3, /certificate/);
    await make(room, "-t rsa -b 2048 -m PEM -N '' -f pem");
    await make(room, "-t rsa -b 2048 -m PKCS8 -N '' -f pkcs8");
    for (const name of ["pem", "pkcs8"]) {
      await room.fails(`./unseal --key ${name} share`, 3, /not an OpenSSH.*\n.*hint: .*keygen/);
    }
  },
  { needs: [sshKeygen] },
);

scenario(
  "a key with a passphrase is refused, and a copy without one is taken, as the hint says",
  async (room) => {
    furnish(room);
    await make(room, "-t ed25519 -N 'correct horse' -f host");
    await room.ok("./seal host.pub < share > sealed");
    const { stderr } = await room.fails("./unseal --key host sealed", 3, /passphrase/);
    const hint = /cp FILE COPY && ssh-keygen -p -N '' -f COPY/.exec(stderr)?.[0] ?? "";
    expect(hint).not.toBe("");
    const line = hint.replaceAll("COPY", "copy").replace("FILE", "host");
    await room.ok(`${line.replace("-p", "-q -p -P 'correct horse'")} > /dev/null`);
    expect((await room.ok("./unseal --key copy sealed")).text).toBe(`${one}\n`);
  },
  { needs: [sshKeygen] },
);

const convertAndOpen = `
import sys
from nacl.bindings import crypto_sign_seed_keypair
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey
seed, box = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2])
key = SigningKey(seed)
print(bytes(key.verify_key.to_curve25519_public_key()).hex())
print(SealedBox(key.to_curve25519_private_key()).decrypt(box).decode("ascii"))
`;

scenario(
  "PyNaCl converts an SSH key as seal does, and opens what seal has sealed to it",
  async (room) => {
    furnish(room);
    const { text } = await room.ok("./seal a.pub b.pub < shares");
    for (const [i, name] of ["root@node-a", "root@node-b"].entries()) {
      const { box } = parseSealed(text.split("\n")[i] ?? "");
      const child = Bun.spawnSync(
        [python ?? "python3", "-c", convertAndOpen, hex(sample(`ssh ${name}`, 32)), hex(box)],
        { env: room.env },
      );
      expect(child.stderr.toString()).toBe("");
      const [publicKey = "", share = ""] = child.stdout.toString().split("\n");
      expect(share).toBe(twoOfThree.lines[i] ?? "");
      const wdpub = encode("wdpub", concat(Uint8Array.of(1), unhex(publicKey)));
      expect((await room.ok(`./keygen -y < ${"ab"[i]}`)).text).toBe(`${wdpub}\n`);
    }
  },
  { needs: [pynacl] },
);
