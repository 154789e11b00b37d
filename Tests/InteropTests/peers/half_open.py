#!/usr/bin/env python3
"""half_open.py MULTIADDR SILENT SLOW   opens SILENT connections to the peer that never say a word and SLOW ones that send their
multistream header one byte a second, prints {"open": N}, and holds them until stdin ends. Loopback only; standard library only."""
import sys, json, socket, threading, time
p = sys.argv[1].split("/"); host, port = p[2], int(p[4]); silent, slow = int(sys.argv[2]), int(sys.argv[3])
if not host.startswith("127."): sys.exit("only loopback addresses")
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
held = []
for _ in range(silent + slow):
    try: held.append(socket.create_connection((host, port), 5))
    except OSError: pass
def drip():
    for byte in b"\x13/multistream/1.0.0\n" * 100:
        for s in held[silent:]:
            try: s.send(bytes([byte]))
            except OSError: pass
        time.sleep(1)
threading.Thread(target=drip, daemon=True).start()
print(json.dumps({"open": len(held)}), flush=True)
sys.stdin.read()
