import MeshCore

/// Points of the key space in ascending order, each once, in chunks that are cheap to change.
///
/// Insertion moves at most one chunk of 16 KiB; a plain array of 100,000 points would move 3 MB. A search is two
/// binary searches.
struct SortedPlaces: Sendable {
    private static let chunkLimit = 512

    /// The number of points.
    private(set) var count = 0
    /// No chunk is empty.
    private var chunks: [[Bytes32]] = []

    /// The smallest point.
    var first: Bytes32? { chunks.first?.first }

    /// The greatest point.
    var last: Bytes32? { chunks.last?.last }

    /// The smallest point that is not smaller than `place`.
    func first(from place: Bytes32) -> Bytes32? {
        let index = chunk(of: place)
        guard index < chunks.count else { return nil }
        return chunks[index][Self.position(of: place, in: chunks[index])]
    }

    /// The greatest point that is smaller than `place`.
    func last(before place: Bytes32) -> Bytes32? {
        let index = chunk(of: place)
        guard index < chunks.count else { return last }
        let position = Self.position(of: place, in: chunks[index])
        if position > 0 { return chunks[index][position - 1] }
        return index > 0 ? chunks[index - 1].last : nil
    }

    /// Adds a point; false when it is there.
    @discardableResult
    mutating func insert(_ place: Bytes32) -> Bool {
        guard !chunks.isEmpty else {
            chunks = [[place]]
            count = 1
            return true
        }
        let index = min(chunk(of: place), chunks.count - 1)
        let position = Self.position(of: place, in: chunks[index])
        if position < chunks[index].count, chunks[index][position] == place { return false }
        chunks[index].insert(place, at: position)
        count += 1
        if chunks[index].count > Self.chunkLimit {
            let half = Array(chunks[index].suffix(Self.chunkLimit / 2))
            chunks[index].removeLast(half.count)
            chunks.insert(half, at: index + 1)
        }
        return true
    }

    /// Removes a point; false when it is not there.
    @discardableResult
    mutating func remove(_ place: Bytes32) -> Bool {
        let index = chunk(of: place)
        guard index < chunks.count else { return false }
        let position = Self.position(of: place, in: chunks[index])
        guard chunks[index][position] == place else { return false }
        chunks[index].remove(at: position)
        count -= 1
        if chunks[index].isEmpty { chunks.remove(at: index) }
        if chunks.isEmpty { chunks = [] }
        return true
    }

    /// All points, ascending.
    var all: [Bytes32] { chunks.flatMap { $0 } }

    /// The first chunk whose last point is not smaller than `place`.
    private func chunk(of place: Bytes32) -> Int {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if let last = chunks[middle].last, last < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func position(of place: Bytes32, in chunk: [Bytes32]) -> Int {
        var low = 0
        var high = chunk.count
        while low < high {
            let middle = (low + high) / 2
            if chunk[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
