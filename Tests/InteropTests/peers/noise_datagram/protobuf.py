"""As much of protobuf as these messages need: varints, and fields of the wire types 0 and 2."""

from __future__ import annotations


class ProtobufError(Exception):
    """Bytes that are not a protobuf message, or one that breaks a rule of its schema."""


def varint(number: int) -> bytes:
    encoded = b""
    while number >= 0x80:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def read_varint(data: bytes, offset: int) -> tuple[int, int]:
    number = 0
    for index in range(10):
        if offset + index >= len(data):
            raise ProtobufError("cut varint")
        byte = data[offset + index]
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if number >= 1 << 64:
                raise ProtobufError("varint beyond 64 bits")
            return number, offset + index + 1
    raise ProtobufError("varint of more than 10 bytes")


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """All fields in order; fixed-size ones as bytes, groups refused."""
    found: list[tuple[int, int | bytes]] = []
    offset = 0
    while offset < len(data):
        tag, offset = read_varint(data, offset)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise ProtobufError("field 0")
        if wire_type == 0:
            value, offset = read_varint(data, offset)
            found.append((number, value))
            continue
        if wire_type == 2:
            length, offset = read_varint(data, offset)
        elif wire_type in (1, 5):
            length = 8 if wire_type == 1 else 4
        else:
            raise ProtobufError(f"wire type {wire_type}")
        if length > len(data) - offset:
            raise ProtobufError("cut field")
        found.append((number, data[offset:offset + length]))
        offset += length
    return found
