"""Handshakes as section 5 has them, and all that a responder has to refuse."""

from __future__ import annotations

import os
import time

import frames
import kad
import packets
from checks import Context, Result, check
from client import Connection, Wire, connect, expect, find_node, reply_to
from identity import Identity
from initiator import Contact
from noise import StaticKey


@check
def cold(context: Context) -> Result:
    """A request in the third message is answered in 1.5 round trips by one Data packet, the first of the session."""
    initiator, wire = context.initiator(), context.wire()
    begin = time.perf_counter()
    contact = initiator.contact()
    payload = contact.read(reply_to(contact, wire))
    wire.send(contact.complete(frames.cut(True, 7, find_node(context.target.peer))[0].encode()))
    datagram = wire.packet(packets.DATA)
    data = packets.parse(datagram)
    assert isinstance(data, packets.Data)
    expect(data.counter == 0, f"counter {data.counter} of the first packet")
    connection = Connection(wire, contact.session())
    found = connection.read(datagram)
    elapsed = time.perf_counter() - begin
    expect(len(found) == 1 and isinstance(found[0], frames.Piece) and found[0].id == 7, f"a response, not {found}")
    assert isinstance(found[0], frames.Piece)
    expect(kad.decode(found[0].data).type == kad.FIND_NODE, "a FIND_NODE")
    expect(len(payload.reset_token) == 16, "a reset token")
    return {"milliseconds": round(elapsed * 1e3, 3), "flags": payload.flags, "addresses": len(payload.addresses)}


@check
def first_contact_repeated(context: Context) -> None:
    """The same Initiation gets the same Response; the same Completion again changes nothing; one session comes of it."""
    initiator, wire = context.initiator(), context.wire()
    contact = initiator.contact()
    responses = []
    for _ in range(3):
        wire.send(contact.first())
        responses.append(wire.packet(packets.RESPONSE))
    expect(len(set(responses)) == 1, "the same Response three times")
    contact.read(responses[0])
    completion = contact.complete(frames.cut(True, 0, find_node(b"x"))[0].encode())
    wire.send(completion, completion, completion)
    connection = Connection(wire, contact.session())
    connection.response(0)
    wire.silence()
    connection.ask(find_node(b"y"))


@check
def responses_on_end(context: Context) -> Result:
    """The same Initiation again and again gets its Response a few times and then silence."""
    contact, wire = context.initiator().contact(), context.wire()
    contact.read(reply_to(contact, wire))
    responses = 0
    for _ in range(50):
        wire.send(contact.first())
        responses += wire.receive(0.02) is not None
    expect(2 <= responses <= 25, f"{responses} Responses to 50 repetitions")
    wire.silence()
    return {"responses": responses}


@check
def completion_without_request(context: Context) -> None:
    """A Completion without a REQUEST is answered by one Data packet."""
    initiator, wire = context.initiator(), context.wire()
    contact = initiator.contact()
    contact.read(reply_to(contact, wire))
    wire.send(contact.complete(b""))
    connection = Connection(wire, contact.session())
    found = connection.read(wire.packet(packets.DATA))
    expect(found and all(isinstance(frame, frames.Padding) for frame in found), f"PADDING, not {found}")
    wire.silence()


@check
def broken_completion(context: Context) -> None:
    """A Completion that does not authenticate leaves the handshake as it was; early Data is dropped without a Reset."""
    initiator, wire = context.initiator(), context.wire()
    contact = initiator.contact()
    contact.read(reply_to(contact, wire))
    completion = contact.complete(frames.cut(True, 0, find_node(b"x"))[0].encode())
    session = contact.session()
    wire.send(session.seal(frames.Padding().encode(), counter=1))
    for position in (13, 60, len(completion) - 1):
        wire.send(completion[:position] + bytes([completion[position] ^ 1]) + completion[position + 1:])
    wire.send(completion[:-1], completion[:12], completion[:11])
    wire.silence()
    wire.send(completion)
    Connection(wire, session).response(0)


@check
def other_network(context: Context) -> None:
    """A Completion of another network, with a bad signature or without a must is silence and ends the handshake."""
    def changed(contact: Contact, what: str) -> bytes:
        payload = contact.initiator.payload(contact.own_id, frames.cut(True, 0, find_node(b"x"))[0].encode())
        if what == "network":
            payload.network = b"/elsewhere/kad/1.0.0"
        elif what == "signature":
            payload.signature = payload.signature[:-1] + bytes([payload.signature[-1] ^ 1])
        elif what == "identity":
            payload.identity_key = Identity("somebody else").public_key
        elif what == "key":
            payload.identity_key = payload.identity_key[:-1]
        elif what == "token":
            payload.reset_token = bytes(15)
        elif what == "addresses":
            payload.addresses = [bytes.fromhex("047f000001910204d2c603")] * 5
        return contact.complete(b"", payload)

    for what in ("network", "signature", "identity", "key", "token", "addresses"):
        initiator, wire = context.initiator(), context.wire()
        contact = initiator.contact()
        contact.read(reply_to(contact, wire))
        wire.send(changed(contact, what))
        try:
            wire.silence()
        except Exception as error:
            raise type(error)(f"{what}: {error}") from error


@check
def resumption(context: Context) -> Result:
    """A Resumption with a request is answered in one round trip, the same bytes again by the same bytes."""
    initiator, connection = context.connection()
    contact = initiator.resume(frames.cut(True, 9, find_node(context.target.peer))[0].encode())
    wire = context.wire()
    begin = time.perf_counter()
    wire.send(contact.first())
    answer = wire.packet(packets.ANSWER)
    elapsed = time.perf_counter() - begin
    payload = contact.read(answer)
    found, is_complete = frames.parse(payload.frames)
    resumed = Connection(wire, contact.session())
    is_early = bool(found)
    if is_early:
        expect(is_complete and isinstance(found[0], frames.Piece) and found[0].id == 9, f"a response, not {found}")
    else:
        resumed.response(9)
    wire.send(contact.first())
    expect(wire.packet(packets.ANSWER) == answer, "the same answer again")
    resumed.ask(find_node(b"y"))
    connection.ask(find_node(b"the old session lives on"))
    return {"milliseconds": round(elapsed * 1e3, 3), "responseInAnswer": is_early}


@check
def resumption_replayed(context: Context) -> None:
    """A recorded Resumption from another port, or one with an old timestamp, gets Decline 0 and is not processed."""
    initiator, _ = context.connection()
    early = frames.cut(True, 9, find_node(b"x"))[0].encode()
    contact = initiator.resume(early)
    wire = context.wire()
    contact.read(reply_to(contact, wire))
    other = context.wire()
    other.send(contact.first())
    decline = packets.parse(other.packet(packets.DECLINE))
    expect(decline == packets.Decline(0, contact.own_id), f"Decline 0, not {decline}")
    old = initiator.payload(bytes(8), early)
    old.timestamp = 1
    contact = initiator.resume(b"", old)
    other.send(contact.first())
    expect(other.packet(packets.DECLINE)[2] == 0, "Decline 0")
    other.silence()


@check
def resumption_declined(context: Context) -> None:
    """A Resumption to another static key, of a stranger, or under another identity gets Decline 0; then XX goes on."""
    initiator, _ = context.connection()
    known = initiator.responder_static
    early = frames.cut(True, 9, find_node(b"x"))[0].encode()

    def declined(contact: Contact, why: str) -> None:
        wire = context.wire()
        wire.send(contact.first())
        decline = packets.parse(wire.packet(packets.DECLINE))
        expect(decline == packets.Decline(0, contact.own_id), f"{why}: Decline 0, not {decline}")

    initiator.responder_static = StaticKey().public
    declined(initiator.resume(early), "another static key")
    stranger = context.initiator()
    stranger.responder_static = known
    declined(stranger.resume(early), "stranger")
    thief = context.initiator(static=initiator.static)
    thief.responder_static = known
    declined(thief.resume(early), "known static key, another identity")
    abroad = context.initiator(static=initiator.static, network="/elsewhere/kad/1.0.0")
    abroad.own, abroad.responder_static = initiator.own, known
    declined(abroad.resume(early), "another network")
    connect(initiator, context.wire())


@check
def other_versions(context: Context) -> None:
    """An Initiation of another version gets Decline 1 with the version that is spoken."""
    contact = context.initiator().contact()
    wire = context.wire()
    packet = bytearray(contact.first())
    packet[1] = 9
    wire.send(bytes(packet))
    decline = packets.parse(wire.packet(packets.DECLINE))
    expect(decline == packets.Decline(1, contact.own_id, packets.VERSION), f"Decline 1, not {decline}")


@check
def malformed_openings(context: Context) -> None:
    """Openings of another length, with a length that lies, cut or low-order keys, and unknown types get silence."""
    contact = context.initiator().contact()
    good = contact.first()
    wire = context.wire()
    lies = [good[:2] + length.to_bytes(2, "big") + good[4:] for length in (0, 31, 1141, 65535)]
    low_order = [good[:60] + key + good[92:] for key in (
        bytes(32), b"\x01" + bytes(31),
        bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"))]
    wire.send(good[:-1], good + b"\0", good[:60], good[:1], b"", *lies, *low_order)
    for kind in (0x00, 0x0f, 0x19, 0x1f, 0x40, 0xc0, 0xff):
        wire.send(bytes([kind]) + good[1:], bytes([kind]))
    wire.send(packets.Retry(contact.own_id, os.urandom(32)).encode(), packets.Decline(0, contact.own_id).encode(),
              packets.Reset(os.urandom(8), os.urandom(16)).encode(),
              packets.Reply(packets.RESPONSE, contact.own_id, os.urandom(8), os.urandom(200)).encode(),
              packets.Reply(packets.ANSWER, contact.own_id, os.urandom(8), os.urandom(200)).encode(),
              packets.Completion(os.urandom(8), os.urandom(300)).encode())
    wire.silence()
    wire.send(good)
    contact.read(wire.packet(packets.RESPONSE))


@check
def retry(context: Context) -> Result:
    """Under load a first contact gets a Retry; its cookie is good for its own address, id and key, and for no other."""
    crowd: list[Wire] = []
    first = None
    for _ in range(400):
        wire = context.wire()
        crowd.append(wire)
        contact = context.initiator().contact()
        wire.send(contact.first())
        datagram = wire.receive(1)
        expect(datagram is not None, "a Response or a Retry, not silence")
        if datagram and datagram[0] == packets.RETRY:
            first = contact, wire, packets.parse(datagram)
            break
    expect(first is not None, "a Retry among 400 first contacts")
    assert first is not None
    contact, wire, retry = first
    assert isinstance(retry, packets.Retry)
    expect(retry.initiator_id == contact.own_id and any(retry.cookie), "its own id and a cookie")
    other = context.wire()
    other.send(contact.first(retry.cookie))
    expect(other.receive(1)[:1] in (b"\x11", b"\x12"), "a Retry or a Response at another port")
    wire.send(contact.first(retry.cookie[:-1] + bytes([retry.cookie[-1] ^ 1])))
    changed = context.initiator().contact()
    wire.send(changed.first(retry.cookie))
    wire.send(contact.first(retry.cookie))
    contact.read(wire.packet(packets.RESPONSE))
    wire.send(contact.complete(frames.cut(True, 0, find_node(b"x"))[0].encode()))
    Connection(wire, contact.session()).response(0)
    for wire in crowd:
        wire.close()
    return {"responsesBefore": len(crowd) - 1}
