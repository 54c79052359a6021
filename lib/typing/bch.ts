/**
 * Finds the faults in a word of BIP-93's long code, a BCH code over GF(32): errors, whose places
 * are unknown, and erasures, whose places are known. Blahut, "Algebraic Codes for Data
 * Transmission", chapter 7: Berlekamp-Massey started with the erasures, then Chien's search and
 * Forney's formula.
 *
 * GF(32) is bech32's, modulo x⁵ + x³ + 1. GF(1024) adds ζ with ζ² = ζ + 1; a + bζ is the number
 * a + 32b. γ = 25 + 6ζ has order 1,023, and the code's generator is zero at γ⁻⁴ … γ³. So is every
 * valid word. The values of a wrong word there, its syndromes, depend on the faults alone.
 *
 * Hazard: branches and indexes depend on the faults. Use it only on lines that do not verify.
 */

/** The value to xor into a word at an offset, from 0. */
export interface Fault {
  offset: number;
  value: number;
}

/** How many faults can be found; an error counts twice, since its place is unknown. */
export const maxFound = 8;

const order = 1023;
const firstRoot = order - 4;
const gamma = [25, 6] as const;
const powers = new Uint16Array(order);
const logs = new Uint16Array(order + 1);

/** The syndromes of a checksum's remainder, whose symbols begin with the highest power. */
export function syndromesOf(remainder: number[]): number[] {
  if (powers[0] === 0) fillTables(); // only now: it takes a millisecond or two
  const syndromes = new Array<number>(maxFound).fill(0);
  for (const [i, symbol] of remainder.entries()) {
    addSymbol(syndromes, symbol, remainder.length - 1 - i);
  }
  return syndromes;
}

/** Updates the syndromes when a symbol is added (xor) with `power` symbols after it. */
export function addSymbol(syndromes: number[], symbol: number, power: number): void {
  if (symbol === 0) return;
  const log = logs[symbol] as number;
  for (let i = 0; i < maxFound; i++) {
    syndromes[i] = (syndromes[i] as number) ^ powerOf(log + (firstRoot + i) * power);
  }
}

/**
 * The faults of a word of this length: one at each erased offset, with value 0 if the symbol there
 * happens to be right, and one for each error. Undefined if erasures plus twice the errors are more
 * than can be found, or more than `most`.
 */
export function findFaults(
  syndromes: number[],
  erased: number[],
  length: number,
  most: number = maxFound,
): Fault[] | undefined {
  const known = erased.map((offset) => length - 1 - offset);
  const { locator, degree } = findLocator(syndromes, known);
  if (2 * degree - erased.length > most) return undefined;
  const evaluator = product(syndromes, locator).slice(0, maxFound);
  const derivative = locator.slice(1).map((value, i) => (i % 2 === 0 ? value : 0));
  const faults: Fault[] = [];
  for (let offset = 0; offset < length; offset++) {
    const power = length - 1 - offset;
    const place = powerOf(order - power);
    if (evaluate(locator, place) !== 0) continue;
    const ratio = times(evaluate(evaluator, place), inverse(evaluate(derivative, place)));
    const value = times(ratio, powerOf((order + 1 - firstRoot) * power));
    if (value > 31) return undefined;
    faults.push({ offset, value });
  }
  return faults.length === degree ? faults : undefined;
}

/** The polynomial, lowest power first, that is zero at γ^-power for each faulty power. */
function findLocator(syndromes: number[], erased: number[]) {
  let locator = erased.reduce((whole, power) => product(whole, [1, powerOf(power)]), [1]);
  let previous = locator;
  let degree = erased.length;
  for (let round = erased.length; round < maxFound; round++) {
    const term = (value: number, i: number) => times(value, syndromes[round - i] as number);
    const gap = locator.map(term).reduce((a, b) => a ^ b);
    previous = [0, ...previous];
    if (gap === 0) continue;
    const next = sum(locator, product(previous, [gap]));
    if (2 * degree <= round + erased.length) {
      previous = product(locator, [inverse(gap)]);
      degree = round + 1 + erased.length - degree;
    }
    locator = next;
  }
  return { locator, degree };
}

function sum(a: number[], b: number[]): number[] {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.map((value, i) => value ^ (short[i] ?? 0));
}

function product(a: number[], b: number[]): number[] {
  const whole = new Array<number>(a.length + b.length - 1).fill(0);
  for (const [i, value] of a.entries()) {
    for (const [j, other] of b.entries()) {
      whole[i + j] = (whole[i + j] as number) ^ times(value, other);
    }
  }
  return whole;
}

function evaluate(polynomial: number[], at: number): number {
  return polynomial.reduceRight((value, coefficient) => times(value, at) ^ coefficient, 0);
}

function powerOf(exponent: number): number {
  return powers[exponent % order] as number;
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powerOf((logs[a] as number) + (logs[b] as number));
}

function inverse(a: number): number {
  return powerOf(order - (logs[a] as number));
}

function fillTables(): void {
  const [c, d] = gamma;
  let [a, b] = [1, 0];
  for (let power = 0; power < order; power++) {
    powers[power] = a + 32 * b;
    logs[a + 32 * b] = power;
    const square = times32(b, d);
    [a, b] = [times32(a, c) ^ square, times32(a, d) ^ times32(b, c) ^ square];
  }
}

function times32(a: number, b: number): number {
  let value = 0;
  for (let bit = 4; bit >= 0; bit--) {
    value = (value << 1) ^ (((b >> bit) & 1) * a);
    if (value > 31) value ^= 0b101001;
  }
  return value;
}
