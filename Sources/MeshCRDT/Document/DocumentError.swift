/// Why a local change of a document was refused; nothing has changed then.
public enum DocumentError: Error, Hashable, Sendable {
    /// An index or a range reaches beyond the end of a list or text.
    case outOfBounds(index: Int, length: Int)
    /// Two types with one root name, or a method on a type of another kind.
    case wrongKind(name: String, is: TypeKind, wanted: TypeKind)
    /// A value that a list cannot hold directly: undefined or a big integer, as in Yjs.
    case unsupportedValue(String)
    /// The type was deleted; it cannot be changed any more.
    case deleted
    /// The document would become larger than it may.
    case limitExceeded(DocumentLimits.Name, limit: Int)
}

extension DocumentError: CustomStringConvertible {
    /// What happened, for people.
    public var description: String {
        switch self {
        case .outOfBounds(let index, let length):
            "index \(index) is beyond the length of \(length)"
        case .wrongKind(let name, let kind, let wanted):
            "\"\(name)\" is of kind \(kind), not \(wanted)"
        case .unsupportedValue(let what):
            "a list cannot hold \(what) directly; put it into an object"
        case .deleted:
            "the type was deleted"
        case .limitExceeded(let name, let limit):
            "\(name.rawValue) would exceed the limit of \(limit)"
        }
    }
}
