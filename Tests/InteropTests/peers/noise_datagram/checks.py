"""What the checks share: the context of a run, and the table that they enter themselves into."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from address import Address
from client import Connection, Wire, connect
from identity import Identity
from initiator import Initiator

Result = dict[str, Any]


@dataclass
class Context:
    target: Address
    network: str
    psk: bytes | None = None
    seed: str = "asker"
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def initiator(self, **changes: Any) -> Initiator:
        """Somebody whom the responder has never met."""
        settings: dict[str, Any] = {"network": self.network, "target": self.target.peer, "psk": self.psk} | changes
        return Initiator(Identity(f"{self.seed}-{next(self.numbers)}"), **settings)

    def wire(self, source: str | None = None) -> Wire:
        return Wire(self.target, source)

    def connection(self) -> tuple[Initiator, Connection]:
        initiator = self.initiator()
        return initiator, connect(initiator, self.wire())


Check = Callable[[Context], Result | None]
ALL: dict[str, Check] = {}
# Names by group: handshake, data, paths.
GROUPS: dict[str, list[str]] = {}


def check(function: Check) -> Check:
    """Enters a check under its name; its first doc line says what has to hold."""
    name = function.__name__.replace("_", "-")
    ALL[name] = function
    GROUPS.setdefault(function.__module__.removeprefix("checks_"), []).append(name)
    return function
