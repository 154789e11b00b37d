"""Where the packets of a session go, and how many bytes an address may get before it is validated (section 8)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

Endpoint = tuple[str, int]
CANDIDATE_SECONDS = 3.0
WAITING = 8


@dataclass
class Candidate:
    address: Endpoint
    received: int
    sent: int
    until: float
    challenge: bytes = field(default_factory=lambda: os.urandom(8))
    is_challenged: bool = False


@dataclass
class Path:
    address: Endpoint
    candidate: Candidate | None = None
    waiting: list[bytes] = field(default_factory=list)

    def received(self, source: Endpoint, size: int, is_highest: bool, now: float) -> None:
        """Notes an authentic packet."""
        if self.candidate and now > self.candidate.until:
            self.candidate, self.waiting = None, []
        if self.candidate and source == self.candidate.address:
            self.candidate.received += size
        elif is_highest and source == self.address:
            self.candidate, self.waiting = None, []
        elif is_highest:
            self.candidate = Candidate(source, size, 0, now + CANDIDATE_SECONDS)

    def confirm(self, data: bytes) -> list[bytes]:
        """A PATH_RESPONSE: the candidate becomes the address when the bytes are right. Returns what waited."""
        if self.candidate is None or data != self.candidate.challenge:
            return []
        return self.validate()

    def validate(self) -> list[bytes]:
        if self.candidate is None:
            return []
        self.address, self.candidate = self.candidate.address, None
        released, self.waiting = self.waiting, []
        return released

    def allows(self, destination: Endpoint, size: int) -> bool:
        """Whether so many bytes may go there; they count as sent to a candidate."""
        if self.candidate is None or destination != self.candidate.address:
            return destination == self.address
        if self.candidate.sent + size > 3 * self.candidate.received:
            return False
        self.candidate.sent += size
        return True

    def send(self, packet: bytes) -> list[tuple[bytes, Endpoint]]:
        """A response: to the candidate within three times its bytes, else it waits."""
        if self.candidate is None:
            return [(packet, self.address)]
        if self.allows(self.candidate.address, len(packet)):
            return [(packet, self.candidate.address)]
        if len(self.waiting) < WAITING:
            self.waiting.append(packet)
        return []
