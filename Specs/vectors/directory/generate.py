"""Writes the vectors of this folder with other people's code: google protobuf, PyNaCl, base58, hashlib.

The schemas are read from ../../proto, so the vectors also prove that those files say what the node does.
Run: python3 generate.py (needs protobuf, PyNaCl, base58)."""
import hashlib, hmac, json, pathlib, re, struct
import base58
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from nacl.signing import SigningKey

HERE = pathlib.Path(__file__).parent
PROTO = HERE.parent.parent / "proto"
KINDS = {"string": 9, "bytes": 12, "uint64": 4, "bool": 8}


def load(name):
    """Builds message classes from a .proto file of the subset that ours use."""
    text = re.sub(r"//.*", "", (PROTO / f"{name}.proto").read_text())
    package = re.search(r"package ([\w.]+);", text).group(1)
    file = descriptor_pb2.FileDescriptorProto(name=name, package=package)
    file.syntax = re.search(r'syntax = "(\w+)"', text).group(1)
    stack, tokens = [file], re.finditer(
        r"(message|enum) (\w+) \{|(\})|reserved [^;]*;|(optional |repeated )?([\w.]+) (\w+) = (\d+);|(\w+) = (\d+);", text)
    scopes = [package]
    for token in tokens:
        opening, title, closing, label, kind, field, number, value, valued = token.groups()
        if opening:
            parent = stack[-1]
            kinds = (parent.message_type if opening == "message" else parent.enum_type) if parent is file else (
                parent.nested_type if opening == "message" else parent.enum_type)
            kinds.add().name = title
            stack.append(kinds[-1]); scopes.append(title)
        elif closing:
            stack.pop(); scopes.pop()
        elif value:
            stack[-1].value.add(name=value, number=int(valued))
        elif field:
            added = stack[-1].field.add(name=field, number=int(number), label=3 if label == "repeated " else 1)
            if kind in KINDS:
                added.type = KINDS[kind]
            else:
                added.type_name = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    names = [f"{package}.{m.name}" for m in file.message_type]
    return {n.rsplit(".", 1)[1]: message_factory.GetMessageClass(pool.FindMessageTypeByName(n)) for n in names}


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


class Key:
    def __init__(self, seed):
        self.seed = bytes([seed]) * 32
        self.signing = SigningKey(self.seed)
        raw = bytes(self.signing.verify_key)
        self.protobuf = b"\x08\x01\x12\x20" + raw
        self.peer = b"\x00\x24" + self.protobuf
        self.did = "did:key:z" + base58.b58encode(b"\xed\x01" + raw).decode()

    def envelope(self, domain, kind, payload, damage=0):
        parts = [domain.encode(), kind, payload]
        signature = bytearray(self.signing.sign(b"".join(varint(len(p)) + p for p in parts)).signature)
        signature[0] ^= damage
        return field(1, self.protobuf) + field(2, kind) + field(3, payload) + field(5, bytes(signature))


MESH = load("mesh_record")["MeshRecord"]
BEAT = load("heartbeat")
RDV = load("rendezvous")["Message"]
A, B = Key(1), Key(2)
NOW = 1_800_000_000
RECORD_DOMAIN, RECORD_TYPE = "meshp2p-mesh-record", b"/meshp2p/mesh-record/1"
BEAT_DOMAIN, BEAT_TYPE = "meshp2p-heartbeat", b"/meshp2p/heartbeat/1"
TCP = bytes([4, 127, 0, 0, 1, 6, 4001 >> 8, 4001 & 255])


def fields(key=A, **changes):
    record = dict(did=key.did, name="Harbour Mesh", peer_id=key.peer, addresses=[TCP],
                  capabilities=["text/summary", "translate"], version="meshp2p/0.1.0", sequence=7,
                  issued=NOW - 60, expires=NOW + 86_340)
    record.update(changes)
    return record


def mesh(key=A, signer=None, domain=RECORD_DOMAIN, kind=RECORD_TYPE, damage=0, extra=b"", **changes):
    payload = MESH(**fields(key, **changes)).SerializeToString() + extra
    return (signer or key).envelope(domain, kind, payload, damage)


def keyed(name, envelope, expect, key=A):
    return {"name": name, "key": (b"/mesh/" + key.peer).hex(), "envelope": envelope.hex(), "expect": expect}


def mesh_records():
    good = mesh()
    other = b"/mesh/" + b"\x12\x20" + hashlib.sha256(b"x").digest()
    cases = [
        keyed("plain", good, "ok"),
        keyed("no addresses, no capabilities", mesh(addresses=[], capabilities=[]), "ok"),
        keyed("unknown field", mesh(extra=field(100, b"later")), "ok"),
        keyed("unknown address protocol", mesh(addresses=[varint(0x3fffff), TCP]), "ok"),
        keyed("own peer at the end of an address", mesh(addresses=[TCP + varint(421) + field(0, A.peer)[1:]]), "ok"),
        keyed("sequence zero", mesh(sequence=0), "ok"),
        keyed("flipped signature bit", mesh(damage=1), "badEnvelope"),
        keyed("domain of peer records", mesh(domain="libp2p-peer-record"), "badEnvelope"),
        keyed("type of peer records", mesh(kind=b"\x03\x01"), "badEnvelope"),
        keyed("signed by another key", mesh(signer=B), "wrongPeer"),
        keyed("DID of another key", mesh(did=B.did), "wrongDID"),
        keyed("DID with a fragment", mesh(did=A.did + "#key"), "wrongDID"),
        keyed("peer of another key", mesh(peer_id=B.peer), "wrongPeer"),
        keyed("key of another peer", mesh(key=B), "wrongKey"),
        dict(keyed("key that is not of ours", good, "wrongKey"), key=other.hex()),
        dict(keyed("key without a namespace", good, "badKey"), key=A.peer.hex()),
        keyed("another peer at the end of an address", mesh(addresses=[TCP + varint(421) + field(0, B.peer)[1:]]),
              "addressOfAnotherPeer"),
        keyed("name with a bidi override", mesh(name="Harbour \u202eMesh"), "badName"),
        keyed("name with two spaces", mesh(name="Harbour  Mesh"), "badName"),
        keyed("name of 65 bytes", mesh(name="n" * 40 + "-" + "n" * 24), "malformed"),
        keyed("name of 64 bytes", mesh(name="n" * 40 + "-" + "n" * 23), "ok"),
        keyed("unsorted capabilities", mesh(capabilities=["translate", "text"]), "unsortedCapabilities"),
        keyed("same capability twice", mesh(capabilities=["text", "text"]), "unsortedCapabilities"),
        keyed("capability in upper case", mesh(capabilities=["Text"]), "badCapability"),
        keyed("17 addresses", mesh(addresses=[TCP] * 17), "malformed"),
        keyed("16 addresses", mesh(addresses=[TCP] * 16), "ok"),
        keyed("empty version", mesh(version=""), "malformed"),
        keyed("version with a space", mesh(version="mesh 1"), "badVersion"),
        keyed("sequence twice", mesh(extra=varint(7 << 3) + varint(9)), "repeatedField"),
        keyed("expired this second", mesh(expires=NOW), "expired"),
        keyed("expires in a second", mesh(expires=NOW + 1), "ok"),
        keyed("lives 48 hours and a second", mesh(issued=NOW - 1, expires=NOW + 172_800), "badLifetime"),
        keyed("expires after 48 hours", mesh(issued=NOW + 1, expires=NOW + 172_801), "expiresTooLate"),
        keyed("expires in 48 hours", mesh(issued=NOW, expires=NOW + 172_800), "ok"),
        keyed("issued ten minutes ahead", mesh(issued=NOW + 600), "ok"),
        keyed("issued ten minutes and a second ahead", mesh(issued=NOW + 601), "issuedInFuture"),
        keyed("issued after it expires", mesh(issued=NOW + 86_341), "badLifetime"),
    ]
    return {"now": NOW, "did": A.did, "peer": base58.b58encode(A.peer).decode(), "cases": cases}


def names():
    def key(domain, text):
        return "1220" + hashlib.sha256(domain + b"\0" + text).hexdigest()

    def normal(text):
        parts = [p for p in text.encode().split(b" ") if p]
        return b" ".join(parts).translate(bytes(b + 32 if 65 <= b <= 90 else b for b in range(256)))

    typed = ["mesh", "Harbour Mesh", "  HARBOUR   mesh ", "\u00c9cole", "\u00e9cole", "e\u0301cole", "\u6771\u4eac Mesh", "a", "K\u212a"]
    capabilities = ["translate", "text/summary", "ocr+pdf", "a", "0-1._/:+"]
    return {
        "names": [{"typed": t, "normalized": normal(t).hex(), "key": key(b"/meshp2p/directory/name/1", normal(t))} for t in typed],
        "capabilities": [{"text": c, "key": key(b"/meshp2p/directory/capability/1", c.encode())} for c in capabilities],
    }


def heartbeats():
    def beat(key=A, signer=None, damage=0, record=None, extra=b"", **changes):
        values = dict(mesh_record=record if record is not None else mesh(key), status=1, member_count=12, bot_count=3,
                      public=True, interval=30, sequence=NOW * 1000, issued=NOW)
        values.update(changes)
        payload = BEAT["Heartbeat"](**values).SerializeToString() + extra
        return (signer or key).envelope(BEAT_DOMAIN, BEAT_TYPE, payload, damage).hex()

    cases = [
        ("online", beat(), 0), ("degraded", beat(status=2), 0), ("offline", beat(status=3), 0),
        ("private", beat(public=False), 0), ("counts at the limit", beat(member_count=10**9, bot_count=10**9), 0),
        ("counts of zero", beat(member_count=0, bot_count=0), 0), ("unknown field", beat(extra=field(9, b"later")), 0),
        ("interval of 1", beat(interval=1), 0), ("interval of 3600", beat(interval=3600), 0),
        ("clock 600 behind", beat(issued=NOW - 600), 0), ("clock 600 ahead", beat(issued=NOW + 600), 0),
        ("too many members", beat(member_count=10**9 + 1), 100), ("too many bots", beat(bot_count=10**9 + 1), 100),
        ("no status", beat(status=0), 100), ("status that is kept", beat(extra=b"\x10\x04", status=0), 100),
        ("status twice", beat(extra=b"\x10\x02"), 100),
        ("no record", beat(record=b""), 100), ("garbage for a record", beat(record=b"x"), 102), ("flipped signature bit", beat(damage=128), 101),
        ("record of another mesh", beat(record=mesh(B)), 102), ("expired record", beat(record=mesh(expires=NOW)), 102),
        ("record with a bad signature", beat(record=mesh(damage=1)), 102),
        ("signed by another", beat(signer=B), 200), ("of another", beat(B), 200),
        ("clock 601 behind", beat(issued=NOW - 601), 105), ("clock 601 ahead", beat(issued=NOW + 601), 105),
        ("interval of 0", beat(interval=0), 106), ("interval of 3601", beat(interval=3601), 106),
    ]
    answer = BEAT["HeartbeatResponse"](status=103, status_text="continue after sequence 9", ttl=90, time=NOW, sequence=9)
    return {"now": NOW, "sender": base58.b58encode(A.peer).decode(), "response": answer.SerializeToString().hex(),
            "cases": [{"name": n, "envelope": e, "status": s} for n, e, s in cases]}


def rendezvous():
    payload = field(1, A.peer) + varint(2 << 3) + varint(5) + field(3, field(1, TCP))
    forms = {"interoperable": A.envelope("libp2p-peer-record", b"\x03\x01", payload),
             "legacy": A.envelope("libp2p-routing-state", b"/libp2p/routing-state-record", payload)}
    unsigned = field(1, A.peer) + field(2, TCP)
    one = dict(ns="meshp2p", signedPeerRecord=forms["interoperable"], ttl=7000)
    messages = {
        "register": RDV(type=0, register=dict(ns="meshp2p", signedPeerRecord=forms["interoperable"], ttl=7200)),
        "registerWithoutTTL": RDV(type=0, register=dict(ns="meshp2p", signedPeerRecord=forms["legacy"])),
        "registerResponse": RDV(type=1, registerResponse=dict(status=0, ttl=7200)),
        "registerRefused": RDV(type=1, registerResponse=dict(status=400, statusText="full")),
        "unregister": RDV(type=2, unregister=dict(ns="meshp2p")),
        "discover": RDV(type=3, discover=dict(ns="meshp2p", limit=5, cookie=b"cookie")),
        "discoverAll": RDV(type=3, discover=dict()),
        "discoverResponse": RDV(type=4, discoverResponse=dict(registrations=[one], cookie=b"next", status=0)),
    }
    secret = bytes(range(32))

    def cookie(position, ns):
        tag = hmac.new(secret, b"meshp2p-rendezvous-cookie\0" + struct.pack(">Q", position) + ns, "sha256").digest()
        return (struct.pack(">Q", position) + tag[:8] + ns).hex()

    return {"peer": base58.b58encode(A.peer).decode(), "seed": A.seed.hex(), "unsigned": unsigned.hex(),
            "records": {n: e.hex() for n, e in forms.items()},
            "messages": {n: m.SerializeToString().hex() for n, m in messages.items()},
            "cookies": {"secret": secret.hex(), "cases": [
                {"position": p, "namespace": n, "cookie": cookie(p, n.encode())}
                for p, n in [(0, ""), (1, "meshp2p"), (2**40, "caf\u00e9")]]}}


for title, vectors in [("mesh_record", mesh_records()), ("names", names()), ("heartbeat", heartbeats()),
                       ("rendezvous", rendezvous())]:
    (HERE / f"{title}.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=True) + "\n")
