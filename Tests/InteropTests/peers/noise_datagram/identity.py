"""Identities: Ed25519 keys, peer ids, and the proof that a static key belongs to one (sections 1 and 4)."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNED = b"meshp2p-noise-udp:"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# PublicKey { Type = Ed25519 (1), Data = 32 bytes } in its canonical form.
ED25519_KEY = b"\x08\x01\x12\x20"


class IdentityError(Exception):
    """A key that is malformed or of a kind that is not read here, or a bad signature."""


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + ALPHABET.index(character)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" * (len(text) - len(text.lstrip("1"))) + data


def peer_id(public_key: bytes) -> bytes:
    """The multihash of a PublicKey message: identity up to 42 bytes, else SHA-256."""
    if len(public_key) <= 42:
        return bytes([0x00, len(public_key)]) + public_key
    return b"\x12\x20" + hashlib.sha256(public_key).digest()


class Identity:
    """An Ed25519 identity, the same for the same seed text."""

    def __init__(self, seed: str | bytes) -> None:
        secret = hashlib.sha256(b"noise_datagram:" + seed.encode()).digest() if isinstance(seed, str) else seed
        self.private = Ed25519PrivateKey.from_private_bytes(secret)
        self.public_key = ED25519_KEY + self.private.public_key().public_bytes_raw()
        self.peer_id = peer_id(self.public_key)
        self.reset_secret = hashlib.sha256(b"reset:" + secret).digest()

    def sign(self, static_key: bytes) -> bytes:
        return self.private.sign(SIGNED + static_key)


def verify(public_key: bytes, signature: bytes, static_key: bytes) -> bytes:
    """The peer id behind a proof. Only Ed25519 is read here."""
    if len(public_key) != 36 or not public_key.startswith(ED25519_KEY):
        raise IdentityError("not a canonical Ed25519 key")
    try:
        Ed25519PublicKey.from_public_bytes(public_key[4:]).verify(signature, SIGNED + static_key)
    except (InvalidSignature, ValueError) as error:
        raise IdentityError("bad signature") from error
    return peer_id(public_key)
