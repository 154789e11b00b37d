/// Seeded work for the B1 and B2 cases, the same for every library that is compared.
///
/// `Benchmarks/compare/crdt/bench_inputs.py` writes it.
public struct BenchInputs: Sendable {
    /// One call on a shared type.
    enum Operation: Sendable {
        /// Inserts text.
        case insert(at: Int, String)
        /// Deletes text.
        case delete(at: Int, length: Int)
        /// Inserts numbers into an array.
        case insertNumbers(at: Int, [Double])
    }

    /// The cases of one writer, `B1.1` to `B1.11`.
    private(set) var single: [(name: String, operations: [Operation])] = []
    /// The cases of two writers, `B2.1` to `B2.4`.
    private(set) var paired: [(name: String, first: [Operation], second: [Operation])] = []
    /// What both writers of a paired case start with.
    private(set) var initialText = ""
    /// The number of clients of the B3 cases.
    private(set) var clientCount = 1540

    /// Reads the inputs from JSON text, packed by gzip or not.
    public init(_ file: [UInt8]) throws(TraceError) {
        var json = JSONCursor(try GzipData.unpacked(file))
        try json.object { (key, value) throws(TraceError) in
            switch key {
            case "init": initialText = try value.string()
            case "sqrtN": clientCount = try value.integer()
            case _ where key.hasPrefix("B1."): single.append((key, try Self.operations(&value)))
            case _ where key.hasPrefix("B2."):
                var writers: [[Operation]] = []
                try value.array { (element) throws(TraceError) in
                    writers.append(try Self.operations(&element))
                }
                guard writers.count == 2 else { throw .missing(member: key) }
                paired.append((key, writers[0], writers[1]))
            default: try value.skipValue()
            }
        }
        try json.end()
        guard !single.isEmpty, !paired.isEmpty else { throw .missing(member: "B1.1") }
    }

    private static func operations(_ json: inout JSONCursor) throws(TraceError) -> [Operation] {
        var operations: [Operation] = []
        try json.array { (element) throws(TraceError) in operations.append(try operation(&element)) }
        return operations
    }

    /// `["i", position, text]`, `["d", position, length]` or `["a", position, [numbers]]`.
    private static func operation(_ json: inout JSONCursor) throws(TraceError) -> Operation {
        var kind = ""
        var position = 0
        var place = 0
        var result: Operation?
        try json.array { (element) throws(TraceError) in
            switch place {
            case 0: kind = try element.string()
            case 1: position = try element.integer()
            default: result = try operand(kind, position, &element)
            }
            place += 1
        }
        guard let result else { throw .unexpected(expected: "an operation", offset: json.offset) }
        return result
    }

    private static func operand(
        _ kind: String, _ position: Int, _ json: inout JSONCursor
    ) throws(TraceError) -> Operation {
        switch kind {
        case "i": return .insert(at: position, try json.string())
        case "d": return .delete(at: position, length: try json.integer())
        case "a":
            var numbers: [Double] = []
            try json.array { (element) throws(TraceError) in numbers.append(Double(try element.integer())) }
            return .insertNumbers(at: position, numbers)
        default: throw .unexpected(expected: "an operation", offset: json.offset)
        }
    }
}
