import MeshCore
import MeshMultiformats

@testable import MeshDHT

/// A network without time in which some peers collude: asked, they name the k colluders closest to the target.
///
/// Tables are perfect: k random members of every bucket, made when they are needed. Colluders know each other
/// but cannot choose their ids. The model is that of the figures of S/Kademlia, section 5.
struct HostileNetwork {
    let k = 20
    let peers: [KadPeer]
    private let isHostile: [Bool]
    private let hostile: [Int]
    private var tables: [Int: [Int]] = [:]
    private var rng: SeededGenerator

    init(count: Int, hostilePercent: UInt32, seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        let peers = (0..<count).map { _ in TestPeers.peer(using: &rng) }.sorted { $0.kadKey < $1.kadKey }
        let isHostile = peers.map { _ in rng.next(upperBound: UInt32(100)) < hostilePercent }
        self.peers = peers
        self.isHostile = isHostile
        hostile = peers.indices.filter { isHostile[$0] }
        self.rng = rng
    }

    /// Whether a lookup of an honest node reaches an honest one among the k closest, and what it costs.
    mutating func lookUp(paths: Int, parallelism: Int) -> (isFound: Bool, requests: Int) {
        let target = Bytes32.random(using: &rng)
        var start = Int(rng.next(upperBound: UInt32(peers.count)))
        while isHostile[start] { start = Int(rng.next(upperBound: UInt32(peers.count))) }
        let holders = Set(closest(peers.indices, to: target).filter { !isHostile[$0] }.map { peers[$0].id })
        var lookup = Lookup(
            target: target,
            parameters: LookupParameters(
                resultCount: k, parallelism: parallelism, requiredAnswers: 3, sufficientAnswers: 3,
                stragglerTimeout: .seconds(1), abandonTimeout: .seconds(3), maximumCandidates: 3 * k,
                maximumRequests: 40 * paths, disjointPaths: paths))
        lookup.add(closest(table(of: start), to: target).map { peers[$0] }, round: 1)
        var isFound = false
        while let peer = lookup.next(now: .zero) {
            let index = position(of: peer.kadKey)
            let named = isHostile[index] ? hostile : table(of: index)
            isFound = isFound || holders.contains(peer.id)
            let answer = closest(named, to: target).filter { $0 != start }
            lookup.answered(peer.kadKey, closerPeers: answer.map { peers[$0] })
        }
        return (isFound, lookup.requestCount)
    }

    /// The k of `members`, which are ascending, closest to `target`.
    private func closest(_ members: some RandomAccessCollection<Int>, to target: Bytes32) -> [Int] {
        // Members near the target in the order of keys share the longest prefixes with it.
        var shift: UInt64 = 0
        var near: [Int] = []
        while near.count < min(k, members.count) {
            let prefix = target.word0 >> shift
            near = Array(
                members[
                    lowerBound(members, prefix << shift)..<lowerBound(members, (prefix + 1) << shift, shift)])
            shift += 1
        }
        near.sort { (peers[$0].kadKey ^ target) < (peers[$1].kadKey ^ target) }
        return Array(near.prefix(k))
    }

    private func lowerBound<Members: RandomAccessCollection<Int>>(
        _ members: Members, _ word: UInt64, _ shift: UInt64 = 0
    ) -> Members.Index {
        // The end of the last range wraps around to zero.
        if word == 0, shift > 0 { return members.endIndex }
        var low = members.startIndex
        var count = members.count
        while count > 0 {
            let middle = members.index(low, offsetBy: count / 2)
            if peers[members[middle]].kadKey.word0 < word {
                low = members.index(after: middle)
                count -= count / 2 + 1
            } else {
                count /= 2
            }
        }
        return low
    }

    private func position(of key: Bytes32) -> Int { lowerBound(peers.indices, key.word0) }

    /// The table of an honest node: all members of small buckets, k random ones of large buckets; ascending.
    private mutating func table(of node: Int) -> [Int] {
        if let table = tables[node] { return table }
        let key = peers[node].kadKey
        var table: [Int] = []
        var range = peers.indices
        for bit in 0..<64 where range.count > 1 {
            let mask: UInt64 = 1 << UInt64(63 - bit)
            let middle = range.first { peers[$0].kadKey.word0 & mask != 0 } ?? range.upperBound
            let upper = middle..<range.upperBound
            let lower = range.lowerBound..<middle
            let bucket = key.word0 & mask == 0 ? upper : lower
            range = key.word0 & mask == 0 ? lower : upper
            if bucket.count <= k {
                table += bucket
            } else {
                var chosen: Set<Int> = []
                while chosen.count < k {
                    chosen.insert(bucket.lowerBound + Int(rng.next(upperBound: UInt32(bucket.count))))
                }
                table += chosen
            }
        }
        table.sort()
        tables[node] = table
        return table
    }
}
