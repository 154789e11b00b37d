"""The responder of handshakes and the answerer of requests: a machine without sockets (sections 5, 8 to 11)."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections import Counter
from dataclasses import dataclass, field

import frames
import identity
import kad
import packets
import payload as payloads
from noise import Handshake, NoiseError, StaticKey
from paths import Candidate, Endpoint, Path
from protobuf import ProtobufError
from session import Dropped, Session

HANDSHAKE_SECONDS = 5.0
# How often the same reply is sent again.
REPETITIONS = 8
SESSION_SECONDS = 180.0
COOKIE_SECONDS = 60
REQUESTS_AT_ONCE = 400
REQUESTS_PER_SECOND = 200

Outgoing = list[tuple[bytes, Endpoint]]


@dataclass
class Settings:
    network: str
    psk: bytes | None = None
    # Whether every first contact needs a cookie.
    demands_cookie: bool = False


@dataclass
class Answered:
    """A handshake whose Response is sent, and whose Completion has not come."""

    handshake: Handshake
    own_id: bytes
    peer_id: bytes
    reply: bytes
    source: Endpoint
    until: float


@dataclass
class Live:
    session: Session
    path: Path
    until: float
    # Whether this end began its handshake.
    is_own: bool = False
    # Requests that it may still make, and refusals that it gets beyond.
    budget: float = REQUESTS_AT_ONCE
    refusals: float = REQUESTS_AT_ONCE
    filled: float = 0.0


@dataclass
class Responder:
    own: identity.Identity
    settings: Settings
    server: kad.Server
    static: StaticKey = field(default_factory=StaticKey)
    cookie_secret: bytes = field(default_factory=lambda: os.urandom(32))
    answered: dict[tuple[Endpoint, bytes, bytes], Answered] = field(default_factory=dict)
    by_id: dict[bytes, Answered] = field(default_factory=dict)
    replies: dict[tuple[Endpoint, bytes, bytes], tuple[bytes, float]] = field(default_factory=dict)
    repetitions: Counter[tuple[Endpoint, bytes, bytes]] = field(default_factory=Counter)
    sessions: dict[bytes, Live] = field(default_factory=dict)
    initiators: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def handle(self, datagram: bytes, source: Endpoint, now: float) -> Outgoing:
        try:
            packet = packets.parse(datagram)
        except packets.PacketError as error:
            return self._drop(str(error))
        self.counts["received " + packets.NAMES[datagram[0]]] += 1
        self._expire(now)
        if isinstance(packet, packets.Opening):
            return self._opening(packet, source, now)
        if isinstance(packet, packets.Completion):
            return self._completion(packet, source, len(datagram), now)
        if isinstance(packet, packets.Data):
            return self._data(packet, source, len(datagram), now)
        if isinstance(packet, packets.Reset):
            return self._reset(packet)
        return self._drop("a packet for an initiator")

    # -- First contact and resumption

    def _opening(self, packet: packets.Opening, source: Endpoint, now: float) -> Outgoing:
        if packet.version != packets.VERSION:
            return [(packets.Decline(1, packet.initiator_id).encode(), source)]
        code = packets.membership_code(self.settings.psk, packet.header, packet.noise)
        if self.settings.psk is not None and not hmac.compare_digest(code, packet.code):
            return self._drop("wrong membership code")
        key = source, packet.initiator_id, packet.noise[:32]
        if key in self.answered or key in self.replies:
            self.repetitions[key] += 1
            if self.repetitions[key] > REPETITIONS:
                return self._drop("repeated too often")
            return [(self.answered[key].reply if key in self.answered else self.replies[key][0], source)]
        is_validated = packet.cookie in self._cookies(packet, source, now)
        if self.settings.demands_cookie and not is_validated:
            self.counts["retries"] += 1
            return [(packets.Retry(packet.initiator_id, self._cookies(packet, source, now)[0]).encode(), source)]
        if packet.kind == packets.INITIATION:
            return self._initiation(packet, source, now)
        return self._resumption(packet, source, is_validated, now)

    def _initiation(self, packet: packets.Opening, source: Endpoint, now: float) -> Outgoing:
        handshake = Handshake("XX", False, packets.prologue(packet.initiator_id, self.settings.psk), self.static)
        own_id = os.urandom(8)
        try:
            handshake.read(packet.noise)
            message = handshake.write(self._payload(own_id).encode("XX2"))
        except NoiseError as error:
            return self._drop(f"Initiation: {error}")
        reply = packets.Reply(packets.RESPONSE, packet.initiator_id, own_id, message).encode()
        answered = Answered(handshake, own_id, packet.initiator_id, reply, source, now + HANDSHAKE_SECONDS)
        self.answered[source, packet.initiator_id, packet.noise[:32]] = answered
        self.by_id[own_id] = answered
        return [(reply, source)]

    def _completion(self, packet: packets.Completion, source: Endpoint, size: int, now: float) -> Outgoing:
        answered = self.by_id.get(packet.responder_id)
        if answered is None:
            return self._drop("Completion without a handshake")
        try:
            content = answered.handshake.read(packet.noise)
        except NoiseError as error:
            return self._drop(f"Completion: {error}")
        self._forget(answered)
        static = answered.handshake.rs
        assert static is not None
        try:
            payload = payloads.decode(content, "XX3")
            peer = self._check(payload, static)
        except (ProtobufError, ValueError, identity.IdentityError) as error:
            return self._drop(f"Completion: {error}")
        send, receive = reversed(answered.handshake.split())
        live = Live(Session(answered.own_id, answered.peer_id, send, receive, peer, payload.reset_token),
                    Path(answered.source), now + SESSION_SECONDS)
        if source != answered.source:
            live.path.candidate = Candidate(source, size, 0, now + 3)
        self._establish(live, payload, static)
        outgoing = self._frames(live, payload.frames, source, now) + self._challenge(live, now, always=True)
        # The initiator waits for a Data packet, whatever it holds.
        return outgoing or live.path.send(live.session.seal(frames.Padding().encode()))

    def _resumption(self, packet: packets.Opening, source: Endpoint, is_validated: bool, now: float) -> Outgoing:
        decline: Outgoing = [(packets.Decline(0, packet.initiator_id).encode(), source)]
        handshake = Handshake("IK", False, packets.prologue(packet.initiator_id, self.settings.psk), self.static)
        try:
            payload = payloads.decode(handshake.read(packet.noise), "IK1")
            assert handshake.rs is not None
            peer = self._check(payload, handshake.rs)
        except (NoiseError, ProtobufError, ValueError, identity.IdentityError) as error:
            self.counts[f"Resumption: {error}"] += 1
            return decline
        highest = self.initiators.get((handshake.rs, peer))
        if highest is None or payload.timestamp is None or payload.timestamp <= highest:
            self.counts["Resumption: unknown initiator or old timestamp"] += 1
            return decline
        own_id = os.urandom(8)
        session = Session(own_id, packet.initiator_id, b"", b"", peer, payload.reset_token)
        found, _ = frames.parse(payload.frames)
        live = Live(session, Path(source), now + SESSION_SECONDS)
        responses = [self._answer(frame, live, now) for frame in found]
        early = b"".join(response[0] for response in responses if len(response) == 1)
        answer = payloads.Payload(connection_id=own_id, flags=payloads.SERVES_KAD,
                                  reset_token=self.reset_token(own_id), frames=early)
        # 20 bytes header, 32 ephemeral key, 16 tag.
        if len(answer.encode("IK2")) > packets.MAXIMUM - 68:
            early, answer.frames = b"", b""
        message = handshake.write(answer.encode("IK2"))
        reply = packets.Reply(packets.ANSWER, packet.initiator_id, own_id, message).encode()
        session.receive_key, session.send_key = handshake.split()
        if not is_validated:
            live.path.candidate = Candidate(source, packets.MAXIMUM, len(reply), now + 3)
        self._establish(live, payload, handshake.rs)
        self.replies[source, packet.initiator_id, packet.noise[:32]] = reply, now + HANDSHAKE_SECONDS
        self.counts["resumptions"] += 1
        later = [plaintext for response in responses for plaintext in response] if not early else []
        outgoing: Outgoing = [(reply, source)]
        for plaintext in later:
            outgoing += live.path.send(session.seal(plaintext))
        return outgoing + self._challenge(live, now)

    # -- Sessions

    def _data(self, packet: packets.Data, source: Endpoint, size: int, now: float) -> Outgoing:
        if packet.connection_id in self.by_id:
            return self._drop("Data before the Completion")
        live = self.sessions.get(packet.connection_id)
        if live is None:
            self.counts["resets"] += 1
            return [(packets.Reset(packet.connection_id, self.reset_token(packet.connection_id)).encode(), source)]
        try:
            plaintext, is_highest = live.session.open(packet)
        except Dropped as error:
            return self._drop(f"Data: {error}")
        is_own_candidate = live.path.candidate is not None and live.path.candidate.address == live.path.address
        live.path.received(source, size, is_highest, now)
        outgoing: Outgoing = []
        if is_own_candidate and source == live.path.address:
            # The address of a Resumption: its Data shows that the answer arrived there.
            outgoing = [(waiting, source) for waiting in live.path.validate()]
        elif live.path.candidate is None or source != live.path.candidate.address:
            pass
        elif not live.path.candidate.is_challenged:
            outgoing = self._challenge(live, now, always=True)
        return outgoing + self._frames(live, plaintext, source, now)

    def _frames(self, live: Live, plaintext: bytes, source: Endpoint, now: float) -> Outgoing:
        outgoing: Outgoing = []
        found, is_complete = frames.parse(plaintext)
        if not is_complete:
            self.counts["malformed frames"] += 1
        challenges = [frame for frame in found if isinstance(frame, frames.PathChallenge)]
        for frame in found:
            if isinstance(frame, frames.PathChallenge) and frame is not challenges[0]:
                continue
            if isinstance(frame, frames.PathChallenge):
                response = live.session.seal(frames.PathResponse(frame.data).encode())
                outgoing += [(response, source)] if live.path.allows(source, len(response)) else []
            elif isinstance(frame, frames.PathResponse):
                outgoing += [(waiting, live.path.address) for waiting in live.path.confirm(frame.data)]
            elif isinstance(frame, frames.Close):
                self.sessions.pop(live.session.own_id, None)
                self.counts["closed"] += 1
                return outgoing
            else:
                for response in self._answer(frame, live, now):
                    outgoing += live.path.send(live.session.seal(response))
        return outgoing + self._challenge(live, now)

    def _challenge(self, live: Live, now: float, always: bool = False) -> Outgoing:
        """A PATH_CHALLENGE to the candidate, once, as soon as something waits for it."""
        candidate = live.path.candidate
        if candidate is None or candidate.is_challenged or not (always or live.path.waiting):
            return []
        packet = live.session.seal(frames.PathChallenge(candidate.challenge).encode())
        candidate.is_challenged = live.path.allows(candidate.address, len(packet))
        return [(packet, candidate.address)] if candidate.is_challenged else []

    def _answer(self, frame: frames.Frame, live: Live, now: float) -> list[bytes]:
        """The plaintexts that answer a frame; none unless it completes a request."""
        if not isinstance(frame, frames.Piece) or not frame.is_request:
            self.counts[f"received {type(frame).__name__}"] += 1
            return []
        message = live.session.request_part(frame, now)
        if message is None:
            return []
        self.counts["requests"] += 1
        self.counts["requests on own sessions" if live.is_own else "requests on their sessions"] += 1
        earned = (now - live.filled) * REQUESTS_PER_SECOND
        live.filled, live.budget = now, min(REQUESTS_AT_ONCE, live.budget + earned) - 1
        if live.budget < 0:
            live.budget += 1
            live.refusals -= 1
            return [frames.Refusal(frame.id, frames.BUSY).encode()] if live.refusals >= 0 else []
        try:
            response = self.server.answer(message, live.session.peer)
        except kad.Invalid:
            return [frames.Refusal(frame.id, frames.INVALID).encode()]
        if len(response) > frames.PART * frames.PARTS:
            return [frames.Refusal(frame.id, frames.TOO_LARGE).encode()]
        return [piece.encode() for piece in frames.cut(False, frame.id, response, frame.attempt)]

    def _reset(self, packet: packets.Reset) -> Outgoing:
        for own_id, live in list(self.sessions.items()):
            if live.session.peer_id == packet.connection_id and live.session.peer_reset_token and \
                    hmac.compare_digest(live.session.peer_reset_token, packet.token):
                del self.sessions[own_id]
                self.counts["reset by the peer"] += 1
        return []

    # -- What they share

    def reset_token(self, connection_id: bytes) -> bytes:
        return hmac.digest(self.own.reset_secret, connection_id, "sha256")[:16]

    def _payload(self, own_id: bytes) -> payloads.Payload:
        return payloads.Payload(
            identity_key=self.own.public_key, signature=self.own.sign(self.static.public),
            network=self.settings.network.encode(), flags=payloads.SERVES_KAD,
            reset_token=self.reset_token(own_id), connection_id=own_id, timestamp=time.monotonic_ns())

    def _check(self, payload: payloads.Payload, static: bytes) -> bytes:
        peer = identity.verify(payload.identity_key, payload.signature, static)
        if payload.network.decode() != self.settings.network:
            raise ValueError("another network")
        return peer

    def _establish(self, live: Live, payload: payloads.Payload, static: bytes) -> None:
        self.sessions[live.session.own_id] = live
        self.initiators[static, live.session.peer] = payload.timestamp or 0
        self.counts["sessions"] += 1
        if payload.flags & payloads.SERVES_KAD and payload.addresses:
            self.server.peers[live.session.peer] = kad.Peer(live.session.peer, payload.addresses)

    def _cookies(self, packet: packets.Opening, source: Endpoint, now: float) -> list[bytes]:
        """The cookie of this minute and the one of the minute before."""
        bound = repr(source).encode() + packet.initiator_id + packet.noise[:32]
        minute = int(now) // COOKIE_SECONDS
        return [hmac.digest(self.cookie_secret, str(minute - age).encode() + b":" + bound, hashlib.sha256)
                for age in (0, 1)]

    def _forget(self, answered: Answered) -> None:
        self.by_id.pop(answered.own_id, None)
        self.answered = {key: value for key, value in self.answered.items() if value is not answered}

    def _expire(self, now: float) -> None:
        for answered in [answered for answered in self.by_id.values() if now > answered.until]:
            self._forget(answered)
        self.replies = {key: value for key, value in self.replies.items() if now <= value[1]}
        self.sessions = {key: live for key, live in self.sessions.items() if now <= live.until}

    def _drop(self, reason: str) -> Outgoing:
        self.counts["dropped: " + reason] += 1
        return []
