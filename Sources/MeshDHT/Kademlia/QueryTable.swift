import MeshCore

/// The queries that run.
///
/// A query is taken out while it takes a step and put back afterwards, because its steps change the machine too. It
/// travels in an array of one, so that neither moves more than a reference; a node without queries holds nothing.
struct QueryTable: Sendable {
    private var ids: [QueryID] = []
    private var boxes: [[Query]] = []

    var count: Int { ids.count }

    /// The running query `id`.
    subscript(id: QueryID) -> Query? { ids.firstIndex(of: id).flatMap { boxes[$0].first } }

    /// Removes a query; nil when it does not run.
    mutating func take(_ id: QueryID) -> [Query]? {
        // The youngest query is the likeliest.
        guard let index = ids.lastIndex(of: id) else { return nil }
        ids.swapAt(index, ids.count - 1)
        boxes.swapAt(index, boxes.count - 1)
        ids.removeLast()
        let box = boxes.removeLast()
        if ids.isEmpty {
            ids = []
            boxes = []
        }
        return box
    }

    /// Keeps an array of one query.
    mutating func put(_ box: consuming [Query]) {
        guard let id = box.first?.id else { return }
        ids.append(id)
        boxes.append(box)
    }

    /// The queries that have to look at the clock at `time`, the most urgent first.
    func due(at time: Instant) -> [QueryID] {
        boxes.lazy.compactMap(\.first).filter { $0.checkAt.map { $0 <= time } ?? false }
            .sorted { ($0.checkAt ?? .zero, $0.id) < ($1.checkAt ?? .zero, $1.id) }.map(\.id)
    }

    /// Reads what the youngest query needs for an answer; see ``Kademlia/readAheadQuery(token:)``.
    func readAhead() -> UInt64 {
        let index = boxes.count - 1
        guard index >= 0, !boxes[index].isEmpty else { return 0 }
        return boxes[index][0].lookup.readAhead()
    }

    /// When a query has to look at the clock next.
    var nextCheck: Instant? { boxes.lazy.compactMap { $0.first?.checkAt }.min() }
}
