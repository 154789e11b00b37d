/// What one case of `bench crdt` measured.
public struct CaseReport: Encodable, Sendable {
    /// The case, `B1.1` to `B4`, `load` or `memory`.
    public var name: String
    /// What is done in it.
    public var title: String
    /// Repetitions behind every median.
    public var repetitions: Int
    /// Median times.
    public var milliseconds: [String: Double]
    /// Sizes and counts.
    public var counts: [String: Int]
}

/// One row of the case `scale`: the cost of an edit at one size.
public struct ScaleRow: Encodable, Sendable {
    /// What is done.
    public var name: String
    /// How many times.
    public var edits: Int
    /// The cost of one, on average.
    public var nanosecondsPerEdit: Double
    /// The cost of one beside that at the smallest size.
    public var growth: Double
    /// The document's size in the first format.
    public var v1Bytes: Int
    /// Encoding and loading it, in the first format.
    public var milliseconds: [String: Double]
}

/// What `bench crdt` prints.
public struct CRDTBenchReport: Encodable, Sendable {
    /// Always true.
    public var ok = true
    /// The cases that were measured, in order.
    public var cases: [CaseReport] = []
    /// The rows of the case `scale`.
    public var scale: [ScaleRow] = []

    /// Sizes of the case `scale` that would have taken too long.
    public var skipped: [String] = []

    /// Creates an empty report.
    public init() {}
}
