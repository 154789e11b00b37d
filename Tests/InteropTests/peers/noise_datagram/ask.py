"""The command `ask`: checks against a node, each with peers and sockets of its own."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback

import address
import checks
import checks_data
import checks_handshake
import checks_paths
import packets
from checks import Context, Result
from client import Unexpected, connect, expect, find_node

# More than the 4,096 sessions that a node keeps (section 12).
CROWD = 4_300
__all__ = ["checks_data", "checks_handshake", "checks_paths"]


def restarted(context: Context) -> Result:
    """A node that was restarted under the same identity resets old sessions at once, and a first contact follows."""
    initiator, connection = context.connection()
    stranger_token = connection.session.peer_reset_token
    print(json.dumps({"check": "restarted", "ready": True}), flush=True)
    sys.stdin.readline()
    begin = time.perf_counter()
    connection.send(connection.pieces(find_node(b"x"))[0])
    reset = packets.parse(connection.wire.packet(packets.RESET))
    expected = packets.Reset(connection.session.peer_id, stranger_token)
    expect(reset == expected, f"{expected}, not {reset}")
    elapsed = time.perf_counter() - begin
    contact = initiator.resume(b"")
    connection.wire.send(contact.first())
    expect(connection.wire.packet(packets.DECLINE)[2] == 0, "Decline 0: a new process has a new static key")
    connect(initiator, context.wire())
    return {"milliseconds": round(elapsed * 1e3, 3)}


def crowd(context: Context) -> Result:
    """Of more sessions than a node keeps, one that is used lives on, and the oldest unused ones are gone."""
    _, used = context.connection()
    _, unused = context.connection()
    begin = time.monotonic()
    for number in range(CROWD):
        _, connection = context.connection()
        connection.wire.close()
        if number % 100 == 0:
            used.ask(find_node(b"x"))
    used.ask(find_node(b"x"))
    unused.send(unused.pieces(find_node(b"x"))[0])
    expect(unused.wire.packet(packets.RESET)[1:9] == unused.session.peer_id, "a Reset of the oldest session")
    return {"sessions": CROWD, "handshakesPerSecond": round(CROWD / (time.monotonic() - begin))}


# What needs somebody's help, or a minute.
EXTRA = {"restarted": restarted, "crowd": crowd}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("multiaddr", type=address.parse)
    parser.add_argument("--network", default="/meshp2p/kad/1.0.0")
    parser.add_argument("--psk", type=bytes.fromhex)
    parser.add_argument("--seed", default="asker")
    parser.add_argument("checks", nargs="*", metavar="CHECK")


def run(arguments: argparse.Namespace) -> int:
    context = Context(arguments.multiaddr, arguments.network, arguments.psk, arguments.seed)
    known = checks.ALL | EXTRA
    failures = 0
    names = [name for wanted in arguments.checks for name in checks.GROUPS.get(wanted, [wanted])]
    for name in names or checks.ALL:
        report: Result = {"check": name, "ok": True}
        begin = time.monotonic()
        try:
            report |= known[name](context) or {}
        except Unexpected as error:
            report |= {"ok": False, "error": str(error)}
        except Exception as error:  # a defect of ours or an answer that nobody foresaw: say where
            report |= {"ok": False, "error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        report["seconds"] = round(time.monotonic() - begin, 2)
        failures += not report["ok"]
        print(json.dumps(report), flush=True)
    return 1 if failures else 0
