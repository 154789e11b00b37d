"""The command `flood`: bogus packets from very many loopback addresses, with a count of what comes back to each.

Every address of 127.0.0.0/8 is local, so a socket that is bound to none of them may name any as the source of a packet
(IP_PKTINFO) and receives what is sent back there. Linux only.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
from collections import defaultdict

import address
import packets

BATCH = 512
# So many distinct packets are prepared; each batch gets new ids and keys before it is sent.
RING = 8_192
HEAD = 160
IP_PKTINFO = 8
libc = ctypes.CDLL(None, use_errno=True)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Header(ctypes.Structure):
    """struct mmsghdr, its two ints at the end each with their padding."""

    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint), ("vectors", ctypes.c_void_p),
                ("vector_count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_size_t), ("sent", ctypes.c_size_t)]


def head(kind: int) -> bytes:
    """The beginning of a bogus packet: right in form, random from byte 4 or 1 on, so that only work can tell."""
    if kind == packets.INITIATION:
        return bytes([kind, packets.VERSION, 0, 32]) + os.urandom(8) + bytes(48) + os.urandom(32)
    if kind == packets.RESUMPTION:
        return bytes([kind, packets.VERSION, 0, 100]) + os.urandom(8) + bytes(48) + os.urandom(100)
    if kind == packets.COMPLETION:
        return bytes([kind, packets.VERSION, 1, 0]) + os.urandom(HEAD - 4)
    return bytes([kind]) + os.urandom(HEAD - 1)


# Where a packet's random bytes lie, so that it can be made new in place.
FRESH = {packets.INITIATION: [(4, 12), (60, 92)], packets.RESUMPTION: [(4, 12), (60, 160)],
         packets.COMPLETION: [(4, 160)], packets.DATA: [(1, 160)]}
SIZE = {packets.INITIATION: 1200, packets.RESUMPTION: 1200, packets.COMPLETION: 272, packets.DATA: 200}


class Flood:
    """A ring of prepared packets and the system's structures around them."""

    def __init__(self, target: address.Address, kinds: list[int], source_count: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self.socket.bind(("0.0.0.0", 0))
        self.kinds = [kinds[index % len(kinds)] for index in range(RING)]
        self.sources = [f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
                        for _ in range(min(source_count, RING))]
        self.sent_to: dict[str, int] = defaultdict(int)
        self.counts = [0] * RING
        self._prepare(target)

    def _prepare(self, target: address.Address) -> None:
        name = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(target.port), socket.inet_aton(target.host))
        self.name = ctypes.create_string_buffer(name, 16)
        self.padding = ctypes.create_string_buffer(packets.MAXIMUM)
        self.heads = ctypes.create_string_buffer(HEAD * RING)
        self.view = memoryview(self.heads).cast("B")
        self.control = ctypes.create_string_buffer(32 * RING)
        self.vectors, self.headers = (Vector * (2 * RING))(), (Header * RING)()
        heads, control = ctypes.addressof(self.heads), ctypes.addressof(self.control)
        for index in range(RING):
            start = head(self.kinds[index])
            self.view[HEAD * index:HEAD * index + len(start)] = start
            source = socket.inet_aton(self.sources[index % len(self.sources)])
            # struct cmsghdr and struct in_pktinfo, padded to 32 bytes.
            struct.pack_into("=QiiI4s4s4x", self.control, 32 * index, 28, socket.IPPROTO_IP, IP_PKTINFO, 0, source, source)
            self.vectors[2 * index] = Vector(heads + HEAD * index, HEAD)
            self.vectors[2 * index + 1] = Vector(ctypes.addressof(self.padding), SIZE[self.kinds[index]] - HEAD)
            self.headers[index] = Header(ctypes.addressof(self.name), 16, ctypes.addressof(self.vectors[2 * index]), 2,
                                         control + 32 * index, 32, 0, 0)

    def renew(self, first: int, count: int) -> None:
        """Gives prepared packets new ids and keys."""
        fresh = memoryview(os.urandom(HEAD * count))
        for index in range(count):
            base = HEAD * (first + index)
            for start, end in FRESH[self.kinds[first + index]]:
                self.view[base + start:base + end] = fresh[HEAD * index:HEAD * index + end - start]

    def send(self, first: int, count: int) -> int:
        """Sends `count` prepared packets. Returns how many the system took."""
        taken = libc.sendmmsg(self.socket.fileno(), ctypes.byref(self.headers, first * ctypes.sizeof(Header)), count, 0)
        for index in range(first, first + max(taken, 0)):
            self.counts[index] += 1
        return max(taken, 0)

    def bytes_sent(self) -> dict[str, int]:
        sent: dict[str, int] = defaultdict(int)
        for index, count in enumerate(self.counts):
            sent[self.sources[index % len(self.sources)]] += count * SIZE[self.kinds[index]]
        return sent


class Returns:
    """Counts what comes back, by the address it came to, until told to stop."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire, self.bytes, self.kinds = wire, defaultdict(int), defaultdict(int)
        self.is_done = False
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.wire.settimeout(0.2)
        while True:
            try:
                data, control, _, _ = self.wire.recvmsg(2048, 64)
            except TimeoutError:
                if self.is_done:
                    return
                continue
            info = next(data for level, kind, data in control if kind == IP_PKTINFO)
            self.bytes[socket.inet_ntoa(info[8:12])] += len(data)
            self.kinds[packets.NAMES.get(data[0], "?")] += 1

    def stop(self) -> None:
        self.is_done = True
        self.thread.join()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("multiaddr", type=address.parse)
    parser.add_argument("--kinds", default="Initiation", help="comma-separated: Initiation,Resumption,Completion,Data")
    parser.add_argument("--rate", type=int, default=100_000, help="packets a second, 0 for as many as possible")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--sources", type=int, default=4_096)
    parser.add_argument("--distinct", type=int, default=RING, help="so many different packets, with --stale")
    parser.add_argument("--stale", action="store_true", help="send the same packets again and again")
    parser.add_argument("--blind", action="store_true", help="leave unread what comes back")


def run(arguments: argparse.Namespace) -> int:
    kinds = [next(kind for kind, name in packets.NAMES.items() if name == wanted) for wanted in arguments.kinds.split(",")]
    flood = Flood(arguments.multiaddr, kinds, arguments.sources)
    returns = None if arguments.blind else Returns(flood.socket)
    batch = BATCH if not arguments.rate else max(1, min(BATCH, arguments.rate // 200))
    distinct = max(1, min(arguments.distinct, RING))
    is_done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: is_done.set())
    begin, sent, first = time.perf_counter(), 0, 0
    while (elapsed := time.perf_counter() - begin) < arguments.seconds and not is_done.is_set():
        if arguments.rate and sent >= arguments.rate * elapsed:
            time.sleep(0.000_5)
            continue
        count = min(batch, distinct - first)
        if not arguments.stale:
            flood.renew(first, count)
        sent += flood.send(first, count)
        first = first + count if first + count < distinct else 0
    elapsed = time.perf_counter() - begin
    report = {"sent": sent, "packetsPerSecond": round(sent / elapsed), "sources": len(flood.sources)}
    if returns:
        time.sleep(0.3)
        returns.stop()
        bytes_sent = flood.bytes_sent()
        ratios = [returns.bytes[source] / bytes_sent[source] for source in returns.bytes]
        report |= {"bytesSent": sum(bytes_sent.values()), "bytesReturned": sum(returns.bytes.values()),
                   "returned": dict(returns.kinds), "worstRatio": round(max(ratios, default=0), 4),
                   "strayReturns": len([source for source in returns.bytes if source not in bytes_sent])}
    print(json.dumps(report), flush=True)
    return 0
