#!/usr/bin/env python3
"""bench_pycrdt.py CASE[,CASE...] [--inputs F] [--trace F] [--file F.jsonl] [--repeat N] [--no-warm-up]

The cases of `meshp2p bench crdt` with pycrdt (yrs), with the same names; what pycrdt cannot do (v2) is left out.
One JSON object on standard output. Local edits contain the cost of the calls from Python.
"""
import argparse, base64, gc, gzip, json, statistics, time
from importlib.metadata import version

import pycrdt
from pycrdt import Array, Doc, Map, Text

parser = argparse.ArgumentParser()
parser.add_argument("cases")
parser.add_argument("--inputs")
parser.add_argument("--trace")
parser.add_argument("--file")
parser.add_argument("--repeat", type=int, default=5)
parser.add_argument("--no-warm-up", action="store_true")
options = parser.parse_args()


def read_json(path):
    with open(path, "rb") as file:
        data = file.read()
    return json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)


def read_log(path):
    with open(path) as file:
        return [base64.b64decode(json.loads(line)["update"]) for line in file if line.strip()]


def timed(work):
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


class Roots:
    """A document with the roots that the cases use."""

    def __init__(self, client=None, log=None):
        self.doc = Doc(client_id=client) if client else Doc()
        self.text = self.doc.get("text", type=Text)
        self.array = self.doc.get("array", type=Array)
        self.map = self.doc.get("map", type=Map)
        if log is not None:
            self.subscription = self.doc.observe(lambda event: log.append(event.update))

    def perform(self, operation):
        kind, place, value = operation
        if kind == "i":
            self.text.insert(place, value)
        elif kind == "d":
            del self.text[place:place + value]
        elif len(value) == 1:
            self.array.insert(place, value[0])
        else:
            self.array.extend(value)

    def apply(self, updates):
        for update in updates:
            self.doc.apply_update(update)

    def apply_together(self, updates):
        with self.doc.transaction():
            self.apply(updates)

    def state(self):
        return str(self.text), json.dumps(self.array.to_py()), json.dumps(self.map.to_py(), sort_keys=True)


def loaded(update):
    roots = Roots()
    roots.doc.apply_update(update)
    return roots


def whole(roots):
    encode, update = timed(roots.doc.get_update)
    load, copy = timed(lambda: loaded(update))
    assert copy.state() == roots.state()
    return {"encodeV1": encode, "loadV1": load}, {"v1Bytes": len(update)}


def one_writer(work):
    updates = []
    writer, reader = Roots(1, updates), Roots()

    def edit():
        for operation in work:
            writer.perform(operation)

    local, _ = timed(edit)
    remote, _ = timed(lambda: reader.apply(updates))
    assert writer.state() == reader.state()
    times, counts = whole(writer)
    return dict(times, local=local, remote=remote), dict(counts, updates=len(updates), updateBytes=sum(map(len, updates)))


def two_writers(work, start):
    logs = [[], []]
    first = Roots(1)
    first.text.insert(0, start)
    update = first.doc.get_update()
    writers = [Roots(1, logs[0]), Roots(2, logs[1])]
    for writer, log in zip(writers, logs):
        writer.doc.apply_update(update)
        log.clear()

    def edit():
        for writer, operations in zip(writers, work):
            with writer.doc.transaction():
                for operation in operations:
                    writer.perform(operation)

    local, _ = timed(edit)
    sent = [list(log) for log in logs]

    def exchange():
        writers[0].apply(sent[1])
        writers[1].apply(sent[0])

    remote, _ = timed(exchange)
    assert writers[0].state() == writers[1].state()
    times, counts = whole(writers[0])
    return dict(times, local=local, remote=remote), dict(counts, updateBytes=sum(map(len, sent[0] + sent[1])))


def many_writers(updates):
    together, apart = Roots(), Roots()
    one, _ = timed(lambda: together.apply_together(updates))
    each, _ = timed(lambda: apart.apply(updates))
    assert together.state() == apart.state()
    merge, merged = timed(lambda: pycrdt.merge_updates(*updates))
    times, counts = whole(together)
    return (
        dict(times, applyOneTransaction=one, applyEach=each, mergeUpdates=merge),
        dict(counts, mergedBytes=len(merged), updateBytes=sum(map(len, updates))),
    )


def replay(trace):
    def type_in(roots):
        text = roots.text
        for transaction in trace["txns"]:
            for place, count, string in transaction["patches"]:
                if count:
                    del text[place:place + count]
                if string:
                    text.insert(place, string)

    plain = Roots(1)
    local, _ = timed(lambda: type_in(plain))
    assert str(plain.text) == trace["endContent"]
    updates = []
    writer = Roots(1, updates)
    local_v1, _ = timed(lambda: type_in(writer))
    each, _ = timed(lambda: Roots().apply(updates))
    one, _ = timed(lambda: Roots().apply_together(updates))
    times, counts = whole(writer)
    return (
        dict(times, local=local, localV1=local_v1, applyEach=each, applyOneTransaction=one),
        dict(counts, updateBytes=sum(map(len, updates))),
    )


def logged(updates):
    def each():
        roots = Roots()
        roots.apply(updates)
        return roots

    times = {}
    times["applyEach"], roots = timed(each)
    times["applyOneTransaction"], _ = timed(lambda: Roots().apply_together(updates))
    # yrs merges in quadratic time.
    if len(updates) <= 4000:
        times["mergeUpdates"], _ = timed(lambda: pycrdt.merge_updates(*updates))
    more, counts = whole(roots)
    return dict(times, **more), dict(counts, updates=len(updates))


def merge(updates):
    sizes = [size for size in (1000, 4000, 16000) if size <= len(updates)]
    times = {str(size): timed(lambda: pycrdt.merge_updates(*updates[:size]))[0] for size in sizes}
    return times, {"updates": len(updates)}


def memory(update):
    def resident():
        gc.collect()
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096

    def load():
        doc = Doc()
        doc.apply_update(update)
        return doc

    kept = [load()]
    before = resident()
    kept += [load() for _ in range(10)]
    return {}, {"rssBytesPerDocument": (resident() - before) // 10}


def measure(name, work, repetitions=options.repeat):
    if not options.no_warm_up and repetitions > 1:
        work()
    samples, counts = {}, {}
    for _ in range(repetitions):
        times, counts = work()
        for key, value in times.items():
            samples.setdefault(key, []).append(value)
    medians = {key: statistics.median(values) for key, values in samples.items()}
    return {"name": name, "repetitions": repetitions, "milliseconds": medians, "counts": counts}


CLIENT_CASES = {
    "B3.1": lambda roots, i, count: roots.map.__setitem__("v", i),
    "B3.2": lambda roots, i, count: roots.map.__setitem__("v", {"name": str(i), "address": "here"}),
    "B3.3": lambda roots, i, count: roots.map.__setitem__("v", str(i) * count),
    "B3.4": lambda roots, i, count: roots.text.insert(0, str(i).rjust(8, "_")),
}


def updates_of_many(edit, count):
    updates = []
    for client in range(count):
        log = []
        edit(Roots(client + 1, log), client, count)
        updates.append(log[0])
    return updates


def micro(name, inputs):
    cases = []
    for key in [key for key in inputs if key == name or key.startswith(name + ".")]:
        if key.startswith("B1"):
            cases.append(measure(key, lambda: one_writer(inputs[key])))
        else:
            cases.append(measure(key, lambda: two_writers(inputs[key], inputs["init"])))
    for key in [key for key in CLIENT_CASES if key == name or key.startswith(name + ".")]:
        updates = updates_of_many(CLIENT_CASES[key], inputs["sqrtN"])
        cases.append(measure(key, lambda: many_writers(updates)))
    return cases


inputs = read_json(options.inputs) if options.inputs else {}
cases = []
for name in options.cases.split(","):
    if name == "B4":
        trace = read_json(options.trace)
        cases.append(measure(name, lambda: replay(trace)))
    elif name in ("load", "merge"):
        log = read_log(options.file)
        cases.append(measure(name, (lambda: logged(log)) if name == "load" else (lambda: merge(log))))
    elif name == "memory":
        update = read_log(options.file)[0]
        cases.append(measure(name, lambda: memory(update), repetitions=1))
    else:
        cases += micro(name, inputs)
library = f"pycrdt {version('pycrdt')} (yrs)"
print(json.dumps({"ok": True, "library": library, "cases": cases}))
