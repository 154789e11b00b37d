"""Drives pycrdt (yrs) documents in random sessions, commanded by JSON lines.

Each line on stdin is answered by one on stdout; byte strings are base64.

{"do": "start", "seed": n, "clients": [id, ...], "gc": bool}      new documents            -> {}
{"do": "round", "apply": [[update, ...], ...], "edits": [n, ...]}  per document: apply the updates in their order, then
                                                                   make n transactions of random edits or undo steps
                                                                                           -> {"sent": [[update, ...], ...]}
{"do": "state", "load": [update, ...]}    -> {"documents": [{"sv", "update", "content"}, ...], "loaded": [content, ...]}

"content" is the text that the tests make of our documents too: every type is {type, map, list}; list holds runs of text
with their formatting, embeds and values. What a document sends by itself while it applies counts as sent.
"""

import base64
import json
import random
import sys

from pycrdt import Array, Doc, Map, Text, UndoManager, XmlElement, XmlFragment, XmlText

WORDS = ["a", "bc", "def", "Hello ", "wörld", "日本", "😀", "x\n", "€", "zz zz", "👩‍👩‍👧", '"q"']
FORMATS = [
    {"bold": True}, {"bold": None}, {"italic": True}, {"color": "#f00"}, {"color": None},
    {"bold": True, "color": "#00f"},
]
KEYS = ["a", "b", "k1", "ключ", ""]
DEPTH = 3


class Peer:
    """One document, its undo manager and what it sent since it was last asked."""

    def __init__(self, client, collects, rng):
        self.rng = rng
        self.doc = Doc(client_id=client, skip_gc=not collects)
        self.text = self.doc.get("text", type=Text)
        self.array = self.doc.get("array", type=Array)
        self.map = self.doc.get("map", type=Map)
        self.xml = self.doc.get("xml", type=XmlFragment)
        self.undo = UndoManager(scopes=[self.text, self.array, self.map, self.xml], capture_timeout_millis=0)
        self.undo.include_origin("local")
        self.sent = []
        self.is_remote = False
        self.doc.observe(self.observed)

    def observed(self, event):
        if not self.is_remote and event.update != b"\x00\x00":
            self.sent.append(event.update)

    def apply(self, updates):
        self.is_remote = True
        try:
            for update in updates:
                self.doc.apply_update(base64.b64decode(update))
        finally:
            self.is_remote = False

    def edit(self):
        if self.rng.random() < 0.12:
            (self.undo.undo if self.rng.random() < 0.65 else self.undo.redo)()
            return
        with self.doc.transaction(origin="local"):
            for _ in range(self.rng.choice([1, 1, 1, 2, 3])):
                self.edit_root()

    def edit_root(self):
        choice = self.rng.randrange(10)
        if choice < 4:
            self.edit_text(self.text)
        elif choice < 6:
            self.edit_array(self.array, 1)
        elif choice < 8:
            self.edit_map(self.map, 1)
        else:
            self.edit_children(self.xml, 1)

    # Values

    def word(self):
        return self.rng.choice(WORDS)

    def value(self, depth=0):
        choice = self.rng.randrange(6 if depth > 1 else 8)
        if choice == 0:
            return None
        if choice == 1:
            return self.rng.random() < 0.5
        if choice == 2:
            return self.rng.randint(-100, 100)
        if choice == 3:
            return self.rng.choice([0, 64, -64, 8191, 2147483647, -2147483648])
        if choice == 4:
            return self.rng.randint(-99, 99) / 2
        if choice == 5:
            return self.word()
        if choice == 6:
            return {"z": self.value(depth + 1), "a": self.value(depth + 1)}
        return [self.value(depth + 1), self.value(depth + 1)]

    def input(self):
        return bytes([0, 255, self.rng.randrange(256)]) if self.rng.randrange(12) == 0 else self.value()

    def new_type(self):
        choice = self.rng.randrange(4)
        if choice == 0:
            return Array([self.input()])
        if choice == 1:
            return Map({"k": self.input(), "l": self.input()})
        return Text(self.word()) if choice == 2 else Array([])

    # Edits

    def edit_text(self, text):
        places = boundaries(text)
        place = self.rng.randrange(len(places))
        start, end = places[place], places[min(place + self.rng.randint(1, 6), len(places) - 1)]
        choice = self.rng.randrange(20)
        if choice < 8:
            text.insert(start, self.word())
        elif choice < 11:
            text.insert(start, self.word(), self.rng.choice(FORMATS))
        elif choice < 14 and end > start:
            del text[start:end]
        elif choice < 18 and end > start:
            text.format(start, end, self.rng.choice(FORMATS))
        else:
            text.insert_embed(start, {"img": self.word()}, self.rng.choice([None] + FORMATS))

    def edit_array(self, array, depth):
        count = len(array)
        index = self.rng.randint(0, count)
        choice = self.rng.randrange(10)
        if choice < 3:
            for _ in range(self.rng.randint(1, 3)):
                array.insert(index, self.input())
        elif choice == 3 and depth < DEPTH:
            array.insert(index, self.new_type())
        elif choice == 4:
            array.append(self.input())
        elif choice == 5:
            array.insert(0, self.input())
        elif choice < 8 and index < count:
            del array[index:index + self.rng.randint(1, min(3, count - index))]
        elif index < count and isinstance(array[index], (Array, Map, Text)):
            self.edit_type(array[index], depth + 1)
        else:
            array.insert(index, self.input())

    def edit_map(self, map, depth):
        key = self.rng.choice(KEYS)
        choice = self.rng.randrange(10)
        has = key in map.keys()
        if choice < 3:
            map[key] = self.input()
        elif choice < 5 and depth < DEPTH:
            map[key] = self.new_type()
        elif choice < 7:
            if has:
                del map[key]
        elif choice == 7 and self.rng.randrange(6) == 0:
            map.clear()
        elif has and isinstance(map[key], (Array, Map, Text)):
            self.edit_type(map[key], depth + 1)
        else:
            map[key] = self.input()

    def edit_type(self, value, depth):
        if isinstance(value, (Text, XmlText)):
            self.edit_text(value)
        elif isinstance(value, Array):
            self.edit_array(value, depth)
        elif isinstance(value, Map):
            self.edit_map(value, depth)
        else:
            self.edit_children(value, depth)

    def edit_children(self, parent, depth):
        count = len(parent.children)
        index = self.rng.randint(0, count)
        choice = self.rng.randrange(10)
        if choice < 2:
            parent.children.insert(index, XmlText(self.word()))
        elif choice < 4 and depth < DEPTH:
            parent.children.insert(index, XmlElement(self.rng.choice(["p", "div", "h1"])))
        elif choice == 4 and index < count:
            del parent.children[index]
        elif choice < 7 and isinstance(parent, XmlElement):
            key = self.rng.choice(["id", "class", "x"])
            if self.rng.randrange(3) == 0:
                if key in parent.attributes:
                    del parent.attributes[key]
            else:
                parent.attributes[key] = self.word()
        elif index < count:
            self.edit_type(parent.children[index], depth + 1)
        else:
            parent.children.insert(index, XmlText(self.word()))

    # Reports

    def content(self):
        roots = {
            "array": shape(self.array, "Root"), "map": shape(self.map, "Root"), "text": shape(self.text, "Root"),
            "xml": shape(self.xml, "Root"),
        }
        return json.dumps(roots, ensure_ascii=False, separators=(",", ":"))

    def state(self):
        return {
            "sv": encoded(self.doc.get_state()), "update": encoded(self.doc.get_update()),
            "content": self.content(),
        }


def loaded(update):
    """The content of a fresh document after one update."""
    peer = Peer(123456789, True, random.Random(0))
    peer.apply([update])
    return peer.content()


def boundaries(text):
    """The places between characters, in UTF-8 bytes: that is how yrs counts here."""
    places, place = [0], 0
    for piece, _ in text.diff():
        if isinstance(piece, str):
            for character in piece:
                place += len(character.encode())
                places.append(place)
        else:
            place += 1
            places.append(place)
    return places


def encoded(data):
    return base64.b64encode(data).decode()


def ordered(mapping):
    """A dictionary with its keys in JavaScript's order."""
    return {key: mapping[key] for key in sorted(mapping, key=lambda key: key.encode("utf-16-be"))}


def canonical(value):
    if isinstance(value, (Array, Map, Text, XmlElement, XmlFragment, XmlText)):
        return shape(value)
    if isinstance(value, (bytes, bytearray)):
        return {"$bin": encoded(bytes(value))}
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in ordered(value).items()}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def runs(text):
    out = []
    for piece, attributes in text.diff():
        entry = {"s": piece} if isinstance(piece, str) else {"e": canonical(piece)}
        if attributes:
            entry["a"] = canonical(attributes)
        if out and "s" in entry and "s" in out[-1] and entry.get("a") == out[-1].get("a"):
            out[-1]["s"] += entry["s"]
        else:
            out.append(entry)
    return out


def shape(value, name=None):
    fields, items = {}, []
    if isinstance(value, (Text, XmlText)):
        items = runs(value)
    elif isinstance(value, Array):
        items = [{"v": canonical(item)} for item in value]
    elif isinstance(value, Map):
        fields = {key: canonical(item) for key, item in ordered(dict(value.items())).items()}
    else:
        items = [{"v": shape(child)} for child in value.children]
    kind = type(value).__name__
    if isinstance(value, XmlElement):
        kind += ":" + value.tag
    if isinstance(value, (XmlElement, XmlText)):
        fields = canonical(dict(value.attributes))
    return {"type": name or kind, "map": fields, "list": items}


def main():
    peers = []
    for line in sys.stdin:
        command = json.loads(line)
        answer = {}
        if command["do"] == "start":
            rng = random.Random(command["seed"])
            peers = [Peer(client, command["gc"], rng) for client in command["clients"]]
        elif command["do"] == "round":
            for peer, updates, edits in zip(peers, command["apply"], command["edits"]):
                peer.apply(updates)
                for _ in range(edits):
                    peer.edit()
            answer = {"sent": [[encoded(update) for update in peer.sent] for peer in peers]}
            for peer in peers:
                peer.sent = []
        else:
            answer = {
                "documents": [peer.state() for peer in peers], "loaded": [loaded(each) for each in command["load"]],
            }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
