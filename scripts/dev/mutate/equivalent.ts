/**
 * Mutants that no test can kill, and why. A mutant is named by its file, the function or constant
 * that it is in, and the line that it makes. What is named here and no longer exists is an error of
 * `npm run mutate`.
 */

export const equivalents: { reason: string; mutants: string[] }[] = [
  {
    reason: "only how many chunks are under way at once: time and memory",
    mutants: [
      "lib/core/chunk-stream.ts windowChunks: const windowChunks = 9;",
      "lib/core/chunk-stream.ts windowChunks: const windowChunks = 7;",
      "lib/core/chunk-stream.ts inOrder: if (true) yield await (pending.shift() as Promise<Uint8Array>);",
      "lib/core/chunk-stream.ts inOrder: if (pending.length !== windowChunks) yield await (pending.shift() as Promise<Uint8Array>);",
    ],
  },
  {
    reason:
      "what was converted is below p, and of prime order; it is checked once more all the same",
    mutants: ["lib/ssh/ed25519-key.ts convertPublicKey: without checkPublicKey(publicKey);"],
  },
  {
    reason: "a share that a polynomial was made of lies on it: the answer comes sooner",
    mutants: ["lib/core/recover.ts liesOn: if (false) return true;"],
  },
  {
    reason: "the first four words are the nonce, and all are zero",
    mutants: [
      "lib/wire/sealed-box.ts boxKey: hsalsa(sigma, asWords(shared), new Uint32Array(5), asWords(key));",
    ],
  },
  {
    reason: "coefficients of no bytes at all, without a power; a power without a coefficient",
    mutants: [
      "lib/core/shamir.ts evaluate: const rows = Array.from({ length: k + 1 }, (_, i) =>",
      "lib/core/shamir.ts evaluate: const rows = Array.from({ length: k - 0 }, (_, i) =>",
      "lib/core/shamir.ts evaluate: while (powers.length <= k) powers.push(multiply(powers.at(-1) as number, i + 1));",
    ],
  },
  {
    reason: "what is behind the bytes of a value, up to a word, is never given out",
    mutants: [
      "lib/core/shamir.ts weightedSum: const sum = new Int32Array(Math.ceil(length * 4));",
      "lib/core/shamir.ts weightedSum: const sum = new Int32Array(Math.ceil(length / 3));",
    ],
  },
  {
    reason: "any number but 0 will do in front of the first gap, and no sum is missing",
    mutants: [
      "lib/core/decode.ts extend: let [locator, previous, last] = [known, known, 2];",
      "lib/core/decode.ts extend: const gap = locator.reduce((sum, term, i) => sum ^ multiply(term, sums[n - i]?.[at] ?? 1), 0);",
      "lib/core/decode.ts extend: const gap = locator.reduce((sum, term, i) => sum ^ multiply(term, sums[n - i]?.[at] ?? -1), 0);",
    ],
  },
  {
    reason: "what is written in front of an array or behind it is not written at all",
    mutants: [
      "lib/wire/symbols.ts regroup: if (true) groups[length] = (held << (to - bits)) & mask;",
      "lib/wire/symbols.ts regroup: if (bits >= 0) groups[length] = (held << (to - bits)) & mask;",
      "lib/wire/symbols.ts regroup: if (bits > -1) groups[length] = (held << (to - bits)) & mask;",

      "lib/core/shamir.ts weightedSum: for (let j = -1; j < sum.length; j++) sum[j] = (sum[j] as number) ^ (term[j] as number);",
      "lib/core/shamir.ts weightedSum: for (let j = 0; j <= sum.length; j++) sum[j] = (sum[j] as number) ^ (term[j] as number);",
      "lib/wire/text.ts writeToken: for (let i = hrp.length + 1; i <= token.length; i++) token[i] = toCharacter(token[i] as number);",
      "lib/core/gf256.ts multiplyEach: for (let i = -1; i < words.length; i++) {",
      "lib/core/gf256.ts multiplyEach: for (let i = 0; i <= words.length; i++) {",
    ],
  },
  {
    reason: "a bit more, of numbers that have none left: zeros",
    mutants: [
      "lib/wire/checksum.ts residue: for (let bit = -1; bit < 5; bit++) {",
      "lib/wire/checksum.ts residue: for (let bit = 0; bit <= 5; bit++) {",
      "lib/wire/checksum.ts residue: for (let bit = 0; bit < 6; bit++) {",

      "lib/core/gf256.ts multiply: for (let bit = -1; bit < 8; bit++) {",
      "lib/core/gf256.ts multiply: for (let bit = 0; bit <= 8; bit++) {",
      "lib/core/gf256.ts multiply: for (let bit = 0; bit < 9; bit++) {",
      "lib/core/gf256.ts multiplyEach: for (let bit = 0; bit <= 8; bit++) {",
      "lib/core/gf256.ts multiplyEach: for (let bit = 0; bit < 9; bit++) {",
      "lib/wire/symbols.ts : for (let bit = -1; bit < 7; bit++) {",
      "lib/wire/symbols.ts : for (let bit = 0; bit <= 7; bit++) {",
      "lib/wire/symbols.ts : for (let bit = 0; bit < 8; bit++) {",
      "lib/wire/symbols.ts toSymbol: for (let bit = -1; bit < 6; bit++) {",
      "lib/wire/symbols.ts toSymbol: for (let bit = 0; bit <= 6; bit++) {",
      "lib/wire/symbols.ts toSymbol: for (let bit = 0; bit < 7; bit++) {",
      "lib/wire/symbols.ts toCharacter: for (let bit = -1; bit < 7; bit++) {",
      "lib/wire/symbols.ts toCharacter: for (let bit = 0; bit <= 7; bit++) {",
      "lib/wire/symbols.ts toCharacter: for (let bit = 0; bit < 8; bit++) {",
    ],
  },
  {
    reason:
      "the byte in front of the first is no number, and its difference neither above nor below 0",
    mutants: ["lib/wire/x25519-key.ts isBelowPrime: for (let i = keyBytes - 1; i >= -1; i--) {"],
  },
  {
    reason: "a whole number that is not 0 is below 0, at most 0 or below 1 all alike",
    mutants: [
      "lib/wire/x25519-key.ts isBelowPrime: if (difference !== 0) return difference <= 0;",
      "lib/wire/x25519-key.ts isBelowPrime: if (difference !== 0) return difference < 1;",
    ],
  },
  {
    reason: "@ would be the character before A, with 0 added to what has no value",
    mutants: [
      "lib/ssh/base64.ts toValue: (within(code, 64, 0x5a) & (code - 0x41 + 1)) + // A to Z: 0 to 25",
    ],
  },
  {
    reason: "the sign of a number this small is all of its highest bits",
    mutants: ["lib/ssh/base64.ts within: return ((low - 1 - code) & (code - high - 1)) >> 30;"],
  },
  {
    reason: "up to behind the end is up to the end",
    mutants: [
      "lib/ssh/base64.ts decodeBase64: return bytes.subarray(0, bytes.length - (padding > 0 ? 1 : -1));",
      "lib/wire/symbols.ts toBytes: return bytes.subarray(0, bytes.length - (paddingBits > 0 ? 1 : -1));",
    ],
  },
  {
    reason: "one word more than is used",
    mutants: [
      "lib/wire/symbols.ts digitWords: const digitWords = new Int32Array(7);",
      "lib/wire/symbols.ts letterWords: const letterWords = new Int32Array(7);",
      "lib/wire/symbols.ts characterWords: const characterWords = new Int32Array(8);",
    ],
  },
  {
    reason: "no character of the alphabet lies between",
    mutants: [
      "lib/wire/symbols.ts : const words = code <= 0x40 ? digitWords : letterWords;",
      "lib/wire/symbols.ts : const words = code < 65 ? digitWords : letterWords;",
      "lib/wire/symbols.ts : const words = code < 63 ? digitWords : letterWords;",
    ],
  },
  {
    reason: "bits above those that are held are masked away",
    mutants: [
      "lib/wire/symbols.ts regroup: let held = 1;",
      "lib/wire/symbols.ts regroup: let held = -1;",
    ],
  },
  {
    reason: "the five lowest bits are zeros",
    mutants: ["lib/wire/checksum.ts residue: low = ((low & 0xfffff) << 5) | symbol;"],
  },
  {
    reason: "what is in front of two arrays, or behind them, is undefined in both",
    mutants: [
      "lib/core/bytes.ts equal: for (let i = 0; i <= a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);",
      "lib/core/bytes.ts equal: for (let i = -1; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);",
    ],
  },
  {
    reason: "one entry more, which nothing reads or which says the same",
    mutants: [
      "lib/typing/bch.ts logs: const logs = new Uint16Array(order + 2);",
      "lib/typing/bch.ts addSymbol: for (let i = -1; i < maxFound; i++) {",
      "lib/typing/bch.ts fillTables: for (let power = 0; power <= order; power++) {",
    ],
  },
  {
    reason: "the tables are filled, and no power is zero",
    mutants: [
      "lib/typing/bch.ts syndromesOf: if (powers[1] === 0) fillTables(); // not where nothing is wrong: that takes a millisecond or two",
    ],
  },
  {
    reason:
      "a locator times a number is zero at the same places, and the ratio of Forney's the same",
    mutants: [
      "lib/typing/bch.ts findLocator: let locator = erased.reduce((whole, power) => product(whole, [1, powerOf(power)]), [2]);",
    ],
  },
  {
    reason: "-1 has no logarithm, so that what is multiplied by it comes to nothing, as with 0",
    mutants: [
      "lib/typing/bch.ts findLocator: previous = [-1, ...previous];",
      "lib/typing/bch.ts evaluate: return polynomial.reduceRight((value, coefficient) => times(value, at) ^ coefficient, -1);",
    ],
  },
  {
    reason: "of two of one length either can be called the short one",
    mutants: [
      "lib/typing/bch.ts sum: const [short, long] = a.length <= b.length ? [a, b] : [b, a];",
    ],
  },
  {
    reason: "coefficients of zero more, or of one that is put behind the end all the same",
    mutants: [
      "lib/typing/bch.ts product: const whole = new Array<number>(a.length + b.length + 1).fill(0);",
      "lib/typing/bch.ts product: const whole = new Array<number>(a.length + b.length - 2).fill(0);",
      "lib/typing/bch.ts product: const whole = new Array<number>(a.length + b.length - 0).fill(0);",
    ],
  },
  {
    reason: "a sixth bit, which numbers of GF(32) have not",
    mutants: ["lib/typing/bch.ts times32: for (let bit = 5; bit >= 0; bit--) {"],
  },
  {
    reason: "more erasures than can be found are refused in findFaults() too, only later",
    mutants: ["lib/typing/locate.ts repair: if (false) return undefined;"],
  },
  {
    reason: "what stands for an unreadable symbol is replaced, whatever it is",
    mutants: [
      "lib/typing/locate.ts shiftAndRepair: const symbols = given.map((symbol) => (symbol === noSymbol ? 1 : symbol));",
    ],
  },
  {
    reason:
      "a place tried twice, or behind the end, where nothing is found that is not found before",
    mutants: [
      "lib/typing/locate.ts shiftAndRepair: for (let at = 0; at <= (shift === 0 ? 1 : Math.min(given.length, length)); at++) {",
      "lib/typing/locate.ts shiftAndRepair: for (let at = 0; at <= (shift === 0 ? 0 : Math.max(given.length, length)); at++) {",
    ],
  },
  {
    reason: "only behind the last place is there no symbol, and nothing is tried after it",
    mutants: [
      "lib/typing/locate.ts shiftAndRepair: addSymbol(syndromes, symbols[at + surplus] ?? 1, given.length - 1 - at - surplus);",
      "lib/typing/locate.ts shiftAndRepair: addSymbol(syndromes, symbols[at + surplus] ?? -1, given.length - 1 - at - surplus);",
      "lib/typing/locate.ts shiftAndRepair: addSymbol(syndromes, symbols[at] ?? 1, length - 1 - at);",
      "lib/typing/locate.ts shiftAndRepair: addSymbol(syndromes, symbols[at] ?? -1, length - 1 - at);",
    ],
  },
  {
    reason: "what findFaults() gives leaves no syndromes; it is verified once more all the same",
    mutants: [
      "lib/typing/locate.ts isWhole: const data = true ? toBytes(symbols.subarray(0, -checkSymbols)) : undefined;",
    ],
  },
  {
    reason: "a hyphen that is looked for behind the first line is not the first byte",
    mutants: [
      'lib/ssh/ssh-private-key.ts stripArmor: if (stop <= 0) damaged("it is cut short");',
      'lib/ssh/ssh-private-key.ts stripArmor: if (stop < 1) damaged("it is cut short");',
    ],
  },
  {
    reason: "no HRP begins in front of a line or behind it",
    mutants: [
      "lib/wire/text.ts refuseSecond: for (let i = -1; i < characters.length; i++) {",
      "lib/wire/text.ts refuseSecond: for (let i = 0; i <= characters.length; i++) {",
    ],
  },
  {
    reason: "HChaCha20 takes the first 16 bytes, whatever is behind them",
    mutants: [
      "lib/core/vault.ts closeVault: yield* sealStream(key, salt, read);",
      "lib/core/vault.ts closeVault: yield* sealStream(key, salt.subarray(0, (noncePrefixBytes) + 1), read);",
      "lib/core/vault.ts openVault: yield* openStream(key, salt, read);",
      "lib/core/vault.ts openVault: yield* openStream(key, salt.subarray(0, (noncePrefixBytes) + 1), read);",
    ],
  },
  {
    reason: "behind the last newline there is nothing more to be read",
    mutants: ["lib/wire/lines.ts readLines: while (start <= bytes.length) {"],
  },
  {
    reason: "a space has been passed over before",
    mutants: ["lib/wire/lines.ts stripLine: if (byte <= space || byte > 0x7e) {"],
  },
  {
    reason:
      "a second human-readable part has a 1, which is not readable; only time would depend on symbols",
    mutants: ["lib/wire/text.ts withSymbols: if (true) refuseSecond(characters, hrp);"],
  },
];
