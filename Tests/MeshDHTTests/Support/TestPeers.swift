import MeshCore
import MeshMultiformats

@testable import MeshDHT

/// Makes peers whose identities are valid, without paying for key pairs.
enum TestPeers {
    static func id(using rng: inout some RandomNumberGenerator) -> PeerID {
        PublicKey(ed25519: Bytes32.random(using: &rng)).peerID
    }

    static func id(_ number: UInt64) -> PeerID {
        var rng = SeededGenerator(seed: number)
        return id(using: &rng)
    }

    static func address(_ number: Int) -> Multiaddr {
        address(text: "/ip4/10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)/tcp/4001")
    }

    /// An address that is known to be valid; the empty one when it is not, which no test expects.
    static func address(text: String) -> Multiaddr {
        guard let address = try? Multiaddr(text) else { return emptyAddress }
        return address
    }

    private static var emptyAddress: Multiaddr {
        guard let address = try? Multiaddr(bytes: [UInt8]().span.bytes) else {
            preconditionFailure("no address")
        }
        return address
    }

    static func peer(_ number: UInt64) -> KadPeer {
        KadPeer(id: id(number), addresses: [address(Int(number))])
    }

    static func peer(using rng: inout some RandomNumberGenerator) -> KadPeer {
        let number = Int(rng.next(upperBound: UInt32(1 << 24)))
        return KadPeer(id: id(using: &rng), addresses: [address(number)])
    }
}
