import MeshCore
import MeshMultiformats

/// Deadlines, liveness checks, refresh and republication.
extension Kademlia {
    mutating func handleDeadline(
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        checkQueries(now: now, into: &effects)
        if let expiryAt = maintenance.expiryAt, expiryAt <= now {
            expireRecords(now: now, into: &effects)
            maintenance.expiryAt = hasExpiring ? now + configuration.expiryInterval : nil
        }
        while let publication = maintenance.publications.popExpired(now: now) {
            maintenance.duePublications.append(publication)
        }
        if let refreshAt = maintenance.refreshAt, refreshAt <= now {
            startRefresh(allBuckets: false, reportTo: nil, now: now, using: &rng, into: &effects)
        }
    }

    /// Starts whatever became possible through the last input.
    ///
    /// Every entry point ends here.
    mutating func settle(
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        if let refreshAt = maintenance.refreshAt, refreshAt <= now, maintenance.refresh == nil {
            startRefresh(allBuckets: false, reportTo: nil, now: now, using: &rng, into: &effects)
        }
        while let peer = checks.next() {
            request(KadMessage(finding: localPeer), to: peer, for: .check, now: now, into: &effects)
        }
        continueRefresh(now: now, using: &rng, into: &effects)
        // The end of one walk may be the time for the next; a few steps are enough for one input.
        for _ in 0..<4 {
            guard let time = sweep.nextDeadline, time <= now else { break }
            continueSweep(now: now, into: &effects)
        }
        publishDue(now: now, using: &rng, into: &effects)
    }

    // MARK: Refresh

    /// Starts a refresh, or lets `reportTo` end with the one that runs.
    mutating func startRefresh(
        allBuckets: Bool, reportTo: QueryID?, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) {
        // Nodes that started together shall not refresh together.
        let spread = UInt64(max(configuration.refreshInterval.wholeNanoseconds / 10, 1))
        maintenance.refreshAt =
            now + configuration.refreshInterval + .nanoseconds(rng.next(upperBound: spread))
        if maintenance.refresh != nil {
            if let reportTo { maintenance.refresh?.reportTo.append(reportTo) }
            return
        }
        checkForRefresh(now: now)
        guard table.count > 0 || !checks.isEmpty else {
            maintenance.refreshAt = now + configuration.emptyTableRetry
            effects.append(.event(.bootstrapNeeded))
            if let reportTo {
                let outcome = QueryOutcome.failed(.routingTableEmpty)
                effects.append(.event(.queryFinished(reportTo, outcome, QueryStatistics())))
            }
            return
        }
        let silentSince = allBuckets ? now : now - configuration.refreshInterval
        maintenance.refresh = Maintenance.Refresh(
            started: now, bucketsSilentSince: silentSince, reportTo: reportTo.map { [$0] } ?? [])
        maintenance.refresh?.runningLookups = 1
        startLookup(
            .closestPeers, key: localPeer.multihash, asking: .findNode, verifiesAll: true, owner: .refresh,
            now: now, into: &effects)
    }

    private mutating func continueRefresh(
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        while let refresh = maintenance.refresh {
            switch refresh.stage {
            case .lookingUpSelf:
                guard refresh.runningLookups == 0 else { return }
                // The lookup of the node itself went through the last bucket.
                let buckets = table.bucketsNotRefreshed(since: refresh.bucketsSilentSince)
                    .filter { $0 < table.bucketCount - 1 }
                let keys = RefreshKeys.find(
                    forBuckets: buckets, localKey: localKey, attempts: configuration.maximumRefreshAttempts,
                    using: &rng)
                maintenance.refresh?.stage = .fillingBuckets(keys: keys)
            case .fillingBuckets(var keys):
                if keys.isEmpty, refresh.runningLookups == 0 {
                    return finishRefresh(now: now, into: &effects)
                }
                guard let key = keys.popLast(),
                    refresh.runningLookups < configuration.maximumRefreshLookups
                else { return }
                maintenance.refresh?.stage = .fillingBuckets(keys: keys)
                maintenance.refresh?.runningLookups += 1
                startLookup(
                    .closestPeers, key: key, asking: .findNode, verifiesAll: false, owner: .refresh, now: now,
                    into: &effects)
            }
        }
    }

    /// Notes that one lookup of the refresh is over.
    mutating func refreshLookupFinished(_ statistics: QueryStatistics) {
        maintenance.refresh?.runningLookups -= 1
        maintenance.refresh?.statistics.add(statistics)
    }

    private mutating func finishRefresh(now: Instant, into effects: inout KadEffects) {
        guard let refresh = maintenance.refresh else { return }
        maintenance.refresh = nil
        var statistics = refresh.statistics
        statistics.duration = now.duration(since: refresh.started)
        let outcome: QueryOutcome =
            table.count > 0
            ? .bootstrapped(peers: table.count) : .failed(.unreachable(failed: statistics.failures))
        for id in refresh.reportTo { effects.append(.event(.queryFinished(id, outcome, statistics))) }
        if table.count == 0 {
            maintenance.refreshAt = now + configuration.emptyTableRetry
            effects.append(.event(.bootstrapNeeded))
        } else if table.count < configuration.replication, statistics.answers < statistics.requests {
            // Something was lost while the node knew hardly anybody: ten minutes would be too late.
            maintenance.refreshAt = now + configuration.emptyTableRetry
        }
    }

    // MARK: Republication

    /// Plans the next publication of something of ours that was published at `time`.
    mutating func schedule(_ publication: Publication, publishedAt time: UnixTime) {
        guard !configuration.sweepRegions else {
            maintenance.publications.cancel(publication)
            sweep.isStale = true
            return
        }
        let due = time.adding(configuration.republishInterval)
        let seconds = due.seconds > epoch.seconds ? due.seconds - epoch.seconds : 0
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        maintenance.publications.set(
            publication, at: overflow ? .distantFuture : Instant(nanoseconds: nanoseconds))
    }

    /// Plans to publish what is ours once more, when the table has doubled since the last time.
    mutating func noteTableGrowth(now: Instant) {
        guard let goal = maintenance.growthGoal, table.count >= goal else { return }
        maintenance.growthGoal = 2 * table.count
        let due = now + configuration.growthRepublishDelay
        guard !configuration.sweepRegions else {
            sweep.growthAt = due
            return
        }
        let limit = configuration.maximumGrowthPublications
        for record in records.records.lazy.filter(\.isOwn).prefix(limit) {
            maintenance.publications.set(.record(KadKeys.place(of: record.key)), at: due)
        }
        for record in providers.records.lazy.filter(\.isOwn).prefix(limit) {
            maintenance.publications.set(.provider(KadKeys.place(of: record.key)), at: due)
        }
    }

    private mutating func publishDue(
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout KadEffects
    ) {
        while maintenance.runningPublications < configuration.maximumRepublications,
            !maintenance.duePublications.isEmpty
        {
            switch maintenance.duePublications.removeFirst() {
            case .record(let place): republishRecord(place, now: now, into: &effects)
            case .provider(let place): republishProvider(place, now: now, into: &effects)
            }
        }
    }

    private mutating func republishRecord(_ place: Bytes32, now: Instant, into effects: inout KadEffects) {
        guard var record = records.record(place), record.isOwn else { return }
        let time = unixTime(now)
        guard (try? validate(key: record.key, value: record.value, at: time)) != nil else {
            _ = records.remove(place)
            return effects.append(.event(.removeRecord(key: record.key)))
        }
        record.received = time
        _ = keep(record, token: nil, now: now, into: &effects)
        maintenance.runningPublications += 1
        startLookup(
            .putValue(Self.putMessage(record)), key: record.key, asking: .findNode, verifiesAll: false,
            owner: .republication(.record(place)), now: now, into: &effects)
    }

    private mutating func republishProvider(_ place: Bytes32, now: Instant, into effects: inout KadEffects) {
        guard var record = providers.providers(place).first(where: \.isOwn) else { return }
        record.received = unixTime(now)
        keep(record, token: nil, now: now, into: &effects)
        maintenance.runningPublications += 1
        startLookup(
            .provide(announcement(of: record.key)), key: record.key, asking: .findNode, verifiesAll: false,
            owner: .republication(.provider(place)), now: now, into: &effects)
    }

    /// Notes the end of a publication of ours, and plans the next.
    mutating func publicationFinished(
        _ publication: Publication, reached: Int, isRepublication: Bool, now: Instant
    ) {
        if isRepublication { maintenance.runningPublications -= 1 }
        let isOwn =
            switch publication {
            case .record(let place): records.record(place)?.isOwn ?? false
            case .provider(let place): providers.providers(place).contains(where: \.isOwn)
            }
        guard isOwn else { return maintenance.publications.cancel(publication) }
        if reached > 0 {
            if maintenance.growthGoal == nil { maintenance.growthGoal = 2 * max(table.count, 1) }
            schedule(publication, publishedAt: unixTime(now))
        } else {
            maintenance.publications.set(publication, at: now + configuration.republishRetry)
        }
    }
}

extension QueryStatistics {
    mutating func add(_ other: QueryStatistics) {
        requests += other.requests
        answers += other.answers
        failures += other.failures
        hops = max(hops, other.hops)
    }
}
