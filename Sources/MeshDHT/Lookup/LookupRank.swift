import MeshCore

/// The place of a candidate in the order of distances, in eight bytes: the first 48 bits of its distance, and where
/// the rest of it is found.
///
/// Lists of candidates are merged and scanned with every answer; eight bytes without a reference move cheaply.
/// Peers whose distances agree in 48 bits, which takes 2^48 hashes to make, are told apart by their full distance.
struct LookupRank: Hashable, Sendable {
    private static let indexBitCount: UInt64 = 16

    /// The greatest index that a rank can hold.
    static let maximumIndex = 0xffff

    let word: UInt64

    /// Takes the first word of a distance.
    init(_ distance: UInt64, index: Int) {
        word = distance & ~UInt64(Self.maximumIndex) | UInt64(index & Self.maximumIndex)
    }

    /// The position of the candidate in its storage.
    var index: Int { Int(UInt16(truncatingIfNeeded: word)) }

    /// The first bits of the distance.
    var prefix: UInt64 { word >> Self.indexBitCount }
}

/// One of the disjoint paths of a lookup.
struct LookupPath: Sendable {
    /// The candidates that were named on this path, the closest first; unused while there is only one path.
    var order: [LookupRank] = []
    /// Its requests that wait for an answer and are not slow.
    var waitingCount = 0
    /// The peers that it has asked.
    var requestCount = 0
}
