"""Writes pylibp2p.json: peer records that py-libp2p 0.8.1 sealed, and legacy forms signed with its keys."""
import hashlib, json, os
from libp2p.crypto.ecc import ECCPrivateKey
from libp2p.crypto.ed25519 import Ed25519PrivateKey
from libp2p.crypto.secp256k1 import Secp256k1PrivateKey
from libp2p.peer.envelope import consume_envelope, make_unsigned, seal_record
from libp2p.peer.id import ID
from libp2p.peer.pb import envelope_pb2, crypto_pb2
from libp2p.peer.peer_record import PeerRecord
from multiaddr import Multiaddr

HERE = os.path.dirname(os.path.abspath(__file__))
ADDRESSES = ["/ip4/192.0.2.7/tcp/4001", "/ip6/2001:db8::7/udp/4001/quic-v1", "/dns4/node.example.org/tcp/443/wss"]


def hexed(key, form, envelope, record):
    return {"form": form, "peer_id": str(record.peer_id), "seq": record.seq, "addresses": ADDRESSES,
            "public_key_type": int(key.get_public_key().get_type().value), "envelope": envelope.hex()}


cases = []
for key in (Ed25519PrivateKey.new(hashlib.sha256(b"records").digest()),
            Secp256k1PrivateKey.new(hashlib.sha256(b"records").digest())):
    record = PeerRecord(ID.from_pubkey(key.get_public_key()), [Multiaddr(a) for a in ADDRESSES], 1700000000)
    sealed = seal_record(record, key)
    cases.append(hexed(key, "interoperable", sealed.marshal_envelope(), record))
    # RFC 0003 as rust-libp2p writes it: core/src/peer_record.rs.
    domain, kind = "libp2p-routing-state", b"/libp2p/routing-state-record"
    message = envelope_pb2.Envelope()
    message.ParseFromString(sealed.marshal_envelope())
    message.payload_type = kind
    message.signature = key.sign(make_unsigned(domain, kind, message.payload))
    cases.append(hexed(key, "legacy", message.SerializeToString(), record))

# The record that was computed from the specification's key is one that py-libp2p accepts.
computed = json.load(open(os.path.join(HERE, "signed_records.json")))["signed_peer_record"]["envelope"]
consume_envelope(bytes.fromhex(computed), "libp2p-peer-record")

with open(os.path.join(HERE, "pylibp2p.json"), "w") as file:
    json.dump({"source": "make_records.py with py-libp2p 0.8.1", "cases": cases}, file, indent=1)
    file.write("\n")
