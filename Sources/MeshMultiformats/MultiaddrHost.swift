import MeshCore

extension Multiaddr {
    /// What the address starts with: an IP address or a name.
    public enum Host: Hashable, Sendable {
        /// An IPv4 address as big-endian number.
        case ip4(UInt32)
        /// The 16 bytes of an IPv6 address, and its zone.
        case ip6([UInt8], zone: String?)
        /// A name to look up.
        case dns(String, family: Family)
    }

    /// Which addresses of a name are wanted.
    public enum Family: Hashable, Sendable {
        /// IPv4 and IPv6.
        case any
        /// IPv4 only.
        case ip4
        /// IPv6 only.
        case ip6
    }

    /// Creates `/ip4|ip6|dns…/HOST/tcp/PORT`; throws when the name, the zone or the byte count is wrong.
    public init(host: Host, tcpPort: UInt16) throws(MultiaddrError) {
        var packed: [UInt8] = []
        func append(_ proto: MultiaddrProtocol, _ value: [UInt8]) {
            Varint.append(proto.rawValue, to: &packed)
            if proto.size == .lengthPrefixed { Varint.append(UInt64(value.count), to: &packed) }
            packed += value
        }
        switch host {
        case .ip4(let address):
            Varint.append(MultiaddrProtocol.ip4.rawValue, to: &packed)
            packed.appendBigEndian(address)
        case .ip6(let address, let zone):
            if let zone { append(.ip6zone, Array(zone.utf8)) }
            guard address.count == 16 else { throw .badValue(.ip6, offset: 0, .notIP6) }
            append(.ip6, address)
        case .dns(let name, .any): append(.dns, Array(name.utf8))
        case .dns(let name, .ip4): append(.dns4, Array(name.utf8))
        case .dns(let name, .ip6): append(.dns6, Array(name.utf8))
        }
        Varint.append(MultiaddrProtocol.tcp.rawValue, to: &packed)
        packed.appendBigEndian(tcpPort)
        try self.init(bytes: packed.span.bytes)
    }

    /// The host at the start, nil when the address starts with something else.
    public var host: Host? { hostAndEnd?.host }

    /// The host and the port of an address that starts with a host and `/tcp`; relayed addresses give the relay's.
    public var tcpEndpoint: (host: Host, port: UInt16)? {
        guard let (host, end) = hostAndEnd, let next = position(at: end), next.proto == .tcp else {
            return nil
        }
        return (host, bytes.span.bytes.bigEndian(at: next.value.lowerBound))
    }

    /// The name of an address that starts with `/dnsaddr`.
    public var dnsaddrName: String? {
        guard let first = position(at: 0), first.proto == .dnsaddr else { return nil }
        return String(decoding: bytes[first.value], as: UTF8.self)
    }

    private func position(at offset: Int) -> MultiaddrReader.Position? {
        var reader = MultiaddrReader(offset: offset)
        return (try? reader.next(in: bytes.span.bytes)) ?? nil
    }

    private var hostAndEnd: (host: Host, end: Int)? {
        guard var first = position(at: 0) else { return nil }
        var zone: String?
        if first.proto == .ip6zone {
            zone = String(decoding: bytes[first.value], as: UTF8.self)
            guard let next = position(at: first.value.upperBound), next.proto == .ip6 else { return nil }
            first = next
        }
        let end = first.value.upperBound
        switch first.proto {
        case .ip4: return (.ip4(bytes.span.bytes.bigEndian(at: first.value.lowerBound)), end)
        case .ip6: return (.ip6(Array(bytes[first.value]), zone: zone), end)
        case .dns: return (.dns(String(decoding: bytes[first.value], as: UTF8.self), family: .any), end)
        case .dns4: return (.dns(String(decoding: bytes[first.value], as: UTF8.self), family: .ip4), end)
        case .dns6: return (.dns(String(decoding: bytes[first.value], as: UTF8.self), family: .ip6), end)
        default: return nil
        }
    }
}
