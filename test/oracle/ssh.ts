// OpenSSH's ed25519 keys, written byte by byte as PROTOCOL.key says, and the node keys they stand for.

import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, sample, utf8 } from "./bytes.ts";
import { type NodeKey, nodeKey } from "./sealed.ts";

export type SshKey = {
  publicLine: string;
  privateFile: string;
  /** The X25519 key that it converts to. */
  node: NodeKey;
};

function string(content: Uint8Array | string): Buffer {
  const bytes = typeof content === "string" ? utf8(content) : content;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A key that is the same on every run; X25519 clamps the hash of its seed. */
export function makeSshKey(seed: string): SshKey {
  const secret = sample(`ssh ${seed}`, 32);
  const publicKey = ed25519.getPublicKey(secret);
  const half = Buffer.concat([string("ssh-ed25519"), string(publicKey)]);
  const checks = Buffer.from("samesame");
  const rest = [string(concat(secret, publicKey)), string(seed)];
  const filled = Buffer.concat([checks, half, ...rest]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (filled.length % 8)) % 8));
  const whole = Buffer.concat([
    utf8("openssh-key-v1\0"),
    string("none"),
    string("none"),
    string(""),
    Buffer.from([0, 0, 0, 1]),
    string(half),
    string(Buffer.concat([filled, padding])),
  ]);
  const body = (whole.toString("base64").match(/.{1,70}/g) ?? []).join("\n");
  const hash = createHash("sha512").update(secret).digest();
  return {
    publicLine: `ssh-ed25519 ${half.toString("base64")} ${seed}`,
    privateFile: `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
    node: nodeKey(new Uint8Array(hash.subarray(0, 32))),
  };
}
