import MeshCore
import MeshDHT
import MeshMultiformats

/// Makes identities and public addresses of nodes that do not exist.
///
/// An identity has the form of an Ed25519 one: an identity multihash of a public key, here 32 random bytes, so a million
/// of them take no key pairs. Addresses are spread evenly over as many IPv4 /16 networks as are asked for.
public enum SyntheticPeers {
    /// The first octets of 128 blocks of /8 without special ranges; 256 networks of /16 lie in each.
    private static let firstOctets: [UInt8] = Array(11...99) + Array(130...168)

    /// A random identity; with `near`, the first of `attempts` whose key shares the most bits with that point.
    public static func id(using rng: inout SeededGenerator) -> PeerID {
        PublicKey(ed25519: Bytes32.random(using: &rng)).peerID
    }

    /// An identity whose key shares at least `bitCount` bits with `point`; it takes about 2^bitCount attempts.
    public static func id(
        near point: Bytes32, sharing bitCount: Int, using rng: inout SeededGenerator
    ) -> PeerID {
        while true {
            let id = id(using: &rng)
            if (id.kadKey ^ point).leadingZeroBitCount >= bitCount { return id }
        }
    }

    /// The address `/ip4/…/udp/4001/noise` of a random host in one of the first `groupCount` networks.
    public static func address(groupCount: Int, using rng: inout SeededGenerator) -> Multiaddr? {
        let limit = firstOctets.count * 256
        let group = Int(rng.next(upperBound: UInt64(min(max(groupCount, 1), limit))))
        return address(group: group, host: UInt16(truncatingIfNeeded: rng.next()))
    }

    /// The address of `host` in the network numbered `group`.
    public static func address(group: Int, host: UInt16) -> Multiaddr? {
        // Neighbouring numbers lie in different blocks.
        let first = firstOctets[group % firstOctets.count]
        let second = UInt8(truncatingIfNeeded: group / firstOctets.count)
        // /ip4 is 4, /udp 273, /noise 454, as varints; port 4001.
        let bytes: [UInt8] = [
            4, first, second, UInt8(host >> 8), UInt8(host & 255), 0x91, 0x02, 0x0f, 0xa1, 0xc6, 0x03,
        ]
        return try? Multiaddr(bytes: bytes.span.bytes)
    }
}
