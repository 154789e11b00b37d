import MeshCore
import MeshDHT
import MeshMultiformats

/// The running servers in the order of their keys, for the true answer to "who is closest".
struct MemberIndex: Sendable {
    private var keys: [Bytes32] = []
    private var nodes: [UInt32] = []
    var isStale = true

    mutating func rebuild(_ members: [(key: Bytes32, node: UInt32)]) {
        let sorted = members.sorted { $0.key < $1.key }
        keys = sorted.map(\.key)
        nodes = sorted.map(\.node)
        isStale = false
    }

    /// The `count` members closest to `target`, the closest first, without `excluded`.
    func closest(_ count: Int, to target: Bytes32, without excluded: UInt32?) -> [NodeIndex] {
        var found: [NodeIndex] = []
        collect(0, keys.count, bit: 0, target, count, excluded, &found)
        return found
    }

    /// Walks the implicit trie: the half that shares the target's bit comes before the other.
    private func collect(
        _ low: Int, _ high: Int, bit: Int, _ target: Bytes32, _ count: Int, _ excluded: UInt32?,
        _ found: inout [NodeIndex]
    ) {
        guard found.count < count, low < high else { return }
        guard high - low > 1, bit < 256 else {
            for index in low..<high where nodes[index] != excluded { found.append(NodeIndex(nodes[index])) }
            return
        }
        var middle = low
        var end = high
        while middle < end {
            let probe = (middle + end) / 2
            if Self.bit(keys[probe], bit) { end = probe } else { middle = probe + 1 }
        }
        let isUpper = Self.bit(target, bit)
        let (near, other) = isUpper ? ((middle, high), (low, middle)) : ((low, middle), (middle, high))
        collect(near.0, near.1, bit: bit + 1, target, count, excluded, &found)
        collect(other.0, other.1, bit: bit + 1, target, count, excluded, &found)
    }

    private static func bit(_ key: Bytes32, _ index: Int) -> Bool {
        let word =
            switch index >> 6 {
            case 0: key.word0
            case 1: key.word1
            case 2: key.word2
            default: key.word3
            }
        return (word >> UInt64(63 - (index & 63))) & 1 == 1
    }
}
