import MeshCRDT

/// Types a recorded session into documents.
public struct TraceReplay {
    /// The name of the text that is edited.
    public static let rootName = "text"

    private let trace: EditingTrace
    private let client: ClientID

    /// Prepares a replay; `client` is the author of a sequential trace, agents of a concurrent one are agent + 1.
    public init(_ trace: EditingTrace, client: ClientID = 1) {
        self.trace = trace
        self.client = client
    }

    /// What one replay gave.
    public struct Outcome {
        /// The document at the end; for a concurrent trace the merge of all authors.
        public var document: Document
        /// One update a transaction that changed something, in the order of the trace.
        public var updates: [[UInt8]]
        /// How long all of it took, delivering updates between authors included.
        public var milliseconds: Double
        /// How long only the edits took.
        public var editMilliseconds: Double
    }

    /// Replays with one transaction for each of the trace; without a format nobody listens for updates.
    ///
    /// Authors of a concurrent trace exchange updates, so it takes v1 when no format is named.
    public func run(collecting format: UpdateFormat?) throws -> Outcome {
        trace.isConcurrent ? try runConcurrent(format ?? .v1) : try runSequential(format)
    }

    /// Replays a sequential trace inside one transaction.
    public func runInOneTransaction() throws -> Outcome {
        let document = Document(clientID: client)
        let text = document.text(Self.rootName)
        let (milliseconds, _) = try Stopwatch.time {
            try document.transact { _ in
                for transaction in trace.transactions { try edit(text, transaction) }
            }
        }
        return Outcome(
            document: document, updates: [], milliseconds: milliseconds, editMilliseconds: milliseconds)
    }

    private func runSequential(_ format: UpdateFormat?) throws -> Outcome {
        let document = Document(clientID: client)
        let text = document.text(Self.rootName)
        let log = UpdateLog(document, format)
        let (milliseconds, _) = try Stopwatch.time {
            for (index, transaction) in trace.transactions.enumerated() {
                try editAtOnce(document, text, transaction, index)
            }
        }
        return Outcome(
            document: document, updates: log.updates, milliseconds: milliseconds,
            editMilliseconds: milliseconds)
    }

    /// One edit is a transaction of its own anyway.
    private func editAtOnce(
        _ document: Document, _ text: SharedText, _ transaction: EditingTrace.Transaction, _ index: Int
    ) throws {
        do {
            if transaction.patches.count == 1, isSingle(trace.patches[transaction.patches.lowerBound]) {
                try edit(text, transaction)
            } else {
                try document.transact { _ in try edit(text, transaction) }
            }
        } catch is DocumentError {
            throw TraceError.outsideText(transaction: index)
        }
    }

    private func isSingle(_ patch: EditingTrace.Patch) -> Bool {
        patch.deleteCount == 0 || patch.text.isEmpty
    }

    private func edit(_ text: SharedText, _ transaction: EditingTrace.Transaction) throws {
        for number in transaction.patches {
            var patch = trace.patches[number]
            if trace.needsConversion {
                guard let converted = AstralPositions.convert(patch, in: text.string) else {
                    throw TraceError.outsideText(transaction: number)
                }
                patch = converted
            }
            if patch.deleteCount > 0 { try text.delete(at: patch.position, length: patch.deleteCount) }
            if !patch.text.isEmpty { try text.insert(patch.text, at: patch.position) }
        }
    }

    private func runConcurrent(_ format: UpdateFormat) throws -> Outcome {
        var authors = (0..<trace.agentCount).map {
            Author($0, transactionCount: trace.transactions.count, format)
        }
        var updates = [[UInt8]?](repeating: nil, count: trace.transactions.count)
        var editing = Duration.zero
        let (milliseconds, _) = try Stopwatch.time {
            for (index, transaction) in trace.transactions.enumerated() {
                let agent = transaction.agent
                let missing = authors[agent].missing(for: transaction, of: trace)
                try authors[agent].receive(missing.compactMap { updates[$0] }, format)
                let start = ContinuousClock.now
                try editAtOnce(authors[agent].document, authors[agent].text, transaction, index)
                editing += ContinuousClock.now - start
                updates[index] = authors[agent].log.takeLast()
                authors[agent].hasSeen[index] = true
            }
        }
        let all = updates.compactMap { $0 }
        let merged = Document(clientID: client)
        try merged.transact { _ in
            for update in all { try merged.apply(update, format: format) }
        }
        return Outcome(
            document: merged, updates: all, milliseconds: milliseconds,
            editMilliseconds: Stopwatch.milliseconds(editing))
    }
}

/// One agent of a concurrent trace with the document that it saw.
private struct Author {
    let document: Document
    let text: SharedText
    let log: UpdateLog
    /// The transactions that are in its document.
    var hasSeen: [Bool]

    init(_ agent: Int, transactionCount: Int, _ format: UpdateFormat) {
        document = Document(clientID: ClientID(agent) + 1)
        text = document.text(TraceReplay.rootName)
        log = UpdateLog(document, format)
        hasSeen = [Bool](repeating: false, count: transactionCount)
    }

    /// Marks and gives the transactions before `transaction` that are not in the document, in the order of the trace.
    mutating func missing(for transaction: EditingTrace.Transaction, of trace: EditingTrace) -> [Int] {
        var found: [Int] = []
        var waiting = Array(trace.parents[transaction.parents])
        while let next = waiting.popLast() {
            guard !hasSeen[next] else { continue }
            hasSeen[next] = true
            found.append(next)
            waiting += trace.parents[trace.transactions[next].parents]
        }
        return found.sorted()
    }

    func receive(_ updates: [[UInt8]], _ format: UpdateFormat) throws {
        guard !updates.isEmpty else { return }
        try document.transact { _ in
            for update in updates { try document.apply(update, format: format) }
        }
    }
}

/// The updates that a document announced for its own edits.
final class UpdateLog {
    private(set) var updates: [[UInt8]] = []
    private var subscription: Subscription?

    /// Listens to `document`, or to nothing when there is no format.
    init(_ document: Document, _ format: UpdateFormat?) {
        guard let format else { return }
        subscription = document.onUpdate(format) { [unowned self] event in
            if event.isLocal { updates.append(event.update) }
        }
    }

    deinit {
        subscription?.cancel()
    }

    /// Takes out the newest update, if there is one.
    func takeLast() -> [UInt8]? { updates.popLast() }
}
