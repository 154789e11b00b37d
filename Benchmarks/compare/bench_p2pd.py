#!/usr/bin/env python3
"""bench_p2pd.py [MULTIADDR ...]   baselines measured from one p2pd (go-libp2p v0.32.1) client against the given peers (a second p2pd when none is given):
cold connect (TCP dial + Noise + yamux + identify) x N, the same as handshakes/s, warm ping RTT, upload MB/s to /sink/1.0.0 if offered. One JSON line per target."""
import sys, json, time, os
import pathlib
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests/InteropTests/peers"))
from p2pdctl import *
N = int(os.environ.get("N", "100")); PINGS = int(os.environ.get("PINGS", "500")); MB = int(os.environ.get("MB", "128"))
def q(x, f): x = sorted(x); return round(x[min(len(x) - 1, int(len(x) * f))], 3)
def rss(pid): return [int(l.split()[1]) for l in open("/proc/%d/status" % pid) if l.startswith("VmRSS")][0] / 1024
S = None; tg = sys.argv[1:]
D = P2PD("bench-dialer", ("/ip4/127.0.0.1/tcp/0",), None)
if not tg: S = P2PD("bench-server", ("/ip4/127.0.0.1/tcp/0",), None); S.handle(["/sink/1.0.0"], sink); tg = [S.multiaddrs()[0]]; time.sleep(1); print(json.dumps({"idle_rss_mb_no_dht": [round(rss(D.p.pid), 1), round(rss(S.p.pid), 1)]}), flush=True)
try:
    for ma in tg:
        o = {"client": "p2pd", "target": ma}; r = []; fail = 0; t0 = time.perf_counter(); busy = 0
        for i in range(N):
            t = time.perf_counter()
            try: pid = D.connect(ma); r.append((time.perf_counter() - t) * 1e3)
            except Exception as e: fail += 1; o["last_error"] = str(e)
            busy += time.perf_counter() - t
            try: D.disconnect(ma.rsplit("/", 1)[1])
            except Exception: pass
            time.sleep(0.005)
        o["connect"] = {"n": len(r), "fail": fail, "median_ms": q(r, .5), "p95_ms": q(r, .95), "min_ms": round(min(r), 3)}; o["handshakes_per_s_sequential"] = round(len(r) / busy, 1)
        D.connect(ma); pid = ma.rsplit("/", 1)[1]; op = lambda p: D.open(pid, p)
        o["ping"] = do_ping(op, PINGS); i = do_identify(op); o["agent"] = i["agent"]
        t = []
        for _ in range(50): a = time.perf_counter(); do_identify(op); t.append((time.perf_counter() - a) * 1e3)
        o["open_stream_plus_identify_ms"] = q(t, .5)
        if "/sink/1.0.0" in i["protocols"]:
            buf = bytes(1 << 20); tp = []
            for _ in range(5):
                s = op(["/sink/1.0.0"]); a = time.perf_counter(); s.send((MB << 20).to_bytes(8, "big"))
                for _ in range(MB): s.send(buf)
                s.exactly(1); tp.append(MB * 1.048576 / (time.perf_counter() - a)); s.close()
            o["upload_MBps_median"] = round(sorted(tp)[len(tp) // 2], 1); o["upload_all"] = [round(x) for x in tp]
        D.disconnect(pid); print(json.dumps(o), flush=True)
finally:
    D.stop()
    if S: S.stop()
