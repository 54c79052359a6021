import { expect, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { publicKeyOf } from "../../lib/nacl/x25519-key.ts";
import { decodeShares, type Keyring, makeKeyring, unseal } from "../../lib/pipes/unseal.ts";
import { sealShare } from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { expectFailure } from "../core/helpers.ts";
import { mistyped } from "../wire/read-token.ts";

const [a, b] = [1, 2].map((seed) => new Uint8Array(32).fill(seed)) as [Uint8Array, Uint8Array];
const [share] = deal(ascii("secret"), 2, 3) as [Share];
const line = encodeShare(share);
const where = "line 1";

async function unsealToken(token: Uint8Array, keyring: Keyring) {
  const [one] = await decodeShares([{ where, token }]);
  return unseal(one as NonNullable<typeof one>, keyring);
}

test("unseal() opens with any of the keys, and only with the right one", async () => {
  const sealed = await sealShare(share, await publicKeyOf(b));
  const opened = await unsealToken(sealed, await makeKeyring([a, b]));
  expect(opened).toEqual({ where, state: "opened", line });
  const foreign = await unsealToken(sealed, await makeKeyring([a]));
  expect(foreign).toMatchObject({ where, state: "foreign", line: sealed });
  expect(foreign.recipient).toMatch(/^[0-9a-f]{16}$/);
});

test("unseal() lets plain shares pass, in canonical form", async () => {
  const upper = ascii(String.fromCharCode(...line).toUpperCase());
  expect(await unsealToken(upper, new Map())).toEqual({ where, state: "plain", line });
});

test("unseal() refuses what is sealed to one of the keys and damaged, and says where", async () => {
  const sealed = await sealShare(share, await publicKeyOf(a));
  const keyring = await makeKeyring([a]);
  const wrongKey = new Map([...keyring.keys()].map((id) => [id, b]));
  await expectFailure("mismatch", /^line 1: .*does not open/, () => unsealToken(sealed, wrongKey));
});

test("decodeShares() says what is wrong with a line, and where", async () => {
  const decode = (token: Uint8Array) => () => decodeShares([{ where, token }]);
  await expectFailure("malformed", /^line 1: expected/, decode(ascii("wdother1qqq")));
  const typo = decode(mistyped(line, 4, 1));
  await expectFailure("malformed", /^line 1: 1 symbol looks wrong: group 2/, typo);
});
