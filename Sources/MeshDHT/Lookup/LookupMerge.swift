import MeshCore

/// How candidates come into the lists of a lookup, and leave them.
extension Lookup {
    /// The most peers of one answer that are looked at; a decoder lets through fewer.
    private static var maximumBatch: Int { 256 }

    /// Merges peers that were named on `path`: those that are new into the list of all, and into that of the path.
    mutating func insert(_ peers: [KadPeer], from first: Int, every step: Int, round: Int, path: Int) {
        sortIncoming(peers, from: first, every: step, path: path)
        guard !incoming.isEmpty else { return }
        let new = adopt(peers, round: round)
        Self.merge(new, into: &order, pool: pool)
        if paths.count > 1 {
            list(on: path)
        } else {
            var list: [LookupRank] = []
            swap(&list, &order)
            prune(&list, path)
            swap(&list, &order)
        }
    }

    /// Sorts the peers by distance into `incoming`, with their positions in `peers`; those that are too far for a
    /// full list are left out.
    private mutating func sortIncoming(_ peers: [KadPeer], from first: Int, every step: Int, path: Int) {
        incoming.removeAll(keepingCapacity: true)
        let horizon = paths.count > 1 ? horizon(of: paths[path].order, path) : horizon(of: order, path)
        let end = min(peers.count, Self.maximumBatch)
        let targetWord = target.word0
        var position = first
        while position < end {
            let rank = LookupRank(peers[position].storage.id.kadKey.word0 ^ targetWord, index: position)
            if rank.prefix <= horizon {
                // Answers are sorted by distance, nearly always, so this ends at once.
                var index = incoming.count
                incoming.append(rank)
                while index > 0, isCloser(rank, than: incoming[index - 1], in: peers) {
                    incoming[index] = incoming[index - 1]
                    index -= 1
                }
                incoming[index] = rank
            }
            position += step
        }
    }

    /// The first bits of the distance beyond which a list takes no more peers.
    private func horizon(of order: [LookupRank], _ path: Int) -> UInt64 {
        guard order.count >= capacity(of: path), let last = order.last, marks[last.index].state == .heard
        else { return .max }
        return last.prefix
    }

    /// The most candidates of the list of a path.
    private func capacity(of path: Int) -> Int { parameters.maximumCandidates + paths[path].requestCount }

    private func isCloser(_ left: LookupRank, than right: LookupRank, in peers: [KadPeer]) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        return peers[left.index].kadKey ^ target < peers[right.index].kadKey ^ target
    }

    /// Replaces the positions of `incoming` by places in the pool, without peers that were asked; gives the new ones.
    private mutating func adopt(_ peers: [KadPeer], round: Int) -> [LookupRank] {
        var new: [LookupRank] = []
        new.reserveCapacity(incoming.count)
        var walk = 0
        var count = 0
        var previous: Bytes32?
        let ownDistance = localKey.map { $0 ^ target }
        for rank in incoming {
            let peer = peers[rank.index]
            let distance = peer.kadKey ^ target
            // Whoever names a peer twice is heard once, and this node never.
            if distance == previous || distance == ownDistance { continue }
            previous = distance
            while walk < order.count, isCloser(order[walk], than: rank, distance) { walk += 1 }
            if walk < order.count, pool[order[walk].index].distance == distance {
                guard marks[order[walk].index].state == .heard else { continue }
                incoming[count] = order[walk]
            } else {
                guard let index = place(peer, distance, round: round) else { continue }
                incoming[count] = LookupRank(distance.word0, index: index)
                new.append(incoming[count])
            }
            count += 1
        }
        incoming.removeLast(incoming.count - count)
        return new
    }

    private func isCloser(_ known: LookupRank, than rank: LookupRank, _ distance: Bytes32) -> Bool {
        if known.prefix != rank.prefix { return known.prefix < rank.prefix }
        return pool[known.index].distance < distance
    }

    /// The group of a peer, or 0 when it is in none that is limited.
    private func limitedGroup(of peer: KadPeer) -> UInt32 {
        guard parameters.maximumPerGroup > 0 else { return 0 }
        return peer.storage.group.counted(privateToo: parameters.countsPrivateAddresses)
    }

    /// Whether so many peers of the group are closer already that one at `distance` cannot be in the result.
    private func isSurplus(_ group: UInt32, _ distance: Bytes32) -> Bool {
        guard group != 0 else { return false }
        var closer = 0
        for index in groups.indices where groups[index] == group {
            if marks[index].isEligible, pool[index].distance < distance { closer += 1 }
        }
        return closer >= parameters.maximumPerGroup
    }

    /// Stores a new candidate; gives its position, or nil when nothing is gained by it: too many of its group are
    /// closer, or there are more than a rank can name.
    private mutating func place(_ peer: KadPeer, _ distance: Bytes32, round: Int) -> Int? {
        let group = limitedGroup(of: peer)
        guard !isSurplus(group, distance) else { return nil }
        let candidate = LookupCandidate(
            distance: distance, peer: peer.storage, round: UInt16(clamping: round), listingCount: 0)
        let mark = LookupCandidate.Mark(state: .heard, path: 0)
        if let free = freePlaces.popLast() {
            pool[Int(free)] = candidate
            marks[Int(free)] = mark
            groups[Int(free)] = group
            return Int(free)
        }
        guard pool.count <= LookupRank.maximumIndex else { return nil }
        pool.append(candidate)
        marks.append(mark)
        groups.append(group)
        return pool.count - 1
    }

    /// Merges `new` into `order`, both by distance and without a common element.
    private static func merge(_ new: [LookupRank], into order: inout [LookupRank], pool: [LookupCandidate]) {
        var next = new.count - 1
        var read = order.count - 1
        order.append(contentsOf: new)
        var write = order.count - 1
        while next >= 0, read >= 0 {
            let left = new[next]
            let right = order[read]
            let isCloser =
                left.prefix == right.prefix
                ? pool[left.index].distance < pool[right.index].distance : left.prefix < right.prefix
            if isCloser {
                order[write] = right
                read -= 1
            } else {
                order[write] = left
                next -= 1
            }
            write -= 1
        }
        while next >= 0 {
            order[next] = new[next]
            next -= 1
        }
    }

    /// Puts `incoming` on the list of one of several paths.
    private mutating func list(on path: Int) {
        var list: [LookupRank] = []
        swap(&list, &paths[path].order)
        var walk = 0
        var count = 0
        for rank in incoming {
            while walk < list.count, list[walk].prefix < rank.prefix { walk += 1 }
            // A candidate has the same rank in every list.
            var same = walk
            while same < list.count, list[same].prefix == rank.prefix, list[same] != rank { same += 1 }
            if same < list.count, list[same] == rank { continue }
            pool[rank.index].listingCount += 1
            incoming[count] = rank
            count += 1
        }
        incoming.removeLast(incoming.count - count)
        Self.merge(incoming, into: &list, pool: pool)
        let forgotten = freePlaces.count
        prune(&list, path)
        swap(&list, &paths[path].order)
        if freePlaces.count > forgotten { order.removeAll { pool[$0.index].peer == nil } }
    }

    /// Forgets the farthest peers of a list that was too long and that only were heard of.
    private mutating func prune(_ list: inout [LookupRank], _ path: Int) {
        var excess = list.count - capacity(of: path)
        guard excess > 0 else { return }
        var write = list.count
        var read = list.count
        while excess > 0, read > 0 {
            read -= 1
            let index = list[read].index
            if marks[index].state == .heard {
                unlist(index)
                excess -= 1
            } else {
                write -= 1
                list[write] = list[read]
            }
        }
        list.removeSubrange(read..<write)
    }

    private mutating func unlist(_ index: Int) {
        if paths.count > 1 {
            pool[index].listingCount -= 1
            guard pool[index].listingCount == 0 else { return }
        }
        pool[index].peer = nil
        groups[index] = 0
        freePlaces.append(UInt16(index))
    }

    // MARK: Search

    /// The position of the candidate with `key` in the pool.
    func index(of key: Bytes32) -> Int? {
        let distance = key ^ target
        let prefix = LookupRank(distance.word0, index: 0).prefix
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle].prefix < prefix { low = middle + 1 } else { high = middle }
        }
        while low < order.count, order[low].prefix == prefix {
            if pool[order[low].index].distance == distance { return order[low].index }
            low += 1
        }
        return nil
    }

    /// Reads the heads of the lists; see ``Kademlia/readAheadQuery()``.
    func readAhead() -> UInt64 {
        var sum = UInt64(order.count &+ pool.count &+ marks.count &+ incoming.count)
        for index in paths.indices { sum &+= UInt64(paths[index].order.count) }
        return sum
    }

    func peer(_ index: Int) -> KadPeer? { pool[index].peer.map(KadPeer.init(storage:)) }
}
