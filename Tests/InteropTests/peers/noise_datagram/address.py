"""Multiaddrs of the forms that are used here: /ip4|ip6/…/udp/N/noise[/p2p/ID]."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from identity import base58, unbase58
from protobuf import varint

IP4, IP6, UDP, NOISE, P2P = 4, 41, 273, 454, 421


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    peer: bytes = b""

    def __str__(self) -> str:
        name = f"/ip{ipaddress.ip_address(self.host).version}/{self.host}/udp/{self.port}/noise"
        return name + (f"/p2p/{base58(self.peer)}" if self.peer else "")

    def packed(self) -> bytes:
        host = ipaddress.ip_address(self.host)
        packed = varint(IP4 if host.version == 4 else IP6) + host.packed + varint(UDP) + self.port.to_bytes(2, "big")
        packed += varint(NOISE)
        return packed + (varint(P2P) + varint(len(self.peer)) + self.peer if self.peer else b"")


def parse(text: str) -> Address:
    parts = text.strip("/").split("/")
    if len(parts) not in (5, 7) or parts[0] not in ("ip4", "ip6") or parts[2] != "udp" or parts[4] != "noise":
        raise ValueError(f"{text}: expected /ip4|ip6/HOST/udp/PORT/noise[/p2p/PEER]")
    return Address(str(ipaddress.ip_address(parts[1])), int(parts[3]), unbase58(parts[6]) if len(parts) == 7 else b"")
