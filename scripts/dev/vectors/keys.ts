/** Public and private keys. */

import { concat } from "../../../lib/core/bytes.ts";
import { encodePrivateKey, encodePublicKey } from "../../../lib/wire/keys.ts";
import { encodeText } from "../../../lib/wire/text.ts";
import { lines, shareLines, shares, type Vectors, vector } from "./vector.ts";

/** RFC 7748, section 6.1: Alice's keys. */
export const alicePrivate = Uint8Array.fromHex(
  "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
);
export const alicePublic = Uint8Array.fromHex(
  "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
);

const ones = "ff".repeat(30);
const lowOrder = {
  0: "00".repeat(32),
  1: `01${"00".repeat(31)}`,
  "p-1": `ec${ones}7f`,
  "8a": "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "8b": "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
};

export function keyVectors(): Vectors {
  const seal = (about: string, ...tokens: Uint8Array[]) => {
    const stdin = shareLines(...shares("key", 1, 1));
    return vector(about, "seal node.pub", stdin, "malformed", { "node.pub": lines(...tokens) });
  };
  const point = (about: string, hex: string) =>
    seal(about, encodePublicKey(Uint8Array.fromHex(hex)));
  const privateKey = (about: string, token: Uint8Array) =>
    vector(about, "keygen -y", lines(token), "malformed");
  const behind = (byte: number, key: Uint8Array) => concat(Uint8Array.of(byte), key);
  const alice = encodePublicKey(alicePublic);
  const low = Object.entries(lowOrder).map(([name, hex]) => {
    return [`pub-low-order-${name}`, point("a point of low order", hex)];
  });
  return {
    "key-public-of-private": vector(
      "the public key of RFC 7748's private one, behind hyphens and a comment",
      "keygen -y",
      lines("----", "# a comment", encodePrivateKey(alicePrivate)),
      lines(alice),
    ),
    "key-version-3": privateKey("unknown version", encodeText("wdkey", behind(3, alicePrivate))),
    "key-31-bytes": privateKey("too short", encodeText("wdkey", behind(1, alicePrivate.slice(1)))),
    "key-is-public": privateKey("a public key instead", alice),
    "pub-version-3": seal("unknown version", encodeText("wdpub", behind(3, alicePublic))),
    "pub-33-bytes": seal("too long", encodeText("wdpub", behind(1, behind(0, alicePublic)))),
    "pub-is-private": seal("a private key instead", encodePrivateKey(alicePrivate)),
    "pub-two": seal("two keys in the file", alice, alice, new Uint8Array()),
    "pub-top-bit": seal("the top bit set", encodePublicKey(alicePublic.with(31, 0xea))),
    "pub-p": point("u = p", `ed${ones}7f`),
    "pub-p-plus-8": point("u = p + 8", `f5${ones}7f`),
    ...Object.fromEntries(low),
  };
}
