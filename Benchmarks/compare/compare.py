#!/usr/bin/env python3
"""compare.py [--rounds 5] [--out FILE.md]

Measures meshp2p beside p2pd (go-libp2p 0.32) in one run, in turn, and prints medians and ratios as Markdown.
Run it from the checkout after `make release interop-peers`; load on the machine moves both sides, so read the ratios.
"""
import argparse, datetime, json, os, pathlib, statistics, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(os.environ.get("MESHP2P_INTEROP_PEERS", ROOT / ".venv-interop"))
BINARY = os.environ.get("MESHP2P_BINARY", str(ROOT / ".build/release/meshp2p"))
HERE = pathlib.Path(__file__).resolve().parent


def ours(*arguments):
    out = subprocess.run([BINARY, "bench", *arguments, "--json"], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def theirs(script, *arguments):
    environment = dict(os.environ, P2PD=str(PEERS / "bin/p2pd"), LP2P_RUN=tempfile.mkdtemp(prefix="p2p"))
    out = subprocess.run(
        [str(PEERS / "py/bin/python"), str(HERE / script), *arguments],
        capture_output=True, text=True, check=True, env=environment)
    return [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]


def idle_memory():
    """Resident megabytes of a node of ours that nobody talks to, ten seconds after its start, and what of it is anonymous."""
    with tempfile.TemporaryDirectory() as home:
        node = subprocess.Popen(
            [BINARY, "run", "--json", "--home", home + "/home", "--listen", "/ip4/127.0.0.1/tcp/0", "--api", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        node.stdout.readline()
        time.sleep(10)
        fields = dict(line.split(":", 1) for line in open(f"/proc/{node.pid}/status"))
        node.terminate()
        node.wait(10)
        return int(fields["VmRSS"].split()[0]) / 1024, int(fields["RssAnon"].split()[0]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out")
    options = parser.parse_args()
    rows = {}

    def note(name, side, value):
        rows.setdefault(name, {"ours": [], "p2pd": []})[side].append(value)

    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        note("cold connect with identify, ms", "ours", ours("connect")["connectMillisecondsMedian"])
        note("warm ping, ms", "ours", ours("ping")["roundTripMicrosecondsMedian"] / 1000)
        note("upload over one stream, MB/s", "ours", ours("stream")["megabytesPerSecond"])
        for line in theirs("bench_p2pd.py"):
            if "idle_rss_mb_no_dht" in line:
                note("idle resident memory, MB", "p2pd", line["idle_rss_mb_no_dht"][1])
            else:
                note("cold connect with identify, ms", "p2pd", line["connect"]["median_ms"])
                note("warm ping, ms", "p2pd", line["ping"]["median_ms"])
                note("upload over one stream, MB/s", "p2pd", line["upload_MBps_median"])
        dht = ours("dht", "--nodes", "20")
        go = theirs("bench_dht.py", "20")[-1]
        for name, mine, its in [
            ("put", "put", "put_value"), ("get", "get", "get_value"), ("find peer", "findPeer", "find_peer"),
            ("provide", "provide", "provide"), ("find providers", "findProviders", "find_providers"),
        ]:
            note(f"DHT of 20 nodes: {name}, ms", "ours", dht[mine]["milliseconds"]["p50"])
            note(f"DHT of 20 nodes: {name}, ms", "p2pd", go[its]["median_ms"])
        resident, anonymous = idle_memory()
        note("idle resident memory, MB", "ours", resident)
        note("idle resident memory, MB, anonymous part", "ours", anonymous)

    lines = [
        f"# meshp2p beside p2pd (go-libp2p 0.32), {datetime.date.today().isoformat()}", "",
        f"{options.rounds} rounds in turn, medians; load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores.", "",
        "| figure | meshp2p | p2pd | ratio |", "|---|---|---|---|",
    ]
    for name, sides in rows.items():
        mine = statistics.median(sides["ours"])
        if sides["p2pd"]:
            its = statistics.median(sides["p2pd"])
            lines.append(f"| {name} | {mine:.3f} | {its:.3f} | {mine / its:.2f} |")
        else:
            lines.append(f"| {name} | {mine:.3f} | - | - |")
    text = "\n".join(lines) + "\n"
    print(text)
    if options.out:
        pathlib.Path(options.out).write_text(text)


main()
