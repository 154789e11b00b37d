import MeshCore

/// What every protocol takes as value, packed and as text.
enum MultiaddrValue {
    /// The longest host name (RFC 1035, section 2.3.4, without the final dot).
    static let maximumNameByteCount = 253
    /// The longest zone; interface names have 15 bytes on Linux.
    static let maximumZoneByteCount = 64

    /// Checks a packed value of the right size; fixed sizes without further rules always pass.
    static func validate(_ value: RawSpan, of proto: MultiaddrProtocol) throws(MultiaddrValueError) {
        switch proto {
        case .dns, .dns4, .dns6, .dnsaddr, .sni:
            try validateName(value, limit: maximumNameByteCount)
        case .ip6zone: try validateName(value, limit: maximumZoneByteCount)
        case .unix: try validatePath(value)
        case .httpPath: guard !value.isEmpty else { throw .notPath }
        case .p2p:
            do throws(PeerIDError) {
                try PeerID.validate(multihash: value)
            } catch {
                throw .notPeerID(error)
            }
        case .certhash:
            do throws(MultihashError) {
                _ = try Multihash.parse(value)
            } catch {
                throw .notMultihash(error)
            }
        case .ip4, .ip6, .tcp, .udp, .ipcidr, .memory, .p2pCircuit, .tls, .noise, .quic, .quicV1,
            .webtransport,
            .ws, .wss, .http, .webrtcDirect, .webrtc:
            break
        }
    }

    /// The packed value of `text`; the caller validates it.
    static func parse(
        _ text: ArraySlice<UInt8>, of proto: MultiaddrProtocol
    ) throws(MultiaddrValueError) -> [UInt8] {
        switch proto {
        case .ip4:
            guard let bytes = IPText.parseIP4(text) else { throw .notIP4 }
            return bytes
        case .ip6:
            guard let bytes = IPText.parseIP6(text) else { throw .notIP6 }
            return bytes
        case .tcp, .udp: return Array(try number(text, byteCount: 2))
        case .ipcidr: return Array(try number(text, byteCount: 1))
        case .memory: return Array(try number(text, byteCount: 8))
        case .p2p:
            do throws(PeerIDError) {
                return try PeerID(String(decoding: text, as: UTF8.self)).multihash
            } catch {
                throw .notPeerID(error)
            }
        case .certhash:
            do throws(MultibaseError) {
                return try Multibase.decode(String(decoding: text, as: UTF8.self)).bytes
            } catch {
                throw .notMultibase(error)
            }
        case .httpPath: return try decodePercent(text)
        case .dns, .dns4, .dns6, .dnsaddr, .sni, .ip6zone, .unix, .p2pCircuit, .tls, .noise, .quic, .quicV1,
            .webtransport, .ws, .wss, .http, .webrtcDirect, .webrtc:
            return Array(text)
        }
    }

    /// The canonical text of a valid packed value.
    static func text(_ value: [UInt8], of proto: MultiaddrProtocol) -> String {
        switch proto {
        case .ip4: IPText.ip4(value[...])
        case .ip6: IPText.ip6(value)
        case .tcp, .udp, .ipcidr, .memory: String(value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        case .p2p: Base58.encode(value)
        // Source: go-multiaddr, which writes base64url too.
        case .certhash: Multibase.base64URL.encode(value)
        case .httpPath: encodePercent(value)
        case .dns, .dns4, .dns6, .dnsaddr, .sni, .ip6zone, .unix: String(decoding: value, as: UTF8.self)
        case .p2pCircuit, .tls, .noise, .quic, .quicV1, .webtransport, .ws, .wss, .http, .webrtcDirect,
            .webrtc:
            ""
        }
    }

    private static func number(
        _ text: ArraySlice<UInt8>, byteCount: Int
    ) throws(MultiaddrValueError) -> ArraySlice<UInt8> {
        let maximum = UInt64.max >> (64 - 8 * UInt64(byteCount))
        guard let value = IPText.decimal(text, maximum: maximum) else { throw .notNumber(maximum: maximum) }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return bytes.suffix(byteCount)
    }

    private static func validateName(_ value: RawSpan, limit: Int) throws(MultiaddrValueError) {
        guard !value.isEmpty else { throw .notName }
        guard value.byteCount <= limit else { throw .nameTooLong(byteCount: value.byteCount, limit: limit) }
        guard isText(value) else { throw .notName }
        for offset in 0..<value.byteCount
        where value.byte(at: offset) == 0x2f || value.byte(at: offset) == 0x20 {
            throw .notName
        }
    }

    /// A path starts with a slash and has something behind it, so that its text has one reading.
    private static func validatePath(_ value: RawSpan) throws(MultiaddrValueError) {
        guard value.byteCount >= 2, value.byte(at: 0) == 0x2f, isText(value) else { throw .notPath }
    }

    /// UTF-8 without control characters.
    private static func isText(_ value: RawSpan) -> Bool {
        for offset in 0..<value.byteCount {
            let byte = value.byte(at: offset)
            if byte < 0x20 || byte == 0x7f { return false }
        }
        return value.withUnsafeBytes { bytes in String(validating: bytes, as: UTF8.self) != nil }
    }

    /// Percent-encodes everything but the unreserved characters of RFC 3986, so that every decoder agrees.
    private static func encodePercent(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: text.append(byte)
            default:
                text.append(0x25)
                text.append(contentsOf: Hex.encode(CollectionOfOne(byte)).uppercased().utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decodePercent(_ text: ArraySlice<UInt8>) throws(MultiaddrValueError) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let decoded = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self))
            else {
                throw .badPercentEncoding
            }
            bytes += decoded
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
