#!/usr/bin/env python3
"""bench_inputs.py OUT.json[.gz]

Writes the seeded work of the B1 and B2 cases, so that every library does the same.
The cases are those of github.com/dmonad/crdt-benchmarks (MIT); none of its code is here.

An operation is ["i", position, text], ["d", position, length] or ["a", position, [numbers]].
"""
import gzip, json, random, string, sys

N = 6000
draw = random.Random(42)


def word(low, high):
    return "".join(draw.choice(string.ascii_letters) for _ in range(draw.randint(low, high)))


def inserts(low, high):
    length, work = 0, []
    for _ in range(N):
        text = word(low, high)
        work.append(["i", draw.randint(0, length), text])
        length += len(text)
    return work


def edits(length, low, high, may_delete):
    work = []
    for _ in range(N):
        place = draw.randint(0, length)
        if not may_delete or place == length or draw.random() < 0.5:
            text = word(low, high)
            work.append(["i", place, text])
            length += len(text)
        else:
            count = draw.randint(1, min(9, length - place))
            work.append(["d", place, count])
            length -= count
    return work


def numbers():
    return [draw.randint(0, 0x7FFFFFFF) for _ in range(N)]


# The order of these lines is the order in which the generator is drawn from: it is part of the seed.
work = {"N": N}
work["B1.1"] = [["i", place, letter] for place, letter in enumerate(word(N, N))]
whole = word(N, N)
work["B1.2"] = [["i", 0, whole]]
work["B1.3"] = [["i", 0, draw.choice(string.ascii_letters)] for _ in range(N)]
work["B1.4"] = inserts(1, 1)
work["B1.5"] = inserts(2, 10)
whole = word(N, N)
work["B1.6"] = [["i", 0, whole], ["d", 0, N]]
work["B1.7"] = edits(0, 2, 10, True)
work["B1.8"] = [["a", place, [value]] for place, value in enumerate(numbers())]
work["B1.9"] = [["a", 0, numbers()]]
work["B1.10"] = [["a", 0, [value]] for value in numbers()]
work["B1.11"] = [["a", draw.randint(0, place), [value]] for place, value in enumerate(numbers())]
work["init"] = word(100, 100)
work["B2.1"] = [[["i", 0, word(N, N)]], [["i", 0, word(N, N)]]]
work["B2.2"] = [edits(100, 1, 1, False), edits(100, 1, 1, False)]
work["B2.3"] = [edits(100, 3, 9, False), edits(100, 3, 9, False)]
work["B2.4"] = [edits(100, 1, 9, True), edits(100, 1, 9, True)]
work["sqrtN"] = 77 * 20

path = sys.argv[1]
text = json.dumps(work).encode()
with open(path, "wb") as file:
    file.write(gzip.compress(text, 9, mtime=0) if path.endswith(".gz") else text)
print(json.dumps({"ok": True, "N": N, "cases": [key for key in work if key.startswith("B")]}))
