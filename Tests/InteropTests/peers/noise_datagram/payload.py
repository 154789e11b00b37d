"""The payload of handshake messages (section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field as default

from protobuf import ProtobufError, field, fields

SERVES_KAD = 1
INTEGERS = {4: "flags", 10: "timestamp"}
BYTES = {1: "identity_key", 2: "signature", 3: "network", 5: "reset_token", 7: "frames", 9: "connection_id"}
# Which fields must and may be in XX messages 2 and 3 and IK messages 1 and 2; others are ignored.
MUST = {"XX2": {1, 2, 3, 9, 10}, "XX3": {1, 2, 3, 10}, "IK1": {1, 2, 3, 10}, "IK2": {9}}
MAY = {"XX2": {4, 5, 6}, "XX3": {4, 5, 6, 7}, "IK1": {4, 5, 6, 7}, "IK2": {4, 5, 7}}


@dataclass
class Payload:
    identity_key: bytes = b""
    signature: bytes = b""
    network: bytes = b""
    flags: int = 0
    reset_token: bytes = b""
    addresses: list[bytes] = default(default_factory=list)
    frames: bytes = b""
    connection_id: bytes = b""
    timestamp: int | None = None

    def encode(self, message: str) -> bytes:
        """The fields that belong to the message, in ascending order; those that may be absent are, when empty."""
        encoded = b""
        for number in sorted(MUST[message] | MAY[message]):
            if number == 6:
                encoded += b"".join(field(6, address) for address in self.addresses)
            elif number in INTEGERS:
                value = getattr(self, INTEGERS[number])
                encoded += field(number, value) if value or number in MUST[message] else b""
            elif getattr(self, BYTES[number]) or number in MUST[message]:
                encoded += field(number, getattr(self, BYTES[number]))
        return encoded


def decode(data: bytes, message: str) -> Payload:
    """Reads the payload of `message`; raises ProtobufError at anything that section 4 forbids."""
    payload, seen = Payload(), set()
    for number, value in fields(data):
        if number != 6 and number in seen and (number in BYTES or number in INTEGERS):
            raise ProtobufError(f"field {number} twice")
        seen.add(number)
        if number not in MUST[message] | MAY[message]:
            continue
        if number in INTEGERS and isinstance(value, int):
            setattr(payload, INTEGERS[number], value)
        elif number == 6 and isinstance(value, bytes):
            payload.addresses.append(value)
        elif number in BYTES and isinstance(value, bytes):
            setattr(payload, BYTES[number], value)
        else:
            raise ProtobufError(f"field {number} has another type")
    if MUST[message] - seen:
        raise ProtobufError(f"fields {MUST[message] - seen} are missing")
    payload.network.decode()
    if len(payload.network) > 128 or len(payload.reset_token) not in (0, 16):
        raise ProtobufError("network or reset token of a wrong length")
    if len(payload.addresses) > 4 or sum(map(len, payload.addresses)) > 160:
        raise ProtobufError("too many addresses")
    if 9 in MUST[message] and len(payload.connection_id) != 8:
        raise ProtobufError("connection id of a wrong length")
    return payload
