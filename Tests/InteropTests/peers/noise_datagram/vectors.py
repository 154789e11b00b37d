"""The command `vectors`: packets under fixed keys, made for other implementations or held against a file."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from pathlib import Path
from typing import Any

import frames
import packets
import payload as payloads
from identity import Identity
from noise import Handshake, StaticKey
from session import Session

NAME = "packets.json"
INITIATOR, RESPONDER = bytes(range(0xA0, 0xA8)), bytes(range(0xB0, 0xB8))
COOKIE = bytes(range(0xC0, 0xE0))
NETWORK = b"/meshp2p/kad/1.0.0"
# A FIND_NODE of kad.proto for a key of 4 bytes, and the answer without peers.
REQUEST, ANSWER = bytes.fromhex("08041204deadbeef"), bytes.fromhex("08041204deadbeef")
LAST_COUNTER = (1 << 21) - 1


class End:
    """One end with secrets of one repeated byte each."""

    def __init__(self, byte: int) -> None:
        self.secrets = {name: bytes([byte + offset]) * 32 for offset, name in enumerate(("identity", "static", "ephemeral"))}
        self.identity = Identity(self.secrets["identity"])
        self.static, self.ephemeral = StaticKey(self.secrets["static"]), StaticKey(self.secrets["ephemeral"])
        self.reset_token = bytes([byte + 3]) * 16

    def described(self) -> dict[str, str]:
        named = {f"{name}Secret": secret.hex() for name, secret in self.secrets.items()}
        return named | {"peerID": self.identity.peer_id.hex(), "staticKey": self.static.public.hex(),
                        "ephemeralKey": self.ephemeral.public.hex(), "resetToken": self.reset_token.hex()}

    def payload(self, **fields: Any) -> payloads.Payload:
        proof = {"identity_key": self.identity.public_key, "signature": self.identity.sign(self.static.public),
                 "network": NETWORK, "reset_token": self.reset_token}
        return payloads.Payload(**(proof | fields))


def handshake(pattern: str, psk: bytes | None) -> dict[str, Any]:
    """All packets of one session, from the first to Data in both directions."""
    one, two = End(0x11), End(0x21)
    prologue = packets.prologue(INITIATOR, psk)
    left = Handshake(pattern, True, prologue, one.static, one.ephemeral, two.static.public if pattern == "IK" else None)
    right = Handshake(pattern, False, prologue, two.static, two.ephemeral)
    request, answer = frames.cut(True, 0x01020304, REQUEST)[0].encode(), frames.cut(False, 0x01020304, ANSWER)[0].encode()
    address = bytes.fromhex("047f00000191020fa1c603")
    own = one.payload(flags=1, addresses=[address], frames=request, timestamp=1_000_000_007)
    steps: list[tuple[str, bytes, str, bytes]] = []

    def opening(kind: int, noise: bytes, message: str, content: bytes) -> None:
        for name, cookie in (("", packets.NO_COOKIE), (" with cookie", COOKIE)):
            packet = packets.opening(kind, INITIATOR, noise, psk, cookie).encode()
            steps.append((packets.NAMES[kind] + name, packet, message, content))

    def reply(kind: int, message: str, content: bytes) -> None:
        noise = right.write(content)
        assert left.read(noise) == content
        steps.append((packets.NAMES[kind], packets.Reply(kind, INITIATOR, RESPONDER, noise).encode(), message, content))

    if pattern == "XX":
        noise = left.write(b"")
        assert right.read(noise) == b""
        opening(packets.INITIATION, noise, "", b"")
        reply(packets.RESPONSE, "XX2", two.payload(flags=1, connection_id=RESPONDER, timestamp=2_000_000_011).encode("XX2"))
        content = own.encode("XX3")
        noise = left.write(content)
        assert right.read(noise) == content
        steps.append(("Completion", packets.Completion(RESPONDER, noise).encode(), "XX3", content))
    else:
        content = own.encode("IK1")
        noise = left.write(content)
        assert right.read(noise) == content
        opening(packets.RESUMPTION, noise, "IK1", content)
        bare = payloads.Payload(flags=1, reset_token=two.reset_token, frames=answer, connection_id=RESPONDER)
        reply(packets.ANSWER, "IK2", bare.encode("IK2"))

    keys = left.split()
    assert keys == right.split()
    return {
        "pattern": pattern, "presharedKey": psk.hex() if psk else None, "prologue": prologue.hex(),
        "initiator": one.described(), "responder": two.described(),
        "initiatorID": INITIATOR.hex(), "responderID": RESPONDER.hex(), "cookie": COOKIE.hex(),
        "handshakeHash": left.symmetric.h.hex(), "initiatorKey": keys[0].hex(), "responderKey": keys[1].hex(),
        "packets": [{"name": name, "payload": content.hex(), "bytes": packet.hex()} for name, packet, _, content in steps],
        "data": data(Session(INITIATOR, RESPONDER, *keys), Session(RESPONDER, INITIATOR, *reversed(keys)), answer),
    }


def data(left: Session, right: Session, answer: bytes) -> list[dict[str, Any]]:
    """Every frame, in packets of both directions and at both ends of the counters."""
    long = frames.cut(False, 7, bytes(index % 251 for index in range(2_400)), attempt=2)
    plain = [
        ("response", True, 0, answer),
        ("padding", False, 0, b"\0"),
        ("path challenge and request", False, 1, frames.PathChallenge(bytes(range(8))).encode()
         + frames.cut(True, 0xFFFFFFFF, b"\x08\x05", attempt=1)[0].encode()),
        ("path response", True, 1, frames.PathResponse(bytes(range(8))).encode()),
        ("refusal and padding", True, 2, frames.Refusal(7, frames.BUSY).encode() + bytes(3)),
        ("first of three parts", True, 3, long[0].encode()),
        ("last of three parts", True, 258, long[2].encode()),
        ("close", False, LAST_COUNTER, frames.Close(frames.SHUTS_DOWN).encode()),
    ]
    return [{"name": name, "isFromResponder": is_from_responder, "counter": counter, "plaintext": plaintext.hex(),
             "bytes": (right if is_from_responder else left).seal(plaintext, counter).hex()}
            for name, is_from_responder, counter, plaintext in plain]


def document() -> dict[str, Any]:
    bare: list[tuple[str, packets.Retry | packets.Decline | packets.Reset]] = [
        ("Retry", packets.Retry(INITIATOR, COOKIE)),
        ("Decline: not taken", packets.Decline(0, INITIATOR)),
        ("Decline: version", packets.Decline(1, INITIATOR)),
        ("Reset", packets.Reset(RESPONDER, End(0x21).reset_token)),
    ]
    psk = bytes(range(32))
    return {
        "network": NETWORK.decode(),
        "handshakes": [handshake(pattern, key) for pattern in ("XX", "IK") for key in (None, psk)],
        "bare": [{"name": name, "bytes": packet.encode().hex()} for name, packet in bare],
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    text = json.dumps(document(), indent=1) + "\n"
    path = arguments.folder / NAME
    if arguments.write:
        path.write_text(text)
        return 0
    there = path.read_text()
    sys.stdout.writelines(difflib.unified_diff(there.splitlines(True), text.splitlines(True), str(path), "made here"))
    return 0 if there == text else 1
