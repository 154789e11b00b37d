#!/usr/bin/env python3
"""bench_dht.py [NODES=20]   local DHT of p2pd nodes (go kad-dht v0.25.1): put/get/find-peer/provide latencies over random pairs, RSS per node. One JSON line."""
import sys, json, time, random, hashlib
import pathlib
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/InteropTests/peers"))
from p2pdctl import *
n = int(sys.argv[1]) if len(sys.argv) > 1 else 20; random.seed(7); ns = []; o = {"nodes": n}
def q(x, f): x = sorted(x); return round(x[min(len(x) - 1, int(len(x) * f))], 3)
def rss(pid): return [int(l.split()[1]) for l in open("/proc/%d/status" % pid) if l.startswith("VmRSS")][0] / 1024
try:
    t = time.time()
    for i in range(n): ns.append(P2PD("dht%d" % i, ("/ip4/127.0.0.1/tcp/0",), "server"))
    o["start_s"] = round(time.time() - t, 1)
    for i in range(1, n):
        for j in set([0] + random.sample(range(i), min(i, 2))): ns[i].connect(ns[j].multiaddrs()[0])
    time.sleep(2)
    for d in ns:
        try: d.dht(3, key=b"warm")
        except Exception: pass
    time.sleep(2); o["conns_per_node"] = q([len(d.peers()) for d in ns], .5)
    def run(name, k, fn):
        r = []; f = 0; e = None
        for i in range(k):
            t = time.perf_counter()
            try: fn(i); r.append((time.perf_counter() - t) * 1e3)
            except Exception as x: f += 1; e = str(x)
        o[name] = {"n": len(r), "fail": f, **({"median_ms": q(r, .5), "p95_ms": q(r, .95)} if r else {}), **({"err": e} if e else {})}
    def put(i): d = ns[i % n]; d.dht(7, key=b"/pk/" + d.id_bytes, value=d.pubpb)
    def get(i):
        a, b = random.sample(ns, 2); assert a.dht(5, key=b"/pk/" + b.id_bytes)[0] == b.pubpb
    def find(i):
        a = random.choice(ns); con = {p["id"] for p in a.peers()}; c = [x for x in ns if x is not a and x.id not in con]
        b = random.choice(c) if c else random.choice([x for x in ns if x is not a]); global unc; unc += bool(c)
        if not c: a.disconnect(b.id)
        t = time.perf_counter(); r = a.dht(0, peer=b.id); ft.append((time.perf_counter() - t) * 1e3); assert r[0]["addrs"]
    unc = 0; ft = []
    cid = lambda i: b"\x01\x55\x12\x20" + hashlib.sha256(b"c%d" % i).digest()
    run("put_value", n, put); run("get_value", 100, get); run("find_peer_total", 100, find); o["find_peer"] = {"n": len(ft), "median_ms": q(ft, .5), "p95_ms": q(ft, .95), "targets_not_connected": unc}
    run("provide", n, lambda i: ns[i].dht(8, cid=cid(i)))
    def fp(i):
        a = random.choice(ns); j = random.randrange(n); assert ns[j].id in [x["id"] for x in a.dht(2, cid=cid(j), count=1)]
    time.sleep(1); run("find_providers", 100, fp); run("get_closest_peers", 50, lambda i: random.choice(ns).dht(3, key=b"k%d" % i))
    o["rss_mb_per_node_median"] = q([rss(d.p.pid) for d in ns], .5)
except Exception as e: o["error"] = "%s: %s" % (type(e).__name__, e)
finally:
    for d in ns: d.stop()
print(json.dumps(o)); sys.exit(1 if "error" in o else 0)
