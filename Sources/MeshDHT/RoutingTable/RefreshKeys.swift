import MeshCore
import MeshCrypto

/// Finds lookup keys whose hashes fall into given buckets.
///
/// The place of a key is its SHA-256, so a key for bucket `i` takes about 2^(i+1) attempts. They are limited:
/// deeper buckets lie so close to the node that the lookup for itself refreshes them.
enum RefreshKeys {
    /// One key for each of `buckets` that is found within `attempts`, in the order of `buckets`.
    ///
    /// The keys have the form of a sha2-256 multihash, because py-libp2p refuses longer ones that have not.
    static func find(
        forBuckets buckets: [Int], localKey: Bytes32, attempts: Int,
        using rng: inout some RandomNumberGenerator
    ) -> [[UInt8]] {
        guard let deepest = buckets.max() else { return [] }
        var found = [[UInt8]?](repeating: nil, count: deepest + 1)
        var missing = buckets.count
        for _ in 0..<attempts where missing > 0 {
            var key: [UInt8] = [0x12, 0x20]
            key.appendRandom(32, using: &rng)
            let bucket = (SHA256.hash(key) ^ localKey).leadingZeroBitCount
            guard bucket <= deepest, found[bucket] == nil, buckets.contains(bucket) else { continue }
            found[bucket] = key
            missing -= 1
        }
        return buckets.compactMap { found[$0] }
    }
}
