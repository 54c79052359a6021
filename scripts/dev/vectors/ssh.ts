/** OpenSSH's keys. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ascii, concat } from "../../../lib/core/bytes.ts";
import type { Share } from "../../../lib/core/sharing.ts";
import { encodePublicKey } from "../../../lib/wire/keys.ts";
import { sealShare } from "../../../lib/wire/sealed-share.ts";
import {
  armor,
  type PrivateParts,
  partsOf,
  privateBytes,
  publicLine,
  publicPart,
  sshString,
} from "./ssh-file.ts";
import {
  fixedRandom,
  lines,
  shareLines,
  shares,
  type Vector,
  type Vectors,
  vector,
} from "./vector.ts";

/** RFC 8032, section 7.1, test 1. */
const seed = Uint8Array.fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const publicKey = ed25519.getPublicKey(seed);

/** A point of order 8, and what it makes of the key when it is added. */
const eighth = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
const outside = ed25519.Point.fromBytes(publicKey).add(ed25519.Point.fromHex(eighth)).toBytes();

export async function sshVectors(): Promise<Vectors> {
  const parts = partsOf(seed);
  const good = armor(privateBytes(parts));
  const line = publicLine(publicPart(publicKey));
  const converted = ed25519.utils.toMontgomery(publicKey);
  const wdpub = lines(encodePublicKey(converted));
  const [share] = shares("ssh", 2, 3) as [Share];
  const sealed = await sealShare(share, converted, fixedRandom("ssh"));
  const rsa = concat(sshString("ssh-rsa"), sshString(Uint8Array.of(1, 0, 1)), sshString(seed));

  const seal = (about: string, file: Uint8Array) => {
    const stdin = shareLines(...shares("ssh", 1, 1));
    return vector(about, "seal node.pub", stdin, "malformed", { "node.pub": file });
  };
  const publicFile = (about: string, part: Uint8Array) => seal(about, lines(publicLine(part)));
  const point = (about: string, hex: string) =>
    publicFile(about, publicPart(Uint8Array.fromHex(hex)));
  const privateFile = (about: string, file: Uint8Array, outcome: Vector["outcome"] = "malformed") =>
    vector(about, "keygen -y", file, outcome);
  const privateKey = (about: string, change: Partial<PrivateParts>) =>
    privateFile(about, armor(privateBytes({ ...parts, ...change })));
  const byte = Uint8Array.of(0);
  const padding = Uint8Array.from({ length: 257 }, (_, i) => i + 1);
  const padded = armor(privateBytes({ ...parts, padding }));
  return {
    "ssh-public-of-private": privateFile("what RFC 8032's first key converts to", good, wdpub),
    "ssh-crlf": privateFile("CRLF at the ends of lines", armor(privateBytes(parts), "\r\n"), wdpub),
    "ssh-long-padding": privateFile("padding of more than 256 bytes", padded, wdpub),
    "ssh-unseals": vector(
      "a share that is sealed to the converted key",
      "unseal --key node.key",
      lines(sealed),
      shareLines(share),
      { "node.key": good },
    ),
    "ssh-same-recipient": vector(
      "an SSH key and the key that it converts to",
      "seal node.pub ssh.pub",
      shareLines(...shares("ssh", 2, 2)),
      "refused",
      { "node.pub": wdpub, "ssh.pub": lines(line) },
    ),
    "ssh-pub-small-order": point("a point of order 8", eighth),
    "ssh-pub-identity": point("the neutral element", `01${"00".repeat(31)}`),
    "ssh-pub-torsion": publicFile("outside the subgroup of prime order", publicPart(outside)),
    "ssh-pub-off-curve": point("no point has y = 2", `02${"00".repeat(31)}`),
    "ssh-pub-not-below-p": point("y = p + 3", `f0${"ff".repeat(30)}7f`),
    "ssh-pub-33-bytes": publicFile("too long", publicPart(concat(publicKey, byte))),
    "ssh-pub-trailing": publicFile("a byte behind the key", concat(publicPart(publicKey), byte)),
    "ssh-pub-rsa": seal("an RSA key", lines(publicLine(rsa, "node", "ssh-rsa"))),
    "ssh-pub-rsa-inside": publicFile("an RSA key that calls itself ed25519", rsa),
    "ssh-pub-options": seal("options in front", concat(ascii("restrict "), lines(line))),
    "ssh-pub-joined": seal(
      "two keys on a line",
      concat(line, lines(publicLine(publicPart(outside)))),
    ),
    "ssh-pub-is-private": seal("a private key instead", good),
    "ssh-key-is-public": privateFile("a public key instead", lines(line)),
    "ssh-key-encrypted": privateKey("with a passphrase", { cipher: "aes256-ctr", kdf: "bcrypt" }),
    "ssh-key-kdf-options": privateKey("options of no key derivation", { options: ascii("x") }),
    "ssh-key-rsa": privateKey("an RSA key", { outer: rsa }),
    "ssh-key-two": privateKey("two keys", { count: 2 }),
    "ssh-key-checks": privateKey("check numbers that differ", { checks: ascii("somesame") }),
    "ssh-key-inner-public": privateKey("another public key inside", { inner: publicPart(outside) }),
    "ssh-key-secret-public": privateKey("another public key behind the seed", {
      secret: concat(seed, outside),
    }),
    "ssh-key-seed": privateKey("another seed", { secret: concat(publicKey, publicKey) }),
    "ssh-key-padding": privateKey("padding of zeros", { padding: byte }),
    "ssh-key-odd-length": privateKey("a private part of no multiple of 8 bytes", {
      padding: Uint8Array.of(1, 2),
    }),
    "ssh-key-63-bytes": privateKey("a private half that is too short", {
      secret: concat(seed, publicKey).slice(0, 63),
    }),
    "ssh-key-trailing": privateKey("a byte behind it all", { tail: byte }),
    "ssh-key-magic": privateKey("another version", { magic: "openssh-key-v2\0" }),
    "ssh-key-cut": privateFile("cut short", armor(privateBytes(parts).slice(0, -1))),
    "ssh-key-no-end": privateFile("without its last line", good.slice(0, good.indexOf(0x2d, 40))),
  };
}
