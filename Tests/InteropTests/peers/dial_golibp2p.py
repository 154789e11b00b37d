#!/usr/bin/env python3
"""dial_golibp2p.py MULTIADDR [--kad PROTO] [--prefix /myapp] [--pings N] [--echo] [--seed S]   go-libp2p v0.24.2 (.venv-interop/go/bin/python) dials MULTIADDR.
Same report as dial_p2pd.py; native DHT client runs under --prefix (default /ipfs). One JSON line; exit 1 on failure."""
import sys, json, time, argparse, hashlib
from gohost import *
from wire import *
p = argparse.ArgumentParser(); p.add_argument("--strict", action="store_true"); p.add_argument("ma"); p.add_argument("--kad"); p.add_argument("--prefix"); p.add_argument("--pings", type=int, default=20)
p.add_argument("--echo", action="store_true"); p.add_argument("--seed", default="dialer-go024"); o = p.parse_args()
out = {"client": "go-libp2p-0.24.2", "target": o.ma, "ok": False}
async def main():
    loop = asyncio.get_running_loop(); h = mkhost(o.seed, ["/ip4/127.0.0.1/tcp/0"], loop); my = lp2pkey.peerid_bytes(o.seed)
    out["self"] = h.addrs[0] + "/p2p/" + h.id.string; ai = addr_info_from_p2p_addr(o.ma)
    t = time.perf_counter(); await h.connect(ai); out["connect_ms"] = round((time.perf_counter() - t) * 1e3, 3)
    def op(protos):
        r = h._NEW_STREAM(h.handle, ai.id.handle, GoString.new(protos[0])); r.raise_error(); return GStream(M.Stream(r.handles.first(), loop=loop))
    run = lambda f: loop.run_in_executor(None, f)
    out["identify"] = await run(lambda: do_identify(op)); out["ping"] = await run(lambda: do_ping(op, o.pings))
    ks = [x for x in out["identify"]["protocols"] if x.endswith("/kad/1.0.0")]; k = o.kad or (ks[0] if ks else None)
    if k: out["kad"] = await run(lambda: do_kad(op, k, lp2pkey.pubpb(o.seed), my))
    if o.echo: out["echo"] = await run(lambda: do_echo(op))
    if k == (o.prefix or "/ipfs") + "/kad/1.0.0":
        n = out["dht_native"] = {}
        async def tryit(name, f):
            t = time.perf_counter()
            try: n[name] = {"ok": True, "result": await asyncio.wait_for(f(), 20)}
            except Exception as e: n[name] = {"ok": False, "error": str(e)}
            n[name]["ms"] = round((time.perf_counter() - t) * 1e3, 3)
        d = await DHT.new(h, Mode(DhtModeEnum.ModeServer), DisableAutoRefresh(), *([ProtocolPrefix(o.prefix)] if o.prefix else [])); await asyncio.sleep(0.5)
        key = b"/pk/" + my; cid = Cid(0x55, b"") if False else Cid.from_bytes(b"\x01\x55\x12\x20" + hashlib.sha256(b"native" + my).digest())
        async def get(): return (await d.get_value(key)) == lp2pkey.pubpb(o.seed)
        async def fp(): return [a.id.string for a in await d.find_providers(cid)]
        await tryit("put_value", lambda: d.put_value(key, lp2pkey.pubpb(o.seed))); await tryit("get_value", get)
        await tryit("dht_ping", lambda: d.ping(ai.id)); await tryit("provide", lambda: d.provide(cid, True)); await tryit("find_providers", fp)
    out["ok"] = strict(out) if o.strict else True
try: asyncio.run(asyncio.wait_for(main(), 60))
except BaseException as e: out["error"] = "%s: %s" % (type(e).__name__, e)
print(json.dumps(out), flush=True); os._exit(0 if out["ok"] else 1)
