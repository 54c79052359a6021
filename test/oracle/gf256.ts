/**
 * GF(256) modulo x^8 + x^4 + x^3 + x + 1 and polynomials over it, by other means than lib/core:
 * schoolbook products with long division, logarithm tables, power sums, Gaussian elimination.
 */

/** Coefficients of a byte's polynomial, lowest degree first. */
function coefficientsOf(byte: number): number[] {
  return Array.from({ length: 8 }, (_, degree) => Math.floor(byte / 2 ** degree) % 2);
}

/** a · b: all partial products, then long division by x^8 + x^4 + x^3 + x + 1. */
export function schoolbookMultiply(a: number, b: number): number {
  const product = new Array<number>(15).fill(0);
  for (const [i, p] of coefficientsOf(a).entries()) {
    for (const [j, q] of coefficientsOf(b).entries()) {
      product[i + j] = ((product[i + j] as number) + p * q) % 2;
    }
  }
  for (let degree = 14; degree >= 8; degree--) {
    if (product[degree] === 0) continue;
    for (const term of [8, 4, 3, 1, 0]) {
      const place = degree - 8 + term;
      product[place] = ((product[place] as number) + 1) % 2;
    }
  }
  return product.slice(0, 8).reduce((byte, bit, degree) => byte + bit * 2 ** degree, 0);
}

const powersOf3: number[] = [1];
for (let i = 1; i < 255; i++) powersOf3.push(schoolbookMultiply(powersOf3[i - 1] as number, 3));
const logarithms = new Map(powersOf3.map((power, exponent) => [power, exponent]));

/** a · b by logarithms to the base 3. */
export function tableMultiply(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const sum = (logarithms.get(a) as number) + (logarithms.get(b) as number);
  return powersOf3[sum % 255] as number;
}

function tableInvert(a: number): number {
  return powersOf3[(255 - (logarithms.get(a) as number)) % 255] as number;
}

/** x^exponent. */
function power(x: number, exponent: number): number {
  if (x === 0) return exponent === 0 ? 1 : 0;
  return powersOf3[((logarithms.get(x) as number) * exponent) % 255] as number;
}

/** The sum of coefficient · x^degree, lowest degree first. */
export function powerSum(coefficients: number[], x: number): number {
  return coefficients.reduce((sum, c, degree) => sum ^ tableMultiply(c, power(x, degree)), 0);
}

/** The coefficients of the polynomial through these points, by Gaussian elimination. */
export function solve(points: { x: number; y: number }[]): number[] {
  const size = points.length;
  const rows = points.map(({ x, y }) => [...points.map((_, degree) => power(x, degree)), y]);
  for (let column = 0; column < size; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && row[column] !== 0);
    if (pivot < 0) throw new Error("the points do not determine a polynomial");
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    const head = rows[column] as number[];
    const scale = tableInvert(head[column] as number);
    rows[column] = head.map((value) => tableMultiply(value, scale));
    for (const [i, row] of rows.entries()) {
      const factor = row[column] as number;
      if (i === column || factor === 0) continue;
      rows[i] = row.map((value, j) => value ^ tableMultiply(factor, rows[column]?.[j] as number));
    }
  }
  return rows.map((row) => row[size] as number);
}
