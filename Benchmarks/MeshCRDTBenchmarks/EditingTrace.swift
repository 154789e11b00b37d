/// A recorded editing session: who typed and deleted what, after having seen what.
///
/// Positions and counts are UTF-16 code units once the trace is read, except in a concurrent trace whose text has
/// characters outside the basic plane: there they stay Unicode code points, and `needsConversion` says so.
/// Source of the shape: github.com/josephg/editing-traces, and `Benchmarks/traces/README.md`.
public struct EditingTrace: Sendable {
    /// One replacement of a piece of the text.
    public struct Patch: Hashable, Sendable {
        /// Where it happens.
        public var position: Int
        /// How much is deleted there.
        public var deleteCount: Int
        /// What is then inserted there.
        public var text: String
    }

    /// Patches that one agent made at once.
    public struct Transaction: Hashable, Sendable {
        /// The transactions that its author had seen last, as a range of ``EditingTrace/parents``.
        public var parents: Range<Int>
        /// Its author; 0 in a sequential trace.
        public var agent: Int
        /// Its patches, as a range of ``EditingTrace/patches``.
        public var patches: Range<Int>
    }

    /// Whether transactions name their parents and agents.
    public private(set) var isConcurrent = false
    /// The number of authors.
    public private(set) var agentCount = 1
    /// The text that the session ended with.
    public private(set) var endContent = ""
    /// The transactions; parents come before their children.
    public private(set) var transactions: [Transaction] = []
    /// The patches of all transactions.
    public private(set) var patches: [Patch] = []
    /// The parents of all transactions, as indexes of ``transactions``.
    public private(set) var parents: [Int] = []
    /// Whether positions are code points that must be converted against the text of the moment.
    public private(set) var needsConversion = false

    /// Reads a trace from JSON text, packed by gzip or not.
    public init(_ file: [UInt8]) throws(TraceError) {
        var json = JSONCursor(try GzipData.unpacked(file))
        var hasTransactions = false
        var hasEnd = false
        try json.object { (key, value) throws(TraceError) in
            switch key {
            case "kind": isConcurrent = try value.string() == "concurrent"
            case "numAgents": agentCount = try value.integer()
            case "startContent": start(with: try value.string())
            case "endContent":
                endContent = try value.string()
                hasEnd = true
            case "txns":
                hasTransactions = true
                try value.array { (element) throws(TraceError) in try readTransaction(&element) }
            default: try value.skipValue()
            }
        }
        try json.end()
        guard hasTransactions else { throw .missing(member: "txns") }
        guard hasEnd else { throw .missing(member: "endContent") }
        try check()
        try convertPositions()
    }

    /// A text that the session began with becomes a first transaction.
    private mutating func start(with content: String) {
        guard !content.isEmpty else { return }
        patches.append(Patch(position: 0, deleteCount: 0, text: content))
        transactions.append(Transaction(parents: 0..<0, agent: 0, patches: 0..<1))
    }

    private mutating func readTransaction(_ json: inout JSONCursor) throws(TraceError) {
        let firstParent = parents.count
        let firstPatch = patches.count
        var agent = 0
        try json.object { (key, value) throws(TraceError) in
            switch key {
            case "parents":
                try value.array { (element) throws(TraceError) in parents.append(try element.integer()) }
            case "agent": agent = try value.integer()
            case "patches":
                try value.array { (element) throws(TraceError) in try readPatches(&element) }
            default: try value.skipValue()
            }
        }
        transactions.append(
            Transaction(
                parents: firstParent..<parents.count, agent: agent, patches: firstPatch..<patches.count))
    }

    /// A patch is an array of a position, a count and a text, or of several such groups.
    private mutating func readPatches(_ json: inout JSONCursor) throws(TraceError) {
        var place = 0
        var patch = Patch(position: 0, deleteCount: 0, text: "")
        try json.array { (element) throws(TraceError) in
            switch place % 3 {
            case 0: patch.position = try element.integer()
            case 1: patch.deleteCount = try element.integer()
            default:
                patch.text = try element.string()
                patches.append(patch)
            }
            place += 1
        }
        guard place > 0, place % 3 == 0 else {
            throw .unexpected(expected: "a patch of position, count and text", offset: json.offset)
        }
    }

    /// Checks what the JSON cannot promise: references go back, numbers are not negative.
    private func check() throws(TraceError) {
        for (index, transaction) in transactions.enumerated() {
            let isSound =
                (0..<agentCount).contains(transaction.agent)
                && parents[transaction.parents].allSatisfy { (0..<index).contains($0) }
            guard isSound else { throw .impossibleReference(transaction: index) }
            for patch in patches[transaction.patches] where patch.position < 0 || patch.deleteCount < 0 {
                throw .outsideText(transaction: index)
            }
        }
    }

    private mutating func convertPositions() throws(TraceError) {
        guard patches.contains(where: { AstralPositions.count(in: $0.text) > 0 }) else { return }
        guard !isConcurrent else {
            needsConversion = true
            return
        }
        var astral = AstralPositions()
        for (index, transaction) in transactions.enumerated() {
            for number in transaction.patches {
                guard let converted = astral.convert(patches[number]) else {
                    throw .outsideText(transaction: index)
                }
                patches[number] = converted
            }
        }
    }
}
