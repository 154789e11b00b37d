/// Base58 with the Bitcoin alphabet.
public enum Base58 {
    /// The longest text that is decoded unless a caller says otherwise: decoding takes quadratic time.
    public static let maximumTextByteCount = 2048

    static let codec = RadixCodec(alphabet: "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: codec.encode(bytes), as: UTF8.self)
    }

    /// The bytes of `text`, which may have `limit` bytes.
    public static func decode(
        _ text: String, limit: Int = maximumTextByteCount
    ) throws(MultibaseError) -> [UInt8] {
        guard text.utf8.count <= limit else {
            throw .textTooLong(byteCount: text.utf8.count, limit: limit)
        }
        return try codec.decode(Array(text.utf8))
    }
}
