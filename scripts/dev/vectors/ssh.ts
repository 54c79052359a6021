/** OpenSSH's keys. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ascii, concat } from "../../../lib/core/bytes.ts";
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
import { fixedRandom, lines, shareLines, shares, type Vector } from "./vector.ts";

/** RFC 8032, section 7.1, test 1. */
const seed = Uint8Array.fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const publicKey = ed25519.getPublicKey(seed);

/** A point of order 8, and what it makes of the key when it is added. */
const eighth = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
const outside = ed25519.Point.fromBytes(publicKey).add(ed25519.Point.fromHex(eighth)).toBytes();

export async function sshVectors(): Promise<Record<string, Vector>> {
  const recipient = (about: string, file: Uint8Array): Vector => ({
    about,
    command: ["seal", "node.pub"],
    stdin: shareLines(...shares("ssh", 1, 1)),
    files: { "node.pub": file },
    error: "malformed",
  });
  const point = (about: string, hex: string) =>
    recipient(about, lines(publicLine(publicPart(Uint8Array.fromHex(hex)))));
  const publicFile = (about: string, part: Uint8Array) => recipient(about, lines(publicLine(part)));
  const privateFile = (about: string, file: Uint8Array): Vector => {
    return { about, command: ["keygen", "-y"], stdin: file, error: "malformed" };
  };
  const parts = partsOf(seed);
  const privateKey = (about: string, change: Partial<PrivateParts>) =>
    privateFile(about, armor(privateBytes({ ...parts, ...change })));
  const good = armor(privateBytes(parts));
  const converted = ed25519.utils.toMontgomery(publicKey);
  const wdpub = lines(encodePublicKey(converted));
  const converts = (about: string, file: Uint8Array): Vector => {
    return { about, command: ["keygen", "-y"], stdin: file, stdout: wdpub };
  };
  const [share] = shares("ssh", 2, 3);
  if (!share) throw new Error("no share");
  const sealed = await sealShare(share, converted, fixedRandom("ssh"));
  const rsa = concat(sshString("ssh-rsa"), sshString(Uint8Array.of(1, 0, 1)), sshString(seed));
  return {
    "ssh-public-of-private": converts("what RFC 8032's first key converts to", good),
    "ssh-crlf": converts("CRLF at the ends of lines", armor(privateBytes(parts), "\r\n")),
    "ssh-long-padding": converts(
      "padding of more than 8 bytes",
      armor(privateBytes({ ...parts, padding: Uint8Array.from({ length: 9 }, (_, i) => i + 1) })),
    ),
    "ssh-unseals": {
      about: "a share that is sealed to the converted key",
      command: ["unseal", "--key", "node.key"],
      stdin: lines(sealed),
      files: { "node.key": good },
      stdout: shareLines(share),
    },
    "ssh-same-recipient": {
      about: "an SSH key and the key that it converts to",
      command: ["seal", "node.pub", "ssh.pub"],
      stdin: shareLines(...shares("ssh", 2, 2)),
      files: { "node.pub": wdpub, "ssh.pub": lines(publicLine(publicPart(publicKey))) },
      error: "refused",
    },
    "ssh-pub-small-order": point("a point of order 8", eighth),
    "ssh-pub-identity": point("the neutral element", `01${"00".repeat(31)}`),
    "ssh-pub-torsion": publicFile("outside the subgroup of prime order", publicPart(outside)),
    "ssh-pub-off-curve": point("no point has y = 2", `02${"00".repeat(31)}`),
    "ssh-pub-not-below-p": point("y = p + 3", `f0${"ff".repeat(30)}7f`),
    "ssh-pub-33-bytes": publicFile("too long", publicPart(concat(publicKey, Uint8Array.of(0)))),
    "ssh-pub-trailing": publicFile(
      "a byte behind the key",
      concat(publicPart(publicKey), Uint8Array.of(0)),
    ),
    "ssh-pub-rsa": recipient("an RSA key", lines(publicLine(rsa, "node", "ssh-rsa"))),
    "ssh-pub-rsa-inside": publicFile("an RSA key that calls itself ed25519", rsa),
    "ssh-pub-options": recipient(
      "options in front",
      concat(ascii("restrict "), lines(publicLine(publicPart(publicKey)))),
    ),
    "ssh-pub-joined": recipient(
      "two keys on a line",
      concat(publicLine(publicPart(publicKey)), lines(publicLine(publicPart(outside)))),
    ),
    "ssh-pub-is-private": recipient("a private key instead", good),
    "ssh-key-is-public": privateFile(
      "a public key instead",
      lines(publicLine(publicPart(publicKey))),
    ),
    "ssh-key-encrypted": privateKey("with a passphrase", { cipher: "aes256-ctr", kdf: "bcrypt" }),
    "ssh-key-kdf-options": privateKey("options of no key derivation", { options: ascii("x") }),
    "ssh-key-rsa": privateKey("an RSA key", { outer: rsa }),
    "ssh-key-two": privateKey("two keys", { count: 2 }),
    "ssh-key-checks": privateKey("check numbers that differ", { checks: ascii("somesame") }),
    "ssh-key-inner-public": privateKey("another public key inside", {
      inner: publicPart(outside),
    }),
    "ssh-key-secret-public": privateKey("another public key behind the seed", {
      secret: concat(seed, outside),
    }),
    "ssh-key-seed": privateKey("another seed", { secret: concat(publicKey, publicKey) }),
    "ssh-key-padding": privateKey("padding of zeros", { padding: new Uint8Array(1) }),
    "ssh-key-odd-length": privateKey("a private part of no multiple of 8 bytes", {
      padding: Uint8Array.of(1, 2),
    }),
    "ssh-key-63-bytes": privateKey("a private half that is too short", {
      secret: concat(seed, publicKey).slice(0, 63),
    }),
    "ssh-key-trailing": privateKey("a byte behind it all", { tail: Uint8Array.of(0) }),
    "ssh-key-magic": privateKey("another version", { magic: "openssh-key-v2\0" }),
    "ssh-key-cut": privateFile("cut short", armor(privateBytes(parts).slice(0, -1))),
    "ssh-key-no-end": privateFile("without its last line", good.slice(0, good.indexOf(0x2d, 40))),
  };
}
