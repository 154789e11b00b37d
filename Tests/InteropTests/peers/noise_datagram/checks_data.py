"""Data packets as section 6 has them: requests, parts, refusals, replays and what is malformed."""

from __future__ import annotations

import os
import time

import frames
import kad
import packets
from checks import Context, Result, check
from client import Connection, expect, find_node

HIGHEST_SKIP = 3_000


@check
def warm(context: Context) -> Result:
    """Every request on a session is one packet and one packet back."""
    _, connection = context.connection()
    times = []
    for _ in range(100):
        begin = time.perf_counter()
        connection.ask(find_node(os.urandom(8)))
        times.append(time.perf_counter() - begin)
    times.sort()
    return {"count": 100, "medianMilliseconds": round(times[50] * 1e3, 4)}


@check
def stored_and_found(context: Context) -> None:
    """PUT_VALUE is echoed and found by GET_VALUE, ADD_PROVIDER by GET_PROVIDERS."""
    initiator, connection = context.connection()
    key, value = b"noise-datagram " + initiator.own.peer_id, os.urandom(300)
    put = connection.ask(kad.Message(kad.PUT_VALUE, key, (key, value)).encode())
    expect(put.type == kad.PUT_VALUE and put.record == (key, value), f"the record once more, not {put}")
    got = connection.ask(kad.Message(kad.GET_VALUE, key).encode())
    expect(got.record == (key, value), f"the record, not {got}")
    own = kad.Peer(initiator.own.peer_id, [bytes.fromhex("047f0000010604d2")])
    multihash = b"\x12\x20" + os.urandom(32)
    added = connection.ask(kad.Message(kad.ADD_PROVIDER, multihash, providers=[own]).encode())
    expect(added.type == kad.ADD_PROVIDER, f"an ADD_PROVIDER, not {added}")
    found = connection.ask(kad.Message(kad.GET_PROVIDERS, multihash).encode())
    expect([peer.id for peer in found.providers] == [own.id], f"the provider, not {found}")


@check
def in_parts(context: Context) -> Result:
    """Requests and responses of several parts arrive whole, whatever the order of the parts."""
    initiator, connection = context.connection()
    sizes = [1_000, 1_161, 4_000, 8_900]
    for size in sizes:
        key, value = b"parts %d " % size + initiator.own.peer_id, os.urandom(size)
        message = kad.Message(kad.PUT_VALUE, key, (key, value)).encode()
        pieces = connection.pieces(message)
        for piece in [pieces[-1], *reversed(pieces)]:
            connection.send(piece)
        expect(connection.response(pieces[0].id).record == (key, value), f"{size} bytes echoed")
        expect(connection.ask(kad.Message(kad.GET_VALUE, key).encode()).record == (key, value), f"{size} bytes found")
    return {"sizes": sizes}


@check
def attempts(context: Context) -> None:
    """A response names the attempt of its request; parts of two attempts are never put together."""
    initiator, connection = context.connection()
    for attempt in (0, 1, 2):
        piece = connection.pieces(find_node(b"x"), attempt)[0]
        connection.send(piece)
        found = connection.read(connection.wire.packet(packets.DATA))
        expect(isinstance(found[0], frames.Piece) and found[0].attempt == attempt, f"attempt {attempt}, not {found}")
    key, value = b"attempts " + initiator.own.peer_id, os.urandom(2_000)
    message = kad.Message(kad.PUT_VALUE, key, (key, value)).encode()
    pieces = connection.pieces(message)
    newer = frames.cut(True, pieces[0].id, message, attempt=1)
    connection.send(pieces[0])
    connection.send(newer[1])
    connection.wire.silence()
    connection.send(newer[0])
    expect(connection.response(pieces[0].id).record == (key, value), "the newer attempt answered")


@check
def refused(context: Context) -> None:
    """What the application cannot read is refused with code 1, and the session goes on."""
    _, connection = context.connection()
    for message in (b"\xff" * 40, b"\x08\x63", kad.Message(kad.PUT_VALUE, b"key", (b"another", b"value")).encode()):
        pieces = connection.pieces(message)
        connection.send(pieces[0])
        outcome = connection.outcome(pieces[0].id)
        expect(outcome == frames.Refusal(pieces[0].id, frames.INVALID), f"{message.hex()}: refusal 1, not {outcome!r}")
    connection.ask(find_node(b"x"))


@check
def replayed(context: Context) -> None:
    """A recorded Data packet is dropped however often it comes, from its own port and from another."""
    _, connection = context.connection()
    packet = connection.send(connection.pieces(find_node(b"x"))[0])
    connection.outcome(connection.next_id - 1)
    connection.wire.send(packet, packet)
    connection.wire.silence()
    other = context.wire()
    other.send(packet)
    other.silence()
    connection.ask(find_node(b"y"))


@check
def reordered(context: Context) -> Result:
    """Counters in any order within 2,048 count once each; older ones do not count."""
    _, connection = context.connection()
    base = connection.session.counter
    session = connection.session
    order = [5, 0, 3, 1, 4, 2]
    packets_by_offset = {offset: _request(connection, base + offset) for offset in order}
    for offset in order:
        connection.wire.send(packets_by_offset[offset][1])
    for offset in order:
        connection.outcome(packets_by_offset[offset][0])
    high = base + HIGHEST_SKIP
    inside, outside = high - 2_047, high - 2_048
    for counter in (high, inside):
        id, packet = _request(connection, counter)
        connection.wire.send(packet)
        connection.outcome(id)
    _, packet = _request(connection, outside)
    connection.wire.send(packet)
    connection.wire.silence()
    session.counter = high + 1
    connection.ask(find_node(b"x"))
    return {"window": 2_048}


def _request(connection: Connection, counter: int) -> tuple[int, bytes]:
    piece = connection.pieces(find_node(b"x"))[0]
    return piece.id, connection.session.seal(piece.encode(), counter)


@check
def flipped_bits(context: Context) -> Result:
    """A Data packet with any bit flipped is dropped; an unknown connection id may get a Reset, never a longer answer."""
    _, connection = context.connection()
    packet = connection.session.seal(connection.pieces(find_node(b"x"))[0].encode())
    resets = 0
    for position in range(8, len(packet) * 8):
        flipped = bytearray(packet)
        flipped[position // 8] ^= 1 << position % 8
        connection.wire.send(bytes(flipped))
        if position < 9 * 8:
            answer = connection.wire.receive()
            expect(answer is None or (answer[0] == packets.RESET and len(answer) <= len(packet)), f"Reset, not {answer!r}")
            resets += answer is not None
    connection.wire.silence()
    connection.wire.send(packet)
    connection.outcome(connection.next_id - 1)
    return {"flips": len(packet) * 8 - 8, "resets": resets}


@check
def malformed_frames(context: Context) -> None:
    """At a malformed frame the rest of the packet is dropped; what came before it counts; the session goes on."""
    _, connection = context.connection()
    good = connection.pieces(find_node(b"x"))[0].encode()
    head, data = good[:5], good[7:]
    bad = [b"\x07", b"\xff" + good, b"\x03\x00", b"\x04abc", b"\x05", b"\x06", head, head + b"\x00\x01",
           head + b"\x00\x00" + data, head + b"\x00\x09" + data, head + b"\x01\x01" + data, head + b"\x40\x01" + data,
           head + b"\x80\x01" + data, head + b"\x30\x01" + data, head + b"\x00\x02" + data, b"\x07" + good]
    for plaintext in bad:
        connection.wire.send(connection.session.seal(plaintext))
        datagram = connection.wire.receive(0.02)
        expect(datagram is None, f"silence to {plaintext.hex()}")
    connection.wire.silence()
    challenge = frames.PathChallenge(os.urandom(8))
    connection.wire.send(connection.session.seal(challenge.encode() + b"\x07" + good))
    found = connection.read(connection.wire.packet(packets.DATA))
    expect(frames.PathResponse(challenge.data) in found, f"a PATH_RESPONSE, not {found}")
    connection.wire.silence()
    connection.ask(find_node(b"x"))


@check
def unasked(context: Context) -> None:
    """Responses and refusals that nobody waits for, and PATH_RESPONSEs without a challenge, change nothing."""
    _, connection = context.connection()
    connection.send(frames.Refusal(1, 1), frames.PathResponse(bytes(8)), frames.Padding())
    connection.send(frames.cut(False, 1, b"not asked for")[0])
    connection.wire.silence()
    connection.ask(find_node(b"x"))


@check
def over_the_limit(context: Context) -> Result:
    """A peer that asks far too much is refused with code 3 and later ignored, and the session goes on."""
    _, connection = context.connection()
    answered = refused = 0
    for _ in range(1_500):
        connection.send(connection.pieces(find_node(b"x"))[0])
        while datagram := connection.wire.receive(0):
            for frame in connection.read(datagram):
                answered += isinstance(frame, frames.Piece)
                refused += frame == frames.Refusal(getattr(frame, "id", 0), frames.BUSY)
    while datagram := connection.wire.receive(0.5):
        for frame in connection.read(datagram):
            answered += isinstance(frame, frames.Piece)
            refused += frame == frames.Refusal(getattr(frame, "id", 0), frames.BUSY)
    expect(refused > 0 and answered >= 100, f"{answered} answered and {refused} refused as busy")
    time.sleep(3)
    connection.ask(find_node(b"x"))
    return {"answered": answered, "refused": refused, "asked": 1_500}


@check
def closed(context: Context) -> None:
    """After CLOSE the session is gone: its next packet gets the Reset whose token the handshake told."""
    for code in (frames.SHUTS_DOWN, frames.NOT_NEEDED, frames.ERROR):
        _, connection = context.connection()
        connection.send(frames.Close(code))
        connection.wire.silence(0.1)
        connection.send(connection.pieces(find_node(b"x"))[0])
        reset = packets.parse(connection.wire.packet(packets.RESET))
        expected = packets.Reset(connection.session.peer_id, connection.session.peer_reset_token)
        expect(reset == expected, f"{expected}, not {reset}")


@check
def small_strays(context: Context) -> None:
    """Data below 34 bytes for nobody is dropped; from 34 bytes on it may get a Reset of 25."""
    wire = context.wire()
    stray = packets.Data(os.urandom(8), 0, os.urandom(16)).encode()
    expect(len(stray) == 33, "33 bytes")
    wire.send(stray)
    wire.silence()
    wire.send(stray + b"\0")
    expect(len(wire.packet(packets.RESET)) == 25, "25 bytes")
