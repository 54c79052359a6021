/** Public and private keys. */

import { ascii, concat } from "../../../lib/core/bytes.ts";
import { encodePrivateKey, encodePublicKey } from "../../../lib/wire/keys.ts";
import { encodeText } from "../../../lib/wire/text.ts";
import { lines, shareLines, shares, type Vector } from "./vector.ts";

/** RFC 7748, section 6.1: Alice's keys. */
export const alicePrivate = Uint8Array.fromHex(
  "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
);
export const alicePublic = Uint8Array.fromHex(
  "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
);

const lowOrder = {
  0: "00".repeat(32),
  1: `01${"00".repeat(31)}`,
  "p-1": `ec${"ff".repeat(30)}7f`,
  "8a": "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "8b": "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
};

export function keyVectors(): Record<string, Vector> {
  const recipient = (about: string, token: Uint8Array): Vector => ({
    about,
    command: ["seal", "node.pub"],
    stdin: shareLines(...shares("key", 1, 1)),
    files: { "node.pub": lines(token) },
    error: "malformed",
  });
  const privateKey = (about: string, token: Uint8Array): Vector => ({
    about,
    command: ["keygen", "-y"],
    stdin: lines(token),
    error: "malformed",
  });
  const version = (byte: number, key: Uint8Array) => concat(Uint8Array.of(byte), key);
  const vectors: Record<string, Vector> = {
    "key-public-of-private": {
      about: "the public key of RFC 7748's private one, behind comments",
      command: ["keygen", "-y"],
      stdin: concat(ascii("# a comment\n"), lines(encodePrivateKey(alicePrivate))),
      stdout: lines(encodePublicKey(alicePublic)),
    },
    "key-version-2": privateKey("unknown version", encodeText("wdkey", version(2, alicePrivate))),
    "key-31-bytes": privateKey("too short", encodeText("wdkey", version(1, alicePrivate.slice(1)))),
    "key-is-public": privateKey("a public key instead", encodePublicKey(alicePublic)),
    "pub-version-2": recipient("unknown version", encodeText("wdpub", version(2, alicePublic))),
    "pub-33-bytes": recipient("too long", encodeText("wdpub", version(1, version(0, alicePublic)))),
    "pub-is-private": recipient("a private key instead", encodePrivateKey(alicePrivate)),
    "pub-two": recipient(
      "two keys in the file",
      lines(encodePublicKey(alicePublic), encodePublicKey(alicePublic)),
    ),
    "pub-top-bit": recipient("the top bit set", encodePublicKey(alicePublic.with(31, 0xea))),
    "pub-p": recipient("u = p", encodePublicKey(Uint8Array.fromHex(`ed${"ff".repeat(30)}7f`))),
    "pub-p-plus-8": recipient(
      "u = p + 8",
      encodePublicKey(Uint8Array.fromHex(`f5${"ff".repeat(30)}7f`)),
    ),
  };
  for (const [name, hex] of Object.entries(lowOrder)) {
    const token = encodePublicKey(Uint8Array.fromHex(hex));
    vectors[`pub-low-order-${name}`] = recipient("a point of low order", token);
  }
  return vectors;
}
