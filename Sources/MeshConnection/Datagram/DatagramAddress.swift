import MeshCore
import MeshMultiformats

/// An IP address and a UDP port, inline: where a datagram comes from or goes to.
///
/// IPv4 addresses in IPv6 form (`::ffff:a.b.c.d`) are IPv4 addresses here, so that one peer has one address
/// whatever socket it came through.
@frozen
public struct DatagramAddress: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    /// The index of the interface of a link-local IPv6 address; otherwise zero.
    public let scope: UInt32
    /// The UDP port.
    public let port: UInt16
    /// Whether it is an IPv6 address.
    public let isIP6: Bool

    /// Creates an IPv4 address, given as big-endian number.
    public init(ip4: UInt32, port: UInt16) {
        high = 0
        low = UInt64(ip4)
        scope = 0
        self.port = port
        isIP6 = false
    }

    /// Creates an IPv6 address, given as two big-endian numbers.
    public init(ip6: (UInt64, UInt64), port: UInt16, scope: UInt32 = 0) {
        let isMapped = ip6.0 == 0 && ip6.1 >> 32 == 0xffff
        high = ip6.0
        low = isMapped ? ip6.1 & 0xffff_ffff : ip6.1
        self.scope = isMapped ? 0 : scope
        self.port = port
        isIP6 = !isMapped
    }

    /// The IPv4 address as big-endian number, nil for IPv6.
    public var ip4: UInt32? { isIP6 ? nil : UInt32(truncatingIfNeeded: low) }

    /// The IPv6 address as two big-endian numbers, IPv4 in its IPv6 form.
    public var ip6: (UInt64, UInt64) { isIP6 ? (high, low) : (0, 0xffff_0000_0000 | low) }

    /// Whether it is an address of this host: nothing from elsewhere has it.
    public var isLoopback: Bool { isIP6 ? high == 0 && low == 1 : low >> 24 == 127 }

    /// What the budgets of strangers count together: the IPv4 /24 or the IPv6 /48, on loopback the whole address.
    var prefix: UInt64 {
        if isLoopback { return 1 << 63 | (low & 0xffff_ffff) << 16 | UInt64(port) }
        // No IPv6 unicast prefix has its upper 16 bits zero, so the two families stay apart.
        return isIP6 ? high >> 16 : low >> 8
    }

    /// The four words that say all of it, for keyed functions.
    var words: (UInt64, UInt64, UInt64) {
        (high, low, UInt64(scope) << 32 | UInt64(port) << 8 | (isIP6 ? 1 : 0))
    }
}

extension DatagramAddress {
    private static let ip4Code: UInt8 = 0x04
    private static let ip6Code: UInt8 = 0x29
    private static let zoneCode: UInt8 = 0x2a

    /// Reads `/ip4|ip6/…/udp/N[/noise][/p2p/…]`, nil for every other address.
    ///
    /// The zone of an IPv6 address must be the number of an interface.
    public init?(_ address: Multiaddr) {
        let bytes = address.bytes.span.bytes
        var offset = 0
        guard let host = Self.readHost(bytes, at: &offset) else { return nil }
        guard bytes.byteCount >= offset + 4, Self.take(.udp, of: bytes, at: &offset) else { return nil }
        let port: UInt16 = bytes.bigEndian(at: offset)
        offset += 2
        if offset < bytes.byteCount { _ = Self.take(.noise, of: bytes, at: &offset) }
        if offset < bytes.byteCount {
            // The value of the last component ends the address, or something follows that is not ours.
            guard Self.take(.p2p, of: bytes, at: &offset), address.peerID != nil,
                address.withoutPeer.bytes.count == offset - 2
            else { return nil }
        }
        switch host {
        case .ip4(let ip4): self.init(ip4: ip4, port: port)
        case .ip6(let ip6, let scope): self.init(ip6: ip6, port: port, scope: scope)
        }
    }

    /// The address as `/ip4|ip6/…/udp/N/noise`.
    public var multiaddr: Multiaddr? {
        var packed: [UInt8] = []
        if scope != 0 {
            let zone = Array(String(scope).utf8)
            packed += [Self.zoneCode, UInt8(zone.count)] + zone
        }
        if isIP6 {
            packed.append(Self.ip6Code)
            packed.appendBigEndian(high)
            packed.appendBigEndian(low)
        } else {
            packed.append(Self.ip4Code)
            packed.appendBigEndian(UInt32(truncatingIfNeeded: low))
        }
        Varint.append(MultiaddrProtocol.udp.rawValue, to: &packed)
        packed.appendBigEndian(port)
        Varint.append(MultiaddrProtocol.noise.rawValue, to: &packed)
        return try? Multiaddr(bytes: packed.span.bytes)
    }

    private enum Host {
        case ip4(UInt32)
        case ip6((UInt64, UInt64), scope: UInt32)
    }

    private static func readHost(_ bytes: RawSpan, at offset: inout Int) -> Host? {
        var scope: UInt32 = 0
        // A valid multiaddr holds the whole value of every component that it begins.
        if bytes.byteCount > 2, bytes.byte(at: 0) == zoneCode {
            let end = 2 + Int(bytes.byte(at: 1))
            let text = String(decoding: bytes.array(2..<min(end, bytes.byteCount)), as: UTF8.self)
            guard let number = UInt32(text) else { return nil }
            scope = number
            offset = end
        }
        guard offset < bytes.byteCount else { return nil }
        switch bytes.byte(at: offset) {
        case ip4Code where scope == 0:
            offset += 5
            return .ip4(bytes.bigEndian(at: offset - 4))
        case ip6Code:
            offset += 17
            return .ip6(
                (bytes.bigEndian(at: offset - 16), bytes.bigEndian(at: offset - 8)), scope: scope)
        default: return nil
        }
    }

    /// Whether the two-byte code of `proto` is next; moves behind it.
    private static func take(_ proto: MultiaddrProtocol, of bytes: RawSpan, at offset: inout Int) -> Bool {
        guard bytes.byteCount >= offset + 2 else { return false }
        let code = proto.rawValue
        guard UInt64(bytes.byte(at: offset)) == code & 0x7f | 0x80,
            UInt64(bytes.byte(at: offset + 1)) == code >> 7
        else { return false }
        offset += 2
        return true
    }
}

extension DatagramAddress: CustomStringConvertible {
    /// The multiaddr's text.
    public var description: String { multiaddr?.description ?? "/" }
}
