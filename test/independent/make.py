#!/usr/bin/env python3
"""Makes what recover.py opens, from SPEC.md alone, so that it can be tested both ways.

    make.py keygen [--hybrid] -o FILE    a private key in FILE, the public key on stdout
    make.py split -k K -n N              a secret on stdin to share lines
    make.py seal RECIPIENT ...           share lines to sealed lines, "-" leaves one as it is
    make.py vault-close -o VAULT         anything on stdin to a vault, its key on stdout

For tests only: it checks nothing of what it is given.
"""

import argparse
import hashlib
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))

from recover import BASE, CHUNK, PRODUCT, SYMBOLS, TARGET, chacha20, chacha20_tag
from recover import checksum, decode, derive, hpke_schedule, hsalsa20, poly1305, public_key
from recover import read_tokens, recipient_id, share_tag, x25519, x_wing_encapsulate, xor, xsalsa20


def encode(hrp, data):
    length = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << length * 5 - len(data) * 8
    symbols = [number >> 5 * i & 31 for i in reversed(range(length))]
    check = checksum(hrp, symbols + [0] * 15) ^ TARGET
    if 2 * len(hrp) + 1 + length + 15 > 1023:
        hashed = b"worstday long text 1" + hrp.encode() + b"\0" + bytes(symbols)
        check = int.from_bytes(hashlib.sha256(hashed).digest(), "big") >> 181
    symbols += [check >> 5 * i & 31 for i in reversed(range(15))]
    return hrp + "1" + "".join(SYMBOLS[symbol] for symbol in symbols)


def keygen(options):
    private = (b"\2" if options.hybrid else b"\1") + os.urandom(32)
    with open(options.o, "x") as file:
        file.write(encode("wdkey", private) + "\n")
    print(encode("wdpub", private[:1] + public_key(private)))


def split(options):
    secret, set_id = sys.stdin.buffer.read(), os.urandom(8)
    payload = share_tag(set_id, options.k, options.n, secret) + secret
    coefficients = [os.urandom(len(payload)) for _ in range(options.k - 1)]
    for x in range(1, options.n + 1):
        y = bytes(len(payload))
        for coefficient in reversed([payload, *coefficients]):  # Horner's rule
            y = xor(y.translate(PRODUCT[x]), coefficient)
        print(encode("wdshare", b"\1" + set_id + bytes([options.k, options.n, x]) + y))


def seal_line(line, public):
    ephemeral = os.urandom(32)
    e = x25519(ephemeral, BASE)
    nonce = hashlib.blake2b(e + public, digest_size=24).digest()
    stream = xsalsa20(hsalsa20(x25519(ephemeral, public), bytes(16)), nonce, 32 + len(line))
    ciphertext = xor(line.encode("ascii"), stream[32:])
    box = e + poly1305(stream[:32], ciphertext) + ciphertext
    return encode("wdsealed", b"\1" + recipient_id(public) + decode(line)[1][1:12] + box)


def seal_hybrid(line, public):
    shared, enc = x_wing_encapsulate(public, os.urandom(64))
    key, nonce = hpke_schedule(shared, b"worstday sealed share")
    aad = b"\2" + recipient_id(public) + decode(line)[1][1:12]
    ciphertext = chacha20(key, nonce, 1, line.encode("ascii"))
    tag = chacha20_tag(key, nonce, ciphertext, aad)
    return encode("wdsealed", aad + enc + ciphertext + tag)


def seal(options):
    for (_, line, _, _), recipient in zip(read_tokens([]), options.recipient):
        key = b"" if recipient == "-" else decode(recipient)[1]
        make = seal_line if key[:1] == b"\1" else seal_hybrid
        print(make(line, key[1:]) if key else line)


def vault_close(options):
    plaintext, master, salt = sys.stdin.buffer.read(), os.urandom(32), os.urandom(32)
    header = b"worstday vault 1" + derive(master, b"worstday key id") + salt
    key = derive(master, b"worstday file", header)
    starts = range(0, max(len(plaintext), 1), CHUNK)
    with open(options.o, "xb") as file:
        file.write(header)
        for number, at in enumerate(starts):
            nonce = struct.pack(">4xQ", number << 8 | (at == starts[-1]))
            ciphertext = chacha20(key, nonce, 1, plaintext[at : at + CHUNK])
            file.write(ciphertext + chacha20_tag(key, nonce, ciphertext))
    sys.stdout.buffer.write(master)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    for run, arguments in {
        keygen: {"-o": {}, "--hybrid": {"action": "store_true"}},
        split: {"-k": {"type": int}, "-n": {"type": int}},
        seal: {"recipient": {"nargs": "+"}},
        vault_close: {"-o": {}},
    }.items():
        command = commands.add_parser(run.__name__.replace("_", "-"))
        command.set_defaults(run=run)
        for name, details in arguments.items():
            command.add_argument(name, **details)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
