#!/usr/bin/env python3
"""concurrent_log.py OUT.jsonl [--seed N] [--authors 194] [--updates 955]

Writes the updates of a made-up document with the shape of a source file's git history (many authors, branches that live
for some commits, each commit a batch of small edits): 955 v1 updates and about half a megabyte, like the node_nodecc
data set, which may not be passed on. Needs pycrdt; the same seed gives the same document.
"""
import argparse, base64, json, random

from pycrdt import Doc, Text

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("out")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--authors", type=int, default=194)
parser.add_argument("--updates", type=int, default=955)
parser.add_argument("--edits", type=int, default=20)
options = parser.parse_args()
draw = random.Random(options.seed)
clients = [draw.getrandbits(32) for _ in range(options.authors)]
WORDS = "static void node process callback return const context isolate handle value if else for uv_loop exit".split()

log = []
newest = {}  # the last update of each client


class Branch:
    """What somebody who works on one line of the history has."""

    def __init__(self, other=None):
        self.doc = Doc(client_id=1)
        self.seen = set(other.seen) if other else set()
        if other:
            self.doc.apply_update(other.doc.get_update())

    def author(self):
        """A client that wrote nothing elsewhere that is not here: clocks of a client never fork."""
        for client in draw.sample(clients, 8):
            if client not in newest or newest[client] in self.seen:
                return client
        clients.append(draw.getrandbits(32))
        return clients[-1]

    def receive(self, number):
        if number not in self.seen:
            self.seen.add(number)
            self.doc.apply_update(log[number])

    def commit(self):
        """A batch of small edits in one transaction."""
        client = self.author()
        doc = Doc(client_id=client)
        text = doc.get("text", type=Text)
        doc.apply_update(self.doc.get_update())
        made = []
        subscription = doc.observe(lambda event: made.append(event.update))
        with doc.transaction():
            for _ in range(draw.randint(1, 2 * options.edits)):
                edit(text)
        doc.unobserve(subscription)
        for update in made:
            newest[client] = len(log)
            log.append(update)
            self.receive(len(log) - 1)


def edit(text):
    length = len(text)
    place = draw.randint(0, length)
    if length > 4000 and draw.random() < 0.35:
        count = min(draw.randint(1, 25), length - place)
        if count:
            del text[place:place + count]
    else:
        text.insert(place, " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 3))) + "\n")


branches = [Branch()]
while len(log) < options.updates:
    branch = draw.choice(branches)
    branch.commit()
    if len(branches) < 6 and draw.random() < 0.15:
        branches.append(Branch(branch))
    elif len(branches) > 1 and draw.random() < 0.15:
        other = branches.pop(draw.randrange(len(branches)))
        target = draw.choice(branches)
        for number in sorted(other.seen):
            target.receive(number)

with open(options.out, "w") as file:
    for update in log:
        file.write(json.dumps({"update": base64.b64encode(update).decode(), "v": 1}) + "\n")
print(json.dumps({"ok": True, "updates": len(log), "bytes": sum(map(len, log))}))
