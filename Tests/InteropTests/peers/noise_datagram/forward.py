"""The command `forward`: a NAT on loopback that forgets its mappings and so changes the source port of every client."""

from __future__ import annotations

import argparse
import json
import select
import signal
import socket
import sys

import address

Endpoint = tuple[str, int]


class Forwarder:
    def __init__(self, target: address.Address, every: int) -> None:
        self.target, self.every = target, every
        self.front = self._bound()
        # The outer socket of each client and what went through it; old ones still pass on what comes late.
        self.current: dict[Endpoint, socket.socket] = {}
        self.clients: dict[socket.socket, Endpoint] = {}
        self.passed: dict[socket.socket, int] = {}
        self.counts = {"mappings": 0, "toNode": 0, "toClients": 0}

    @staticmethod
    def _bound() -> socket.socket:
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.bind(("127.0.0.1", 0))
        return wire

    def step(self, wire: socket.socket) -> None:
        """One datagram, in one direction or the other."""
        try:
            datagram, source = wire.recvfrom(65536)
        except ConnectionRefusedError:
            return
        if wire is not self.front:
            self.counts["toClients"] += 1
            self.front.sendto(datagram, self.clients[wire])
            return
        outer = self.current.get(source)
        if outer is None or self.passed[outer] >= self.every:
            outer = self.current[source] = self._bound()
            self.clients[outer], self.passed[outer] = source, 0
            self.counts["mappings"] += 1
        self.passed[outer] += 1
        self.counts["toNode"] += 1
        outer.sendto(datagram, (self.target.host, self.target.port))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("multiaddr", type=address.parse)
    parser.add_argument("--every", type=int, default=5)


def run(arguments: argparse.Namespace) -> int:
    forwarder = Forwarder(arguments.multiaddr, arguments.every)
    own = address.Address("127.0.0.1", forwarder.front.getsockname()[1], arguments.multiaddr.peer)
    print(json.dumps({"id": address.base58(own.peer), "multiaddr": str(own)}), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        for ready in select.select([forwarder.front, sys.stdin, *forwarder.clients], [], [])[0]:
            if ready is not sys.stdin:
                forwarder.step(ready)
            elif sys.stdin.readline():
                print(json.dumps(forwarder.counts), flush=True)
            else:
                return 0
