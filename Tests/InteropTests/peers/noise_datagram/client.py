"""A requester on a real UDP socket, with every step in the hands of the caller."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass, field

import frames
import kad
import packets
from address import Address
from initiator import Contact, Initiator
from session import Dropped, Session

PATIENCE = 2.0
# A machine that compiles at the same time is slow to answer, and what never comes costs this much.
SILENCE = 0.4


class Unexpected(Exception):
    """A check failed: what was expected, and what came."""


def expect(condition: object, what: str) -> None:
    if not condition:
        raise Unexpected(what)


class Wire:
    """One UDP socket that speaks with one address and counts bytes."""

    def __init__(self, target: Address, source: str | None = None) -> None:
        family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        if source:
            self.socket.bind((source, 0))
        self.target = (target.host, target.port)
        self.sent = self.received = 0

    def send(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.socket.sendto(datagram, self.target)
            self.sent += len(datagram)

    def receive(self, within: float = PATIENCE) -> bytes | None:
        """The next datagram, or nothing."""
        if not select.select([self.socket], [], [], within)[0]:
            return None
        datagram, _ = self.socket.recvfrom(65536)
        self.received += len(datagram)
        return datagram

    def packet(self, kind: int, within: float = PATIENCE) -> bytes:
        """The next datagram of a kind; others are passed over."""
        deadline = time.monotonic() + within
        passed = []
        while (left := deadline - time.monotonic()) > 0:
            datagram = self.receive(left)
            if datagram and datagram[0] == kind:
                return datagram
            passed += [packets.NAMES.get(datagram[0], "?")] if datagram else []
        raise Unexpected(f"no {packets.NAMES[kind]} within {within} s, but {passed}")

    def silence(self, within: float = SILENCE) -> None:
        datagram = self.receive(within)
        if datagram is not None:
            raise Unexpected(f"expected silence, received {packets.NAMES.get(datagram[0], '?')}: {datagram[:20].hex()}")

    def close(self) -> None:
        self.socket.close()


@dataclass
class Connection:
    """A session on a wire."""

    wire: Wire
    session: Session
    next_id: int = 1
    answers_challenges: bool = True
    challenges: list[bytes] = field(default_factory=list)

    def send(self, *sent: frames.Frame) -> bytes:
        packet = self.session.seal(b"".join(frame.encode() for frame in sent))
        self.wire.send(packet)
        return packet

    def pieces(self, message: bytes, attempt: int = 0) -> list[frames.Piece]:
        self.next_id += 1
        return frames.cut(True, self.next_id - 1, message, attempt)

    def ask(self, message: bytes, within: float = PATIENCE) -> kad.Message:
        """Sends a request in as many parts as it takes and waits for the response."""
        pieces = self.pieces(message)
        for piece in pieces:
            self.send(piece)
        return self.response(pieces[0].id, within)

    def response(self, id: int, within: float = PATIENCE) -> kad.Message:
        response = self.outcome(id, within)
        if isinstance(response, frames.Refusal):
            raise Unexpected(f"refusal {response.code}")
        return kad.decode(response)

    def outcome(self, id: int, within: float = PATIENCE) -> bytes | frames.Refusal:
        """The response to a request or its refusal."""
        deadline = time.monotonic() + within
        seen = []
        while (left := deadline - time.monotonic()) > 0:
            datagram = self.wire.receive(left)
            for frame in self.read(datagram) if datagram else []:
                seen.append(frame)
                if isinstance(frame, frames.Refusal) and frame.id == id:
                    return frame
                if isinstance(frame, frames.Piece) and not frame.is_request and frame.id == id:
                    message = self.session.response_part(frame)
                    if message is not None:
                        return message
        raise Unexpected(f"no response to request {id} within {within} s, but {seen}")

    def read(self, datagram: bytes) -> list[frames.Frame]:
        """The frames of a Data packet of this session; a challenge is answered where it was asked."""
        packet = packets.parse(datagram)
        if not isinstance(packet, packets.Data) or packet.connection_id != self.session.own_id:
            return []
        try:
            plaintext, _ = self.session.open(packet)
        except Dropped:
            return []
        found, is_complete = frames.parse(plaintext)
        expect(is_complete, f"malformed frames: {plaintext.hex()}")
        for frame in found:
            if isinstance(frame, frames.PathChallenge):
                self.challenges.append(frame.data)
                if self.answers_challenges:
                    self.send(frames.PathResponse(frame.data))
        return found


def find_node(key: bytes) -> bytes:
    return kad.Message(kad.FIND_NODE, key).encode()


def connect(initiator: Initiator, wire: Wire, request: bytes | None = None) -> Connection:
    """A first contact with the request, or a FIND_NODE, in the third message; its response is read."""
    contact = initiator.contact()
    contact.read(reply_to(contact, wire))
    pieces = frames.cut(True, 0, request or find_node(initiator.own.peer_id))
    wire.send(contact.complete(pieces[0].encode()))
    connection = Connection(wire, contact.session())
    connection.response(0)
    return connection


def reply_to(contact: Contact, wire: Wire) -> bytes:
    """Sends the first packet until its reply comes; takes a cookie when it is told to."""
    kind = packets.RESPONSE if contact.pattern == "XX" else packets.ANSWER
    cookie = packets.NO_COOKIE
    for _ in range(5):
        wire.send(contact.first(cookie))
        deadline = time.monotonic() + 0.5
        while (left := deadline - time.monotonic()) > 0:
            datagram = wire.receive(left)
            if datagram and datagram[0] == packets.RETRY and cookie == packets.NO_COOKIE:
                retry = packets.parse(datagram)
                assert isinstance(retry, packets.Retry)
                cookie = retry.cookie
                break
            if datagram and datagram[0] == kind and datagram[4:12] == contact.own_id:
                return datagram
            if datagram and datagram[0] == packets.DECLINE:
                raise Unexpected(f"declined: {datagram.hex()}")
    raise Unexpected(f"no {packets.NAMES[kind]}")
