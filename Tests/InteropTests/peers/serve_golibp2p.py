#!/usr/bin/env python3
"""serve_golibp2p.py SEED PORT [--quic] [--prefix /myapp] [--relay]   go-libp2p v0.24.2 (libp2p-go wheel; run with .venv-interop/go/bin/python) on 127.0.0.1:PORT:
identify, ping, kad server under PREFIX (default /ipfs -> /ipfs/kad/1.0.0), /echo/1.0.0; --relay adds relay v2 hop + AutoNAT."""
import sys, json
from gohost import *
async def main():
    seed, port = sys.argv[1], sys.argv[2]; f = sys.argv[3:]; pre = f[f.index("--prefix") + 1] if "--prefix" in f else None
    a = ["/ip4/127.0.0.1/tcp/" + port] + (["/ip4/127.0.0.1/udp/%s/quic-v1" % port] if "--quic" in f else [])
    h = mkhost(seed, a, asyncio.get_running_loop(), *([EnableNATService] if "--relay" in f else []))
    async def echo(s):
        try:
            while True:
                n, d = await s.read_bytes(65536)
                if not n: break
                await s.write(d[:n])
        except Exception: pass
        await s.close()
    h.set_stream_handler("/echo/1.0.0", echo)
    r = Relay(h) if "--relay" in f else None
    d = await DHT.new(h, Mode(DhtModeEnum.ModeServer), DisableAutoRefresh(), *([ProtocolPrefix(pre)] if pre else []))
    ad = sorted([x + "/p2p/" + h.id.string for x in h.addrs], key=lambda x: "/udp/" in x)
    print(json.dumps({"impl": "go-libp2p-0.24.2 (libp2p-go 0.1.4)", "id": h.id.string, "addrs": ad, "multiaddr": ad[0], "pid": os.getpid()}), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
