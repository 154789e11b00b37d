/// Why a trace or another input of the measurements cannot be used.
public enum TraceError: Error, Hashable, Sendable {
    /// The compressed bytes end early or are damaged; `offset` counts compressed bytes.
    case damagedGzip(offset: Int)
    /// The file unpacks to more than `limit` bytes.
    case tooLarge(limit: Int)
    /// The JSON text has something else than `expected` at byte `offset`.
    case unexpected(expected: String, offset: Int)
    /// The trace lacks a member that every trace has.
    case missing(member: String)
    /// A patch of transaction `transaction` reaches beyond the text that it edits.
    case outsideText(transaction: Int)
    /// Transaction `transaction` names a parent or an agent that cannot be.
    case impossibleReference(transaction: Int)
    /// The replay, or a part of a measurement, ended with another content than it must.
    case wrongResult(String)
}

extension TraceError: CustomStringConvertible {
    /// What is wrong, as a part of a sentence.
    public var description: String {
        switch self {
        case .damagedGzip(let offset): "the gzip data is damaged or cut off near byte \(offset)"
        case .tooLarge(let limit): "it unpacks to more than the limit of \(limit) bytes"
        case .unexpected(let expected, let offset): "byte \(offset) of the JSON text is not \(expected)"
        case .missing(let member): "it has no member \"\(member)\""
        case .outsideText(let transaction):
            "a patch of transaction \(transaction) reaches beyond the end of the text"
        case .impossibleReference(let transaction):
            "transaction \(transaction) names an agent or a parent that cannot be"
        case .wrongResult(let what): what
        }
    }
}
