import MeshCRDT

/// The B1, B2 and B3 cases of crdt-benchmarks: one writer, two writers, many writers.
///
/// Source of the cases: github.com/dmonad/crdt-benchmarks; the work itself comes from ``BenchInputs``.
public struct MicroCases {
    private let inputs: BenchInputs
    private let repetitions: Int

    /// Prepares the cases.
    public init(_ inputs: BenchInputs, repetitions: Int) {
        self.inputs = inputs
        self.repetitions = repetitions
    }

    /// The names of all cases.
    public var names: [String] {
        inputs.single.map(\.name) + inputs.paired.map(\.name) + Self.clientCases.map(\.name)
    }

    /// Measures the case `name`; nil when there is none.
    public func report(_ name: String) throws -> CaseReport? {
        if let work = inputs.single.first(where: { $0.name == name }) {
            return try report(name) { try oneWriter(work.operations) }
        }
        if let work = inputs.paired.first(where: { $0.name == name }) {
            return try report(name) { try twoWriters(work.first, work.second) }
        }
        guard let work = Self.clientCases.first(where: { $0.name == name }) else { return nil }
        let updates = try manyUpdates(work.edit)
        return try report(name) { try manyWriters(updates) }
    }

    private func report(_ name: String, _ work: () throws -> Figures) throws -> CaseReport {
        var counts: [String: Int] = [:]
        let samples = try Samples(repetitions: repetitions) {
            let figures = try work()
            counts = figures.counts
            return figures.milliseconds
        }
        return CaseReport(
            name: name, title: Self.titles[name] ?? name, repetitions: max(repetitions, 1),
            milliseconds: samples.medians, counts: counts)
    }

    private typealias Figures = (milliseconds: [String: Double], counts: [String: Int])

    /// Edits one by one with a listener, then applies the updates one by one to another document.
    private func oneWriter(_ operations: [BenchInputs.Operation]) throws -> Figures {
        let writer = Document(clientID: Self.firstClient)
        let log = UpdateLog(writer, .v1)
        let roots = Roots(writer)
        let (local, _) = try Stopwatch.time { for operation in operations { try roots.perform(operation) } }
        let reader = Document(clientID: Self.readerClient)
        let (remote, _) = try Stopwatch.time { for update in log.updates { try reader.apply(update) } }
        try Self.check(roots, Roots(reader))
        var figures = try whole(writer, roots)
        figures.milliseconds["local"] = local
        figures.milliseconds["remote"] = remote
        figures.counts["updates"] = log.updates.count
        figures.counts["updateBytes"] = log.updates.reduce(0) { $0 + $1.count }
        return figures
    }

    /// Two documents with a common start edit in one transaction each, then exchange their updates.
    private func twoWriters(
        _ first: [BenchInputs.Operation], _ second: [BenchInputs.Operation]
    ) throws -> Figures {
        let documents = [Document(clientID: Self.firstClient), Document(clientID: Self.secondClient)]
        let roots = documents.map { Roots($0) }
        try roots[0].text.insert(inputs.initialText, at: 0)
        try documents[1].apply(documents[0].encodeStateAsUpdate(.v1))
        let logs = documents.map { UpdateLog($0, .v1) }
        let (local, _) = try Stopwatch.time {
            for (index, work) in [first, second].enumerated() {
                try documents[index].transact { _ in
                    for operation in work { try roots[index].perform(operation) }
                }
            }
        }
        let updates = logs.map(\.updates)
        let (remote, _) = try Stopwatch.time {
            for update in updates[1] { try documents[0].apply(update) }
            for update in updates[0] { try documents[1].apply(update) }
        }
        try Self.check(roots[0], roots[1])
        var figures = try whole(documents[0], roots[0])
        figures.milliseconds["local"] = local
        figures.milliseconds["remote"] = remote
        figures.counts["updateBytes"] = updates.joined().reduce(0) { $0 + $1.count }
        return figures
    }

    /// Applies one update of each of many clients, in one transaction and one by one.
    private func manyWriters(_ updates: [[UInt8]]) throws -> Figures {
        let together = Document(clientID: Self.readerClient)
        let (one, _) = try Stopwatch.time {
            try together.transact { _ in for update in updates { try together.apply(update) } }
        }
        let apart = Document(clientID: Self.readerClient)
        let (each, _) = try Stopwatch.time { for update in updates { try apart.apply(update) } }
        let roots = Roots(together)
        try Self.check(roots, Roots(apart))
        let (merge, merged) = try Stopwatch.time { try Updates.merge(updates, format: .v1) }
        var figures = try whole(together, roots)
        figures.milliseconds["applyOneTransaction"] = one
        figures.milliseconds["applyEach"] = each
        figures.milliseconds["mergeUpdates"] = merge
        figures.counts["mergedBytes"] = merged.count
        figures.counts["updateBytes"] = updates.reduce(0) { $0 + $1.count }
        return figures
    }

    private func manyUpdates(_ edit: (Roots, Int, Int) throws -> Void) throws -> [[UInt8]] {
        try (0..<inputs.clientCount).map { index in
            let document = Document(clientID: ClientID(index) + 1)
            try edit(Roots(document), index, inputs.clientCount)
            return document.encodeStateAsUpdate(.v1)
        }
    }

    /// Encodes and loads the whole document in both formats.
    private func whole(_ document: Document, _ roots: Roots) throws -> Figures {
        var figures: Figures = ([:], [:])
        for (format, suffix) in [(UpdateFormat.v1, "V1"), (.v2, "V2")] {
            let (encode, bytes) = Stopwatch.time { document.encodeStateAsUpdate(format) }
            let (load, copy) = try Stopwatch.time {
                let copy = Document(clientID: Self.readerClient)
                try copy.apply(bytes, format: format)
                return copy
            }
            try Self.check(roots, Roots(copy))
            figures.milliseconds["encode\(suffix)"] = encode
            figures.milliseconds["load\(suffix)"] = load
            figures.counts[suffix.lowercased() + "Bytes"] = bytes.count
        }
        return figures
    }

    private static func check(_ a: Roots, _ b: Roots) throws {
        guard a.isEqual(to: b) else { throw TraceError.wrongResult("two documents did not converge") }
    }

    private static let firstClient: ClientID = 1
    private static let secondClient: ClientID = 2
    /// A client that no case has.
    private static let readerClient: ClientID = 1 << 40
}

extension MicroCases {
    /// The B3 cases: what each of many clients does once.
    private static let clientCases: [(name: String, edit: @Sendable (Roots, Int, Int) throws -> Void)] = [
        ("B3.1", { roots, index, _ in try roots.map.set("v", .any(.number(Double(index)))) }),
        (
            "B3.2",
            { roots, index, _ in
                try roots.map.set(
                    "v", .any(.object(["name": .string("\(index)"), "address": .string("here")])))
            }
        ),
        (
            "B3.3",
            { roots, index, count in
                try roots.map.set("v", .any(.string(String(repeating: "\(index)", count: count))))
            }
        ),
        (
            "B3.4",
            { roots, index, _ in
                let digits = "\(index)"
                try roots.text.insert(
                    String(repeating: "_", count: max(0, 8 - digits.count)) + digits, at: 0)
            }
        ),
    ]

    private static let titles: [String: String] = [
        "B1.1": "append characters", "B1.2": "insert one string", "B1.3": "prepend characters",
        "B1.4": "insert characters at random", "B1.5": "insert words at random",
        "B1.6": "insert a string, delete it", "B1.7": "insert and delete at random",
        "B1.8": "append numbers", "B1.9": "insert all numbers at once", "B1.10": "prepend numbers",
        "B1.11": "insert numbers at random", "B2.1": "two strings at one place",
        "B2.2": "two writers, characters at random", "B2.3": "two writers, words at random",
        "B2.4": "two writers insert and delete", "B3.1": "many clients set one key to a number",
        "B3.2": "many clients set one key to an object", "B3.3": "many clients set one key to a long text",
        "B3.4": "many clients insert at one place",
    ]
}

/// The roots that the cases use.
private struct Roots {
    let text: SharedText
    let array: SharedArray
    let map: SharedMap

    init(_ document: Document) {
        text = document.text("text")
        array = document.array("array")
        map = document.map("map")
    }

    func perform(_ operation: BenchInputs.Operation) throws {
        switch operation {
        case .insert(let position, let string): try text.insert(string, at: position)
        case .delete(let position, let length): try text.delete(at: position, length: length)
        case .insertNumbers(let position, let numbers):
            try array.insert(numbers.map { .any(.number($0)) }, at: position)
        }
    }

    func isEqual(to other: Roots) -> Bool {
        text.string.utf8.elementsEqual(other.text.string.utf8) && array.toJSON() == other.array.toJSON()
            && map.toJSON() == other.map.toJSON()
    }
}
