"""The nine packets, their sizes and offsets (section 3)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

VERSION = 1
MAXIMUM = 1200
INITIATION, RETRY, RESPONSE, COMPLETION, DATA, RESET, RESUMPTION, ANSWER, DECLINE = range(0x10, 0x19)
NAMES = dict(zip(range(0x10, 0x19), (
    "Initiation", "Retry", "Response", "Completion", "Data", "Reset", "Resumption", "Answer", "Decline")))
NO_COOKIE = bytes(32)
NO_CODE = bytes(16)


class PacketError(Exception):
    """A datagram that section 3 says to drop."""


def prologue(initiator_id: bytes, psk: bytes | None, version: int = VERSION) -> bytes:
    mixed = hashlib.sha256(b"meshp2p-noise-udp psk:" + psk).digest() if psk else b""
    return b"meshp2p-noise-udp" + bytes([version]) + initiator_id + mixed


def membership_code(psk: bytes | None, header: bytes, noise: bytes) -> bytes:
    """`header` is packet[0..<12]."""
    if psk is None:
        return NO_CODE
    return hmac.digest(psk, b"meshp2p-noise-udp member:" + header + noise, "sha256")[:16]


@dataclass(frozen=True)
class Opening:
    """Initiation or Resumption."""

    kind: int
    initiator_id: bytes
    cookie: bytes
    code: bytes
    noise: bytes
    version: int = VERSION

    @property
    def header(self) -> bytes:
        return bytes([self.kind, self.version]) + len(self.noise).to_bytes(2, "big") + self.initiator_id

    def encode(self) -> bytes:
        packet = self.header + self.cookie + self.code + self.noise
        assert len(packet) <= MAXIMUM
        return packet.ljust(MAXIMUM, b"\0")


def opening(kind: int, initiator_id: bytes, noise: bytes, psk: bytes | None = None, cookie: bytes = NO_COOKIE) -> Opening:
    bare = Opening(kind, initiator_id, cookie, NO_CODE, noise)
    return Opening(kind, initiator_id, cookie, membership_code(psk, bare.header, noise), noise)


@dataclass(frozen=True)
class Reply:
    """Response or resumption answer."""

    kind: int
    initiator_id: bytes
    responder_id: bytes
    noise: bytes

    def encode(self) -> bytes:
        header = bytes([self.kind, VERSION]) + len(self.noise).to_bytes(2, "big")
        return header + self.initiator_id + self.responder_id + self.noise


@dataclass(frozen=True)
class Completion:
    responder_id: bytes
    noise: bytes

    def encode(self) -> bytes:
        return bytes([COMPLETION, VERSION]) + len(self.noise).to_bytes(2, "big") + self.responder_id + self.noise


@dataclass(frozen=True)
class Retry:
    initiator_id: bytes
    cookie: bytes

    def encode(self) -> bytes:
        return bytes([RETRY, VERSION, 0, 0]) + self.initiator_id + self.cookie


@dataclass(frozen=True)
class Decline:
    reason: int
    initiator_id: bytes
    version: int = VERSION

    def encode(self) -> bytes:
        return bytes([DECLINE, self.version, self.reason, 0]) + self.initiator_id


@dataclass(frozen=True)
class Reset:
    connection_id: bytes
    token: bytes

    def encode(self) -> bytes:
        return bytes([RESET]) + self.connection_id + self.token


@dataclass(frozen=True)
class Data:
    connection_id: bytes
    counter: int
    ciphertext: bytes

    @property
    def header(self) -> bytes:
        return bytes([DATA]) + self.connection_id + self.counter.to_bytes(8, "big")

    def encode(self) -> bytes:
        return self.header + self.ciphertext


Packet = Opening | Reply | Completion | Retry | Decline | Reset | Data


def parse(datagram: bytes) -> Packet:
    if not datagram or not INITIATION <= datagram[0] <= DECLINE:
        raise PacketError("not a packet of this protocol")
    kind, size = datagram[0], len(datagram)
    if size > MAXIMUM:
        raise PacketError("longer than 1,200 bytes")
    required = {RETRY: 44, RESET: 25, DECLINE: 12, INITIATION: MAXIMUM, RESUMPTION: MAXIMUM}
    least = {DATA: 34, RESPONSE: 20, ANSWER: 20, COMPLETION: 12}
    if size != required.get(kind, size) or size < least.get(kind, 0):
        raise PacketError("wrong length")
    if kind == DATA:
        return Data(datagram[1:9], int.from_bytes(datagram[9:17], "big"), datagram[17:])
    if kind == RESET:
        return Reset(datagram[1:9], datagram[9:])
    if kind == RETRY:
        return Retry(datagram[4:12], datagram[12:])
    if kind == DECLINE:
        return Decline(datagram[2], datagram[4:12], datagram[1])
    start = {INITIATION: 60, RESUMPTION: 60, RESPONSE: 20, ANSWER: 20, COMPLETION: 12}[kind]
    end = start + int.from_bytes(datagram[2:4], "big")
    # Another version may have another layout; it gets a Decline.
    if end > size and not (kind in (INITIATION, RESUMPTION) and datagram[1] != VERSION):
        raise PacketError("length reaches beyond the datagram")
    noise = datagram[start:end]
    if kind in (INITIATION, RESUMPTION):
        return Opening(kind, datagram[4:12], datagram[12:44], datagram[44:60], noise, datagram[1])
    if datagram[1] != VERSION:
        raise PacketError("another version")
    if kind == COMPLETION:
        return Completion(datagram[4:12], noise)
    return Reply(kind, datagram[4:12], datagram[12:20], noise)
