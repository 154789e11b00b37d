/// Base 64 (RFC 4648), with the standard or the URL alphabet, with or without padding.
public enum Base64 {
    /// Which digits stand for 62 and 63.
    public enum Alphabet: Sendable {
        /// `+` and `/` (section 4).
        case standard
        /// `-` and `_` (section 5).
        case url
    }

    private static let standard = BitCodec(
        alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", bitCount: 6)
    private static let url = BitCodec(
        alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", bitCount: 6)

    /// The text of `bytes`.
    public static func encode(
        _ bytes: [UInt8], alphabet: Alphabet = .standard, padding: Bool = true
    ) -> String {
        String(decoding: encodeBytes(bytes, alphabet: alphabet, padding: padding), as: UTF8.self)
    }

    /// The bytes of `text`, which has its padding exactly when `padding` says so.
    public static func decode(
        _ text: String, alphabet: Alphabet = .standard, padding: Bool = true
    ) throws(MultibaseError) -> [UInt8] {
        try decode(Array(text.utf8), alphabet: alphabet, padding: padding)
    }

    static func encodeBytes(_ bytes: [UInt8], alphabet: Alphabet, padding: Bool) -> [UInt8] {
        var text = codec(alphabet).encode(bytes)
        if padding { while !text.count.isMultiple(of: 4) { text.append(0x3d) } }
        return text
    }

    static func decode(
        _ text: [UInt8], alphabet: Alphabet, padding: Bool
    ) throws(MultibaseError) -> [UInt8] {
        guard padding else { return try codec(alphabet).decode(text) }
        guard text.count.isMultiple(of: 4) else { throw .notCanonical }
        let padCount = text.suffix(2).reversed().prefix { $0 == 0x3d }.count
        return try codec(alphabet).decode(text.dropLast(padCount))
    }

    private static func codec(_ alphabet: Alphabet) -> BitCodec {
        switch alphabet {
        case .standard: standard
        case .url: url
        }
    }
}
