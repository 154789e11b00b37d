"""Kademlia messages (Specs/proto/kad.proto), and a server that keeps everything in memory (Specs/kademlia.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field as default

from protobuf import ProtobufError, field, fields

PUT_VALUE, GET_VALUE, ADD_PROVIDER, GET_PROVIDERS, FIND_NODE, PING = range(6)
K = 20


class Invalid(Exception):
    """A request that is refused."""


@dataclass
class Peer:
    id: bytes
    addresses: list[bytes] = default(default_factory=list)

    def encode(self) -> bytes:
        return field(1, self.id) + b"".join(field(2, address) for address in self.addresses)


@dataclass
class Message:
    type: int
    key: bytes = b""
    record: tuple[bytes, bytes] | None = None
    closer: list[Peer] = default(default_factory=list)
    providers: list[Peer] = default(default_factory=list)

    def encode(self) -> bytes:
        encoded = field(1, self.type) + (field(2, self.key) if self.key else b"")
        if self.record:
            encoded += field(3, field(1, self.record[0]) + field(2, self.record[1]))
        encoded += b"".join(field(8, peer.encode()) for peer in self.closer)
        return encoded + b"".join(field(9, peer.encode()) for peer in self.providers)


def decode(data: bytes) -> Message:
    message = Message(PUT_VALUE)
    for number, value in fields(data):
        if number == 1 and isinstance(value, int):
            message.type = value
        elif number == 2 and isinstance(value, bytes):
            message.key = value
        elif number == 3 and isinstance(value, bytes):
            record = {number: value for number, value in fields(value) if isinstance(value, bytes)}
            message.record = record.get(1, b""), record.get(2, b"")
        elif number in (8, 9) and isinstance(value, bytes):
            peer = Peer(b"")
            for inner, content in fields(value):
                if inner == 1 and isinstance(content, bytes):
                    peer.id = content
                elif inner == 2 and isinstance(content, bytes):
                    peer.addresses.append(content)
            (message.closer if number == 8 else message.providers).append(peer)
    return message


def distance(left: bytes, right: bytes) -> int:
    """Between two keys, each hashed to a point of the key space."""
    points = [int.from_bytes(hashlib.sha256(key).digest(), "big") for key in (left, right)]
    return points[0] ^ points[1]


class Server:
    """Answers every request; any value is valid and the last one put is kept."""

    def __init__(self, own_id: bytes) -> None:
        self.own_id = own_id
        self.peers: dict[bytes, Peer] = {}
        self.values: dict[bytes, bytes] = {}
        self.provided: dict[bytes, dict[bytes, Peer]] = {}
        self.counts = [0] * 6

    def answer(self, data: bytes, sender: bytes) -> bytes:
        try:
            request = decode(data)
        except ProtobufError as error:
            raise Invalid("not a message") from error
        if not 0 <= request.type <= PING:
            raise Invalid("unknown type")
        self.counts[request.type] += 1
        if request.type == PING:
            return data
        key = request.key
        if not 1 <= len(key) <= (80 if request.type in (ADD_PROVIDER, GET_PROVIDERS) else 256):
            raise Invalid("key of a wrong length")
        if request.type == PUT_VALUE:
            return self._put(key, request.record)
        if request.type == ADD_PROVIDER:
            for peer in request.providers:
                if peer.id == sender and peer.addresses:
                    self.provided.setdefault(key, {})[sender] = peer
            return Message(ADD_PROVIDER).encode()
        answer = Message(request.type, closer=self._closer(key, sender))
        if request.type == GET_VALUE and key in self.values:
            answer.key, answer.record = key, (key, self.values[key])
        if request.type == GET_PROVIDERS:
            answer.providers = list(self.provided.get(key, {}).values())[:32]
        return answer.encode()

    def _put(self, key: bytes, record: tuple[bytes, bytes] | None) -> bytes:
        if record is None or record[0] != key or not 1 <= len(record[1]) <= 10_240:
            raise Invalid("record of another key or size")
        self.values[key] = record[1]
        return Message(PUT_VALUE, key, record).encode()

    def _closer(self, key: bytes, requester: bytes) -> list[Peer]:
        known = [peer for peer in self.peers.values() if peer.id != requester or peer.id == key]
        known = [peer for peer in known if peer.id == key or peer.id != self.own_id]
        return sorted(known, key=lambda peer: distance(peer.id, key))[:K]
