/** What `npm run timing` must flag, and a floor of what it can tell: see targets.ts. */

export function equalLeaky(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function multiplyBranchy(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    if (b & 1) product ^= a;
    a = a & 0x80 ? (a << 1) ^ 0x11b : a << 1;
    b >>= 1;
  }
  return product;
}

/** Free of branches to look at, but -0 is no integer: the interpreter takes it another way. */
export function multiplyNegating(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    product ^= a & -(b & 1);
    a = (a << 1) ^ (0x11b & -(a >> 7));
    b >>= 1;
  }
  return product;
}

/** What the processor itself makes of the values: there is nothing here to take another way. */
export function operateOnly(a: number, b: number): number {
  let last = 0;
  for (let bit = 0; bit < 8; bit++) {
    last = a & b;
    last = a | b;
    last = a ^ b;
  }
  return last;
}
