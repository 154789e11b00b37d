/// Why text is not bytes in a base encoding.
public enum MultibaseError: Error, Hashable, Sendable {
    /// No text, or only the base's prefix where bytes are needed.
    case empty
    /// The first character names no base that is supported.
    case unknownBase(UInt8)
    /// The byte of the text at `offset` is no digit of the base.
    case invalidDigit(UInt8, offset: Int)
    /// The number of digits, the padding or the unused last bits are not those of an encoder.
    case notCanonical
    /// The text is longer than its limit.
    case textTooLong(byteCount: Int, limit: Int)
}

extension MultibaseError: CustomStringConvertible {
    /// What is wrong with the text.
    public var description: String {
        switch self {
        case .empty: "the text is empty"
        case .unknownBase(let byte): "no base has the prefix byte 0x\(String(byte, radix: 16))"
        case .invalidDigit(let byte, let offset):
            "byte 0x\(String(byte, radix: 16)) at offset \(offset) is no digit of the base"
        case .notCanonical: "the number of digits, the padding or the last bits are not canonical"
        case .textTooLong(let byteCount, let limit):
            "the text has \(byteCount) bytes, more than the limit of \(limit)"
        }
    }
}
