#!/usr/bin/env python3
"""namespace.py COMMAND...   runs a command in a network namespace of its own that has nothing but loopback.

Its UDP counters in /proc/net/snmp are then those of the command alone, and no rival reaches the Internet. Needs root."""
import fcntl, os, socket, struct, sys

SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
CLONE_NEWNET = 0x40000000

if len(sys.argv) < 2:
    sys.exit(__doc__)
if not hasattr(os, "unshare"):  # before Python 3.12
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        sys.exit(f"no network namespace: {os.strerror(ctypes.get_errno())}; this needs root")
else:
    os.unshare(CLONE_NEWNET)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))
os.execvp(sys.argv[1], sys.argv[1:])
