"""Writes signatures.json: what pyca/cryptography signs with keys of every type. Same output on every run."""
import hashlib, json, os, random
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

HERE = os.path.dirname(os.path.abspath(__file__))
MESSAGE = b"a message that a foreign peer signed"
SPKI = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def public_pb(kind, data):
    return b"\x08" + bytes([kind]) + b"\x12" + varint(len(data)) + data


def is_prime(n, rng):
    for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % small == 0:
            return n == small
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(24):
        x = pow(rng.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def rsa_key(bits):
    rng = random.Random(bits)
    e = 65537

    def prime():
        while True:
            p = rng.getrandbits(bits // 2) | 1 | 3 << (bits // 2 - 2)
            if (p - 1) % e and is_prime(p, rng):
                return p

    p, q = prime(), prime()
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), rsa.RSAPublicNumbers(e, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def sign_ec(key):
    return key.sign(MESSAGE, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


cases = []


def case(name, kind, data, signature, valid=True, message=MESSAGE, why=None):
    entry = {"name": name, "type": kind, "public_pb": public_pb(kind, data).hex(), "message": message.hex(),
             "signature": signature.hex(), "valid": valid}
    if why:
        entry["why"] = why
    cases.append(entry)


for bits in (2048, 3072):
    key = rsa_key(bits)
    spki = key.public_key().public_bytes(*SPKI)
    signature = key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    case(f"rsa-{bits}", 0, spki, signature)
    if bits == 2048:
        case("rsa-2048-sha1", 0, spki, key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA1()), False,
             why="digest is SHA-1")
        case("rsa-2048-sha512", 0, spki, key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA512()), False,
             why="digest is SHA-512")
        case("rsa-2048-other-message", 0, spki, signature, False, MESSAGE + b".", why="another message")
        case("rsa-2048-trailing-byte", 0, spki + b"\0", signature, False, why="a byte behind the DER")
small = rsa_key(1024)
case("rsa-1024", 0, small.public_key().public_bytes(*SPKI),
     small.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256()), False, why="a key of 1024 bits is too weak")

key = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"ed25519").digest())
raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
case("ed25519", 1, raw, key.sign(MESSAGE))
case("ed25519-other-message", 1, raw, key.sign(MESSAGE), False, MESSAGE + b".", why="another message")
case("ed25519-short-signature", 1, raw, key.sign(MESSAGE)[:63], False, why="63 bytes")
order = 2**252 + 27742317777372353535851937790883648493
malleable = key.sign(MESSAGE)
malleable = malleable[:32] + (int.from_bytes(malleable[32:], "little") + order).to_bytes(32, "little")
case("ed25519-unreduced-scalar", 1, raw, malleable, False, why="S is not reduced (RFC 8032, 5.1.7)")
case("ed25519-small-order-key", 1, b"\1" + bytes(31), b"\1" + bytes(63), False, why="a key of order one")

key = ec.derive_private_key(int.from_bytes(hashlib.sha256(b"secp256k1").digest(), "big"), ec.SECP256K1())
point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
case("secp256k1", 2, point, sign_ec(key))
case("secp256k1-other-message", 2, point, sign_ec(key), False, MESSAGE + b".", why="another message")
case("secp256k1-off-curve", 2, b"\2" + bytes(31) + b"\5", sign_ec(key), False, why="x is not on the curve")

for name, curve in (("p256", ec.SECP256R1()), ("p384", ec.SECP384R1()), ("p521", ec.SECP521R1())):
    key = ec.derive_private_key(int.from_bytes(hashlib.sha256(name.encode()).digest(), "big"), curve)
    spki = key.public_key().public_bytes(*SPKI)
    case("ecdsa-" + name, 3, spki, sign_ec(key))
    if name == "p256":
        case("ecdsa-p256-other-message", 3, spki, sign_ec(key), False, MESSAGE + b".", why="another message")
        case("ecdsa-p256-trailing-byte", 3, spki + b"\0", sign_ec(key), False, why="a byte behind the DER")
        case("ecdsa-p256-off-curve", 3, spki[:-1] + bytes([spki[-1] ^ 1]), sign_ec(key), False,
             why="the point is not on the curve")
key = ec.derive_private_key(int.from_bytes(hashlib.sha224(b"p224").digest(), "big"), ec.SECP224R1())
case("ecdsa-p224", 3, key.public_key().public_bytes(*SPKI), sign_ec(key), False, why="P-224 is not accepted")

# The keys of the specification sign too: their private halves are in peer_ids.json.
for entry in json.load(open(os.path.join(HERE, "peer_ids.json")))["keys"]:
    private = bytes.fromhex(entry["private_pb"])
    if entry["type"] == "secp256k1":
        key = ec.derive_private_key(int.from_bytes(private[4:], "big"), ec.SECP256K1())
        signature = sign_ec(key)
    elif entry["type"] == "ecdsa":
        key = serialization.load_der_private_key(private[4:], None)
        signature = sign_ec(key)
    elif entry["type"] == "rsa":
        key = serialization.load_der_private_key(private[5:], None)
        signature = key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    else:
        key = ed25519.Ed25519PrivateKey.from_private_bytes(private[4:36])
        signature = key.sign(MESSAGE)
    cases.append({"name": "spec-" + entry["type"], "type": {"rsa": 0, "ed25519": 1, "secp256k1": 2, "ecdsa": 3}[entry["type"]],
                  "public_pb": entry["public_pb"], "message": MESSAGE.hex(), "signature": signature.hex(), "valid": True})

with open(os.path.join(HERE, "signatures.json"), "w") as file:
    json.dump({"source": "make_signatures.py with pyca/cryptography", "cases": cases}, file, indent=1)
    file.write("\n")
