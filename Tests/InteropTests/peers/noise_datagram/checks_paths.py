"""Addresses that change, and bytes to addresses that are not validated (section 8)."""

from __future__ import annotations

import os

import frames
import kad
import packets
from checks import Context, Result, check
from client import Connection, expect, find_node, reply_to


def _moved(context: Context, connection: Connection) -> Connection:
    """The same session from another port."""
    return Connection(context.wire(), connection.session, connection.next_id)


@check
def rebinding(context: Context) -> Result:
    """A session whose port changes loses nothing: the new port is challenged, and then everything goes there."""
    _, connection = context.connection()
    lost = moves = 0
    challenges = 0
    for _ in range(5):
        connection = _moved(context, connection)
        moves += 1
        for _ in range(20):
            connection.ask(find_node(os.urandom(8)))
        expect(connection.challenges, "a PATH_CHALLENGE at the new port")
        challenges += len(connection.challenges)
    return {"moves": moves, "lost": lost, "challenges": challenges}


@check
def candidate_amplification(context: Context) -> Result:
    """An address that does not answer its challenge gets at most three times its bytes; the rest follows when it does."""
    initiator, connection = context.connection()
    key, value = b"candidate " + initiator.own.peer_id, os.urandom(8_000)
    connection.ask(kad.Message(kad.PUT_VALUE, key, (key, value)).encode())
    connection = _moved(context, connection)
    connection.answers_challenges = False
    piece = connection.pieces(kad.Message(kad.GET_VALUE, key).encode())[0]
    connection.send(piece)
    pieces = 0
    while datagram := connection.wire.receive(0.4):
        for frame in connection.read(datagram):
            pieces += isinstance(frame, frames.Piece)
            if isinstance(frame, frames.Piece):
                connection.session.response_part(frame)
    before = connection.wire.received, connection.wire.sent
    expect(before[0] <= 3 * before[1], f"{before[0]} bytes for {before[1]}")
    expect(connection.challenges, "a PATH_CHALLENGE")
    connection.answers_challenges = True
    connection.send(frames.PathResponse(connection.challenges[-1]))
    message = kad.decode(_bytes(connection.outcome(piece.id)))
    expect(message.record == (key, value), "the whole response after the validation")
    return {"sent": before[1], "received": before[0], "piecesBefore": pieces}


def _bytes(outcome: bytes | frames.Refusal) -> bytes:
    assert isinstance(outcome, bytes)
    return outcome


@check
def many_challenges(context: Context) -> Result:
    """A packet full of PATH_CHALLENGEs from an address that is not validated does not bring it more than three times its bytes."""
    _, connection = context.connection()
    connection = _moved(context, connection)
    connection.answers_challenges = False
    for _ in range(3):
        connection.send(*(frames.PathChallenge(os.urandom(8)) for _ in range(128)))
    responses = 0
    while datagram := connection.wire.receive(0.4):
        responses += sum(isinstance(frame, frames.PathResponse) for frame in connection.read(datagram))
    sent, received = connection.wire.sent, connection.wire.received
    expect(received <= 3 * sent, f"{received} bytes for {sent}")
    expect(responses == 3, f"one PATH_RESPONSE for each datagram, not {responses} for 3")
    late = Connection(context.wire(), connection.session)
    packet = late.session.seal(b"".join(frames.PathChallenge(os.urandom(8)).encode() for _ in range(128)))
    connection.send(frames.Padding())
    late.wire.send(packet)
    while late.wire.receive(0.4):
        pass
    expect(late.wire.received <= 3 * late.wire.sent, f"{late.wire.received} bytes for {late.wire.sent}, which came late")
    initiator, wire = context.initiator(), context.wire()
    contact = initiator.contact()
    contact.read(reply_to(contact, wire))
    elsewhere = context.wire()
    elsewhere.send(contact.complete(b"".join(frames.PathChallenge(os.urandom(8)).encode() for _ in range(80))))
    while elsewhere.receive(0.4):
        pass
    expect(elsewhere.received <= 3 * elsewhere.sent, f"{elsewhere.received} bytes for {elsewhere.sent} of a Completion")
    return {"sent": sent, "received": received, "completion": [elsewhere.sent, elsewhere.received]}


@check
def wrong_path_response(context: Context) -> None:
    """A PATH_RESPONSE with other bytes validates nothing; a packet from the old address ends the candidacy."""
    _, connection = context.connection()
    old = connection.wire
    moved = _moved(context, connection)
    moved.answers_challenges = False
    moved.send(frames.Padding())
    found = moved.read(moved.wire.packet(packets.DATA))
    expect(any(isinstance(frame, frames.PathChallenge) for frame in found), f"a PATH_CHALLENGE, not {found}")
    moved.send(frames.PathResponse(os.urandom(8)))
    back = Connection(old, connection.session, moved.next_id)
    back.ask(find_node(b"x"))
    moved.send(frames.PathResponse(moved.challenges[0]))
    back.ask(find_node(b"y"))


@check
def older_packets_do_not_move(context: Context) -> None:
    """A late packet from another address is answered on the session's address and moves nothing."""
    _, connection = context.connection()
    late = connection.session.seal(connection.pieces(find_node(b"late"))[0].encode())
    late_id = connection.next_id - 1
    connection.ask(find_node(b"newer"))
    other = context.wire()
    other.send(late)
    connection.outcome(late_id)
    other.silence()


@check
def completion_from_elsewhere(context: Context) -> Result:
    """A Completion from another address than its Initiation makes that address a candidate, not validated."""
    initiator, wire = context.initiator(), context.wire()
    contact = initiator.contact()
    contact.read(reply_to(contact, wire))
    elsewhere = context.wire()
    elsewhere.send(contact.complete(frames.cut(True, 0, find_node(b"x"))[0].encode()))
    connection = Connection(elsewhere, contact.session())
    connection.answers_challenges = False
    connection.response(0)
    while datagram := elsewhere.receive(0.3):
        connection.read(datagram)
    expect(connection.challenges, "a PATH_CHALLENGE")
    expect(elsewhere.received <= 3 * elsewhere.sent, f"{elsewhere.received} bytes for {elsewhere.sent}")
    connection.answers_challenges = True
    connection.send(frames.PathResponse(connection.challenges[0]))
    connection.ask(find_node(b"y"))
    return {"sent": elsewhere.sent, "received": elsewhere.received}


@check
def resumption_amplification(context: Context) -> Result:
    """A Resumption without a cookie gets at most three times its bytes, however often it comes."""
    initiator, connection = context.connection()
    key, value = b"resumption " + initiator.own.peer_id, os.urandom(8_500)
    connection.ask(kad.Message(kad.PUT_VALUE, key, (key, value)).encode())
    contact = initiator.resume(frames.cut(True, 1, kad.Message(kad.GET_VALUE, key).encode())[0].encode())
    wire = context.wire()
    wire.send(contact.first())
    contact.read(wire.packet(packets.ANSWER))
    resumed = Connection(wire, contact.session(), 2)
    resumed.answers_challenges = False
    while datagram := wire.receive(0.4):
        for frame in resumed.read(datagram):
            if isinstance(frame, frames.Piece):
                resumed.session.response_part(frame)
    received = wire.received
    expect(received <= 3 * wire.sent, f"{received} bytes for {wire.sent}")
    resumed.send(frames.Padding())
    outcome = kad.decode(_bytes(resumed.outcome(1)))
    expect(outcome.record == (key, value), "the whole response after the first Data")
    return {"received": received, "sent": packets.MAXIMUM}
