#!/usr/bin/env python3
"""crdt_compare.py [--rounds 3] [--yjs FOLDER] [--python PYTHON] [--out FILE.md] [--plot FILE.svg] [--only micro,b4,...]

Measures MeshCRDT beside Yjs (node) and yrs (pycrdt) in one run, in turn, and writes medians and ratios as Markdown.

FOLDER (or MESHP2P_YJS) holds checkouts of yjs (branch v13) and lib0; PYTHON (or MESHP2P_PYCRDT) is an interpreter with
pycrdt from PyPI. A rival that is not given is left out. The plot needs matplotlib. MESHP2P_BINARY names another binary.
"""
import argparse, datetime, json, os, pathlib, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TRACES = ROOT / "Benchmarks/traces"
BINARY = os.environ.get("MESHP2P_BINARY", str(ROOT / ".build/release/meshp2p"))

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--repeat", type=int, default=5, help="repetitions in one process, after one to warm up")
parser.add_argument("--yjs", default=os.environ.get("MESHP2P_YJS"))
parser.add_argument("--python", default=os.environ.get("MESHP2P_PYCRDT"))
parser.add_argument("--out")
parser.add_argument("--plot")
parser.add_argument("--raw", help="also write every sample to this JSON file")
parser.add_argument("--only", default="micro,b4,merge,concurrent,memory,scale")
options = parser.parse_args()

#: The most that a figure of B4 may be, from the project's goals.
GOALS = {
    "local": 100, "localV1": 250, "localV2": 300, "oneTransaction": 80, "applyEach": 150, "applyOneTransaction": 120,
    "encodeV1": 1.0, "encodeV2": 1.5, "loadV1": 2.0, "loadV2": 2.5, "mergeUpdates": 500,
}
LABELS = {
    "local": "local edits, one transaction each", "localV1": "the same, a v1 update for each",
    "localV2": "the same, a v2 update for each", "oneTransaction": "local edits in one transaction",
    "applyEach": "apply the updates one by one", "applyOneTransaction": "apply them in one transaction",
    "encodeV1": "encode v1", "encodeV2": "encode v2", "loadV1": "load v1", "loadV2": "load v2",
    "mergeUpdates": "mergeUpdates of all", "remote": "apply at the other side", "v1Bytes": "v1 bytes",
    "v2Bytes": "v2 bytes",
}
SIDES = ["MeshCRDT", "Yjs", "yrs"]
samples = {}  # (group, case, figure) -> side -> values
libraries = {"MeshCRDT": "MeshCRDT"}


def note(group, side, report):
    libraries[side] = report.get("library", libraries.get(side, side))
    for case in report["cases"]:
        for figure, value in list(case["milliseconds"].items()) + list(case["counts"].items()):
            samples.setdefault((group, case["name"], figure), {}).setdefault(side, []).append(value)


def run(command, environment=None):
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, **(environment or {})))
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def ours(case, repeat, *arguments):
    return run([BINARY, "bench", "crdt", "--case", case, "--repeat", str(repeat), "--json", *arguments])


def measure(group, case, *arguments, repeat=None, slow=False):
    """Runs one case on every side; a slow one gets fewer repetitions at the rivals."""
    repeat = repeat or options.repeat
    print(f"  {group} {case}", file=sys.stderr)
    note(group, "MeshCRDT", ours(case, repeat, *arguments))
    few = ["--repeat", "1", "--no-warm-up"] if slow else ["--repeat", str(repeat)]
    if options.yjs:
        # The just-in-time compiler needs a warm-up even where that takes long.
        few_js = ["--repeat", "1"] if slow else few
        command = ["node", "--expose-gc", str(HERE / "bench_yjs.mjs"), case, *arguments, *few_js]
        note(group, "Yjs", run(command, {"MESHP2P_YJS": str(pathlib.Path(options.yjs).resolve())}))
    if options.python:
        note(group, "yrs", run([options.python, str(HERE / "bench_pycrdt.py"), case, *arguments, *few]))


def one_round(files):
    wanted = options.only.split(",")
    if "micro" in wanted:
        for case in ["B1", "B2", "B3"]:
            measure("micro", case, "--inputs", files["inputs"])
    if "b4" in wanted:
        measure("b4", "B4", "--trace", files["trace"], slow=True)
    if "merge" in wanted:
        measure("merge", "merge", "--file", files["log"], repeat=1, slow=True)
    if "concurrent" in wanted:
        measure("friendsforever", "load", "--file", files["friends"])
        if "git" in files:
            measure("git", "load", "--file", files["git"])
    if "memory" in wanted:
        measure("memory", "memory", "--file", files["document"])


def prepare(folder):
    """The inputs of this run: seeded work, logs of updates, a whole document."""
    files = {"trace": str(TRACES / "automerge-paper.json.gz")}
    for name in ["inputs.json", "log.jsonl", "friends.jsonl", "document.bin", "document.jsonl", "git.jsonl"]:
        files[name.split(".")[0]] = str(folder / name)
    document = str(folder / "document.bin")
    run([sys.executable, str(HERE / "bench_inputs.py"), files["inputs"]])
    run([BINARY, "doc", "replay", files["trace"], "--only", "encodeV1", "--json", "--log", files["log"], "--out", document])
    friends = str(TRACES / "friendsforever.json.gz")
    run([BINARY, "doc", "replay", friends, "--only", "encodeV1", "--json", "--log", files["friends"]])
    import base64
    update = base64.b64encode(pathlib.Path(document).read_bytes()).decode()
    files["document"] = str(folder / "document.jsonl")
    pathlib.Path(files["document"]).write_text(json.dumps({"update": update, "v": 1}) + "\n")
    if options.python:
        run([options.python, str(HERE / "concurrent_log.py"), files["git"]])
    else:
        del files["git"]
    return files


def median(key, side):
    values = samples.get(key, {}).get(side)
    return statistics.median(values) if values else None


def cell(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.3g}" if value < 1 else f"{value:.1f}"


def table(group, rows, goals=None):
    """Rows are (label, key); the ratio is to the faster rival."""
    present = [side for side in SIDES if any(side in samples.get(key, {}) for _, key in rows)]
    lines = ["| | " + " | ".join(present) + " | ours to the best rival |" + (" at most |" if goals else "")]
    lines.append("|---" * (len(present) + 2 + bool(goals)) + "|")
    for label, key in rows:
        values = {side: median(key, side) for side in present}
        rivals = [values[side] for side in present[1:] if values[side]]
        ratio = f"{values['MeshCRDT'] / min(rivals):.2f}" if rivals and values["MeshCRDT"] is not None else "-"
        line = f"| {label} | " + " | ".join(cell(values[side]) for side in present) + f" | {ratio} |"
        lines.append(line + (f" {goals.get(key[2], '-')} |" if goals else ""))
    return lines + [""]


def markdown(scale, skipped):
    load = os.getloadavg()[0]
    names = ", ".join(libraries[side] for side in SIDES if side in libraries)
    lines = [
        f"# MeshCRDT beside Yjs and yrs, {datetime.date.today().isoformat()}", "",
        f"{names}; {options.rounds} rounds in turn, medians, milliseconds unless said; load average {load:.1f}, "
        f"{os.cpu_count()} cores. Quote ratios: all sides move with the load of the machine.", "",
    ]
    keys = list(samples)
    if any(key[0] == "b4" for key in keys):
        lines += ["## B4: automerge-paper, 259,778 edits", ""]
        lines += table("b4", [(LABELS[f], ("b4", "B4", f)) for f in GOALS] +
                       [(LABELS[f], ("b4", "B4", f)) for f in ("v1Bytes", "v2Bytes")], GOALS)
    if any(key[0] == "merge" for key in keys):
        rows = [key for key in keys if key[0] == "merge" and key[2] != "updates"]
        lines += ["## mergeUpdates of the first updates of B4", ""]
        lines += table("merge", [(f"{int(key[2]):,} updates", key) for key in sorted(rows, key=lambda key: int(key[2]))])
    for group, title in [("friendsforever", "friendsforever, two writers, 26,078 updates"),
                         ("git", "A document like node_nodecc: many authors, branches, 955 updates")]:
        if any(key[0] == group for key in keys):
            figures = ["applyEach", "applyOneTransaction", "mergeUpdates", "loadV1", "loadV2", "encodeV1", "encodeV2"]
            lines += [f"## {title}", ""] + table(group, [(LABELS[f], (group, "load", f)) for f in figures])
    if any(key[0] == "memory" for key in keys):
        lines += ["## Memory of the loaded B4 document, bytes", ""]
        lines += table("memory", [("resident", ("memory", "memory", "rssBytesPerDocument"))])
    if any(key[0] == "micro" for key in keys):
        lines += ["## B1 to B3", ""]
        wanted = ["local", "remote", "applyOneTransaction", "applyEach", "mergeUpdates", "encodeV1", "encodeV2", "loadV1",
                  "loadV2", "v1Bytes", "v2Bytes"]
        names = sorted({key[1] for key in keys if key[0] == "micro"}, key=lambda name: [int(part) for part in name[1:].split(".")])
        rows = [(f"{name} {LABELS[f]}", ("micro", name, f)) for name in names for f in wanted if ("micro", name, f) in samples]
        lines += table("micro", rows)
    if scale:
        lines += ["## Growth: one document at 1, 10 and 100 times the usual size (MeshCRDT alone)", ""]
        lines += ["| | edits | ns an edit | to the smallest | v1 bytes | encode ms | load ms |", "|---|---|---|---|---|---|---|"]
        for row in scale:
            times = row["milliseconds"]
            lines.append(f"| {row['name']} | {row['edits']:,} | {row['nanosecondsPerEdit']:,.0f} | {row['growth']:.2f} | "
                         f"{row['v1Bytes']:,} | {times['encodeV1']:.2f} | {times['loadV1']:.2f} |")
        lines += [""] + [f"Not measured, it would take minutes: {what}." for what in skipped]
    return "\n".join(lines).rstrip() + "\n"


def plot(path, scale):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    plt.rcParams.update({"svg.hashsalt": "meshp2p", "font.size": 9})
    figure, (left, right) = plt.subplots(1, 2, figsize=(15, 6))
    figures = [figure for figure in GOALS if ("b4", "B4", figure) in samples]
    for offset, (side, colour) in enumerate(zip(SIDES, ["#1b7f5c", "#d98e04", "#7a5195"])):
        values = [median(("b4", "B4", name), side) for name in figures]
        places = [i + (offset - 1) * 0.27 for i in range(len(figures))]
        left.barh(places, [value or 0 for value in values], 0.25, label=libraries.get(side, side), color=colour)
    goals = [GOALS[name] for name in figures]
    left.scatter(goals, range(len(figures)), marker="|", s=220, color="black", label="wanted, at most")
    left.set_yticks(range(len(figures)), [LABELS[name] for name in figures])
    left.set_xscale("log")
    left.set_xlabel("milliseconds, B4 (259,778 edits); left is better")
    left.invert_yaxis()
    left.legend(fontsize=8)
    colours = plt.get_cmap("tab20").colors
    for number, name in enumerate(dict.fromkeys(row["name"] for row in scale)):
        rows = [row for row in scale if row["name"] == name]
        right.plot([row["edits"] for row in rows], [row["nanosecondsPerEdit"] for row in rows], marker="o", label=name,
                   color=colours[number % len(colours)])
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xlabel("edits of one document")
    right.set_ylabel("nanoseconds an edit, MeshCRDT")
    if scale:
        right.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    with tempfile.TemporaryDirectory(prefix="crdt") as folder:
        files = prepare(pathlib.Path(folder))
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            one_round(files)
        grown = {"scale": [], "skipped": []}
        if "scale" in options.only.split(","):
            grown = ours("scale", 1, "--trace", files["trace"])
        scale = grown["scale"]
    text = markdown(scale, grown["skipped"])
    print(text)
    if options.out:
        pathlib.Path(options.out).write_text(text)
    if options.raw:
        rows = [{"group": key[0], "case": key[1], "figure": key[2], "samples": sides} for key, sides in samples.items()]
        pathlib.Path(options.raw).write_text(json.dumps({"samples": rows, "scale": scale}, indent=1))
    if options.plot:
        plot(options.plot, scale)


main()
