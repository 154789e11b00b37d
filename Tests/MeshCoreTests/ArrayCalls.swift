import MeshCore

// Expectations take no spans: these forms take arrays.

extension Varint {
    static func read(_ bytes: [UInt8], at offset: inout Int) throws(VarintError) -> UInt64 {
        try read(bytes.span.bytes, at: &offset)
    }
}

extension ProtobufReader {
    mutating func next(in message: [UInt8]) throws(ProtobufError) -> ProtobufField? {
        try next(in: message.span.bytes)
    }
}

extension DelimitedBuffer {
    mutating func append(_ bytes: [UInt8]) {
        append(bytes.span.bytes)
    }
}

/// The bytes of hexadecimal digits, in which spaces are ignored.
func bytes(_ hex: String) throws -> [UInt8] {
    guard let bytes = Hex.decode(hex.filter { !$0.isWhitespace }) else { throw NotHex(text: hex) }
    return bytes
}

struct NotHex: Error {
    let text: String
}
