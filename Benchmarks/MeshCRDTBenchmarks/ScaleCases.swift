import MeshCRDT
import MeshCore

/// The cost of an edit while one document grows by factors of ten.
public struct ScaleCases {
    private let trace: EditingTrace?
    private let factors: [Int]
    private let seed: UInt64

    /// Prepares the rows up to `maximumFactor` times the usual size; `trace` is that of B4.
    public init(trace: EditingTrace?, maximumFactor: Int, seed: UInt64) {
        self.trace = trace
        self.seed = seed
        factors = [1, 10, 100].filter { $0 <= maximumFactor }
    }

    /// Measures every row.
    ///
    /// A family ends early when its next size would take longer than `limit` by the growth so far; its name is then in
    /// `skipped`, with that size.
    public func rows(
        limit: Duration = .seconds(120), progress: (String) -> Void
    ) throws -> (rows: [ScaleRow], skipped: [String]) {
        var rows: [ScaleRow] = []
        var skipped: [String] = []
        for family in families {
            var smallest: Double?
            var expected = 0.0
            for factor in factors {
                let what = "\(family.name), \(factor * family.size) edits"
                guard expected < Stopwatch.milliseconds(limit) else {
                    skipped.append(what)
                    break
                }
                progress(what)
                let row = try measure(family, factor * family.size, smallest)
                smallest = smallest ?? row.nanosecondsPerEdit
                // Ten times the edits, each as much dearer again as it became with the last factor of ten.
                expected = row.nanosecondsPerEdit * Double(row.edits) / 1e6 * 10 * max(1, row.growth)
                rows.append(row)
            }
        }
        return (rows, skipped)
    }

    private struct Family {
        var name: String
        /// Edits at factor 1.
        var size: Int
        /// Makes the document and gives how long the edits took, in milliseconds.
        var work: (Int) throws -> (Document, Double)
    }

    private func measure(_ family: Family, _ edits: Int, _ smallest: Double?) throws -> ScaleRow {
        let (document, milliseconds) = try family.work(edits)
        let (encode, bytes) = Stopwatch.time { document.encodeStateAsUpdate(.v1) }
        let (load, _) = try Stopwatch.time {
            let copy = Document(clientID: Self.readerClient)
            try copy.apply(bytes)
            return copy
        }
        let each = milliseconds * 1e6 / Double(edits)
        return ScaleRow(
            name: family.name, edits: edits, nanosecondsPerEdit: Self.rounded(each),
            growth: Self.rounded(each / (smallest ?? each)), v1Bytes: bytes.count,
            milliseconds: ["encodeV1": Self.rounded(encode), "loadV1": Self.rounded(load)])
    }

    private var families: [Family] {
        var families = [
            Family(name: "B1: insert at the front", size: 6_000) { try text($0) { _, _ in 0 } },
            Family(name: "B1: append", size: 6_000) { try text($0) { length, _ in length } },
            Family(name: "B1: insert at random places", size: 6_000) {
                try text($0) { length, rng in Int.random(in: 0...length, using: &rng) }
            },
            Family(name: "B1: insert and delete at random places", size: 6_000, work: insertAndDelete),
            Family(name: "numbers appended to an array", size: 6_000) { try array($0) { count, _ in count } },
            Family(name: "numbers at random places of an array", size: 6_000) {
                try array($0) { count, rng in Int.random(in: 0...count, using: &rng) }
            },
            Family(name: "clients that insert at random places", size: 1_000, work: clients),
            Family(name: "clients that insert at the front", size: 1_000, work: clientsAtFront),
            Family(name: "map keys", size: 10_000, work: mapKeys),
            Family(name: "one map key set again and again", size: 10_000, work: oneMapKey),
        ]
        if let trace {
            families.append(
                Family(name: "B4 again and again at the front", size: trace.patches.count) {
                    try again($0, trace) { _ in 0 }
                })
            families.append(
                Family(name: "B4 again and again at the end", size: trace.patches.count) {
                    try again($0, trace) { $0 }
                })
        }
        return families
    }

    private func text(
        _ count: Int, _ place: (Int, inout SeededGenerator) -> Int
    ) throws -> (Document, Double) {
        var rng = SeededGenerator(seed: seed)
        let places = (0..<count).map { place($0, &rng) }
        let document = Document(clientID: Self.writerClient)
        let text = document.text("text")
        let (milliseconds, _) = try Stopwatch.time { for place in places { try text.insert("x", at: place) } }
        return (document, milliseconds)
    }

    private func insertAndDelete(_ count: Int) throws -> (Document, Double) {
        var rng = SeededGenerator(seed: seed)
        let document = Document(clientID: Self.writerClient)
        let text = document.text("text")
        var length = 0
        let (milliseconds, _) = try Stopwatch.time {
            for _ in 0..<count {
                if length > 9, Bool.random(using: &rng) {
                    let amount = Int.random(in: 1...4, using: &rng)
                    try text.delete(at: Int.random(in: 0...(length - amount), using: &rng), length: amount)
                    length -= amount
                } else {
                    try text.insert("word", at: Int.random(in: 0...length, using: &rng))
                    length += 4
                }
            }
        }
        return (document, milliseconds)
    }

    /// Somebody listens, as in a room: every number is written into an update too.
    private func array(
        _ count: Int, _ place: (Int, inout SeededGenerator) -> Int
    ) throws -> (Document, Double) {
        var rng = SeededGenerator(seed: seed)
        let document = Document(clientID: Self.writerClient)
        let array = document.array("array")
        let log = UpdateLog(document, .v1)
        let (milliseconds, _) = try Stopwatch.time {
            for index in 0..<count {
                try array.insert([.any(.number(Double(index)))], at: place(index, &rng))
            }
        }
        guard log.updates.count == count else { throw TraceError.wrongResult("an update is missing") }
        return (document, milliseconds)
    }

    /// One update of each client, made on a common text of 1,000 characters.
    private func clients(_ count: Int) throws -> (Document, Double) {
        var rng = SeededGenerator(seed: seed)
        return try clients(count) { Int.random(in: 0...1_000, using: &rng) }
    }

    private func clientsAtFront(_ count: Int) throws -> (Document, Double) {
        try clients(count) { 0 }
    }

    private func clients(_ count: Int, _ place: () -> Int) throws -> (Document, Double) {
        let base = Document(clientID: Self.writerClient)
        try base.text("text").insert(String(repeating: "common and ", count: 91), at: 0)
        let start = base.encodeStateAsUpdate(.v1)
        let updates = try (0..<count).map { index in
            let document = Document(clientID: ClientID(index) + 10)
            try document.apply(start)
            let log = UpdateLog(document, .v1)
            try document.text("text").insert("\(index)", at: place())
            return log.takeLast() ?? []
        }
        let (milliseconds, _) = try Stopwatch.time { for update in updates { try base.apply(update) } }
        return (base, milliseconds)
    }

    private func mapKeys(_ count: Int) throws -> (Document, Double) {
        let keys = (0..<count).map { "key \($0)" }
        let document = Document(clientID: Self.writerClient)
        let map = document.map("map")
        let (milliseconds, _) = try Stopwatch.time {
            for (index, key) in keys.enumerated() { try map.set(key, .any(.number(Double(index)))) }
        }
        return (document, milliseconds)
    }

    private func oneMapKey(_ count: Int) throws -> (Document, Double) {
        let document = Document(clientID: Self.writerClient)
        let map = document.map("map")
        let (milliseconds, _) = try Stopwatch.time {
            for index in 0..<count { try map.set("key", .any(.number(Double(index)))) }
        }
        return (document, milliseconds)
    }

    /// Types the whole session again, each time at `place` of a text of that length.
    private func again(
        _ count: Int, _ trace: EditingTrace, _ place: (Int) -> Int
    ) throws -> (Document, Double) {
        let document = Document(clientID: Self.writerClient)
        let text = document.text("text")
        let (milliseconds, _) = try Stopwatch.time {
            for _ in 0..<(count / trace.patches.count) {
                let start = place(text.length)
                for patch in trace.patches {
                    if patch.deleteCount > 0 {
                        try text.delete(at: start + patch.position, length: patch.deleteCount)
                    }
                    if !patch.text.isEmpty { try text.insert(patch.text, at: start + patch.position) }
                }
            }
        }
        return (document, milliseconds)
    }

    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

    private static let writerClient: ClientID = 1
    /// A client that no row has.
    private static let readerClient: ClientID = 1 << 40
}
