"""libp2p-go 0.1.4 (go-libp2p v0.24.2 as a shared library) host helpers; run with .venv-interop/go/bin/python."""
import asyncio, sys, os, lp2pkey
from ctypes import *
import libp2p.main as M
# 0.1.4's CRelease guard: freePointer is declared c_char_p but given POINTER(c_char); keep its own types
from libp2p import *
from libp2p.crypto import PrivKey
from libp2p.peer import AddrInfo, Peer, addr_info_from_p2p_addr
from libp2p.dht import *
from libp2p.cid import Cid
from libp2p.ping import PingService
from libp2p.relay import Relay
from libp2p.utils import GoString
from wire import Stream as WStream
def mkhost(seed, addrs, loop, *extra):
    return Host(Identity(PrivKey.unmarshal(lp2pkey.privpb(seed))), ListenAddrStrings(*addrs) if addrs else NoListenAddrs(), DefaultTransports, DefaultMuxers, SecurityNoise, *extra, loop=loop)
class GStream(WStream):
    """go stream used from a worker thread (blocking C calls)"""
    def __init__(self, s): self.s = s; self.buf = b""
    def send(self, b):
        from libp2p.utils import c_buffer
        self.s._WRITE(self.s.handle, len(b), c_buffer(b)).raise_error()
    def recv(self, n):
        if not self.buf:
            r = self.s._READ(self.s.handle, 65536); 
            if r.result.get("Error"): return b""
            self.buf = r.bytes.first()[:r.integers.first()]
        o, self.buf = self.buf[:n], self.buf[n:]; return o
    def close(self): self.s._CLOSE(self.s.handle)
