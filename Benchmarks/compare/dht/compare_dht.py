#!/usr/bin/env python3
"""compare_dht.py [--rounds 5] [--nodes 100] [--operations 200] [--only NAME,…] [--lines FILE.jsonl] [--out FILE.md] [--plot FILE.svg]

Measures DHTs of many nodes in one process beside each other, in turn and round by round, each in a network namespace of
its own: meshp2p over Noise datagrams, OpenDHT, libtorrent, PyPI kademlia; beside them encrypted RPC over UDP and its floor in
C, and an idle node. Needs root, `make release` and setup.sh; p2pd too with the peers of the interop tests. --lines keeps
every result as it came; with --lines of an earlier call and --rounds 0 the table and the plot are made again.
"""
import argparse, fnmatch, json, os, pathlib, subprocess, sys

import idle_node, report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BINARY = os.environ.get("MESHP2P_BINARY", str(ROOT / ".build/release/meshp2p"))
TOOLS = pathlib.Path(os.environ.get("MESHP2P_DHT_TOOLS", ROOT / ".build-dht"))
PYTHON = os.environ.get("MESHP2P_DHT_PYTHON", str(ROOT / ".venv-dht/bin/python"))
PEERS = pathlib.Path(os.environ.get("MESHP2P_INTEROP_PEERS", ROOT / ".venv-interop"))


def run(*command, isolated=True, environment=None):
    """The last line of JSON that a command prints."""
    prefix = [sys.executable, str(HERE / "namespace.py")] if isolated else []
    done = subprocess.run(
        [*prefix, *map(str, command)], capture_output=True, text=True, timeout=900, env=environment)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(lines[-1])


def lookup(options, *more):
    return run(
        BINARY, "bench", "lookup", "--json", "--nodes", options.nodes, "--operations", options.operations, *more)


def p2pd(options):
    environment = dict(os.environ, P2PD=str(PEERS / "bin/p2pd"), LP2P_RUN=f"/tmp/p2pd-{os.getpid()}")
    os.makedirs(environment["LP2P_RUN"], exist_ok=True)
    return run(
        PEERS / "py/bin/python", HERE.parent / "bench_dht.py", 20, isolated=False, environment=environment)


def systems(options):
    """What is measured, in the order of a round: neighbours are what the table compares."""
    floor = TOOLS / "udp_floor"
    found = {}
    for shape in ("thread", "core", "cores"):
        for window in (1, 64):
            found[f"floor {shape} {window}"] = lambda shape=shape, window=window: run(
                floor, "--shape", shape, "--window", window)
    found["rpc"] = lambda: run(BINARY, "bench", "rpc", "--json")
    found["meshp2p"] = lambda: lookup(options)
    found["OpenDHT"] = lambda: run(TOOLS / "opendht_driver", options.nodes, options.operations, 10)
    found["libtorrent"] = lambda: run(TOOLS / "libtorrent_driver", options.nodes, options.operations, 12)
    found["PyPI kademlia"] = lambda: run(
        PYTHON, HERE / "kademlia_driver.py", options.nodes, options.operations)
    found["meshp2p, 4 paths"] = lambda: lookup(options, "--paths", 4)
    found["meshp2p, 2 loops"] = lambda: lookup(options, "--loops", 2)
    found["meshp2p, 20 nodes, k 20"] = lambda: run(
        BINARY, "bench", "lookup", "--json", "--nodes", 20, "--k", 20, "--parallelism", 10, "--idle", 0)
    if (PEERS / "bin/p2pd").exists():
        found["p2pd, 20 nodes"] = lambda: p2pd(options)
    found["idle node"] = lambda: idle_node.measure(BINARY, HERE / "namespace.py")
    found["crypto"] = lambda: run(BINARY, "bench", "crypto", "--json")
    found["routing"] = lambda: run(BINARY, "bench", "routing", "--json")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--operations", type=int, default=200)
    parser.add_argument("--only", help="names by commas; * and ? match")
    parser.add_argument("--lines", default="dht.jsonl")
    parser.add_argument("--out")
    parser.add_argument("--plot")
    options = parser.parse_args()
    if not (0 <= options.rounds <= 1000 and 2 <= options.nodes <= 300 and 1 <= options.operations <= 10_000):
        parser.error("--rounds takes 0 to 1000, --nodes 2 to 300, --operations 1 to 10000")
    chosen = {
        name: body for name, body in systems(options).items()
        if not options.only or any(fnmatch.fnmatchcase(name, part) for part in options.only.split(","))
    }
    with open(options.lines, "a" if options.rounds == 0 else "w") as lines:
        for number in range(options.rounds):
            for name, body in chosen.items():
                load = os.getloadavg()[0]
                print(f"round {number + 1} of {options.rounds}: {name} (load {load:.1f})", file=sys.stderr)
                line = {"round": number + 1, "system": name, "load": round(load, 2)}
                try:
                    line["result"] = body()
                except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                    line["error"] = str(error)
                    print(f"  {error}", file=sys.stderr)
                lines.write(json.dumps(line) + "\n")
                lines.flush()
    measured = report.Measured(options.lines)
    text = report.markdown(measured)
    print(text)
    if options.out:
        image = pathlib.Path(options.plot).name if options.plot else None
        pathlib.Path(options.out).write_text(report.markdown(measured, image))
    if options.plot:
        pathlib.Path(options.plot).write_text(report.plot(measured))


main()
