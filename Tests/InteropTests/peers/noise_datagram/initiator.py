"""One handshake as its initiator sees it (sections 4 and 5): packets in, packets out, no socket."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field

import identity
import packets
import payload as payloads
from noise import Handshake, NoiseError, StaticKey
from protobuf import ProtobufError
from session import Session


class Refused(Exception):
    """A reply that the initiator does not take."""


@dataclass
class Initiator:
    """Who asks: an identity, its static key, and what it knows of the responder."""

    own: identity.Identity
    network: str
    # The peer that has to answer; empty for whoever does.
    target: bytes
    psk: bytes | None = None
    static: StaticKey = field(default_factory=StaticKey)
    # Learned in the first contact, used for resumptions.
    responder_static: bytes | None = None
    # Own kad addresses to announce; with some it says that it serves kad.
    addresses: list[bytes] = field(default_factory=list)

    def reset_token(self, connection_id: bytes) -> bytes:
        """Any 16 bytes that only their owner knows."""
        return hashlib.sha256(self.own.reset_secret + connection_id).digest()[:16]

    def payload(self, own_id: bytes, frames: bytes) -> payloads.Payload:
        return payloads.Payload(
            identity_key=self.own.public_key, signature=self.own.sign(self.static.public),
            network=self.network.encode(), flags=payloads.SERVES_KAD if self.addresses else 0,
            reset_token=self.reset_token(own_id), addresses=self.addresses, frames=frames,
            timestamp=time.monotonic_ns())

    def contact(self) -> Contact:
        return Contact(self, "XX")

    def resume(self, frames: bytes, early: payloads.Payload | None = None) -> Contact:
        return Contact(self, "IK", frames, early)


class Contact:
    """One handshake of an initiator. With a resumption, `frames` travel in the first packet."""

    def __init__(self, initiator: Initiator, pattern: str, frames: bytes = b"",
                 early: payloads.Payload | None = None) -> None:
        self.initiator, self.pattern = initiator, pattern
        self.own_id = os.urandom(8)
        self.handshake = Handshake(pattern, True, packets.prologue(self.own_id, initiator.psk), initiator.static,
                                   rs=initiator.responder_static)
        content = b""
        if pattern == "IK":
            content = (early or initiator.payload(self.own_id, frames)).encode("IK1")
        kind = packets.INITIATION if pattern == "XX" else packets.RESUMPTION
        self.opening = packets.opening(kind, self.own_id, self.handshake.write(content), initiator.psk)

    def first(self, cookie: bytes = packets.NO_COOKIE) -> bytes:
        """The first packet; with the cookie of a Retry everything else stays as it was."""
        opening = self.opening
        return packets.Opening(opening.kind, opening.initiator_id, cookie, opening.code, opening.noise).encode()

    def read(self, datagram: bytes) -> payloads.Payload:
        """Takes the Response or answer and checks it; raises Refused."""
        try:
            reply = packets.parse(datagram)
        except packets.PacketError as error:
            raise Refused(str(error)) from error
        expected = packets.RESPONSE if self.pattern == "XX" else packets.ANSWER
        if not isinstance(reply, packets.Reply) or reply.kind != expected or reply.initiator_id != self.own_id:
            raise Refused("not a reply to this handshake")
        try:
            payload = payloads.decode(self.handshake.read(reply.noise), "XX2" if self.pattern == "XX" else "IK2")
            if payload.connection_id != reply.responder_id:
                raise Refused("another connection id in the payload")
            if self.pattern == "XX":
                assert self.handshake.rs is not None
                peer = identity.verify(payload.identity_key, payload.signature, self.handshake.rs)
                if self.initiator.target not in (b"", peer):
                    raise Refused("another peer")
                if payload.network.decode() != self.initiator.network:
                    raise Refused("another network")
        except (NoiseError, ProtobufError, identity.IdentityError, ValueError) as error:
            raise Refused(str(error)) from error
        self.peer_id = reply.responder_id
        self.peer_reset_token = payload.reset_token
        return payload

    def complete(self, frames: bytes, changed: payloads.Payload | None = None) -> bytes:
        """The Completion of a first contact. `changed` replaces the payload."""
        content = changed or self.initiator.payload(self.own_id, frames)
        message = self.handshake.write(content.encode("XX3"))
        self.initiator.responder_static = self.handshake.rs
        return packets.Completion(self.peer_id, message).encode()

    def session(self) -> Session:
        """The session, once the handshake's last message is written or read."""
        send, receive = self.handshake.split()
        return Session(self.own_id, self.peer_id, send, receive, self.initiator.target, self.peer_reset_token)
