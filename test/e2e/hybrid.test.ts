// Hybrid keys in the executables, which load lib/hybrid when such a key or line is there.

import { expect } from "bun:test";
import { scenario } from "./harness.ts";

scenario(
  "a scheme of a hybrid key, an X25519 key and an offline share",
  async ({ file, ok, fails }) => {
    file("in.secrets", "secrets");
    await ok("./keygen --hybrid -o h.key > h.pub && ./keygen -y < h.key | cmp - h.pub");
    await ok("./keygen -o x.key > x.pub");
    const holders = "--holder node-a=h.pub --holder node-b=x.pub";
    await ok(`./recovery-init --dir D -k 2 ${holders} --secrets in.secrets -o kept`);
    expect((await ok("./recovery-verify --dir D --key h.key")).text).toMatch(/ML-KEM-768/);
    await ok("cat D/sealed-1/node-a kept | ./unseal --key h.key > both");
    await ok("./recovery-reconstruct --dir D both -o out && cmp out in.secrets");
    await ok("./inspect D/scheme.json D/sealed-1/* h.key h.pub > facts");
    await ok("tr q p < D/sealed-1/node-a > bad");
    const hint = /in a line this long it does not tell where: copy the whole line again/;
    await fails("./unseal --key h.key bad", 3, hint);
  },
  { smoke: true },
);
