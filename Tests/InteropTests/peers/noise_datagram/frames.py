"""The frames inside of sealed bytes (section 6)."""

from __future__ import annotations

from dataclasses import dataclass

PART = 1160
PARTS = 8
SHUTS_DOWN, NOT_NEEDED, ERROR = range(3)
INVALID, TOO_LARGE, BUSY = 1, 2, 3


@dataclass(frozen=True)
class Padding:
    def encode(self) -> bytes:
        return b"\x00"


@dataclass(frozen=True)
class Piece:
    """One part of a request or a response."""

    is_request: bool
    id: int
    part: int
    attempt: int
    parts: int
    data: bytes

    def encode(self) -> bytes:
        kind = 0x01 if self.is_request else 0x02
        place = self.part | self.attempt << 4
        return bytes([kind]) + self.id.to_bytes(4, "big") + bytes([place, self.parts]) + self.data


@dataclass(frozen=True)
class Refusal:
    id: int
    code: int

    def encode(self) -> bytes:
        return b"\x03" + self.id.to_bytes(4, "big") + bytes([self.code])


@dataclass(frozen=True)
class PathChallenge:
    data: bytes

    def encode(self) -> bytes:
        return b"\x04" + self.data


@dataclass(frozen=True)
class PathResponse:
    data: bytes

    def encode(self) -> bytes:
        return b"\x05" + self.data


@dataclass(frozen=True)
class Close:
    code: int

    def encode(self) -> bytes:
        return b"\x06" + bytes([self.code])


Frame = Padding | Piece | Refusal | PathChallenge | PathResponse | Close


def parse(plaintext: bytes) -> tuple[list[Frame], bool]:
    """The frames up to the first that is malformed, and whether all of them are well formed."""
    found: list[Frame] = []
    offset = 0
    while offset < len(plaintext):
        kind, rest = plaintext[offset], plaintext[offset + 1:]
        if kind == 0x00:
            found.append(Padding())
            offset += 1
        elif kind in (0x01, 0x02):
            piece = _piece(kind == 0x01, rest)
            return (found + [piece], True) if piece else (found, False)
        elif kind == 0x03 and len(rest) >= 5:
            found.append(Refusal(int.from_bytes(rest[:4], "big"), rest[4]))
            offset += 6
        elif kind in (0x04, 0x05) and len(rest) >= 8:
            found.append((PathChallenge if kind == 0x04 else PathResponse)(rest[:8]))
            offset += 9
        elif kind == 0x06 and rest:
            found.append(Close(rest[0]))
            offset += 2
        else:
            return found, False
    return found, True


def cut(is_request: bool, id: int, message: bytes, attempt: int = 0) -> list[Piece]:
    """The parts of a message of 1 to 9,280 bytes."""
    assert 1 <= len(message) <= PART * PARTS
    pieces = [message[start:start + PART] for start in range(0, len(message), PART)]
    return [Piece(is_request, id, part, attempt, len(pieces), data) for part, data in enumerate(pieces)]


def _piece(is_request: bool, rest: bytes) -> Piece | None:
    if len(rest) < 7:
        return None
    place, parts, data = rest[4], rest[5], rest[6:]
    part, attempt = place & 0x0F, place >> 4 & 0x03
    if place & 0xC0 or not 1 <= parts <= PARTS or part >= parts or attempt > 2:
        return None
    if len(data) > PART or (part < parts - 1 and len(data) != PART):
        return None
    return Piece(is_request, int.from_bytes(rest[:4], "big"), part, attempt, parts, data)
