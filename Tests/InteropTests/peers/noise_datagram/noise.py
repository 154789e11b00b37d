"""Noise_XX and Noise_IK with 25519, ChaChaPoly and SHA256: the Noise specification, revision 34, sections 5 and 7."""

from __future__ import annotations

import copy
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

TAG = 16
PATTERNS = {
    "XX": [["e"], ["e", "ee", "s", "es"], ["s", "se"]],
    "IK": [["e", "es", "s", "ss"], ["e", "ee", "se"]],
}


class NoiseError(Exception):
    """A message that does not authenticate or is too short, or a low-order key."""


class StaticKey:
    """A key pair of X25519, named e or s in the patterns."""

    def __init__(self, secret: bytes | None = None) -> None:
        self.private = X25519PrivateKey.from_private_bytes(secret) if secret else X25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes_raw()

    def exchange(self, public: bytes) -> bytes:
        try:
            return self.private.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError as error:  # the library refuses a result of zeros itself
            raise NoiseError("low-order key") from error


def nonce(counter: int) -> bytes:
    """Four zero bytes and the counter in little endian (section 12.3)."""
    return bytes(4) + counter.to_bytes(8, "little")


def hkdf2(chaining_key: bytes, material: bytes) -> tuple[bytes, bytes]:
    temporary = hmac.digest(chaining_key, material, "sha256")
    first = hmac.digest(temporary, b"\x01", "sha256")
    return first, hmac.digest(temporary, first + b"\x02", "sha256")


@dataclass
class Symmetric:
    """SymmetricState of section 5.2 with its CipherState."""

    h: bytes
    ck: bytes
    k: bytes | None = None
    n: int = 0

    @staticmethod
    def named(pattern: str) -> Symmetric:
        name = f"Noise_{pattern}_25519_ChaChaPoly_SHA256".encode()
        h = name.ljust(32, b"\0") if len(name) <= 32 else hashlib.sha256(name).digest()
        return Symmetric(h, h)

    def mix_hash(self, data: bytes) -> None:
        self.h = hashlib.sha256(self.h + data).digest()

    def mix_key(self, material: bytes) -> None:
        self.ck, self.k = hkdf2(self.ck, material)
        self.n = 0

    def encrypt(self, plaintext: bytes) -> bytes:
        ciphertext = plaintext
        if self.k is not None:
            ciphertext = ChaCha20Poly1305(self.k).encrypt(nonce(self.n), plaintext, self.h)
            self.n += 1
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt(self, ciphertext: bytes) -> bytes:
        plaintext = ciphertext
        if self.k is not None:
            try:
                plaintext = ChaCha20Poly1305(self.k).decrypt(nonce(self.n), ciphertext, self.h)
            except (InvalidTag, ValueError) as error:
                raise NoiseError("does not authenticate") from error
            self.n += 1
        self.mix_hash(ciphertext)
        return plaintext


class Handshake:
    """HandshakeState of section 5.3. A message that cannot be read leaves it as it was."""

    def __init__(self, pattern: str, is_initiator: bool, prologue: bytes, s: StaticKey,
                 e: StaticKey | None = None, rs: bytes | None = None) -> None:
        self.messages = list(PATTERNS[pattern])
        self.is_initiator = is_initiator
        self.s, self.e, self.rs = s, e or StaticKey(), rs
        self.re: bytes | None = None
        self.symmetric = Symmetric.named(pattern)
        self.symmetric.mix_hash(prologue)
        if pattern == "IK":
            responder_static = rs if is_initiator else s.public
            assert responder_static is not None
            self.symmetric.mix_hash(responder_static)

    def write(self, payload: bytes) -> bytes:
        message = b""
        for token in self.messages.pop(0):
            if token == "e":
                message += self.e.public
                self.symmetric.mix_hash(self.e.public)
            elif token == "s":
                message += self.symmetric.encrypt(self.s.public)
            else:
                self._mix(token, self.re, self.rs)
        return message + self.symmetric.encrypt(payload)

    def read(self, message: bytes) -> bytes:
        before = copy.copy(self.symmetric), self.re, self.rs
        try:
            payload = self._read(message)
        except NoiseError:
            self.symmetric, self.re, self.rs = before
            raise
        self.messages.pop(0)
        return payload

    def split(self) -> tuple[bytes, bytes]:
        """The keys for what the initiator and what the responder sends."""
        return hkdf2(self.symmetric.ck, b"")

    def _read(self, message: bytes) -> bytes:
        def take(count: int) -> bytes:
            nonlocal message
            if len(message) < count:
                raise NoiseError("message too short")
            taken, message = message[:count], message[count:]
            return taken

        for token in self.messages[0]:
            if token == "e":
                self.re = take(32)
                self.symmetric.mix_hash(self.re)
            elif token == "s":
                self.rs = self.symmetric.decrypt(take(32 + TAG if self.symmetric.k else 32))
            else:
                self._mix(token, self.re, self.rs)
        if self.symmetric.k is not None and len(message) < TAG:
            raise NoiseError("message too short")
        return self.symmetric.decrypt(message)

    def _mix(self, token: str, re: bytes | None, rs: bytes | None) -> None:
        """ee, es, se or ss: the first letter is the initiator's key, the second the responder's."""
        own, other = (token[0], token[1]) if self.is_initiator else (token[1], token[0])
        theirs = re if other == "e" else rs
        assert theirs is not None
        self.symmetric.mix_key((self.e if own == "e" else self.s).exchange(theirs))
