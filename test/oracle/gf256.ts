// GF(256) modulo x^8 + x^4 + x^3 + x + 1, and polynomials over it, in the most obvious way.

/** Russian-peasant product. */
export function multiply(left: number, right: number): number {
  let [a, b, product] = [left, right, 0];
  while (b > 0) {
    if ((b & 1) === 1) product ^= a;
    a <<= 1;
    if (a > 0xff) a ^= 0x11b;
    b >>= 1;
  }
  return product;
}

/** The inverse, found by trying every element. */
export function invert(value: number): number {
  for (let candidate = 1; candidate < 256; candidate++) {
    if (multiply(value, candidate) === 1) return candidate;
  }
  throw new RangeError("0 has no inverse");
}

/** The value at `x` of the polynomial whose coefficients are given, the constant first. */
export function evaluate(coefficients: number[], x: number): number {
  let [sum, power] = [0, 1];
  for (const coefficient of coefficients) {
    sum ^= multiply(coefficient, power);
    power = multiply(power, x);
  }
  return sum;
}

/** The value at 0 of the polynomial through the points, by Lagrange. */
export function interpolate(points: { x: number; y: number }[]): number {
  let sum = 0;
  for (const { x, y } of points) {
    let term = y;
    for (const other of points) {
      if (other.x !== x) term = multiply(term, multiply(other.x, invert(other.x ^ x)));
    }
    sum ^= term;
  }
  return sum;
}
