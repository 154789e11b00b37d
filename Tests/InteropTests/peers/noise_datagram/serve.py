"""The command `serve`: a responder on a real socket."""

from __future__ import annotations

import argparse
import json
import select
import signal
import socket
import sys
import time
from collections import Counter

import kad
import packets
from address import Address
from crossing import Crossing
from identity import Identity, base58
from responder import Responder, Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", default="server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--network", default="/meshp2p/kad/1.0.0")
    parser.add_argument("--psk", type=bytes.fromhex)
    parser.add_argument("--demand-cookies", action="store_true")
    parser.add_argument("--cross", action="store_true", help="begins a handshake of its own when somebody begins one")
    parser.add_argument("--lose", action="append", default=[], metavar="KIND:COUNT",
                        help="loses the first COUNT received packets of a kind, such as Completion:1, or sent:Data:2")


def run(arguments: argparse.Namespace) -> int:
    own = Identity(arguments.seed)
    server = kad.Server(own.peer_id)
    responder = Responder(own, Settings(arguments.network, arguments.psk, arguments.demand_cookies), server)
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", arguments.port))
    lost: Counter[str] = Counter()
    for rule in arguments.lose:
        name, _, count = rule.rpartition(":")
        lost[name] = int(count)
    crossing = Crossing(responder) if arguments.cross else None
    address = Address("127.0.0.1", wire.getsockname()[1], own.peer_id)
    server.peers[own.peer_id] = kad.Peer(own.peer_id, [Address(address.host, address.port).packed()])
    print(json.dumps({"id": base58(own.peer_id), "multiaddr": str(address)}), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        readable = select.select([wire, sys.stdin], [], [])[0]
        if sys.stdin in readable:
            if not sys.stdin.readline():
                return 0
            print(json.dumps({"counts": responder.counts, "kad": server.counts}), flush=True)
        if wire in readable:
            datagram, source = wire.recvfrom(65536)
            if _is_lost(datagram, lost, ""):
                continue
            outgoing = responder.handle(datagram, source, time.monotonic())
            outgoing += crossing.handle(datagram, source, time.monotonic()) if crossing else []
            for packet, destination in outgoing:
                if not _is_lost(packet, lost, "sent:"):
                    wire.sendto(packet, destination)


def _is_lost(datagram: bytes, lost: Counter[str], direction: str) -> bool:
    name = direction + packets.NAMES.get(datagram[0] if datagram else 0, "?")
    lost[name] -= 1
    return lost[name] >= 0
