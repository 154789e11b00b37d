#!/usr/bin/env python3
"""Runs the scenarios of `meshp2p bench simulate` one after the other, and makes the table and the plot from their lines.

    simulations.py run --binary .build/release/meshp2p --lines simulation.jsonl [--only growth,attack,…] [--scale 0.1]
    simulations.py report --lines simulation.jsonl --out table.md --plot plot.svg

Needs Python 3.9, and matplotlib for the plot. A scenario whose line is there already is not run again.
"""
import argparse
import json
import math
import os
import subprocess
import sys

# Adversary, paths: success of static tables under the same colluding answers, 10,000 nodes, k = 20, 2,000 lookups.
# Source: a C++ model of its own (sorted ids, perfect tables, one request in flight on each path).
STATIC = {
    0.1: {1: 0.890, 2: 0.987, 4: 1.000, 8: 1.000}, 0.2: {1: 0.721, 2: 0.941, 4: 0.996, 8: 1.000},
    0.3: {1: 0.624, 2: 0.854, 4: 0.981, 8: 1.000}, 0.4: {1: 0.491, 2: 0.713, 4: 0.918, 8: 0.995},
    0.5: {1: 0.324, 2: 0.614, 4: 0.822, 8: 0.985},
}
# Rounds until the closest node is known, static perfect tables, α = β = 3. Source: another C++ model.
STATIC_ROUNDS = {10_000: 2.6, 100_000: 3.1, 1_000_000: 3.6}


def scenarios(scale):
    """Group, arguments: everything that the report knows."""
    def size(count):
        return max(int(count * scale), 200)
    for nodes in (1_000, 10_000, 100_000):
        yield "growth", ["--nodes", size(nodes), "--lookups", 1000, "--hours", 0.2, "--provides", 300]
    for paths in (1, 2, 4, 8):
        for share in (0.1, 0.2, 0.3, 0.4, 0.5):
            yield "attack", ["--nodes", size(10_000), "--lookups", 1000, "--records", 200, "--paths", paths,
                             "--adversary", f"colluding:{share}"]
    for seed in (1, 2, 3):
        yield "hostile", ["--nodes", size(10_000), "--lookups", 200, "--records", 1, "--adversary", "sybil:60",
                          "--seed", seed]
    for adversary in ("eclipse:0.2", "silent:0.3", "replay:0.2"):
        yield "hostile", ["--nodes", size(10_000), "--lookups", 1000, "--records", 200, "--adversary", adversary]
    yield "churn", ["--nodes", size(10_000), "--lookups", 1000, "--records", 1000, "--churn", "half"]
    for shape in ("0.38,42.4", "0.34,21.3", "0.59,41.9"):
        yield "churn", ["--nodes", size(1_000), "--lookups", 1000, "--records", 500, "--churn", f"weibull:{shape}",
                        "--hours", 24]
    yield "publish", ["--nodes", size(10_000), "--lookups", 1, "--hours", 0.2, "--republish", size(100_000)]


def run(options):
    done = {line["arguments"] for line in lines(options.lines)} if os.path.exists(options.lines) else set()
    for group, arguments in scenarios(options.scale):
        text = " ".join(str(argument) for argument in arguments)
        if text in done or (options.only and group not in options.only.split(",")):
            continue
        print(f"{group}: {text}", file=sys.stderr, flush=True)
        command = [options.binary, "bench", "simulate", "--json"] + [str(argument) for argument in arguments]
        result = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        line = {"group": group, "arguments": text, **json.loads(result.stdout)}
        with open(options.lines, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def theory(nodes, k):
    """Referrals until the closest node is known; see LookupTheory in the sources."""
    return 1 + max(math.log2(nodes / k), 0) / (1 + math.log2(k) + 0.33)


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [
        "| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def percent(value, digits=2):
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def number(value, digits=1):
    return "-" if value is None else f"{value:,.{digits}f}"


def report(options):
    groups = {}
    for line in lines(options.lines):
        groups.setdefault(line["group"], []).append(line)
    text = growth_text(groups.get("growth", [])) + attack_text(groups.get("attack", []))
    text += hostile_text(groups.get("hostile", [])) + churn_text(groups.get("churn", []))
    text += publish_text(groups.get("growth", []), groups.get("publish", []))
    with open(options.out, "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
    if options.plot:
        plot(groups, options.plot)


def growth_text(found):
    rows = [[f"{line['nodes']:,}", number(line["hopsMean"], 2), number(line["hopsTheory"], 2),
             STATIC_ROUNDS.get(line["nodes"], "-"), number(line["messagesPerLookup"]),
             percent(line.get("overlapTrueClosest")), percent(line["lookupSuccess"]),
             f"{line['closest']['millisecondsP50']:.0f} / {line['closest']['millisecondsP99']:.0f}",
             number(line["tablePeersMean"], 0), number(line["messagesPerJoin"], 0),
             number(line.get("datagramsSentPerNodePerSecond"), 2), f"`{line['digest']}`"]
            for line in sorted(found, key=lambda line: line["nodes"])]
    head = ["nodes", "hops", "theory", "static tables", "requests a lookup", "overlap with the true 20",
            "closest found", "ms p50 / p99", "table", "requests a join", "datagrams/s sent, idle", "digest"]
    return ["## Lookups by size", ""] + table(head, rows) + [""]


def attack_text(found):
    rows = []
    for share in sorted(STATIC):
        row = [f"{share:.0%}"]
        for paths in (1, 2, 4, 8):
            line = next((line for line in found if line["paths"] == paths
                         and line["adversary"] == f"colluding:{share}"), None)
            row.append(f"{line['get']['success']:.3f} ({STATIC[share][paths]:.3f})" if line else "-")
        rows.append(row)
    return ["## Colluding answers", ""] + table(
        ["hostile", "1 path", "2 paths", "4 paths", "8 paths"], rows) + [""]


def hostile_text(found):
    rows = [[line["adversary"], f"{line['nodes']:,}", line["seed"], line["quorum"], percent(line["get"]["success"], 1),
             line["get"]["count"], line.get("staleAnswers", 0), number(line["get"]["messagesMean"]),
             f"{line['get']['millisecondsP50']:.0f} / {line['get']['millisecondsP99']:.0f}"] for line in found]
    head = ["hostile nodes", "nodes", "seed", "quorum", "gets right", "of", "old values", "requests", "ms p50 / p99"]
    return ["## Other hostile nodes", ""] + table(head, rows) + [""]


def churn_text(found):
    rows = [[line["churn"], f"{line['nodes']:,}", number(line["hours"], 0), f"{line['departures']:,}",
             percent(line["lookupSuccess"]), percent(line["recordsRetrievable"], 1), line["records"],
             percent(line["get"]["success"]), number(line["holdersMean"]),
             number(line.get("messagesPerNodePerHour"), 0),
             number(line.get("datagramsSentPerNodePerSecond"), 2)] for line in found]
    head = ["churn", "nodes", "hours", "departures", "lookups right", "records found", "of", "gets right",
            "holders a record", "messages a node and hour", "datagrams/s sent"]
    return ["## Churn", ""] + table(head, rows) + [""]


def publish_text(growth, found):
    rows = [[f"{line['nodes']:,}", line["provide"]["count"], percent(line["provide"]["success"], 1),
             number(line["copiesPerProvide"]), f"{line['provide']['millisecondsP50']:.0f}",
             f"{line['provide']['millisecondsP99']:.0f}", number(line["provide"]["messagesMean"])]
            for line in growth if line.get("provide")]
    text = ["## Publication", ""] + table(
        ["nodes", "announcements", "with 15 copies", "copies at the return", "p50 ms", "p99 ms", "requests"], rows)
    rows = [[f"{line['nodes']:,}", f"{line['republish']['keys']:,}", f"{line['republish']['lookups']:,}",
             percent(line["republish"]["savedLookups"]), number(line["republish"]["messages"] / line["republish"]["keys"]),
             percent(line["republish"]["keysAtTheirPlace"], 1), number(line["republish"]["holdersMean"]),
             number(line["republish"]["simulatedSeconds"] / 60, 0)] for line in found]
    head = ["nodes", "keys", "walks and lookups", "fewer", "messages a key", "at 15 of the true 20",
            "holders among the true 20", "simulated minutes"]
    return text + [""] + table(head, rows) + [""]


def plot(groups, path):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    matplotlib.rcParams["svg.hashsalt"] = "meshp2p"
    figure, axes = plt.subplots(1, 3, figsize=(13, 4))
    growth = sorted(groups.get("growth", []), key=lambda line: line["nodes"])
    sizes = [line["nodes"] for line in growth]
    span = [10 ** (3 + step / 10) for step in range(31)]
    axes[0].plot(span, [theory(nodes, 20) for nodes in span], "--", label="theory")
    axes[0].plot(list(STATIC_ROUNDS), list(STATIC_ROUNDS.values()), "x", label="static tables, α = 3")
    axes[0].plot(sizes, [line["hopsMean"] for line in growth], "o-", label="simulated nodes")
    axes[0].set(xscale="log", xlabel="nodes", ylabel="hops to the closest node", title="hops", ylim=(0, 5))
    axes[0].legend()
    axes[1].plot(sizes, [line["messagesPerLookup"] for line in growth], "o-", label="requests a lookup")
    axes[1].set(xscale="log", xlabel="nodes", title="requests a lookup", ylim=(0, None))
    for index, paths in enumerate((1, 2, 4, 8)):
        found = sorted((float(line["adversary"].split(":")[1]), line["get"]["success"])
                       for line in groups.get("attack", []) if line["paths"] == paths)
        if found:
            axes[2].plot([share for share, _ in found], [value for _, value in found], "o-", color=f"C{index}",
                         label=f"{paths} paths" if paths > 1 else "1 path")
        axes[2].plot(list(STATIC), [row[paths] for row in STATIC.values()], ":", color=f"C{index}")
    axes[2].set(xlabel="colluding part", title="gets right (dotted: static tables)", ylim=(0, 1.02))
    axes[2].legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("--binary", required=True)
    running.add_argument("--lines", required=True)
    running.add_argument("--only", default="")
    running.add_argument("--scale", type=float, default=1.0)
    reporting = commands.add_parser("report")
    reporting.add_argument("--lines", required=True)
    reporting.add_argument("--out", required=True)
    reporting.add_argument("--plot")
    options = parser.parse_args()
    if options.command == "run":
        run(options)
    else:
        report(options)


if __name__ == "__main__":
    main()
