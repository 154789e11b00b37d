"""The table and the plot of compare_dht.py, from its lines."""
import collections, datetime, json, statistics

# Name in the lines, name in the table, where its operations lie.
NETWORKS = [
    ("meshp2p", "meshp2p", "warm"), ("meshp2p", "meshp2p, strangers", "cold"),
    ("meshp2p, 2 loops", "meshp2p, 2 loops", "warm"), ("meshp2p, 4 paths", "meshp2p, 4 paths", "warm"),
    ("OpenDHT", "OpenDHT", None), ("libtorrent", "libtorrent", None), ("PyPI kademlia", "PyPI kademlia", None),
]
OPERATIONS = [
    ("put", "put, k replicas"), ("getFirst", "get, first value"), ("getClosest", "get, closest set"),
    ("provide", "provide"), ("findProvidersFirst", "find providers, first"),
    ("findProvidersClosest", "find providers, closest set"), ("findPeer", "find peer"),
    ("closestPeers", "closest peers"),
]


def merged(values):
    """The median of each number of like results."""
    first = values[0]
    if isinstance(first, dict):
        return {
            key: merged([value[key] for value in values if isinstance(value, dict) and key in value])
            for key in first
        }
    if isinstance(first, bool) or not isinstance(first, (int, float)):
        return first
    return statistics.median(value for value in values if isinstance(value, (int, float)))


class Measured:
    """The lines of all rounds, and the medians by system."""

    def __init__(self, path):
        self.lines = [json.loads(line) for line in open(path)]
        by_system = collections.defaultdict(list)
        for line in self.lines:
            if "result" in line:
                by_system[line["system"]].append(line["result"])
        self.medians = {name: merged(results) for name, results in by_system.items()}
        self.counts = {name: len(results) for name, results in by_system.items()}
        self.loads = [line["load"] for line in self.lines]
        self.rounds = collections.defaultdict(dict)
        for line in self.lines:
            if "result" in line:
                self.rounds[line["round"]][line["system"]] = line["result"]

    def get(self, system, *path):
        value = self.medians.get(system)
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def operation(self, network, operation):
        system, _, part = network
        return self.get(system, *([part] if part else []), operation)


def number(value, digits=2):
    return "-" if value is None else f"{value:,.{digits}f}"


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def network_table(measured, operation, title):
    lines = [f"### {title}", "", row(
        "", "right", "p50 ms", "p99 ms", "RPCs", "CPU us", "CPU us an RPC", "handshakes"), row(*["---"] * 8)]
    for network in NETWORKS:
        found = measured.operation(network, operation)
        if not found:
            continue
        lines.append(row(
            network[1], f"{found['success'] * 100:.1f} %", number(found["milliseconds"]["p50"], 3),
            number(found["milliseconds"]["p99"], 3), number(found["rpcs"], 1), number(found["cpuMicroseconds"], 0),
            number(found["cpuMicrosecondsPerRPC"], 1), number(found.get("handshakes"))))
    return lines + [""]


def ratio_table(measured):
    """Ours to each rival, both of one round: what the load of the machine moves least."""
    lines = ["### Ours to the rivals: median of the ratios within a round, and the rounds in which ours was lower", "",
             row("", "rival", "RPCs", "CPU us an RPC", "p50", "p99"), row(*["---"] * 6)]
    figures = (lambda o: o["rpcs"], lambda o: o["cpuMicrosecondsPerRPC"], lambda o: o["milliseconds"]["p50"],
               lambda o: o["milliseconds"]["p99"])
    for operation, title in OPERATIONS[:3]:
        for rival in ("OpenDHT", "libtorrent", "PyPI kademlia"):
            pairs = []
            for results in measured.rounds.values():
                ours, theirs = results.get("meshp2p", {}).get("warm", {}).get(operation), results.get(rival, {}).get(operation)
                if ours and theirs:
                    pairs.append((ours, theirs))
            if not pairs:
                continue
            cells = []
            for figure in figures:
                ratios = [figure(ours) / figure(theirs) for ours, theirs in pairs if figure(theirs)]
                lower = sum(ratio <= 1 for ratio in ratios)
                cells.append(f"{statistics.median(ratios):.2f} ({lower} of {len(ratios)})")
            lines.append(row(title, rival, *cells))
    return lines + [""]


def node_table(measured):
    lines = ["## A node that has joined", "", row(
        "", "k / α", "join: CPU ms", "join: datagrams", "idle: CPU %", "idle: datagrams a second",
        "memory kB, idle", "of it heap and stacks", "memory kB, after all"), row(*["---"] * 9)]
    for system, name, part in NETWORKS:
        result = measured.medians.get(system)
        if not result or part == "cold":
            continue
        lines.append(row(
            name, f"{result.get('replication', result.get('k')):.0f} / {result.get('parallelism', result.get('alpha')):.0f}",
            number(result["joinCPUMillisecondsPerNode"]), number(result["joinDatagramsPerNode"], 1),
            number(result["idleCPUPercentPerNode"], 4), number(result["idleDatagramsPerSecondPerNode"], 3),
            number(result["rssBytesPerIdleNode"] / 1000, 0), number(result.get("anonymousBytesPerIdleNode", 0) / 1000, 0),
            number(result["rssBytesPerNode"] / 1000, 0)))
    return lines + [""]


def rpc_table(measured):
    lines = ["## Encrypted RPC on loopback, 200 bytes both ways", "", row(
        "", "window", "CPU us, both ends", "RTT p50 us", "RTT p99 us", "RPC/s"), row(*["---"] * 6)]
    shapes = {"thread": "C floor, one thread on epoll", "core": "C floor, two processes on one core",
              "cores": "C floor, two processes on two cores"}
    for shape, name in shapes.items():
        for window in (1, 64):
            found = measured.medians.get(f"floor {shape} {window}")
            if found:
                lines.append(rpc_row(name, window, found))
    for item in cases(measured):
        lines.append(rpc_row(f"meshp2p, {item['kind']}, {item['loops']} loop(s)", item["window"], item))
    lines += [""]
    for kind, name in (("cold", "First contact (XX)"), ("resumption", "Resumption (IK)")):
        found = measured.get("rpc", kind)
        if found:
            lines.append(
                f"{name}: {found['cpuMillisecondsPerHandshake']:.3f} ms of CPU at both ends with the first RPC, answer "
                f"after {found['firstAnswerMilliseconds']['p50']:.2f} ms (p99 {found['firstAnswerMilliseconds']['p99']:.2f}).")
    return lines + [""]


def cases(measured):
    """The medians of each warm case over the rounds."""
    found = collections.defaultdict(list)
    for line in measured.lines:
        if line["system"] == "rpc" and "result" in line:
            for item in line["result"]["cases"]:
                found[(item["loops"], item["kind"], item["window"])].append(item)
    return [merged(items) for _, items in sorted(found.items())]


def rpc_row(name, window, found):
    return row(
        name, str(int(window)), number(found["cpuMicrosecondsPerRPC"]),
        number(found["roundTripMicroseconds"]["p50"], 1), number(found["roundTripMicroseconds"]["p99"], 1),
        number(found["rpcPerSecond"], 0))


def other_tables(measured):
    lines = []
    small, go = measured.medians.get("meshp2p, 20 nodes, k 20"), measured.medians.get("p2pd, 20 nodes")
    if small and go:
        lines += ["## 20 nodes, k = 20, beside p2pd (go-libp2p 0.32, TCP; driven over Unix sockets)", "",
                  row("p50 ms", "meshp2p datagrams", "p2pd"), row(*["---"] * 3)]
        for ours, theirs in (("put", "put_value"), ("getClosest", "get_value"), ("findPeer", "find_peer"),
                             ("provide", "provide"), ("findProvidersFirst", "find_providers")):
            lines.append(row(ours, number(small["warm"][ours]["milliseconds"]["p50"], 3),
                             number(go[theirs]["median_ms"], 3)))
        lines += [row("memory MB a node", number(small["rssBytesPerNode"] / 1e6, 2),
                      number(go["rss_mb_per_node_median"], 1)), ""]
    idle = measured.medians.get("idle node")
    if idle:
        lines += ["## An idle node (`meshp2p run`, TCP and UDP, three in the network)", "",
                  f"{idle['rssBytes'] / 1e6:.1f} MB resident, {idle['anonymousBytes'] / 1e6:.1f} MB of it anonymous; "
                  f"{idle['cpuPercent']:.3f} % of a core; {idle['datagramsPerSecond']:.2f} datagrams a second.", ""]
    routing = measured.medians.get("routing")
    if routing:
        cells = [(name, value) for name, value in routing.items() if isinstance(value, (int, float))]
        lines += ["## Routing table", "", row("", "median"), row("---", "---")]
        lines += [row(name, number(value, 1)) for name, value in cells] + [""]
    lines += crypto_table(measured)
    return lines


def crypto_table(measured):
    found = collections.defaultdict(list)
    for line in measured.lines:
        if line["system"] == "crypto" and "result" in line:
            for item in line["result"]["cases"]:
                found[(item["primitive"], item.get("byteCount"), item.get("backend"))].append(item["nanoseconds"])
    if not found:
        return []
    lines = ["## Primitives, processor time", "", row("", "bytes", "library", "us"), row(*["---"] * 4)]
    for (primitive, size, backend), values in found.items():
        lines.append(row(primitive, str(size or ""), backend or "", number(statistics.median(values) / 1000)))
    return lines + [""]


def markdown(measured, image=None):
    loads = measured.loads
    lines = [
        f"# The DHT beside its rivals, {datetime.date.today().isoformat()}", "",
        f"{max(measured.counts.values())} rounds in turn, medians; load average {min(loads):.1f} to {max(loads):.1f} "
        f"(median {statistics.median(loads):.1f}) on a shared machine. Quote ratios: all sides move with the load. "
        "All nodes of a network live in one process on loopback, so times say nothing of the Internet. Ours encrypts and "
        "authenticates every datagram; the rivals send plain ones. RPCs are half of the datagrams that the kernel counted "
        "(ours: that the nodes counted), processor time is that of all threads. Whoever asks neither published nor holds the "
        "value, and values are compared.", "",
    ]
    if image:
        lines += [f"![the figures by system]({image})", ""]
    nodes = measured.get("meshp2p", "nodes")
    lines += [f"## {nodes:.0f} nodes in one process" if nodes else "## Operations", ""]
    for operation, title in OPERATIONS:
        if any(measured.operation(network, operation) for network in NETWORKS):
            lines += network_table(measured, operation, title)
    lines += ratio_table(measured) + node_table(measured) + rpc_table(measured) + other_tables(measured)
    failed = [line for line in measured.lines if "error" in line]
    if failed:
        lines += ["## Runs that failed", ""] + [
            f"- round {line['round']}, {line['system']}: {line['error']}" for line in failed] + [""]
    return "\n".join(lines).rstrip() + "\n"


PANELS = [
    ("RPCs, get to the first value", "getFirst", lambda o: o["rpcs"]),
    ("RPCs, get to the closest set", "getClosest", lambda o: o["rpcs"]),
    ("CPU us an RPC, get to the first value", "getFirst", lambda o: o["cpuMicrosecondsPerRPC"]),
    ("p50 ms, get to the first value", "getFirst", lambda o: o["milliseconds"]["p50"]),
    ("p99 ms, get to the first value", "getFirst", lambda o: o["milliseconds"]["p99"]),
    ("p50 ms, put", "put", lambda o: o["milliseconds"]["p50"]),
]


def plot(measured):
    """Bars, a panel for each figure, without any library."""
    width, bar, panel_gap, left = 760, 17, 38, 190
    body, y = [], 20
    for title, operation, value in PANELS:
        bars = [(network[1], value(found)) for network in NETWORKS
                if (found := measured.operation(network, operation))]
        if not bars:
            continue
        scale = (width - left - 90) / max(amount for _, amount in bars)
        body.append(f'<text x="10" y="{y}" font-weight="bold">{title}</text>')
        y += 10
        for name, amount in bars:
            colour = "#2a6f97" if name.startswith("meshp2p") else "#adb5bd"
            body.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{name}</text>')
            body.append(f'<rect x="{left}" y="{y + 1}" width="{max(1, amount * scale):.1f}" height="{bar - 4}" fill="{colour}"/>')
            body.append(f'<text x="{left + amount * scale + 6:.1f}" y="{y + 12}">{amount:,.3g}</text>')
            y += bar
        y += panel_gap
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        + "".join(body) + "</svg>\n")
