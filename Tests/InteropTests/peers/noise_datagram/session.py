"""What a handshake leaves: keys, counters, the replay window, and messages put together from their parts (section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import frames
import noise
import packets

WINDOW = 2048
PARTS_SECONDS = 3.0


class Dropped(Exception):
    """A Data packet that changes nothing, and why."""


@dataclass
class Window:
    """The counters that were received; bit i is the counter `highest - i`."""

    highest: int = -1
    seen: int = 0

    def take(self, counter: int) -> bool:
        """Whether the counter is new; raises Dropped otherwise. True when it is the highest so far."""
        if counter > self.highest:
            self.seen = (self.seen << (counter - self.highest) | 1) & ((1 << WINDOW) - 1)
            self.highest = counter
            return True
        age = self.highest - counter
        if age >= WINDOW:
            raise Dropped("too old")
        if self.seen >> age & 1:
            raise Dropped("replayed")
        self.seen |= 1 << age
        return False


@dataclass
class Assembly:
    """The parts of one attempt."""

    attempt: int
    parts: int
    deadline: float
    received: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Session:
    own_id: bytes
    peer_id: bytes
    send_key: bytes
    receive_key: bytes
    peer: bytes = b""
    peer_reset_token: bytes = b""
    counter: int = 0
    window: Window = field(default_factory=Window)
    requests: dict[int, Assembly] = field(default_factory=dict)
    responses: dict[int, dict[int, Assembly]] = field(default_factory=dict)

    def seal(self, plaintext: bytes, counter: int | None = None) -> bytes:
        """One Data packet. A counter of the caller's choice does not move the session's."""
        if counter is None:
            counter = self.counter
            self.counter += 1
        packet = packets.Data(self.peer_id, counter, b"")
        cipher = ChaCha20Poly1305(self.send_key)
        return packet.header + cipher.encrypt(noise.nonce(counter), plaintext, packet.header)

    def open(self, packet: packets.Data) -> tuple[bytes, bool]:
        """The plaintext, and whether the counter is the highest so far."""
        try:
            plaintext = ChaCha20Poly1305(self.receive_key).decrypt(
                noise.nonce(packet.counter), packet.ciphertext, packet.header)
        except InvalidTag as error:
            raise Dropped("does not authenticate") from error
        return plaintext, self.window.take(packet.counter)

    def request_part(self, piece: frames.Piece, now: float) -> bytes | None:
        """Takes a part of a request; returns the request when it is complete."""
        held = self.requests.get(piece.id)
        if held and now > held.deadline:
            held = None
        if held and piece.attempt < held.attempt:
            return None
        if held is None or piece.attempt > held.attempt or piece.parts != held.parts:
            held = self.requests[piece.id] = Assembly(piece.attempt, piece.parts, now + PARTS_SECONDS)
        held.received[piece.part] = piece.data
        if len(held.received) < held.parts:
            return None
        del self.requests[piece.id]
        return b"".join(held.received[part] for part in range(held.parts))

    def response_part(self, piece: frames.Piece) -> bytes | None:
        """Takes a part of a response; parts of responses to different attempts are never mixed."""
        attempts = self.responses.setdefault(piece.id, {})
        held = attempts.setdefault(piece.attempt, Assembly(piece.attempt, piece.parts, 0))
        held.received[piece.part] = piece.data
        if len(held.received) < held.parts:
            return None
        del self.responses[piece.id]
        return b"".join(held.received[part] for part in range(held.parts))
