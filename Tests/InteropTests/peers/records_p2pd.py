#!/usr/bin/env python3
"""records_p2pd.py put MULTIADDR COUNT   puts COUNT /pk/ records (of seeds record-0, record-1, …) to the peer, one after another on one stream;
prints {"stored": I} for each as soon as the peer has echoed it, and stops at the first failure.
records_p2pd.py get MULTIADDR I,J,…     gets those records; prints {"missing": [those that the peer does not have as they were put]}."""
import sys, json
from p2pdctl import *
what, ma, rest = sys.argv[1:4]; d = P2PD("records-" + what, ("/ip4/127.0.0.1/tcp/0",), None); code = 0
def record(i): s = "record-%d" % i; return b"/pk/" + lp2pkey.peerid_bytes(s), lp2pkey.pubpb(s)
try:
    import lp2pkey
    s = d.open(d.connect(ma), ["/ipfs/kad/1.0.0"])
    if what == "put":
        for i in range(int(rest)):
            k, v = record(i); s.send_msg(kad(PUT, k, (k, v))); r = kad_dec(s.msg())
            if not r["record"] or r["record"]["value"] != v: raise ValueError("record %d was not echoed" % i)
            print(json.dumps({"stored": i}), flush=True)
    else:
        missing = []
        for i in [int(x) for x in rest.split(",") if x]:
            k, v = record(i); s.send_msg(kad(GET, k)); r = kad_dec(s.msg())
            if not r["record"] or r["record"]["value"] != v: missing.append(i)
        print(json.dumps({"missing": missing}), flush=True)
except Exception as e: print(json.dumps({"error": "%s: %s" % (type(e).__name__, e)}), flush=True); code = 1
finally: d.stop()
sys.exit(code)
