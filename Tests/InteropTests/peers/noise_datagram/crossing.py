"""Handshakes that cross (section 5.5): the responder begins one of its own as soon as somebody begins one with it."""

from __future__ import annotations

import frames
import kad
import packets
from initiator import Contact, Initiator, Refused
from paths import Endpoint, Path
from responder import SESSION_SECONDS, Live, Outgoing, Responder


class Crossing:
    """One handshake for each source; its request is a FIND_NODE, and its session is one of the responder's."""

    def __init__(self, responder: Responder) -> None:
        self.responder = responder
        self.contacts: dict[Endpoint, Contact] = {}

    def handle(self, datagram: bytes, source: Endpoint, now: float) -> Outgoing:
        """What to send beside the responder's own answer."""
        kind = datagram[0] if datagram else 0
        if kind == packets.INITIATION and source not in self.contacts:
            initiator = Initiator(self.responder.own, self.responder.settings.network, b"", self.responder.settings.psk,
                                  self.responder.static)
            contact = self.contacts[source] = initiator.contact()
            return [(contact.first(), source)]
        if kind != packets.RESPONSE or source not in self.contacts:
            return []
        contact = self.contacts[source]
        try:
            contact.read(datagram)
        except Refused as error:
            self.responder.counts[f"Response: {error}"] += 1
            return []
        request = frames.cut(True, 1, kad.Message(kad.FIND_NODE, self.responder.own.peer_id).encode())[0].encode()
        completion = contact.complete(request)
        self.responder.sessions[contact.own_id] = Live(
            contact.session(), Path(source), now + SESSION_SECONDS, is_own=True)
        self.responder.counts["own sessions"] += 1
        return [(completion, source)]
