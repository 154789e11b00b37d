/// Why a text is not the name of a mesh or of a capability.
public enum DirectoryNameError: Error, Hashable, Sendable {
    /// Nothing is left of the text.
    case empty
    /// The text is longer than the limit.
    case tooLong(byteCount: Int, limit: Int)
    /// A control, invisible or otherwise misleading scalar, at a byte offset.
    case hiddenScalar(UInt32, offset: Int)
    /// A space at the beginning or the end, or behind another one, at a byte offset.
    case badSpacing(offset: Int)
    /// The text reads as a DID, an address or a peer id.
    case looksLikeAddress
    /// A byte that capabilities do not have, at an offset.
    case badCapabilityByte(UInt8, offset: Int)
}

extension DirectoryNameError: CustomStringConvertible {
    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .empty: "the name is empty; give it 1 to 64 bytes"
        case .tooLong(let byteCount, let limit):
            "the name has \(byteCount) bytes of UTF-8, \(limit) are allowed; shorten it"
        case .hiddenScalar(let scalar, let offset):
            "U+\(DisplayText.hex(scalar, digits: 4)) at byte \(offset) is a control, invisible or misleading "
                + "character; remove it"
        case .badSpacing(let offset):
            "the space at byte \(offset) is at an end of the name or behind another space; remove it"
        case .looksLikeAddress: "the name looks like a DID, an address or a peer id; choose another"
        case .badCapabilityByte(let byte, let offset):
            "byte 0x\(DisplayText.hex(UInt32(byte), digits: 2)) at \(offset) is not allowed in a capability; use "
                + "a-z, 0-9 and - . _ / : +, and begin with a letter or digit"
        }
    }
}
