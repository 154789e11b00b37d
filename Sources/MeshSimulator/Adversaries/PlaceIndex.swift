import MeshCore

/// Nodes in the order of their places in the key space: the exact k closest to any key.
///
/// What a lookup found is compared with it, and colluders, who know each other, answer from it. Building is
/// O(n log n), searching O(log n + k log k), changing O(n).
public struct PlaceIndex: Sendable {
    private struct Entry: Sendable {
        let place: Bytes32
        let node: NodeIndex
    }

    private var entries: [Entry]

    /// Creates the index of nodes with different places.
    public init(_ nodes: some Sequence<(place: Bytes32, node: NodeIndex)>) {
        entries = nodes.map { Entry(place: $0.place, node: $0.node) }
        entries.sort { $0.place < $1.place }
    }

    /// The number of nodes.
    public var count: Int { entries.count }

    /// The `count` nodes closest to `target`, the closest first.
    public func closest(to target: Bytes32, count: Int) -> [NodeIndex] {
        guard count > 0 else { return [] }
        // Of those that share one bit more with the target all are closer than the rest: the largest prefix that
        // still has enough holds the answer.
        var range = entries.indices
        for bit in 0..<256 {
            let narrower = narrowed(range, to: target, bit: bit)
            guard narrower.count >= count else { break }
            range = narrower
        }
        let sorted = entries[range].sorted { ($0.place ^ target) < ($1.place ^ target) }
        return sorted.prefix(count).map(\.node)
    }

    /// The part of `range`, which shares `bit` bits with `target`, that shares one more.
    private func narrowed(_ range: Range<Int>, to target: Bytes32, bit: Int) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].place.bit(bit) { high = middle } else { low = middle + 1 }
        }
        return target.bit(bit) ? low..<range.upperBound : range.lowerBound..<low
    }

    /// Adds a node whose place is not taken.
    public mutating func insert(_ node: NodeIndex, at place: Bytes32) {
        entries.insert(Entry(place: place, node: node), at: position(of: place))
    }

    /// Removes the node at `place`; false when there is none.
    @discardableResult
    public mutating func remove(at place: Bytes32) -> Bool {
        let index = position(of: place)
        guard index < entries.count, entries[index].place == place else { return false }
        entries.remove(at: index)
        return true
    }

    private func position(of place: Bytes32) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Bytes32 {
    /// The bit at `index`, counted from the most significant.
    fileprivate func bit(_ index: Int) -> Bool {
        let word =
            switch index >> 6 {
            case 0: word0
            case 1: word1
            case 2: word2
            default: word3
            }
        return word >> UInt64(63 - (index & 63)) & 1 == 1
    }
}
