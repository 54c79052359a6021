// Hybrid keys in the executables, which load lib/hybrid when such a key or line is there.

import { expect } from "bun:test";
import { scenario } from "./harness.ts";

scenario(
  "a scheme of a hybrid key, an X25519 key and an offline share",
  async ({ file, ok, fails }) => {
    file("in.plain", "secrets");
    await ok("./keygen --hybrid -o a.key > a.pub && ./keygen -y < a.key | cmp - a.pub");
    await ok("./keygen -o b.key > b.pub");
    const holders = "--holder node-a=a.pub --holder node-b=b.pub";
    await ok(`./recovery-init --dir D -k 2 ${holders} --secrets in.plain -o offline`);
    expect((await ok("./recovery-verify --dir D --key a.key")).text).toMatch(/ML-KEM-768/);
    await ok("cat D/sealed-1/node-a offline | ./unseal --key a.key > shares");
    await ok("./recovery-reconstruct --dir D shares -o out && cmp out in.plain");
    await ok("./inspect D/scheme.json D/sealed-1/* a.key a.pub > facts");
    await ok("tr q p < D/sealed-1/node-a > bad");
    const hint = /in a line this long it does not tell where: copy the whole line again/;
    await fails("./unseal --key a.key bad", 3, hint);
  },
  { smoke: true },
);
