import { expect, test } from "bun:test";
import { ascii } from "../../lib/core/bytes.ts";
import { deal, type Share } from "../../lib/core/sharing.ts";
import { sealShare } from "../../lib/wire/sealed-share.ts";
import { encodeShare } from "../../lib/wire/share.ts";
import { type Keyring, makeKeyring, readToken } from "../../lib/wire/unseal.ts";
import { publicKeyOf } from "../../lib/wire/x25519-key.ts";
import { expectFailure } from "../core/helpers.ts";

const [a, b] = [1, 2].map((seed) => new Uint8Array(32).fill(seed)) as [Uint8Array, Uint8Array];
const [share] = deal(ascii("secret"), 2, 3) as [Share];
const line = encodeShare(share);

const unsealToken = async (token: Uint8Array, keyring: Keyring) => readToken(token)(keyring);

test("readToken() opens with any of the keys, and only with the right one", async () => {
  const sealed = await sealShare(share, await publicKeyOf(b));
  const opened = await unsealToken(sealed, await makeKeyring([a, b]));
  expect(opened).toEqual({ state: "opened", line });
  const foreign = await unsealToken(sealed, await makeKeyring([a]));
  expect(foreign).toMatchObject({ state: "foreign", line: sealed });
  expect(foreign.recipient).toMatch(/^[0-9a-f]{16}$/);
});

test("readToken() lets plain shares pass, in canonical form", async () => {
  const upper = ascii(String.fromCharCode(...line).toUpperCase());
  expect(await unsealToken(upper, new Map())).toEqual({ state: "plain", line });
});

test("readToken() refuses what is sealed to one of the keys and damaged", async () => {
  const sealed = await sealShare(share, await publicKeyOf(a));
  const keyring = await makeKeyring([a]);
  const wrongKey = new Map([...keyring.keys()].map((id) => [id, b]));
  await expectFailure("mismatch", /does not open/, () => unsealToken(sealed, wrongKey));
  await expectFailure("malformed", /expected/, () => unsealToken(ascii("wdother1qqq"), keyring));
});
