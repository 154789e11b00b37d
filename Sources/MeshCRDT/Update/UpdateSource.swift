/// Where the fields of a struct lie in one of the two formats.
protocol UpdateSource: Sendable {
    static var format: UpdateFormat { get }

    init(_ update: [UInt8], limits: DocumentLimits) throws(UpdateError)

    /// What both formats keep in the order of the structs: counts, first clocks, binary and, in v1, everything.
    var rest: ByteReader { get set }
    var scratch: [UInt8] { get set }
    var limits: DocumentLimits { get }

    /// The most structs that the rest of an update can hold.
    static func structCountLimit(of rest: ByteReader) -> UInt64

    /// Forgets the bytes of the last struct.
    mutating func discardScratch()

    mutating func info() throws(UpdateError) -> UInt8
    mutating func client() throws(UpdateError) -> ClientID
    mutating func leftID() throws(UpdateError) -> ID
    mutating func rightID() throws(UpdateError) -> ID
    mutating func isParentRoot() throws(UpdateError) -> Bool
    /// A text and its length in UTF-16 units.
    mutating func string() throws(UpdateError) -> (WireBytes, UInt64)
    mutating func length() throws(UpdateError) -> UInt64

    /// `count` JSON texts.
    mutating func texts(_ count: UInt64) throws(UpdateError) -> WireBytes
    mutating func embed() throws(UpdateError) -> WireBytes
    mutating func format() throws(UpdateError) -> WireBytes
    mutating func type() throws(UpdateError) -> WireBytes
    mutating func document() throws(UpdateError) -> WireBytes
}

extension UpdateSource {
    /// `count` values in the "any" encoding: in place where they are as lib0 writes them.
    mutating func values(_ count: UInt64) throws(UpdateError) -> WireBytes {
        let start = rest.offset
        // A value takes a byte at least.
        guard count <= UInt64(rest.remaining) else { throw .truncated(offset: start) }
        var isCanonical = true
        for _ in 0..<count {
            let isNextCanonical = try AnyCodec.skip(&rest, depthLimit: limits.valueDepth)
            isCanonical = isCanonical && isNextCanonical
        }
        if isCanonical { return WireBytes(start..<rest.offset) }
        var again = ByteReader(rest.bytes, range: start..<rest.offset)
        let lower = scratch.count
        for _ in 0..<count {
            try AnyCodec.appendCanonical(from: &again, depthLimit: limits.valueDepth, to: &scratch)
        }
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    /// Reads one value and appends it to the scratch.
    mutating func appendValue() throws(UpdateError) {
        let bytes = try values(1)
        if !bytes.isScratch { scratch.append(contentsOf: rest.bytes[bytes.range]) }
    }

    /// Reads the options of a nested document and appends what Yjs keeps of them.
    ///
    /// Source: Yjs 13.6 `ContentDoc`: `gc` when false, `autoLoad` when true, `meta` when not null, in this order.
    mutating func appendDocument(guid: [UInt8]) throws(UpdateError) {
        let start = rest.offset
        var guid = guid
        let options = try AnyCodec.decode(&rest, depthLimit: limits.valueDepth)
        var kept = AnyFields()
        switch options {
        case .undefined, .null: throw .malformed(.value, offset: start)
        case .object(let fields):
            if case .string(let override)? = fields["guid"] { guid = Array(override.utf8) }
            if let collects = fields["gc"], collects != .undefined, !collects.isTruthy {
                kept["gc"] = .bool(false)
            }
            if fields["autoLoad"]?.isTruthy == true { kept["autoLoad"] = .bool(true) }
            if let metadata = fields["meta"], metadata != .undefined, metadata != .null {
                kept["meta"] = metadata
            }
        case .bool, .number, .bigInt, .string, .binary, .array: break
        }
        scratch.appendVarBytes(guid)
        AnyCodec.append(.object(kept), to: &scratch)
    }

    /// The kind that `number` stands for.
    func typeKind(_ number: UInt64, offset: Int) throws(UpdateError) -> TypeKind {
        guard let byte = UInt8(exactly: number), let kind = TypeKind(rawValue: byte), kind != .undefined
        else {
            throw .malformed(.typeKind, offset: offset)
        }
        return kind
    }
}

extension TypeKind {
    /// Whether a name follows it.
    var hasName: Bool { self == .xmlElement || self == .xmlHook }
}

extension AnyValue {
    /// Whether JavaScript takes it for true in a condition.
    var isTruthy: Bool {
        switch self {
        case .undefined, .null: false
        case .bool(let value): value
        case .number(let value): value != 0 && !value.isNaN
        case .bigInt(let value): value != 0
        case .string(let value): !value.utf8.isEmpty
        case .binary, .array, .object: true
        }
    }
}
