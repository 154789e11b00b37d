import MeshCore
import MeshMultiformats

/// When the next walk begins, and where.
extension Kademlia {
    /// How many peers of one region are looked for.
    static var maximumWalkPeers: Int { 256 }

    /// Announces this node as the provider of many keys, region by region, as soon as possible.
    ///
    /// Gives the number of keys that are provided; keys that are too long, and those beyond the limit, are not.
    public mutating func provide(
        keys: [[UInt8]], now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) -> Int {
        guard !scoped(localKadPeer).addresses.isEmpty else { return 0 }
        var count = 0
        for key in keys where isProviderKey(key) {
            let place = KadKeys.place(of: key)
            count += 1
            guard providers.ownRecord(place) == nil else { continue }
            let record = ProviderRecord(
                key: key, provider: KadPeer(id: localPeer, addresses: []), received: UnixTime(seconds: 0),
                isOwn: true)
            guard keep(record, token: nil, now: now, into: &effects) else {
                count -= 1
                continue
            }
            if !configuration.sweepRegions { maintenance.duePublications.append(.provider(place)) }
        }
        if configuration.sweepRegions { beginPass(.missed) }
        settle(now: now, using: &rng, into: &effects)
        return count
    }

    /// Lets a pass begin, instead of one that takes less.
    mutating func beginPass(_ selection: Sweep.Selection) {
        guard configuration.sweepRegions else { return }
        if case .all = sweep.pass?.selection, selection == .missed {
            sweep.pass?.distance = .zero
        } else {
            sweep.pass = Sweep.Pass(selection: selection)
        }
        sweep.isStale = true
    }

    /// Starts the next walk, if it is time for one.
    mutating func continueSweep(now: Instant, into effects: inout KadEffects) {
        guard sweep.walks.isEmpty else { return continueWalk(now: now, into: &effects) }
        if sweep.isStale { planSweep(now: now) }
        if let pausedUntil = sweep.pausedUntil {
            guard pausedUntil <= now else { return }
            sweep.pausedUntil = nil
        }
        if let growthAt = sweep.growthAt, growthAt <= now {
            sweep.growthAt = nil
            beginPass(.all(before: unixTime(now)))
            planSweep(now: now)
        }
        if startPassWalk(now: now, into: &effects) || startScheduledWalk(now: now, into: &effects) { return }
        startHandOnWalk(now: now, into: &effects)
    }

    // MARK: Scheduled and passes

    private mutating func startPassWalk(now: Instant, into effects: inout KadEffects) -> Bool {
        while let pass = sweep.pass {
            let cargo = RegionWalk.Cargo.pass(pass.selection)
            guard let distance = nextOwn(from: pass.distance, cargo, now: now) else {
                sweep.pass = nil
                return false
            }
            sweep.pass?.distance = distance
            startWalk(cargo, at: distance, now: now, into: &effects)
            return true
        }
        return false
    }

    private mutating func startScheduledWalk(now: Instant, into effects: inout KadEffects) -> Bool {
        while let dueAt = sweep.dueAt, dueAt <= now, let cursor = sweep.cursor {
            guard let distance = nextOwn(from: Bytes32(cursor.word, 0, 0, 0)) else {
                sweep.cursor = SweepPosition(cycle: cursor.cycle + 1, word: 0)
                planSweep(now: now)
                continue
            }
            guard isWanted(distance, .scheduled, now: now) else {
                sweep.cursor = cursor.after(distance)
                planSweep(now: now)
                continue
            }
            startWalk(.scheduled, at: distance, now: now, into: &effects)
            return true
        }
        return false
    }

    /// Finds out when the next own key is due.
    mutating func planSweep(now: Instant) {
        sweep.isStale = false
        let present = position(at: now)
        guard let first = nextOwn(from: .zero) else {
            sweep.cursor = nil
            sweep.dueAt = nil
            return
        }
        // Nothing was due between the cursor and now, unless it says so.
        if sweep.dueAt.map({ $0 > now }) ?? true { sweep.cursor = max(sweep.cursor ?? present, present) }
        let cursor = sweep.cursor ?? present
        let next: SweepPosition
        if let distance = nextOwn(from: Bytes32(cursor.word, 0, 0, 0)) {
            next = SweepPosition(cycle: cursor.cycle, word: distance.word0)
        } else {
            next = SweepPosition(cycle: cursor.cycle + 1, word: first.word0)
        }
        sweep.dueAt = instant(of: next)
    }

    private var sweepInterval: UInt64 {
        UInt64(max(configuration.republishInterval.wholeNanoseconds, 1_000_000_000))
    }

    private var epochNanoseconds: UInt64 {
        let (product, overflow) = epoch.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : product
    }

    private func position(at now: Instant) -> SweepPosition {
        SweepPosition(nanoseconds: epochNanoseconds &+ now.nanoseconds, interval: sweepInterval)
    }

    private func instant(of position: SweepPosition) -> Instant {
        let time = position.nanoseconds(interval: sweepInterval)
        return Instant(nanoseconds: time > epochNanoseconds ? time - epochNanoseconds : 0)
    }

    // MARK: Own keys

    private func nextOwn(from distance: Bytes32) -> Bytes32? {
        let record = records.nextOwn(from: distance)
        let provider = providers.nextOwn(from: distance)
        guard let record else { return provider }
        return provider.map { min($0, record) } ?? record
    }

    /// The next own key that a walk with `cargo` publishes.
    func nextOwn(from distance: Bytes32, _ cargo: RegionWalk.Cargo, now: Instant) -> Bytes32? {
        var next = nextOwn(from: distance)
        while let candidate = next, !isWanted(candidate, cargo, now: now) {
            next = candidate.successor.flatMap { nextOwn(from: $0) }
        }
        return next
    }

    private func isWanted(_ distance: Bytes32, _ cargo: RegionWalk.Cargo, now: Instant) -> Bool {
        let place = distance ^ localKey
        let limit: UnixTime
        switch cargo {
        case .scheduled: limit = unixTime(now).subtracting(configuration.republishInterval / 22)
        case .pass(.all(let time)): limit = time
        case .pass(.missed):
            var last = SweepPosition(cycle: position(at: now).cycle, word: distance.word0)
            if last > position(at: now), last.cycle > 0 { last.cycle -= 1 }
            limit = UnixTime(seconds: last.nanoseconds(interval: sweepInterval) / 1_000_000_000)
        case .handOn: return false
        }
        if let record = records.record(place), record.isOwn, record.received < limit { return true }
        return providers.ownRecord(place).map { $0.received < limit } ?? false
    }

    // MARK: Handing on

    /// Plans to look for records that nobody stores here any longer.
    mutating func scheduleHandOn(now: Instant) {
        guard configuration.handOnInterval > .zero, sweep.handOnAt == nil else { return }
        // Nodes that got a record at the same time shall not hand it on together.
        let spread = 0.75 + 0.5 * Double(localKey.word1) / 0x1p64
        sweep.handOnAt = now + configuration.handOnInterval * spread / 4
    }

    private mutating func startHandOnWalk(now: Instant, into effects: inout KadEffects) {
        if let handOnAt = sweep.handOnAt, handOnAt <= now {
            sweep.handOnAt = nil
            // Copies on the way to a key are not handed on: its own holders do that.
            let unstored = records.notStored(since: now - configuration.handOnInterval)
            if mode == .server { sweep.handOn = unstored.filter { lifetimePart(of: $0 ^ localKey) == 1 } }
            if records.count > records.ownCount { scheduleHandOn(now: now) }
        }
        guard let distance = sweep.handOn.first else { return }
        startWalk(.handOn, at: distance, now: now, into: &effects)
    }
}
