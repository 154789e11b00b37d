/// The fields of one object as they lie in encoded bytes, to be put into JavaScript's order there.
struct EncodedMembers {
    private struct Member {
        var key: Range<Int>
        var start: Int
        var end: Int
        var isDropped: Bool

        mutating func move(by distance: Int) {
            key = (key.lowerBound + distance)..<(key.upperBound + distance)
            start += distance
            end += distance
        }
    }

    private var members: [Member] = []

    /// Makes room for `count` fields, or for some of many.
    init(count: Int) {
        members.reserveCapacity(Swift.min(count, AnyCodec.trustedCount))
    }

    /// Adds a field whose key's text is at `key` and which, with its key, lies at `start..<end`.
    mutating func append(key: Range<Int>, start: Int, end: Int, isDropped: Bool) {
        members.append(Member(key: key, start: start, end: end, isDropped: isDropped))
    }

    /// Rewrites the object that lies in `output` from its field count at `start` on, where its order is not JavaScript's.
    ///
    /// Takes O(n log n) key comparisons.
    mutating func order(in output: inout [UInt8], from start: Int) {
        // A copy of this object alone: the bytes before it may be many.
        let bytes = [UInt8](output[start...])
        for place in members.indices {
            members[place].move(by: -start)
        }
        var sorted = members.indices.filter { place in !members[place].isDropped }
        sorted.sort { left, right in
            switch compare(members[left].key, members[right].key, in: bytes) {
            case ..<0: true
            case 0: left < right
            default: false
            }
        }
        // Of fields with one key, the first gives the place and the last the value.
        var values = [Int?](repeating: nil, count: members.count)
        var first = 0
        while first < sorted.count {
            var last = first
            while last + 1 < sorted.count,
                compare(members[sorted[last + 1]].key, members[sorted[first]].key, in: bytes) == 0
            {
                last += 1
            }
            values[sorted[first]] = sorted[last]
            first = last + 1
        }
        let ordered = order(values, in: bytes)
        guard ordered != Array(members.indices) else { return }
        output.removeSubrange(start...)
        output.appendVarUint(UInt64(ordered.count))
        for place in ordered {
            output.append(contentsOf: bytes[members[place].start..<members[place].end])
        }
    }

    /// The fields that stay: those with an array index ascending, then the others as they came.
    private func order(_ values: [Int?], in bytes: [UInt8]) -> [Int] {
        var indices: [(index: UInt32, place: Int)] = []
        var others: [Int] = []
        for (place, value) in values.enumerated() {
            guard let value else { continue }
            if let index = AnyFields.arrayIndex(bytes[members[place].key]) {
                indices.append((index, value))
            } else {
                others.append(value)
            }
        }
        indices.sort { left, right in left.index < right.index }
        return indices.map(\.place) + others
    }

    private func compare(_ left: Range<Int>, _ right: Range<Int>, in bytes: [UInt8]) -> Int {
        for (left, right) in zip(left, right) where bytes[left] != bytes[right] {
            return Int(bytes[left]) - Int(bytes[right])
        }
        return left.count - right.count
    }
}
