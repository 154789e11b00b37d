import MeshCore

/// Reads the text form of multiaddrs, byte by byte: a character of Swift may swallow a slash.
enum MultiaddrParser {
    private static let slash: UInt8 = 0x2f

    static func parse(_ text: String) throws(MultiaddrError) -> [UInt8] {
        guard !text.isEmpty else { throw .empty }
        let limit = Multiaddr.maximumTextByteCount
        guard text.utf8.count <= limit else { throw .tooLong(byteCount: text.utf8.count, limit: limit) }
        let text = Array(text.utf8)
        guard text[0] == slash else { throw .missingSlash }
        var bytes: [UInt8] = []
        var rest = text[...]
        while rest.contains(where: { $0 != slash }) {
            try parseComponent(&rest, into: &bytes)
        }
        guard !bytes.isEmpty else { throw .empty }
        // Limits of the whole; every value has been checked already.
        try Multiaddr.validate(bytes.span.bytes)
        return bytes
    }

    /// Takes one component off `rest`, which starts with a slash.
    private static func parseComponent(
        _ rest: inout ArraySlice<UInt8>, into bytes: inout [UInt8]
    ) throws(MultiaddrError) {
        let offset = rest.startIndex
        let nameBytes = takeSegment(&rest)
        let name = String(decoding: nameBytes.prefix(32), as: UTF8.self)
        guard let proto = MultiaddrProtocol(name: name) else { throw .unknownName(name, offset: offset) }
        Varint.append(proto.rawValue, to: &bytes)
        guard proto.hasValue else { return }
        let text: ArraySlice<UInt8>
        if proto == .unix {
            text = rest
            rest = rest[rest.endIndex...]
        } else {
            text = takeSegment(&rest)
        }
        guard text.contains(where: { $0 != slash }) else { throw .missingValue(proto, offset: offset) }
        let value: [UInt8]
        do throws(MultiaddrValueError) {
            value = try MultiaddrValue.parse(text, of: proto)
            try MultiaddrValue.validate(value.span.bytes, of: proto)
        } catch {
            throw .badValue(proto, offset: offset, error)
        }
        if proto.size == .lengthPrefixed { Varint.append(UInt64(value.count), to: &bytes) }
        bytes += value
    }

    /// Takes a slash and what follows it up to the next slash.
    private static func takeSegment(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        rest = rest.dropFirst()
        let end = rest.firstIndex(of: slash) ?? rest.endIndex
        let segment = rest[..<end]
        rest = rest[end...]
        return segment
    }
}
