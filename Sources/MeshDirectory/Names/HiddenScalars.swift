/// The scalars that a reader cannot see or that change how other text is seen.
///
/// A fixed table and not the Unicode properties of the standard library: two nodes of different age must agree on
/// what a valid name is. Source: Specs/directory.md, "Names".
enum HiddenScalars {
    /// Ascending and disjoint.
    static let ranges: [ClosedRange<UInt32>] = [
        0x0000...0x001f, 0x007f...0x00a0, 0x00ad...0x00ad, 0x034f...0x034f, 0x061c...0x061c, 0x115f...0x1160,
        0x1680...0x1680, 0x17b4...0x17b5, 0x180b...0x180f, 0x2000...0x200f, 0x2028...0x202f, 0x205f...0x206f,
        0x2800...0x2800, 0x3000...0x3000, 0x3164...0x3164, 0xe000...0xf8ff, 0xfdd0...0xfdef, 0xfe00...0xfe0f,
        0xfeff...0xfeff, 0xffa0...0xffa0, 0xfff0...0xffff, 0x1bca0...0x1bca3, 0x1d173...0x1d17a,
        0x1fffe...0x1ffff, 0x2fffe...0x2ffff, 0x3fffe...0x3ffff, 0x4fffe...0x4ffff, 0x5fffe...0x5ffff,
        0x6fffe...0x6ffff, 0x7fffe...0x7ffff, 0x8fffe...0x8ffff, 0x9fffe...0x9ffff, 0xafffe...0xaffff,
        0xbfffe...0xbffff, 0xcfffe...0xcffff, 0xdfffe...0xdffff, 0xe0000...0x10ffff,
    ]

    /// Whether `scalar` is in the table; O(log n), and one comparison for printable ASCII.
    static func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value >= 0x20, value < 0x7f { return false }
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(value)
    }
}
