#!/usr/bin/env python3
"""The last resort: unseals shares, combines them and opens a vault, with Python and nothing else.

It is for the day when no executable of worstday runs any more, say in twenty years. It needs Python
3.8 or later, and only its standard library. It was written from SPEC.md alone, not from the other
code, and is meant to be read as a whole: without Python, you can write it again from here.

    recover.py unseal --key FILE [FILE ...]     sealed lines to share lines; hybrid and SSH keys too
    recover.py combine [FILE ...]               share lines to the secret
    recover.py vault-open VAULT                 the 32-byte key on stdin to the plaintext;
                                                --update FILE if VAULT is that of update-G.U
    recover.py self-test                        does this Python compute what it should?

    cat node-a.sealed offline.txt | ./recover.py unseal --key node-a.key | ./recover.py combine |
      ./recover.py vault-open vault.wd > secrets.tar

Input comes from stdin or from the files named, and results go to stdout. Nothing is written before
all of it is verified, and there are no temporary files. The exit status is as in SPEC.md: 1 io,
2 usage, 3 malformed, 4 too few shares, 5 mismatch (wrong key, damaged, forged), 6 refused.

It is slow, holds the whole vault in memory twice, and is not hardened: nothing runs in constant
time, nothing is wiped, and memory may be swapped or dumped. Run it on a machine of your own.
"""

import argparse
import base64
import hashlib
import hmac
import itertools
import math
import os
import struct
import sys
from array import array

IO, MALFORMED, TOO_FEW, MISMATCH, REFUSED, INTERNAL = 1, 3, 4, 5, 6, 70


class Failure(Exception):
    """An exit status and a message."""


def require(condition, status, message):
    if not condition:
        raise Failure(status, message)


def say(kind, message):
    print(f"recover.py: {kind}: {message}", file=sys.stderr)


# --- Text: one token a line, with a checksum -----------------------------------------------------

SYMBOLS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
KINDS = {  # and versions: the least and the most bytes of data
    ("wdshare", 1): (29, 284),
    ("wdsealed", 1): (138, 546),
    ("wdsealed", 2): (1226, 1634),
    ("wdpub", 1): (33, 33),
    ("wdpub", 2): (1217, 1217),
    ("wdkey", 1): (33, 33),
    ("wdkey", 2): (33, 33),
    ("wdwriter", 1): (73, 73),
    ("wdupdate", 1): (1285, 1285),
}
GENERATOR = (
    0x3D59D273535EA62D897,
    0x7A9BECB6361C6C51507,
    0x543F9B7E6C38D8A2A0E,
    0x0C577EAECCF1990D13C,
    0x1887F74F8DC71B10651,
)
TARGET = int.from_bytes(hashlib.sha256(b"worstday text 1").digest(), "big") >> 256 - 75


def checksum(hrp, symbols):
    """The residue of a code word: TARGET if it is valid."""
    residue = 1
    for symbol in [*(ord(c) >> 5 for c in hrp), 0, *(ord(c) % 32 for c in hrp), *symbols]:
        out = residue >> 70
        residue = (residue & (1 << 70) - 1) << 5 ^ symbol
        for i in range(5):
            if out >> i & 1:
                residue ^= GENERATOR[i]
    return residue


def verifies(hrp, symbols):
    """Whether data symbols and their 15 check symbols are valid; a long word has a hash."""
    if 2 * len(hrp) + 1 + len(symbols) <= 1023:
        return checksum(hrp, symbols) == TARGET
    digest = hashlib.sha256(f"worstday long text 1{hrp}\0".encode() + bytes(symbols[:-15])).digest()
    bits = int.from_bytes(digest, "big") >> 256 - 75
    return symbols[-15:] == [bits >> shift & 31 for shift in range(70, -1, -5)]


def decode(token):
    """The HRP and the data of a token without separators, all of it checked but a sealed box."""
    hrp, _, rest = token.lower().partition("1")
    known = any(hrp == kind for kind, _ in KINDS)
    require(known, MALFORMED, "expected a line that begins with wdshare1, wdsealed1, …")
    require(all(c in SYMBOLS for c in rest), MALFORMED, "a character that cannot occur here")
    symbols = [SYMBOLS.index(c) for c in rest]
    require(len(symbols) >= 15, MALFORMED, "too short")
    require(verifies(hrp, symbols), MALFORMED, "the checksum does not match")
    number = 0
    for symbol in symbols[:-15]:
        number = number << 5 | symbol
    size, spare = divmod(5 * (len(symbols) - 15), 8)
    require(spare < 5 and number & (1 << spare) - 1 == 0, MALFORMED, "the padding is not zero")
    data = (number >> spare).to_bytes(size, "big")
    require((hrp, *data[:1]) in KINDS, MALFORMED, "an unknown version")
    least, most = KINDS[hrp, data[0]]
    require(least <= size <= most, MALFORMED, f"{size} bytes, expected {least} to {most}")
    if hrp in ("wdshare", "wdsealed"):
        k, n, x = plan_of(hrp, data)[8:]
        require(1 <= k <= n and 1 <= x <= n, MALFORMED, "k, n or x is out of bounds")
    return hrp, data


def plan_of(hrp, data):
    """What shares and sealed shares have in the clear: set id, k, n, x."""
    return data[1:12] if hrp == "wdshare" else data[9:20]


def read_tokens(files):
    """(place, token, hrp, data) of every line of the files or stdin, but not of comments."""
    found = []
    for name in files or [None]:
        content = read(name)
        require(len(content) <= 1 << 24, MALFORMED, f"{name or 'stdin'}: more than 16 MiB")
        content = content[3:] if content.startswith(b"\xef\xbb\xbf") else content
        for number, line in enumerate(content.split(b"\n"), 1):
            place = f"line {number}" if name is None else f"{name}: line {number}"
            line = line[:-1] if line.endswith(b"\r") else line
            if line[:4097].lstrip(b" \t").startswith(b"#"):
                continue
            require(len(line) <= 4096, MALFORMED, f"{place}: too long")
            plain = all(byte == 9 or 32 <= byte <= 126 for byte in line)
            require(plain, MALFORMED, f"{place}: is not plain ASCII text")
            token = line.translate(None, b" \t-").decode("ascii")
            if token:
                try:
                    found.append((place, token.lower(), *decode(token)))
                except Failure as failure:
                    raise Failure(MALFORMED, f"{place}: {failure.args[1]}")
    return found


# --- Primitives ----------------------------------------------------------------------------------


def labeled_hash(label, *parts):
    return hmac.digest(label.ljust(16, b"\0"), b"".join(parts), "sha256")


def derive(secret, label, *context):
    """HKDF-SHA-256 (RFC 5869) without salt, for 32 bytes."""
    info = label.ljust(16, b"\0") + b"".join(context)
    return hmac.digest(hmac.digest(b"", secret, "sha256"), info + b"\1", "sha256")


def x25519(scalar, u):
    """RFC 7748, section 5: the Montgomery ladder."""
    p = 2**255 - 19
    k = int.from_bytes(scalar, "little") & (1 << 255) - 8 | 1 << 254
    x1 = (int.from_bytes(u, "little") & (1 << 255) - 1) % p
    x2, z2, x3, z3 = 1, 0, x1, 1
    for bit in range(254, -1, -1):
        if k >> bit & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        x2, z2 = aa * bb % p, (aa - bb) * (aa + 121665 * (aa - bb)) % p
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        if k >> bit & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


BASE = b"\x09" + bytes(31)  # the u coordinate whose product with a private key is the public key


def words(data):
    return list(struct.unpack(f"<{len(data) // 4}I", data))


SIGMA = words(b"expand 32-byte k")


def salsa20_rounds(s):
    """The 20 rounds of Salsa20, without the addition at the end."""

    def step(to, a, b, r):
        t = s[a] + s[b] & 0xFFFFFFFF
        s[to] ^= (t << r | t >> 32 - r) & 0xFFFFFFFF

    columns = (0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)
    rows = (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)
    for a, b, c, d in (columns + rows) * 10:
        step(b, a, d, 7)
        step(c, b, a, 9)
        step(d, c, b, 13)
        step(a, d, c, 18)
    return s


def salsa20_state(key, nonce):
    k, n = words(key), words(nonce)
    return [SIGMA[0], *k[:4], SIGMA[1], *n, SIGMA[2], *k[4:], SIGMA[3]]


def hsalsa20(key, nonce):
    s = salsa20_rounds(salsa20_state(key, nonce))
    return struct.pack("<8I", s[0], s[5], s[10], s[15], *s[6:10])


def xsalsa20(key, nonce, length):
    """The key stream of NaCl's XSalsa20."""
    subkey, stream = hsalsa20(key, nonce[:16]), b""
    while len(stream) < length:
        start = salsa20_state(subkey, nonce[16:] + struct.pack("<Q", len(stream) // 64))
        end = salsa20_rounds(start[:])
        stream += struct.pack("<16I", *(a + b & 0xFFFFFFFF for a, b in zip(start, end)))
    return stream[:length]


def chacha20_rounds(s, mask):
    """The 20 rounds of ChaCha20, without the addition at the end.

    A word of s is a long integer that holds the same word of many blocks, 64 bits apart. This
    leaves room for carries and for shifted bits; the mask, 32 ones in every 64, drops them.
    """

    def step(a, b, d, r):
        s[a] = s[a] + s[b] & mask
        t = s[d] ^ s[a]
        s[d] = (t << r | t >> 32 - r) & mask

    columns = (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)
    diagonals = (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)
    for a, b, c, d in (columns + diagonals) * 10:
        step(a, b, d, 16)
        step(c, d, b, 12)
        step(a, b, d, 8)
        step(c, d, b, 7)
    return s


def chacha20(key, nonce, first, data):
    """Encrypts or decrypts; `first` is the block counter of the first block."""
    blocks = -(-len(data) // 64)
    ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * blocks, "little")
    mask = ones * 0xFFFFFFFF
    start = [word * ones for word in SIGMA + words(key) + [0] + words(nonce)]
    counters = struct.pack(f"<{blocks}Q", *range(first, first + blocks))
    start[12] = int.from_bytes(counters, "little")
    end = [a + b & mask for a, b in zip(start, chacha20_rounds(start[:], mask))]
    stream = array("Q", bytes(64 * blocks))
    for i in range(8):  # two words of each block are 8 of its 64 bytes
        pair = end[2 * i] | end[2 * i + 1] << 32
        stream[i::8] = array("Q", pair.to_bytes(8 * blocks, "little"))
    return xor(data, stream.tobytes()[: len(data)])


def xor(a, b):
    number = int.from_bytes(a, "little") ^ int.from_bytes(b, "little")
    return number.to_bytes(len(a), "little")


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    accumulator = 0
    for at in range(0, len(message), 16):
        block = int.from_bytes(message[at : at + 16] + b"\1", "little")
        accumulator = (accumulator + block) * r % (2**130 - 5)
    return (accumulator + int.from_bytes(key[16:], "little") & 2**128 - 1).to_bytes(16, "little")


def chacha20_tag(key, nonce, ciphertext, aad=b""):
    """The tag of ChaCha20-Poly1305."""
    padded = aad + bytes(-len(aad) % 16) + ciphertext + bytes(-len(ciphertext) % 16)
    lengths = struct.pack("<QQ", len(aad), len(ciphertext))
    return poly1305(chacha20(key, nonce, 0, bytes(32)), padded + lengths)


# --- Hybrid keys: X-Wing and HPKE ----------------------------------------------------------------

Q = 3329
BITREV = [int(f"{i:07b}"[::-1], 2) for i in range(128)]
LABEL = bytes.fromhex("5c2e2f2f5e5c")
ZETA = [pow(17, power, Q) for power in BITREV]


def sample_ntt(seed):
    """FIPS 203, algorithm 7. (It is practically impossible that 2,049 bytes are too few.)"""
    stream = hashlib.shake_128(seed).digest(2049)
    found = []
    for a, b, c in zip(stream[::3], stream[1::3], stream[2::3]):
        found += [x for x in (a | (b & 15) << 8, b >> 4 | c << 4) if x < Q]
    return found[:256]


def sample_noise(seed, number):
    """Algorithm 8, with η = 2."""
    bits = split_bits(hashlib.shake_256(seed + bytes([number])).digest(128), 4)
    return [(x & 1) + (x >> 1 & 1) - (x >> 2 & 1) - (x >> 3) for x in bits]


def split_bits(data, d):
    """ByteDecode, algorithm 6: numbers of d bits."""
    number = int.from_bytes(data, "little")
    return [number >> d * i & (1 << d) - 1 for i in range(len(data) * 8 // d)]


def join_bits(values, d):
    """ByteEncode, algorithm 5."""
    number = sum(value << d * i for i, value in enumerate(values))
    return number.to_bytes(len(values) * d // 8, "little")


def compress(values, d):
    return [((x % Q << d) + Q // 2) // Q % (1 << d) for x in values]


def decompress(values, d):
    return [x * Q + (1 << d - 1) >> d for x in values]


def ntt(f):
    """Algorithm 9."""
    f, i, length = f[:], 1, 128
    while length >= 2:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                t = ZETA[i] * f[j + length]
                f[j], f[j + length] = (f[j] + t) % Q, (f[j] - t) % Q
            i += 1
        length //= 2
    return f


def inverse_ntt(f):
    """Algorithm 10."""
    f, i, length = f[:], 127, 2
    while length <= 128:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                a, b = f[j], f[j + length]
                f[j], f[j + length] = (a + b) % Q, ZETA[i] * (b - a) % Q
            i -= 1
        length *= 2
    return [x * 3303 % Q for x in f]


def product(fs, gs):
    """The sum of the products of polynomials in NTT form, algorithms 11 and 12."""
    h = [0] * 256
    for f, g in zip(fs, gs):
        for i in range(0, 256, 2):
            gamma = pow(17, 2 * BITREV[i // 2] + 1, Q)
            h[i] += f[i] * g[i] + f[i + 1] * g[i + 1] * gamma
            h[i + 1] += f[i] * g[i + 1] + f[i + 1] * g[i]
    return [x % Q for x in h]


def add(f, g):
    return [(a + b) % Q for a, b in zip(f, g)]


def ml_kem_keys(d):
    """The decryption key and the public key: FIPS 203, algorithm 13 (K-PKE.KeyGen)."""
    seeds = hashlib.sha3_512(d + b"\3").digest()
    rho, sigma = seeds[:32], seeds[32:]
    s = [ntt(sample_noise(sigma, i)) for i in range(3)]
    t = [add(product(row, s), ntt(sample_noise(sigma, 3 + i))) for i, row in enumerate(matrix(rho))]
    return s, b"".join(join_bits(one, 12) for one in t) + rho


def matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(3)] for i in range(3)]


def ml_kem_encapsulate(public, message):
    """The shared secret and the ciphertext: algorithms 14 and 17."""
    both = hashlib.sha3_512(message + hashlib.sha3_256(public).digest()).digest()
    shared, randomness = both[:32], both[32:]
    t = [split_bits(public[at : at + 384], 12) for at in (0, 384, 768)]
    y = [ntt(sample_noise(randomness, i)) for i in range(3)]
    ciphertext = b""
    for i, column in enumerate(zip(*matrix(public[1152:]))):
        u = add(inverse_ntt(product(column, y)), sample_noise(randomness, 3 + i))
        ciphertext += join_bits(compress(u, 10), 10)
    v = add(inverse_ntt(product(t, y)), sample_noise(randomness, 6))
    v = add(v, decompress(split_bits(message, 1), 1))
    return shared, ciphertext + join_bits(compress(v, 4), 4)


def ml_kem_decapsulate(d, z, ciphertext):
    """The public key and the shared secret; a wrong one if the ciphertext is bad: algorithm 18."""
    s, public = ml_kem_keys(d)
    u = [decompress(split_bits(ciphertext[at : at + 320], 10), 10) for at in (0, 320, 640)]
    v = decompress(split_bits(ciphertext[960:], 4), 4)
    masked = inverse_ntt(product(s, [ntt(one) for one in u]))
    message = join_bits(compress([a - b for a, b in zip(v, masked)], 1), 1)
    shared, again = ml_kem_encapsulate(public, message)
    return public, shared if again == ciphertext else hashlib.shake_256(z + ciphertext).digest(32)


def x_wing(seed, ciphertext):
    """The public key, and the shared secret or None: draft-connolly-cfrg-xwing-kem."""
    expanded = hashlib.shake_256(seed).digest(96)
    public, first = ml_kem_decapsulate(expanded[:32], expanded[32:64], ciphertext[:1088])
    ephemeral, own = ciphertext[1088:], x25519(expanded[64:], BASE)
    second = x25519(expanded[64:], ephemeral)
    shared = hashlib.sha3_256(first + second + ephemeral + own + LABEL).digest()
    return public + own, None if second == bytes(32) else shared


def x_wing_encapsulate(public, random):
    """The shared secret and the ciphertext, from 64 random bytes."""
    first, ciphertext = ml_kem_encapsulate(public[:1184], random[:32])
    ephemeral, own = x25519(random[32:], BASE), public[1184:]
    second = x25519(random[32:], own)
    shared = hashlib.sha3_256(first + second + ephemeral + own + LABEL).digest()
    return shared, ciphertext + ephemeral


def hpke_schedule(shared, info):
    """The AEAD's key and nonce: RFC 9180, base mode, X-Wing, HKDF-SHA256, ChaCha20Poly1305."""
    label = b"HPKE-v1HPKE\x64\x7a\0\1\0\3"

    def extract(salt, name, key):
        return hmac.digest(salt, label + name + key, "sha256")

    def expand(key, name, context, length):
        message = bytes([0, length]) + label + name + context + b"\1"
        return hmac.digest(key, message, "sha256")[:length]

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)


def hpke_open(seed, sealed, info, aad):
    """What is sealed to an X-Wing seed, or None if it does not verify."""
    _, shared = x_wing(seed, sealed[:1120])
    if shared is None:
        return None
    key, nonce = hpke_schedule(shared, info)
    ciphertext, tag = sealed[1120:-16], sealed[-16:]
    if chacha20_tag(key, nonce, ciphertext, aad) != tag:
        return None
    return chacha20(key, nonce, 1, ciphertext)


# --- Sealed shares -------------------------------------------------------------------------------


def recipient_id(public):
    return labeled_hash(b"worstday rcpt", public)[:8]


def public_key(key):
    """The public key of a private key with its version."""
    return x25519(key[1:], BASE) if key[0] == 1 else x_wing(key[1:], bytes(1120))[0]


def open_box(private, box):
    """The plaintext of NaCl's sealed box, or None if it does not verify."""
    shared = x25519(private, box[:32])
    nonce = hashlib.blake2b(box[:32] + x25519(private, BASE), digest_size=24).digest()
    stream = xsalsa20(hsalsa20(shared, bytes(16)), nonce, len(box) - 16)
    tag, ciphertext = box[32:48], box[48:]
    if shared == bytes(32) or poly1305(stream[:32], ciphertext) != tag:
        return None
    return xor(ciphertext, stream[32:])


def open_sealed(key, data):
    """The canonical share line in a sealed share, or None if it does not verify."""
    if key[0] != data[0]:
        return None
    if key[0] == 1:
        opened = open_box(key[1:], data[20:])
    else:
        opened = hpke_open(key[1:], data[20:], b"worstday sealed share", data[:20])
    try:
        line = (opened or b"").decode("ascii")
        hrp, share = decode(line)
    except (Failure, UnicodeDecodeError):
        return None
    genuine = hrp == "wdshare" and line == line.lower() and share[1:12] == data[9:20]
    return line if genuine else None


def ssh_strings(data):
    """The strings of RFC 4251, one after another, as far as they go."""
    while len(data) >= 4 and len(data) - 4 >= int.from_bytes(data[:4], "big"):
        end = 4 + int.from_bytes(data[:4], "big")
        yield data[4:end]
        data = data[end:]


def ssh_key(content):
    """The X25519 private key that an OpenSSH private key file stands for; None if it is invalid."""
    begin, end = (b"-----%s OPENSSH PRIVATE KEY-----" % word for word in (b"BEGIN", b"END"))
    content = content.rstrip(b" \t\r\n")
    if not (content.startswith(begin) and content.endswith(end)):
        return None
    try:
        text = content[len(begin) : -len(end)].translate(None, b" \t\r\n")
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    # All but the public key and the last section is the same in every file.
    blob_at = data.find(b"\0\0\0\x0bssh-ed25519")
    public = data[blob_at + 19 : blob_at + 51]
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + public
    head = b"openssh-key-v1\0" + b"\0\0\0\x04none" * 2 + bytes(4) + b"\0\0\0\x01\0\0\0\x33" + blob
    parts = list(ssh_strings(data[len(head) :]))
    if base64.b64encode(data) != text or not data.startswith(head) or len(parts) != 1:
        return None
    section = parts[0]
    if len(data) != len(head) + 4 + len(section) or len(section) % 8 or section[:4] != section[4:8]:
        return None
    rest = section[8 + len(blob) :]
    if section[8 : 8 + len(blob)] != blob or rest[:4] != b"\0\0\0\x40" or rest[36:68] != public:
        return None
    comment = next(ssh_strings(rest[68:]), None)
    if comment is None:
        return None
    padding = rest[72 + len(comment) :]
    private = hashlib.sha512(rest[4:36]).digest()[:32]
    p, y = 2**255 - 19, int.from_bytes(public, "little") % 2**255
    u = (1 + y) * pow(1 - y, p - 2, p) % p
    good = all(byte == (i + 1) % 256 for i, byte in enumerate(padding)) and y < p
    return private if good and x25519(private, BASE) == u.to_bytes(32, "little") else None


def read_key(name):
    """A private key, preceded by its version, 1 for X25519 and 2 for X-Wing."""
    content = read(name)
    require(len(content) <= 1 << 16, MALFORMED, f"{name}: more than 64 KiB")
    if content.startswith(b"-----BEGIN "):
        private = ssh_key(content)
        require(private, MALFORMED, f"{name}: no OpenSSH ed25519 key without a passphrase")
        return b"\1" + private
    tokens = read_tokens([name])
    good = len(tokens) == 1 and tokens[0][2] == "wdkey"
    require(good, MALFORMED, f"{name}: expected one wdkey1 line, and nothing else")
    return tokens[0][3]


def unseal(options):
    keys = {}
    for name in options.key:
        key = read_key(name)
        keys[recipient_id(public_key(key))] = key
    tokens = read_tokens(options.file)
    require(tokens, MALFORMED, "there is no line to unseal")
    result, opened, left = [], 0, 0
    for place, token, hrp, data in tokens:
        require(hrp in ("wdshare", "wdsealed"), MALFORMED, f"{place}: is not a share")
    for place, token, hrp, data in tokens:
        if hrp == "wdsealed" and data[1:9] in keys:
            token = open_sealed(keys[data[1:9]], data)
            require(token, MISMATCH, f"{place}: the sealed share does not verify")
            opened += 1
        elif hrp == "wdsealed":
            say("warning", f"{place}: is sealed to {data[1:9].hex()} and left as it is")
            left += 1
        result.append(token + "\n")
    require(opened or not left, MISMATCH, "none of the sealed shares is sealed to this key")
    write("".join(result).encode("ascii"))


# --- Shares --------------------------------------------------------------------------------------


def multiplication_table():
    """Rows of products in GF(256): bytes.translate(row a) multiplies each byte by a."""
    one = bytes(range(256))
    double = bytes(b << 1 ^ (0x11B if b & 128 else 0) for b in one)
    rows = [bytes(256), one]
    for a in range(2, 256):
        even = rows[a >> 1].translate(double)
        rows.append(xor(even, one) if a & 1 else even)
    return rows


PRODUCT = multiplication_table()
CHOICES = 10000  # how many choices of k shares to try at most


def interpolate(points, at):
    """The values at `at` of the polynomials through points (x, y); all y have the same length."""
    value = bytes(len(points[0][1]))
    for xj, y in points:
        weight = 1
        for xm, _ in points:
            if xm != xj:
                weight = PRODUCT[weight][PRODUCT[at ^ xm][PRODUCT[xj ^ xm].index(1)]]
        value = xor(value, y.translate(PRODUCT[weight]))
    return value


def share_tag(set_id, k, n, secret):
    return labeled_hash(b"worstday share", b"\1", set_id, bytes([k, n]), secret)[:16]


def recover(set_id, k, n, ys):
    """The secret of the shares of one set, {x: y}, and the x of those that disagree with it.

    Neighbours are tried first: if few of many shares are wrong, some k in a row are soon right.
    """
    points = sorted(ys.items())
    neighbours = [(points + points)[at : at + k] for at in range(len(points))]
    choices = itertools.chain(neighbours, itertools.combinations(points, k))
    found = []  # (secret, x of the shares that agree)
    for choice in itertools.islice(choices, len(points) + CHOICES):
        if any({x for x, _ in choice} <= agreeing for _, agreeing in found):
            continue
        payload = interpolate(choice, 0)
        if payload[:16] == share_tag(set_id, k, n, payload[16:]):
            agreeing = {x for x, y in points if interpolate(choice, x) == y}
            found.append((payload[16:], agreeing))
            if len(agreeing) == len(points):
                break
    require(found, MISMATCH, f"these {len(points)} shares do not verify together")
    secret, agreeing = max(found, key=lambda one: len(one[1]))
    few = 2 * len(set(ys) - agreeing) <= len(points) - k
    agreed = set().union(*(x for _, x in found if len(x) == len(agreeing)))
    for other, others in found:
        both = f"one of shares {sorted(agreeing)}, another of {sorted(others)}"
        overlaps = few and len(others - agreeing) < k
        require(other == secret or overlaps, MISMATCH, f"two different secrets: {both}")
    enough = few or math.comb(len(points), k) <= CHOICES
    require(enough, MISMATCH, "too many shares disagree to tell which are right")
    return secret, sorted(set(ys) - agreed)


def gather(shares):
    """(k, n, {x: y}) of (place, data) of one set."""
    places, ys = {}, {}
    for place, data in shares:
        same = data[9:11] == shares[0][1][9:11] and len(data) == len(shares[0][1])
        require(same, MISMATCH, f"{shares[0][0]} and {place}: same set, different k, n or length")
        x, y = data[11], data[12:]
        if x in ys:
            contradiction = f"{places[x]} and {place}: share {x} twice, but they differ"
            require(ys[x] == y, MISMATCH, contradiction)
            say("warning", f"{place}: repeats share {x}")
        places[x], ys[x] = place, y
    return (*shares[0][1][9:11], ys)


def combine(options):
    sets = {}  # set id, in hex: [(place, data)]
    for place, _, hrp, data in read_tokens(options.file):
        require(hrp in ("wdshare", "wdsealed"), MALFORMED, f"{place}: is not a share")
        if hrp == "wdsealed":
            say("warning", f"{place}: is sealed, and was skipped: unseal it first")
        elif options.set is None or options.set.lower() == data[1:9].hex():
            sets.setdefault(data[1:9].hex(), []).append((place, data))
    gathered = {set_id: gather(shares) for set_id, shares in sets.items()}
    for set_id, (k, _, ys) in gathered.items():
        say("hint", f"set {set_id} has {len(ys)} of the {k} shares needed")
    complete = any(len(ys) >= k for k, _, ys in gathered.values())
    require(complete, TOO_FEW, "too few shares")
    require(len(gathered) == 1, REFUSED, "shares of several sets: choose one with --set")
    [(set_id, (k, n, ys))] = gathered.items()
    secret, disagreeing = recover(bytes.fromhex(set_id), k, n, ys)
    for x in disagreeing:
        say("warning", f"share {x} disagrees with the others")
    require(not (options.strict and disagreeing), MISMATCH, "not all shares agree")
    write(secret)


# --- Vault ---------------------------------------------------------------------------------------

CHUNK = 1048576


def open_vault(master, vault):
    """Verifies all of the vault, then gives its plaintext chunk by chunk."""
    require(len(master) == 32, MALFORMED, f"stdin has {len(master)} bytes, expected a 32-byte key")
    genuine = len(vault) >= 80 and vault.startswith(b"worstday vault ")
    require(genuine, MALFORMED, "this is not a vault")
    require(vault[15:16] == b"1", MALFORMED, "a vault of an unknown version")
    key_id = derive(master, b"worstday key id")
    wrong = f"this key is {key_id.hex()}, but the vault needs {vault[16:48].hex()}"
    require(key_id == vault[16:48], MISMATCH, wrong)
    key = derive(master, b"worstday file", vault[:80])
    starts = range(80, len(vault), CHUNK + 16)
    require(starts, MISMATCH, "the vault has no chunk")
    chunks = []
    for number, at in enumerate(starts):
        nonce = bytes(4) + number.to_bytes(7, "big") + bytes([at == starts[-1]])
        chunk = vault[at : at + CHUNK + 16]
        ciphertext, tag = chunk[:-16], chunk[-16:]
        good = chacha20_tag(key, nonce, ciphertext) == tag
        require(good, MISMATCH, f"chunk {number} does not verify: damaged or cut short")
        require(ciphertext or number == 0, MISMATCH, f"chunk {number} is empty")
        chunks.append((nonce, ciphertext))
    return (chacha20(key, nonce, 1, ciphertext) for nonce, ciphertext in chunks)


def open_update(master, name, vault):
    """The key of an update's vault, which must be the one that the update describes."""
    tokens = read_tokens([name])
    good = len(tokens) == 1 and tokens[0][2] == "wdupdate"
    require(good, MALFORMED, f"{name}: expected one wdupdate1 line, and nothing else")
    data = tokens[0][3]
    number, time = struct.unpack(">IQ", data[9:21])
    bounds = 1 <= number <= 999999 and time < 253402300800
    require(bounds, MALFORMED, f"{name}: its number or time is out of bounds")
    require(len(master) == 32, MALFORMED, f"stdin has {len(master)} bytes, expected a 32-byte key")
    tag = hmac.digest(derive(master, b"worstday writer"), data[:-32], "sha256")
    require(tag == data[-32:], MISMATCH, f"{name}: it does not carry the tag of the writer key")
    seed = derive(master, b"worstday update")
    key = hpke_open(seed, data[85:-32], b"worstday update", data[:85])
    good = key and derive(key, b"worstday key id") == data[21:53]
    require(good, MISMATCH, f"{name}: the key in it is not that of its vault")
    good = hashlib.sha256(vault).digest() == data[53:85]
    require(good, MISMATCH, f"the SHA-256 of the vault is not the one in {name}")
    return key


def vault_open(options):
    vault, key = read(options.vault), read(None)
    if options.update:
        key = open_update(key, options.update, vault)
    for plaintext in open_vault(key, vault):
        write(plaintext)


# --- Self-test -----------------------------------------------------------------------------------


def check(name, computed, expected):
    require(computed == expected, INTERNAL, f"{name}: this Python computes something else")


def self_test(_):
    """RFC 7748, RFC 8439, and the worked examples of SPEC.md."""
    hexa, count = bytes.fromhex, bytes(range(256))
    scalar = hexa("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    u = hexa("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    product = hexa("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
    check("X25519, RFC 7748, 5.2", x25519(scalar, u), product)
    scalar = hexa("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d")
    u = hexa("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")
    product = hexa("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")
    check("X25519, RFC 7748, 5.2, top bit", x25519(scalar, u), product)
    text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
    text += b"the future, sunscreen would be it."
    ciphertext = chacha20(count[:32], hexa("000000000000004a00000000"), 1, text)
    ends = hexa("6e2e359a2568f98041ba0728dd0d6981") + hexa("8eedf2785e42874d")
    check("ChaCha20, RFC 8439, 2.4.2", ciphertext[:16] + ciphertext[-8:], ends)
    key = hexa("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    tag = hexa("a8061dc1305136c6c22b8baf0c0127a9")
    check("Poly1305, RFC 8439, 2.5.2", poly1305(key, b"Cryptographic Forum Research Group"), tag)

    private = hexa("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    public = x25519(private, BASE)
    line = "wdpub1qxzjpuqf3yc2w4r53d7aedp77adqm0e6p5nrsxh5awj2nr42nd8x55qy9sx2z3wd4lha"
    check("SPEC.md's public key", decode(line), ("wdpub", b"\1" + public))
    line = "wdkey1q9mswmg2wvv22lfuzmqhy5djveza7np0sl4upxf2k9mlhfgahykz5gzkmyje6jwvz4ru"
    check("SPEC.md's private key", decode(line), ("wdkey", b"\1" + private))
    check("SPEC.md's recipient id", recipient_id(public), hexa("c582907792874c88"))
    lines = (
        "wdshare1qyqqzqsrqszsvpczqvq3m83mqw68wqlt9t759a4lltxmnxs8f3g3n88tsykhgn",
        "wdshare1qyqqzqsrqszsvpczqvpwvekxl4pc8useeyw6wyzszcj9x5gm4j2ejvchspqsfl",
        "wdshare1qyqqzqsrqszsvpczqvp5d3mytmnjv497vx6qmwluhw90ecgwhyrktgcx0gjwct",
    )
    ys = {decode(line)[1][11]: decode(line)[1][12:] for line in lines}
    check("SPEC.md's shares", recover(count[:8], 2, 3, ys), (b"\x2a", []))
    sealed = (
        "wdsealed1q8zc9yrhj2r5ezqqqypqxpq9qcrsyqcpm60dkltm0hqmf56mv8pweep4xulcxs7gtduxwnddl3lpgmu"
        "g9d8sr5jrqd50t4z5uydyxrm3x4hurlxt7k76ruew3y8ekg2ewwr5lce5jdauxwhyfh7hpc8w0pgrp670kmpw03w"
        "vxv8w5fje7l07c5z7fyjafrtjyzd3lmntfsdl3f9x7np2k643pp80c04nl6t9n9jhdulq"
    )
    opened = open_sealed(b"\1" + private, decode(sealed)[1])
    check("SPEC.md's sealed share", opened, lines[0])
    hybrid = decode("wdkey1qgqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7uthgcemv8fau479")[1]
    check("SPEC.md's hybrid key", hybrid, b"\2" + count[:32])
    public = public_key(hybrid)
    digest = hexa("c9a3565ffde4f72b51661be391ee13e46378d7f06dd5c8bf5af9d2cfb5b8336b")
    check("SPEC.md's hybrid public key", hashlib.sha256(public).digest(), digest)
    _, enc = x_wing_encapsulate(public, count[32:96])
    digest = hexa("67eb40cd5d72deddbbfb5a6ff826a776b53e4406d46caea66412ebe1bbf6c5fb")
    check("SPEC.md's KEM ciphertext", hashlib.sha256(enc).digest(), digest)
    sealed = hexa("024d693f91fbe7e0100001020304050607020301") + enc + hexa(
        "7feed927aa8d7d97cee1ab82946517310d06dea65736955407ee4577b0beb2f28659d0a346ae824950714f"
        "9e0ace3b7fd06b7c496d6f82c36a4220c5d8db57df49a132342ea6b4d2e4260cac9e1a5a5a1890b7584d9c"
    )
    check("SPEC.md's share sealed to it", open_sealed(hybrid, sealed), lines[0])
    vault = b"worstday vault 1" + hexa(
        "b317d2b5b249d8d9405d1d7fc3fb9f27dc2d3a8a314d7a8db9231ff1ed506019"
        "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
        "de230e0791c61d5f7c3a90458170c6ef2abd5045fa0ee8f837"
    )
    check("SPEC.md's vault", list(open_vault(count[:32], vault)), [b"worstday\n"])
    say("hint", "this Python computes everything as it should")


# --- Input, output, command line -----------------------------------------------------------------


def read(name):
    """The bytes of a file, or of stdin."""
    if name in (None, "-"):
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:
        return file.read()


def write(data):
    require(not os.isatty(1), REFUSED, "stdout is a terminal, and this is secret: use a pipe")
    while data:
        data = data[os.write(1, data) :]


def main():
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("unseal")
    command.set_defaults(run=unseal)
    command.add_argument("--key", action="append", required=True)
    command.add_argument("file", nargs="*")
    command = commands.add_parser("combine")
    command.set_defaults(run=combine)
    command.add_argument("--set", help="use this set only (16 hex digits)")
    command.add_argument("--strict", action="store_true", help="a share that disagrees is an error")
    command.add_argument("file", nargs="*")
    command = commands.add_parser("vault-open")
    command.set_defaults(run=vault_open)
    command.add_argument("--update", help="the update that VAULT belongs to, a file update-G.U")
    command.add_argument("vault")
    commands.add_parser("self-test").set_defaults(run=self_test)
    options = parser.parse_args()
    try:
        options.run(options)
    except Failure as failure:
        status, message = failure.args
        say("error", message)
        sys.exit(status)
    except OSError as error:
        say("error", f"{error.filename or 'stdin or stdout'}: {error.strerror}")
        sys.exit(IO)


if __name__ == "__main__":
    main()
