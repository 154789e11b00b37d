#!/usr/bin/env python3
"""flood.py [--rate 100000] [--kinds Initiation] [--rounds 3] [--requests 300000] [--window 64] [--realtime] [--json]

How much of the honest requests a node still answers while it is flooded with bogus packets: `meshp2p bench rpc` with both
ends on one event loop and core 0, the generator (Tests/InteropTests/peers/noise_datagram flood: Python and sendmmsg) on
core 1, aimed at the answering end. Rounds with and without the flood alternate. Needs `make release interop-peers`, two
cores and Linux. On a machine that has other work --realtime keeps it off both cores (chrt -f, needs root). What the flood
costs on core 0 is the reading of the socket, the check of the packet and the answers. The share depends on --window.
"""
import argparse, json, os, pathlib, signal, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEERS = pathlib.Path(os.environ.get("MESHP2P_INTEROP_PEERS", ROOT / ".venv-interop"))
BINARY = os.environ.get("MESHP2P_BINARY", str(ROOT / ".build/release/meshp2p"))
GENERATOR = ROOT / "Tests/InteropTests/peers/noise_datagram"


def ports(process_id):
    """The UDP ports that a process is bound to, in the order in which it opened them."""
    found = {}
    folder = pathlib.Path(f"/proc/{process_id}/fd")
    inodes = {}
    for entry in folder.iterdir():
        try:
            link = os.readlink(entry)
        except OSError:
            continue
        if link.startswith("socket:["):
            inodes[link[8:-1]] = int(entry.name)
    for name in ("udp", "udp6"):
        for line in open(f"/proc/{process_id}/net/{name}").read().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes:
                found[inodes[fields[9]]] = int(fields[1].split(":")[1], 16)
    return [found[descriptor] for descriptor in sorted(found)]


def dropped():
    """UDP packets that found a full socket, and all that came in, since the start of the machine."""
    names, values = [line.split()[1:] for line in open("/proc/net/snmp") if line.startswith("Udp:")]
    counters = dict(zip(names, map(int, values)))
    return counters["RcvbufErrors"], counters["InDatagrams"]


def on_core(number, options):
    return (["chrt", "-f", "10"] if options.realtime else []) + ["taskset", "-c", str(number)]


def measure(options, is_flooded):
    bench = subprocess.Popen(
        [*on_core(0, options), BINARY, "bench", "rpc", "--json", "--loops", "1", "--window", str(options.window),
         "--requests", str(options.requests), "--handshakes", "1"], stdout=subprocess.PIPE, text=True)
    generator = None
    if is_flooded:
        while len(bound := ports(bench.pid)) < 2:
            time.sleep(0.01)
        # The answering end opens its socket second.
        generator = subprocess.Popen(
            [*on_core(1, options), str(PEERS / "py/bin/python"), str(GENERATOR), "flood", "--rate", str(options.rate),
             "--kinds", options.kinds, "--seconds", "3600", "--blind", f"/ip4/127.0.0.1/udp/{bound[1]}/noise"],
            stdout=subprocess.PIPE, text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    before = dropped()
    report = json.loads(bench.communicate()[0])
    after = dropped()
    result = {f"{case['kind']}PerSecond": case["rpcPerSecond"] for case in report["cases"]}
    result |= {f"{case['kind']}P99Microseconds": case["roundTripMicroseconds"]["p99"] for case in report["cases"]}
    result["failures"] = sum(case["failures"] for case in report["cases"])
    result["droppedByTheSystem"] = after[0] - before[0]
    if generator:
        generator.send_signal(signal.SIGTERM)
        result["floodPerSecond"] = json.loads(generator.communicate()[0])["packetsPerSecond"]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=100_000)
    parser.add_argument("--kinds", default="Initiation")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=300_000)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rounds = {"calm": [], "flooded": []}
    for number in range(options.rounds):
        for name in rounds:
            rounds[name].append(measure(options, name == "flooded"))
            print(f"round {number + 1}, {name}: {rounds[name][-1]}", file=sys.stderr)
    median = {name: {key: statistics.median(line[key] for line in lines) for key in lines[0]}
              for name, lines in rounds.items()}
    summary = {"parameters": vars(options), "loadAverage": os.getloadavg()[0], **median}
    for kind in ("echo", "findNode"):
        summary[f"{kind}Share"] = round(median["flooded"][f"{kind}PerSecond"] / median["calm"][f"{kind}PerSecond"], 3)
    print(json.dumps(summary) if options.json else json.dumps(summary, indent=1))


if __name__ == "__main__":
    main()
