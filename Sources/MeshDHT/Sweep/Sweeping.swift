import MeshCore
import MeshMultiformats

/// How a walk goes on: lookup, exploration, stores.
extension Kademlia {
    mutating func startWalk(
        _ cargo: RegionWalk.Cargo, at distance: Bytes32, now: Instant, into effects: inout KadEffects
    ) {
        let place = distance ^ localKey
        guard let key = sweptKey(at: place) else {
            sweep.handOn.removeAll { $0 == distance }
            return
        }
        sweep.walks = [RegionWalk(number: sweep.nextWalk, cargo: cargo, anchor: distance, now: now)]
        sweep.nextWalk += 1
        startLookup(
            .closestPeers, key: key, asking: .findNode, verifiesAll: true, owner: .sweep, now: now,
            into: &effects)
    }

    /// Goes from the lookup of the first key to the exploration of its region.
    mutating func sweepLookupFinished(
        _ query: Query, _ statistics: QueryStatistics, now: Instant, into effects: inout KadEffects
    ) {
        guard !sweep.walks.isEmpty else { return }
        sweep.walks[0].statistics.add(statistics)
        let k = configuration.replication
        let target = query.lookup.target
        let closest = query.lookup.closest(k)
        guard query.lookup.answerCount > 0, let last = closest.last else {
            sweep.walks = []
            sweep.pausedUntil = now + configuration.republishRetry
            return
        }
        let shared = closest.count < k ? 0 : (last.kadKey ^ target).leadingZeroBitCount
        sweep.walks[0].explore(bitCount: shared)
        for peer in query.lookup.closest(Self.maximumWalkPeers) { hear(peer) }
        continueWalk(now: now, into: &effects)
    }

    private mutating func hear(_ peer: KadPeer) {
        sweep.walks[0].hear(peer, distance: peer.kadKey ^ localKey, limit: Self.maximumWalkPeers)
    }

    /// Takes the walk one step on.
    mutating func continueWalk(now: Instant, into effects: inout KadEffects) {
        guard let walk = sweep.walks.first else { return }
        switch walk.stage {
        case .lookup: return
        case .exploring:
            askNeighbours(now: now, into: &effects)
            let isPatient = sweep.walks[0].pending > 0 && (sweep.walks[0].patienceEnd ?? .zero) > now
            guard !isPatient else { return }
            if !sweep.walks[0].isProbed {
                probe(now: now, into: &effects)
                if sweep.walks[0].pending > 0 { return }
            }
            guard !sweep.walks[0].members.isEmpty else {
                sweep.walks = []
                sweep.pausedUntil = now + configuration.republishRetry
                return
            }
            sweep.walks[0].stage = .delivering
            sweep.walks[0].unasked = []
            deliver(now: now, into: &effects)
        case .delivering: deliver(now: now, into: &effects)
        }
    }

    /// Asks for the surroundings of one key in each eighth of the region: a corner whose members nobody named as
    /// neighbours would be missed.
    private mutating func probe(now: Instant, into effects: inout KadEffects) {
        sweep.walks[0].isProbed = true
        let walk = sweep.walks[0]
        for part in 0..<RegionWalk.partCount {
            guard let range = walk.part(part),
                let distance = nextKey(of: walk, from: range.lowerBound, now: now),
                distance <= range.upperBound,
                let key = sweptKey(at: distance ^ localKey)
            else { continue }
            for peer in walk.closest(RegionWalk.probesPerPart, to: distance ^ localKey) {
                ask(peer, KadMessage(kind: .findNode, key: key), now: now, into: &effects)
            }
        }
    }

    private func sweptKey(at place: Bytes32) -> [UInt8]? {
        records.record(place)?.key ?? providers.ownRecord(place)?.key
    }

    private mutating func askNeighbours(now: Instant, into effects: inout KadEffects) {
        while sweep.walks[0].pending < RegionWalk.maximumFlights, let peer = sweep.walks[0].unasked.popLast()
        {
            ask(peer, KadMessage(kind: .findNode, key: peer.id.multihash), now: now, into: &effects)
        }
    }

    private mutating func ask(
        _ peer: KadPeer, _ message: KadMessage, now: Instant, into effects: inout KadEffects
    ) {
        sweep.walks[0].pending += 1
        sweep.walks[0].statistics.requests += 1
        sweep.walks[0].patienceEnd = now + configuration.abandonTimeout
        request(
            message, to: peer, for: .sweep(.explore(walk: sweep.walks[0].number)), now: now, into: &effects)
    }

    // MARK: Answers

    mutating func sweepAnswered(
        _ step: Sweep.Step, _ message: KadMessage, by peer: KadPeer, now: Instant,
        into effects: inout KadEffects
    ) {
        switch step {
        case .explore(let number):
            guard sweep.walks.first?.number == number else { return }
            sweep.walks[0].statistics.answers += 1
            sweep.walks[0].add(peer)
            guard sweep.walks[0].stage == .exploring else { return }
            sweep.walks[0].pending -= 1
            for other in usable(message.closerPeers) { hear(other) }
        case .store(let number, let place):
            guard sweep.walks.first?.number == number else { return }
            sweep.walks[0].statistics.answers += 1
            let isEcho = message.record.map { $0.value == records.record(place)?.value } ?? true
            if isEcho {
                _ = sweep.walks[0].deliveries[place]?.acknowledge(peer.kadKey)
            } else {
                _ = sweep.walks[0].deliveries[place]?.fail(peer.kadKey)
            }
            settleDelivery(at: place, now: now, into: &effects)
        }
        continueWalk(now: now, into: &effects)
    }

    mutating func sweepFailed(
        _ step: Sweep.Step, _ peer: KadPeer, now: Instant, into effects: inout KadEffects
    ) {
        switch step {
        case .explore(let number):
            guard sweep.walks.first?.number == number else { return }
            sweep.walks[0].statistics.failures += 1
            if sweep.walks[0].stage == .exploring { sweep.walks[0].pending -= 1 }
        case .store(let number, let place):
            guard sweep.walks.first?.number == number else { return }
            sweep.walks[0].statistics.failures += 1
            _ = sweep.walks[0].deliveries[place]?.fail(peer.kadKey)
            settleDelivery(at: place, now: now, into: &effects)
        }
        continueWalk(now: now, into: &effects)
    }

    // MARK: Stores

    private mutating func deliver(now: Instant, into effects: inout KadEffects) {
        if let time = sweep.walks[0].slowAt, time <= now {
            for place in sweep.walks[0].deliveries.keys.sorted() {
                settleDelivery(at: place, now: now, into: &effects)
            }
            sweep.walks[0].slowAt =
                sweep.walks[0].deliveries.isEmpty ? nil : now + configuration.stragglerTimeout
        }
        while sweep.walks[0].deliveries.count < RegionWalk.maximumFlights, sweep.walks[0].nextKeyAt <= now,
            let distance = nextKey(now: now)
        {
            publish(distance ^ localKey, now: now, into: &effects)
            sweep.walks[0].nextKeyAt = max(sweep.walks[0].nextKeyAt, now) + keyPace
            sweep.walks[0].position = distance.successor
        }
        guard sweep.walks[0].position == nil, sweep.walks[0].deliveries.isEmpty else { return }
        finishWalk(now: now)
    }

    /// The time for one key: each of the k that get it spends at most an eighth of its budget for this node.
    private var keyPace: Duration {
        guard configuration.requestsPerSecondPerPeer > 0 else { return .zero }
        let memberCount = max(sweep.walks[0].members.count, configuration.replication)
        let perSecond =
            max(configuration.requestsPerSecondPerPeer / 8, 1) * memberCount / configuration.replication
        return .nanoseconds(1_000_000_000 / perSecond)
    }

    /// The distance of the next key of the region; the position is nil when there is none.
    private mutating func nextKey(now: Instant) -> Bytes32? {
        guard let position = sweep.walks[0].position else { return nil }
        guard let next = nextKey(of: sweep.walks[0], from: position, now: now), next <= sweep.walks[0].end
        else {
            sweep.walks[0].position = nil
            return nil
        }
        return next
    }

    private func nextKey(of walk: RegionWalk, from distance: Bytes32, now: Instant) -> Bytes32? {
        switch walk.cargo {
        case .scheduled, .pass: nextOwn(from: distance, walk.cargo, now: now)
        case .handOn: sweep.handOn.first { $0 >= distance }
        }
    }

    private mutating func publish(_ place: Bytes32, now: Instant, into effects: inout KadEffects) {
        let isHandOn = sweep.walks[0].cargo == .handOn
        if let record = records.record(place), record.isOwn != isHandOn {
            publishRecord(record, place, now: now, into: &effects)
        }
        guard !isHandOn, var record = providers.ownRecord(place) else { return }
        let message = announcement(of: record.key)
        let targets = targets(for: place, now: now)
        for peer in targets.peers.prefix(targets.goal) {
            announceAddresses(of: peer, into: &effects)
            effects.append(.send(message, to: peer.id))
            sweep.walks[0].statistics.requests += 1
        }
        guard !targets.peers.isEmpty else {
            return maintenance.publications.set(.provider(place), at: now + configuration.republishRetry)
        }
        record.received = unixTime(now)
        keep(record, token: nil, now: now, into: &effects)
    }

    private mutating func publishRecord(
        _ record: StoredRecord, _ place: Bytes32, now: Instant, into effects: inout KadEffects
    ) {
        let time = unixTime(now)
        guard !isExpired(record, at: time),
            (try? validate(key: record.key, value: record.value, at: time)) != nil
        else {
            _ = records.remove(place)
            return effects.append(.event(.removeRecord(key: record.key)))
        }
        let targets = targets(for: place, now: now)
        sweep.walks[0].deliveries[place] = StorePhase(
            targets: targets.peers, goal: targets.goal, patience: configuration.abandonTimeout)
        if sweep.walks[0].slowAt == nil { sweep.walks[0].slowAt = now + configuration.stragglerTimeout }
        sendDelivery(of: record, place, now: now, into: &effects)
    }

    /// Who gets the key: its k closest, or all of a region that is too dense; and who makes up for failures.
    private func targets(for place: Bytes32, now: Instant) -> (peers: [KadPeer], goal: Int) {
        let k = configuration.replication
        let closest = sweep.walks[0].closest(configuration.maximumRegionPeers, to: place)
        guard configuration.regionCheck, closest.count > k,
            let radius = suspectRadius(closest[k - 1].kadKey ^ place, now: now)
        else { return (Array(closest.prefix(2 * k)), k) }
        let dense = closest.filter { ($0.kadKey ^ place).fraction <= radius }
        return (Array(closest.prefix(dense.count + k)), max(dense.count, k))
    }

    private mutating func sendDelivery(
        of record: StoredRecord, _ place: Bytes32, now: Instant, into effects: inout KadEffects
    ) {
        let message = Self.putMessage(record, received: record.isOwn ? nil : record.received)
        let number = sweep.walks[0].number
        while let peer = sweep.walks[0].deliveries[place]?.next(now: now) {
            sweep.walks[0].statistics.requests += 1
            request(
                message, to: peer, for: .sweep(.store(walk: number, place: place)), now: now, into: &effects)
        }
    }

    /// Asks substitutes of those that failed, and ends what is stored.
    private mutating func settleDelivery(at place: Bytes32, now: Instant, into effects: inout KadEffects) {
        sweep.walks[0].deliveries[place]?.noteTime(now)
        guard let record = records.record(place) else { return sweep.walks[0].deliveries[place] = nil }
        sendDelivery(of: record, place, now: now, into: &effects)
        guard let phase = sweep.walks[0].deliveries[place], phase.isFinished || phase.isHopeless else {
            return
        }
        sweep.walks[0].deliveries[place] = nil
        delivered(record, place, reached: phase.acknowledged, now: now, into: &effects)
    }

    private mutating func delivered(
        _ record: StoredRecord, _ place: Bytes32, reached: Int, now: Instant, into effects: inout KadEffects
    ) {
        var record = record
        guard record.isOwn else { return records.noteStored(place, at: now) }
        guard reached > 0 else {
            return maintenance.publications.set(.record(place), at: now + configuration.republishRetry)
        }
        record.received = unixTime(now)
        _ = keep(record, token: nil, now: now, into: &effects)
    }

    private mutating func finishWalk(now: Instant) {
        let walk = sweep.walks[0]
        sweep.walks = []
        var statistics = walk.statistics
        statistics.duration = now.duration(since: walk.started)
        observations.costs.note(.sweep, succeeded: !walk.members.isEmpty, statistics)
        switch walk.cargo {
        case .scheduled: sweep.cursor = sweep.cursor?.after(walk.end)
        case .pass:
            if let next = walk.end.successor { sweep.pass?.distance = next } else { sweep.pass = nil }
        case .handOn: sweep.handOn.removeAll { $0 <= walk.end }
        }
        sweep.isStale = true
    }
}
