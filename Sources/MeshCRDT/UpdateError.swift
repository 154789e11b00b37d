/// Why bytes are not an update, a state vector, a delete set or another encoded part of a document.
///
/// Whatever throws it has left the document as it was.
public enum UpdateError: Error, Hashable, Sendable {
    /// The bytes end inside the value that starts at byte `offset`.
    case truncated(offset: Int)
    /// The bytes at `offset` are not what the format demands there.
    case malformed(Malformation, offset: Int)
    /// Something at byte `offset` is larger than this document allows.
    case limitExceeded(DocumentLimits.Name, value: UInt64, limit: UInt64, offset: Int)

    /// What is wrong with the bytes.
    public enum Malformation: String, Hashable, Sendable {
        case number = "a number of more than 53 bits"
        case text = "text that is not UTF-8"
        case contentKind = "an unknown kind of content"
        case typeKind = "an unknown kind of shared type"
        case value = "an unknown kind of value"
        case json = "text that is not JSON"
        case emptyStruct = "a struct or a deletion without length"
        case clock = "a clock beyond 2^32"
        case reference = "a struct that refers to itself or to what its writer had not written yet"
        case version = "an unknown version of the format"
        case column = "a column that ends before its last value"
        case trailingBytes = "bytes after the end"
        case message = "an unknown kind of message"
    }
}

extension UpdateError: CustomStringConvertible {
    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .truncated(let offset):
            "the bytes end inside the value at byte \(offset)"
        case .malformed(let malformation, let offset):
            "\(malformation.rawValue) at byte \(offset)"
        case .limitExceeded(let name, let value, let limit, let offset):
            "\(name.rawValue) of \(value) at byte \(offset) exceeds the limit of \(limit)"
        }
    }
}
