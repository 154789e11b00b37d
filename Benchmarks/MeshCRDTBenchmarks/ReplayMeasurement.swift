import MeshCRDT

/// A part of a replay that is timed; the raw values are the names of the command's contract.
public enum ReplayStep: String, CaseIterable, Sendable {
    case local, localV1, localV2, oneTransaction, applyEach, applyOneTransaction
    case encodeV1, encodeV2, loadV1, loadV2, mergeUpdates
}

/// What `doc replay` prints.
public struct ReplayReport: Encodable, Sendable {
    /// Sizes of the whole document.
    public struct ByteCounts: Encodable, Sendable {
        /// As an update in the first format.
        public var v1: Int
        /// As an update in the second.
        public var v2: Int
        /// All single updates together, in the first format.
        public var updatesV1: Int
    }

    /// Always true.
    public var ok = true
    /// `sequential` or `concurrent`.
    public var kind: String
    /// Patches of the trace.
    public var edits: Int
    /// Transactions of the trace.
    public var transactions: Int
    /// Unicode code points of the final text.
    public var characters: Int
    /// SHA-256 of the final text's UTF-8, in hexadecimal.
    public var sha256: String
    /// Whether the final text is the one that the trace names.
    public var matchesTrace: Bool
    /// Sizes.
    public var bytes: ByteCounts
    /// Structs of the document, deleted ones included.
    public var structs: Int
    /// Repetitions behind every median.
    public var repetitions: Int
    /// Medians by the names of ``ReplayStep``.
    public var milliseconds: [String: Double]
}

/// Replays a trace and times its parts.
public struct ReplayMeasurement {
    private let trace: EditingTrace
    private let replay: TraceReplay
    private let repetitions: Int
    private let progress: (String) -> Void
    private let outcome: TraceReplay.Outcome
    private let v1: [UInt8]
    private let v2: [UInt8]

    /// Replays `trace` once for the content and the updates that later parts need.
    public init(
        _ trace: EditingTrace, client: ClientID, repetitions: Int, progress: @escaping (String) -> Void
    ) throws {
        self.trace = trace
        self.repetitions = repetitions
        self.progress = progress
        replay = TraceReplay(trace, client: client)
        progress("replaying once")
        outcome = try replay.run(collecting: .v1)
        v1 = outcome.document.encodeStateAsUpdate(.v1)
        v2 = outcome.document.encodeStateAsUpdate(.v2)
    }

    /// The final text.
    public var finalText: String { outcome.document.text(TraceReplay.rootName).string }

    /// One update a transaction that changed something, in the first format.
    public var updates: [[UInt8]] { outcome.updates }

    /// The whole document.
    public func encoded(_ format: UpdateFormat) -> [UInt8] { format == .v1 ? v1 : v2 }

    /// Times the named parts; those that do not exist for a concurrent trace are left out.
    ///
    /// `sha256` gives the hash of the final text in hexadecimal.
    public func report(_ steps: [ReplayStep], sha256: ([UInt8]) -> String) throws -> ReplayReport {
        let text = finalText
        var milliseconds: [String: Double] = [:]
        for step in steps where !(trace.isConcurrent && step == .oneTransaction) {
            progress("measuring \(step.rawValue)")
            milliseconds[step.rawValue] =
                try Samples(repetitions: repetitions) { ["": try measure(step)] }.medians[""]
        }
        return ReplayReport(
            kind: trace.isConcurrent ? "concurrent" : "sequential", edits: trace.patches.count,
            transactions: trace.transactions.count, characters: text.unicodeScalars.count,
            sha256: sha256(Array(text.utf8)), matchesTrace: Self.isSame(text, trace.endContent),
            bytes: .init(
                v1: v1.count, v2: v2.count, updatesV1: outcome.updates.reduce(0) { $0 + $1.count }),
            structs: outcome.document.statistics.itemCount, repetitions: max(repetitions, 1),
            milliseconds: milliseconds)
    }

    /// Times all parts, as a case of `bench crdt`.
    public func caseReport(_ name: String) throws -> CaseReport {
        let report = try report(ReplayStep.allCases) { _ in "" }
        return CaseReport(
            name: name, title: "an editing session of \(report.edits) edits", repetitions: report.repetitions,
            milliseconds: report.milliseconds,
            counts: [
                "v1Bytes": report.bytes.v1, "v2Bytes": report.bytes.v2, "structs": report.structs,
                "updateBytes": report.bytes.updatesV1,
            ])
    }

    /// Swift compares strings by canonical equivalence, a document must keep every byte.
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private func measure(_ step: ReplayStep) throws -> Double {
        switch step {
        case .local: return try local()
        case .localV1: return try replay.run(collecting: .v1).milliseconds
        case .localV2: return try replay.run(collecting: .v2).milliseconds
        case .oneTransaction: return try replay.runInOneTransaction().milliseconds
        case .applyEach: return try applyEach()
        case .applyOneTransaction: return try applyOneTransaction()
        case .encodeV1: return try encode(.v1)
        case .encodeV2: return try encode(.v2)
        case .loadV1: return try load(.v1)
        case .loadV2: return try load(.v2)
        case .mergeUpdates: return try mergeUpdates()
        }
    }

    /// Authors of a concurrent trace must exchange updates; only their edits count here.
    private func local() throws -> Double {
        trace.isConcurrent
            ? try replay.run(collecting: .v1).editMilliseconds
            : try replay.run(collecting: nil).milliseconds
    }

    private func applyEach() throws -> Double {
        let document = Document(clientID: Self.readerID)
        let (milliseconds, _) = try Stopwatch.time {
            for update in outcome.updates { try document.apply(update) }
        }
        return try checked(milliseconds, document, "apply")
    }

    private func applyOneTransaction() throws -> Double {
        let document = Document(clientID: Self.readerID)
        let (milliseconds, _) = try Stopwatch.time {
            try document.transact { _ in
                for update in outcome.updates { try document.apply(update) }
            }
        }
        return try checked(milliseconds, document, "applyOneTransaction")
    }

    private func encode(_ format: UpdateFormat) throws -> Double {
        let (milliseconds, bytes) = Stopwatch.time { outcome.document.encodeStateAsUpdate(format) }
        guard bytes.count == encoded(format).count else {
            throw TraceError.wrongResult("encoding the document again gave other bytes")
        }
        return milliseconds
    }

    private func load(_ format: UpdateFormat) throws -> Double {
        let bytes = encoded(format)
        let (milliseconds, document) = try Stopwatch.time {
            let document = Document(clientID: Self.readerID)
            try document.apply(bytes, format: format)
            return document
        }
        return try checked(milliseconds, document, "load")
    }

    private func mergeUpdates() throws -> Double {
        let (milliseconds, merged) = try Stopwatch.time { try Updates.merge(outcome.updates, format: .v1) }
        let document = Document(clientID: Self.readerID)
        try document.apply(merged)
        return try checked(milliseconds, document, "mergeUpdates")
    }

    private func checked(_ milliseconds: Double, _ document: Document, _ what: String) throws -> Double {
        let text = document.text(TraceReplay.rootName).string
        guard Self.isSame(text, finalText) else {
            throw TraceError.wrongResult("\(what) gave another text than the replay")
        }
        return milliseconds
    }

    /// A client that no trace has.
    private static let readerID: ClientID = 1 << 40
}
