#!/usr/bin/env python3
"""network_p2pd.py COUNT MULTIADDR…   COUNT p2pd nodes (go-libp2p 0.32.1, kad servers) that join through the given peers in turn.
Prints one JSON line {"ids": […], "multiaddrs": […]}, then answers JSON lines on stdin, each with a line, until stdin ends:
{"do": "find", "node": I, "peer": ID}        -> {"ok", "addrs"}      the node's own DHT client looks the peer up
{"do": "provide", "node": I, "text": TEXT}   -> {"ok"}               the sha2-256 multihash of the text
{"do": "providers", "node": I, "text": TEXT} -> {"ok", "ids"}
{"do": "put", "node": I}                     -> {"ok", "id"}         its own public key under /pk/
{"do": "get", "node": I, "peer": ID}         -> {"ok", "hex"}"""
import sys, json, hashlib
from p2pdctl import *
def cid(text): return b"\x01\x55\x12\x20" + hashlib.sha256(text.encode()).digest()
def act(nodes, o):
    d = nodes[o["node"]]; w = o["do"]
    if w == "find": return {"addrs": d.dht(0, peer=o["peer"])[0]["addrs"]}
    if w == "provide": d.dht(8, cid=cid(o["text"])); return {}
    if w == "providers": return {"ids": [x["id"] for x in d.dht(2, cid=cid(o["text"]), count=1)]}
    if w == "put": d.dht(7, key=b"/pk/" + d.id_bytes, value=d.pubpb); return {"id": d.id}
    if w == "get": return {"hex": d.dht(5, key=b"/pk/" + b58d(o["peer"]))[0].hex()}
    raise ValueError("unknown command " + w)
nodes = []
try:
    entries = sys.argv[2:]
    for i in range(int(sys.argv[1])): nodes.append(P2PD("network-%d" % i)); nodes[i].connect(entries[i % len(entries)])
    print(json.dumps({"ids": [d.id for d in nodes], "multiaddrs": [d.multiaddrs()[0] for d in nodes]}), flush=True)
    for line in sys.stdin:
        try: r = dict(act(nodes, json.loads(line)), ok=True)
        except Exception as e: r = {"ok": False, "error": "%s: %s" % (type(e).__name__, e)}
        print(json.dumps(r), flush=True)
finally:
    for d in nodes: d.stop()
