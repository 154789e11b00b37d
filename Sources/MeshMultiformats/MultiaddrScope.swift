import MeshCore

/// How far an IP address reaches.
public enum AddressScope: Hashable, Sendable {
    /// `0.0.0.0` or `::`: every local address, for listening only.
    case unspecified
    /// This host.
    case loopback
    /// This link, this site or this carrier.
    case `private`
    /// The Internet.
    case `public`
    /// Multicast, documentation and the other blocks that no peer can have.
    case reserved
}

extension Multiaddr {
    /// The reach of the IP address at the start, nil for names and other starts.
    public var scope: AddressScope? {
        switch host {
        case .ip4(let address): Self.scope(ip4: address)
        case .ip6(let address, _): Self.scope(ip6: address)
        case .dns, nil: nil
        }
    }

    /// Whether the address starts with an IP address of this host.
    public var isLoopback: Bool { scope == .loopback }

    /// Whether the address starts with an IP address of this link, site or carrier.
    public var isPrivate: Bool { scope == .private }

    /// Whether the address starts with an IP address of the Internet.
    public var isPublicIP: Bool { scope == .public }

    /// Whether the address starts with `0.0.0.0` or `::`.
    public var isUnspecified: Bool { scope == .unspecified }

    /// Prefix, its length and the scope; the first match counts.
    ///
    /// Source: IANA special-purpose registries (RFC 6890).
    private static let ip4Blocks: [(prefix: UInt32, bitCount: UInt32, scope: AddressScope)] = [
        (0x0000_0000, 32, .unspecified),
        (0x0000_0000, 8, .reserved),
        (0x7f00_0000, 8, .loopback),
        (0x0a00_0000, 8, .private),
        // Shared by carriers, RFC 6598.
        (0x6440_0000, 10, .private),
        (0xac10_0000, 12, .private),
        (0xc0a8_0000, 16, .private),
        // Link-local, RFC 3927.
        (0xa9fe_0000, 16, .private),
        // Protocol assignments, documentation and benchmarks.
        (0xc000_0000, 24, .reserved),
        (0xc000_0200, 24, .reserved),
        (0xc633_6400, 24, .reserved),
        (0xcb00_7100, 24, .reserved),
        (0xc612_0000, 15, .reserved),
        // Multicast, reserved and broadcast.
        (0xe000_0000, 3, .reserved),
    ]

    static func scope(ip4 address: UInt32) -> AddressScope {
        ip4Blocks.first { ($0.prefix ^ address) >> (32 - $0.bitCount) == 0 }?.scope ?? .public
    }

    static func scope(ip6 address: [UInt8]) -> AddressScope {
        let high: UInt64 = address.span.bytes.bigEndian(at: 0)
        let low: UInt64 = address.span.bytes.bigEndian(at: 8)
        if high == 0 {
            if low == 0 { return .unspecified }
            if low == 1 { return .loopback }
            if low >> 32 == 0xffff { return scope(ip4: UInt32(truncatingIfNeeded: low)) }
        }
        // Unique local (RFC 4193) and link-local.
        if high >> 57 == 0x7e || high >> 54 == 0x3fa { return .private }
        // NAT64 (RFC 6052) reaches an IPv4 host.
        if high == 0x0064_ff9b_0000_0000 && low >> 32 == 0 {
            return scope(ip4: UInt32(truncatingIfNeeded: low))
        }
        // Documentation.
        if high >> 32 == 0x2001_0db8 { return .reserved }
        // Global unicast is 2000::/3.
        return high >> 61 == 1 ? .public : .reserved
    }
}
