/// The keys of one object, seen one after the other, to tell whether JavaScript would list them in that order.
///
/// Lies on the stack: up to 32 keys, each as its place and 32 bits of a hash.
struct CanonicalKeys {
    /// The most keys that it can tell apart.
    static let capacity = 32

    private var seen = InlineArray<32, UInt64>(repeating: 0)
    private var count = 0
    private var largestIndex: UInt32?
    private var hasOther = false

    /// Creates it for an object without keys.
    init() {}

    /// Whether the key in `range` of `bytes` is new and in its place after those before it.
    mutating func accepts(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        guard count < Self.capacity, range.upperBound < Int(UInt32.max) else { return false }
        if let first = range.first, bytes[first] &- 0x30 < 10, let index = AnyFields.arrayIndex(bytes[range])
        {
            guard !hasOther, largestIndex.map({ largest in largest < index }) ?? true else { return false }
            largestIndex = index
            return true
        }
        hasOther = true
        let hash = UInt64(hash(range, in: bytes))
        for place in 0..<count where seen[place] & 0xffff_ffff == hash {
            let start = Int(seen[place] >> 32)
            if isEqual(range, at: start, in: bytes) { return false }
        }
        seen[count] = UInt64(range.lowerBound) << 32 | hash
        count += 1
        return true
    }

    /// FNV-1a over the bytes, with their count mixed in.
    private func hash(_ range: Range<Int>, in bytes: [UInt8]) -> UInt32 {
        var hash: UInt32 = 0x811c_9dc5 ^ UInt32(truncatingIfNeeded: range.count)
        for place in range {
            hash = (hash ^ UInt32(bytes[place])) &* 0x0100_0193
        }
        return hash
    }

    /// Whether the key that starts at `start` has the same bytes; it lies before `range`, and another byte ends it.
    private func isEqual(_ range: Range<Int>, at start: Int, in bytes: [UInt8]) -> Bool {
        for (step, place) in range.enumerated() where bytes[start + step] != bytes[place] {
            return false
        }
        return true
    }
}
