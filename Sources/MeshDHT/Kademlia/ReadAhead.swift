import MeshCore

/// Reads of what an input will read, before it comes.
///
/// Whoever runs very many machines finds nearly everything of one out of the processor's caches. The steps of a machine
/// follow references and count them, so their misses come one after the other; these reads depend on nothing,
/// so that the misses of many machines overlap. They change nothing, and their sums mean nothing: they keep the reads from
/// being optimised away.
extension Kademlia {
    /// Reads the part of the table in which the peers closest to a key with the first word `word` lie.
    public func readAheadTable(towards word: UInt64) -> UInt64 {
        let home = table.home(of: word)
        var sum = UInt64(table.prefixes[home.lowerBound])
        sum &+= UInt64(table.prefixes[home.upperBound - 1])
        // Entries of 16 bytes: one of each line.
        for slot in stride(from: home.lowerBound, to: home.upperBound, by: 4) {
            sum &+= UInt64(table.entries[slot].failureCount)
        }
        return sum
    }

    /// Reads the peers closest to a key with the first word `word`, when their part of the table has been read.
    public func readAheadPeers(towards word: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        for slot in table.home(of: word) { sum &+= table.entries[slot].peer?.id.kadKey.word0 ?? 0 }
        return sum
    }

    /// Reads the request `token` and the query that ran last.
    public func readAheadQuery(token: RequestToken) -> UInt64 {
        queries.readAhead() &+ pending.readAhead(token)
    }
}

extension KadMessage {
    /// Reads the peers that the message names.
    public func readAheadPeers() -> UInt64 {
        var sum: UInt64 = 0
        for peer in closerPeers { sum &+= peer.storage.id.kadKey.word0 }
        return sum
    }

    /// The first word of the key's place.
    public var placeWord: UInt64 { place.word0 }
}

extension KadPeer {
    /// Reads the identity.
    public var readAhead: UInt64 { storage.id.kadKey.word0 &+ UInt64(storage.id.multihash.count) }
}

extension RoutingTable {
    /// The slots of the bucket of keys with the first word `word`.
    fileprivate func home(of word: UInt64) -> Range<Int> {
        let bucket = min((word ^ localKey.word0).leadingZeroBitCount, buckets.count - 1)
        let start = bucket * bucketSize
        return start..<start + bucketSize
    }
}
