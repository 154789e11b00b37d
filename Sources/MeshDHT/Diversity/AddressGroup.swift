import MeshCore
import MeshMultiformats

/// The part of the Internet that a peer answers from: an IPv4 /16 or an IPv6 /32, in 32 bits.
///
/// | Bits 31 to 29 | The rest |
/// |---|---|
/// | 0 | 0: no group; else 1 and the /16 of a public IPv4 address |
/// | 1 | the /16 of a private or loopback one, which counts only where the configuration says so |
/// | 2 | the lower 29 bits of the /32 of a private IPv6 address |
/// | 4 | the lower 29 bits of the /32 of a public IPv6 address, whose first three are those of 2000::/3 |
struct AddressGroup: Hashable, Sendable {
    private static let ip4Flag: UInt32 = 1 << 16
    private static let private4: UInt32 = 1 << 29
    private static let private6: UInt32 = 2 << 29
    private static let public6: UInt32 = 4 << 29
    private static let low29: UInt32 = 1 << 29 - 1

    let rawValue: UInt32

    /// No group: nobody of these is limited.
    static let none = AddressGroup(rawValue: 0)

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The group of a peer with these addresses: of the first public IPv4 address, else IPv6, else a private one.
    ///
    /// A relayed address begins with the relay's, and has its group.
    init(_ addresses: [Multiaddr]) {
        var best = Self.none
        for address in addresses {
            let group = Self(address)
            guard group.rank < best.rank else { continue }
            best = group
            if group.rank == 0 { break }
        }
        self = best
    }

    /// The group of one address; none for names and for what nobody can have.
    init(_ address: Multiaddr) {
        rawValue = address.scope.map { Self.value(of: address, $0) } ?? 0
    }

    private static func value(of address: Multiaddr, _ scope: AddressScope) -> UInt32 {
        let isPublic: Bool
        switch scope {
        case .public: isPublic = true
        case .private, .loopback: isPublic = false
        case .unspecified, .reserved: return 0
        }
        switch address.host {
        case .ip4(let value): return (isPublic ? 0 : private4) | ip4Flag | value >> 16
        case .ip6(let bytes, _):
            let high: UInt64 = bytes.span.bytes.bigEndian(at: 0)
            let low: UInt64 = bytes.span.bytes.bigEndian(at: 8)
            if let embedded = embeddedIP4(high, low) {
                return (isPublic ? 0 : private4) | ip4Flag | embedded >> 16
            }
            return (isPublic ? public6 : private6) | UInt32(truncatingIfNeeded: high >> 32) & low29
        case .dns, nil: return 0
        }
    }

    /// The IPv4 address inside a mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056) address.
    private static func embeddedIP4(_ high: UInt64, _ low: UInt64) -> UInt32? {
        if high == 0, low >> 32 == 0xffff { return UInt32(truncatingIfNeeded: low) }
        if high == 0x0064_ff9b_0000_0000, low >> 32 == 0 { return UInt32(truncatingIfNeeded: low) }
        if high >> 48 == 0x2002 { return UInt32(truncatingIfNeeded: high >> 16) }
        return nil
    }

    /// Which group of several is a peer's: the smallest.
    private var rank: Int {
        if rawValue == 0 { return 4 }
        switch rawValue >> 29 {
        case 0: return 0
        case 4: return 1
        case 1: return 2
        default: return 3
        }
    }

    /// Whether the group counts although it may count only with ``KademliaConfiguration/countsPrivateAddresses``.
    private var isPrivate: Bool { rank == 2 || rank == 3 }

    /// What is compared: zero when the peers of the group are not limited.
    func counted(privateToo: Bool) -> UInt32 { isPrivate && !privateToo ? 0 : rawValue }
}
