"""A second implementation of Specs/noise-datagrams.md, written from that text alone.

python noise_datagram serve [--seed S] [--port N] [--network KAD] [--psk HEX] [--demand-cookies] [--cross] [--lose KIND:COUNT]…
    answers kad requests from memory on 127.0.0.1; prints one JSON line with its id and multiaddr; prints its counts when
    a line comes on standard input; stays until SIGTERM or the end of standard input
python noise_datagram ask [--network KAD] [--psk HEX] [--seed S] MULTIADDR [CHECK…]
    runs the checks against a node, one JSON line each; exit code 1 when one fails. `restarted` waits for a line on
    standard input, by which the node is to be a new process. A name is a check's or a group's (handshake, data, paths);
    without names: all that need neither help nor a minute, as `restarted` and `crowd` do
python noise_datagram vectors [--write] FOLDER
    holds FOLDER/packets.json against the packets that it makes with the same keys, or writes that file
python noise_datagram flood [--kinds K,…] [--rate N] [--seconds S] [--sources N] [--stale] [--distinct N] [--blind]
                             MULTIADDR
    sends bogus packets from many loopback addresses and counts what comes back to each; prints one JSON line
python noise_datagram forward [--every N] MULTIADDR
    is a NAT in front of a node that forgets its mapping after N packets to the node; prints one JSON line with its
    multiaddr, its counts when a line comes on standard input; stays until the end of standard input
"""

from __future__ import annotations

import argparse
import sys

import ask
import flood
import forward
import serve
import vectors

COMMANDS = {"serve": serve, "ask": ask, "vectors": vectors, "flood": flood, "forward": forward}


def main() -> int:
    parser = argparse.ArgumentParser(prog="noise_datagram", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        module.add_arguments(commands.add_parser(name))
    arguments = parser.parse_args()
    return COMMANDS[arguments.command].run(arguments)


if __name__ == "__main__":
    sys.exit(main())
