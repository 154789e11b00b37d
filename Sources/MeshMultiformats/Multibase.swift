import MeshCore

/// Text that names its base in its first character.
///
/// Source: multiformats/multibase multibase.csv.
public enum Multibase: UInt8, CaseIterable, Sendable {
    /// `f`
    case base16 = 0x66
    /// `F`
    case base16Upper = 0x46
    /// `b`: RFC 4648 in lower case without padding.
    case base32 = 0x62
    /// `B`
    case base32Upper = 0x42
    /// `v`: RFC 4648 extended hex alphabet without padding.
    case base32Hex = 0x76
    /// `V`
    case base32HexUpper = 0x56
    /// `k`
    case base36 = 0x6b
    /// `K`
    case base36Upper = 0x4b
    /// `z`: Bitcoin alphabet.
    case base58btc = 0x7a
    /// `m`: without padding.
    case base64 = 0x6d
    /// `M`
    case base64Padded = 0x4d
    /// `u`: URL alphabet without padding.
    case base64URL = 0x75
    /// `U`
    case base64URLPadded = 0x55

    /// The longest text that ``decode(_:limit:)`` takes unless a caller says otherwise.
    public static let maximumTextByteCount = 4096

    private static let hex = BitCodec(alphabet: "0123456789abcdef", bitCount: 4, foldsCase: true)
    private static let hexUpper = BitCodec(alphabet: "0123456789ABCDEF", bitCount: 4, foldsCase: true)
    private static let thirtyTwo = BitCodec(
        alphabet: "abcdefghijklmnopqrstuvwxyz234567", bitCount: 5, foldsCase: true)
    private static let thirtyTwoUpper = BitCodec(
        alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bitCount: 5, foldsCase: true)
    private static let thirtyTwoHex = BitCodec(
        alphabet: "0123456789abcdefghijklmnopqrstuv", bitCount: 5, foldsCase: true)
    private static let thirtyTwoHexUpper = BitCodec(
        alphabet: "0123456789ABCDEFGHIJKLMNOPQRSTUV", bitCount: 5, foldsCase: true)
    private static let thirtySix = RadixCodec(
        alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", foldsCase: true)
    private static let thirtySixUpper = RadixCodec(
        alphabet: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", foldsCase: true)

    /// The text of `bytes` with this base's prefix.
    public func encode(_ bytes: [UInt8]) -> String {
        String(decoding: [rawValue] + digits(of: bytes), as: UTF8.self)
    }

    /// The base and the bytes of `text`, which may have `limit` bytes.
    public static func decode(
        _ text: String, limit: Int = maximumTextByteCount
    ) throws(MultibaseError) -> (base: Multibase, bytes: [UInt8]) {
        guard text.utf8.count <= limit else {
            throw .textTooLong(byteCount: text.utf8.count, limit: limit)
        }
        var digits = Array(text.utf8)
        guard let prefix = digits.first else { throw .empty }
        guard let base = Multibase(rawValue: prefix) else { throw .unknownBase(prefix) }
        digits.removeFirst()
        do throws(MultibaseError) {
            return (base, try base.bytes(of: digits))
        } catch {
            // Offsets count from the start of the text.
            guard case .invalidDigit(let digit, let offset) = error else { throw error }
            throw .invalidDigit(digit, offset: offset + 1)
        }
    }

    private func digits(of bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .base16: Self.hex.encode(bytes)
        case .base16Upper: Self.hexUpper.encode(bytes)
        case .base32: Self.thirtyTwo.encode(bytes)
        case .base32Upper: Self.thirtyTwoUpper.encode(bytes)
        case .base32Hex: Self.thirtyTwoHex.encode(bytes)
        case .base32HexUpper: Self.thirtyTwoHexUpper.encode(bytes)
        case .base36: Self.thirtySix.encode(bytes)
        case .base36Upper: Self.thirtySixUpper.encode(bytes)
        case .base58btc: Base58.codec.encode(bytes)
        case .base64: Base64.encodeBytes(bytes, alphabet: .standard, padding: false)
        case .base64Padded: Base64.encodeBytes(bytes, alphabet: .standard, padding: true)
        case .base64URL: Base64.encodeBytes(bytes, alphabet: .url, padding: false)
        case .base64URLPadded: Base64.encodeBytes(bytes, alphabet: .url, padding: true)
        }
    }

    private func bytes(of digits: [UInt8]) throws(MultibaseError) -> [UInt8] {
        switch self {
        case .base16, .base16Upper: try Self.hex.decode(digits)
        case .base32, .base32Upper: try Self.thirtyTwo.decode(digits)
        case .base32Hex, .base32HexUpper: try Self.thirtyTwoHex.decode(digits)
        case .base36, .base36Upper: try Self.thirtySix.decode(digits)
        case .base58btc: try Base58.codec.decode(digits)
        case .base64: try Base64.decode(digits, alphabet: .standard, padding: false)
        case .base64Padded: try Base64.decode(digits, alphabet: .standard, padding: true)
        case .base64URL: try Base64.decode(digits, alphabet: .url, padding: false)
        case .base64URLPadded: try Base64.decode(digits, alphabet: .url, padding: true)
        }
    }
}
