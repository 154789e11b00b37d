import MeshCore
import MeshDHT
import MeshDirectory
import MeshMultiformats
import NIOCore

extension Node {
    typealias QueryStart = (
        inout Kademlia, Instant, inout SystemRandomNumberGenerator, inout KademliaDriver.DHTEffects
    ) -> QueryID

    /// Runs one query to its end.
    func query(_ start: QueryStart) async throws -> KademliaDriver.QueryReport {
        let driver = try running().driver
        return await withCheckedContinuation { continuation in
            driver.query(start) { continuation.resume(returning: $0) }
        }
    }

    /// Looks something up in the DHT or the directory.
    public func find(_ request: FindRequest) async throws -> FindReport {
        let start = NIODeadline.now()
        var report: FindReport
        switch request.kind {
        case .peer: report = try await findPeer(request)
        case .value: report = try await findValue(request)
        case .providers: report = try await findProviders(request)
        case .mesh, .skill: report = try await findMeshes(request)
        }
        report.milliseconds = Double((NIODeadline.now() - start).nanoseconds) / 1_000_000
        if !request.trace { report.trace = nil }
        return report
    }

    private func findPeer(_ request: FindRequest) async throws -> FindReport {
        guard case .peer(let peer) = try DialTarget(request.key) else {
            throw MeshFailure(
                .badArgument, "\(request.key) is not a peer id",
                next: "a name is looked up with `meshp2p find mesh \(request.key)`")
        }
        if peer == identity.peerID {
            var report = FindReport(request)
            report.peer = PeerEntry(id: self.peer, addresses: addresses)
            return report
        }
        // Who wants a trace wants the network's answer, not ours.
        let usesLocal = !request.trace
        let answer = try await query { machine, now, generator, effects in
            machine.findPeer(peer, usesLocal: usesLocal, now: now, using: &generator, into: &effects)
        }
        guard case .peer(let found) = answer.outcome else {
            throw QueryFailure.failure(answer.outcome, looking: "peer \(peer)")
        }
        var report = FindReport(request, answer)
        report.peer = PeerEntry(found)
        return report
    }

    private func findValue(_ request: FindRequest) async throws -> FindReport {
        let key = try KeyText.valueKey(request.key)
        let answer = try await value(key)
        guard case .value(let value, _) = answer.outcome else {
            throw QueryFailure.failure(answer.outcome, looking: "value under \(request.key)")
        }
        var report = FindReport(request, answer)
        report.value = Base64.encode(value)
        return report
    }

    private func findProviders(_ request: FindRequest) async throws -> FindReport {
        let key = try KeyText.providerKey(request.key)
        let limit = min(max(request.limit ?? Self.maximumProviders, 1), Self.maximumProviders)
        let answer = try await query { machine, now, generator, effects in
            machine.findProviders(
                key: key, limit: limit, now: now, using: &generator, into: &effects)
        }
        guard case .providers(let providers) = answer.outcome, !providers.isEmpty else {
            throw QueryFailure.failure(answer.outcome, looking: "provider of \(request.key)")
        }
        var report = FindReport(request, answer)
        report.providers = providers.map { provider in
            provider.id == identity.peerID
                ? PeerEntry(id: peer, addresses: addresses) : PeerEntry(provider)
        }
        return report
    }

    private func findMeshes(_ request: FindRequest) async throws -> FindReport {
        let found =
            request.kind == .mesh
            ? try await meshes(named: request.key) : try await meshes(offering: request.key)
        var report = FindReport(request)
        report.meshes = found.meshes.map { MeshEntry($0.record) }
        report.hops = found.statistics.hops
        report.messages = found.statistics.requests
        report.trace = found.steps.map(TraceStep.init)
        return report
    }

    /// Providers that one search collects.
    static var maximumProviders: Int { 64 }

    /// A self-certifying key has one valid value; of others several holders are asked for the newest.
    func value(_ key: [UInt8]) async throws -> KademliaDriver.QueryReport {
        let quorum = key.starts(with: Array("/pk/".utf8)) ? 1 : 3
        return try await query { machine, now, generator, effects in
            machine.getValue(key: key, quorum: quorum, now: now, using: &generator, into: &effects)
        }
    }

    // MARK: Storing

    /// Stores a value in the DHT.
    public func put(_ request: PutRequest) async throws -> StoreReport {
        let key = try KeyText.valueKey(request.key)
        guard let value = try? Base64.decode(request.value) else {
            throw MeshFailure(.badArgument, "the value is not base64")
        }
        let answer = try await query { machine, now, generator, effects in
            machine.putValue(key: key, value: value, now: now, using: &generator, into: &effects)
        }
        guard case .stored(let acknowledged, let attempted) = answer.outcome else {
            throw QueryFailure.failure(answer.outcome, storing: request.key)
        }
        if acknowledged == 0, attempted > 0, key.count + value.count > DatagramCarrier.maximumByteCount / 2 {
            throw QueryFailure.untaken(byteCount: value.count, attempted: attempted)
        }
        try await flush()
        return StoreReport(stored: acknowledged, milliseconds: answer.statistics.duration.milliseconds)
    }

    /// Announces this node as a provider of a key.
    public func provide(_ request: ProvideRequest) async throws -> StoreReport {
        let key = try KeyText.providerKey(request.key)
        let answer = try await query { machine, now, generator, effects in
            machine.provide(key: key, now: now, using: &generator, into: &effects)
        }
        guard case .provided(let sent) = answer.outcome else {
            throw QueryFailure.failure(answer.outcome, storing: request.key)
        }
        try await flush()
        return StoreReport(stored: sent, milliseconds: answer.statistics.duration.milliseconds)
    }

    /// Returns when everything that was written before is durable.
    private func flush() async throws {
        let writer = try running().writer
        await withCheckedContinuation { continuation in writer.whenIdle { continuation.resume() } }
    }
}

extension FindReport {
    init(_ request: FindRequest) {
        self.init(kind: request.kind, key: request.key, hops: 0, messages: 0, milliseconds: 0)
    }

    init(_ request: FindRequest, _ answer: KademliaDriver.QueryReport) {
        self.init(request)
        hops = answer.statistics.hops
        messages = answer.statistics.requests
        trace = answer.steps.map(TraceStep.init)
    }
}

extension PeerEntry {
    init(_ peer: KadPeer) {
        self.init(
            id: peer.id.description,
            addresses: peer.addresses.map { $0.appending(peer: peer.id).description })
    }
}

extension TraceStep {
    init(_ step: QueryStep) {
        self.init(
            round: step.round, peer: step.peer.id.description,
            address: step.peer.addresses.first?.description,
            milliseconds: step.duration.milliseconds, closer: step.closerCount,
            outcome: step.outcome.rawValue, distance: step.sharedBitCount)
    }
}

extension MeshEntry {
    init(_ record: MeshRecord) {
        self.init(
            name: record.name.text, did: record.did, peer: record.peerID.description,
            addresses: record.addresses.map { $0.appending(peer: record.peerID).description },
            capabilities: record.capabilities.map(\.text), sequence: record.sequence,
            issued: record.issued.rfc3339, expires: record.expires.rfc3339)
    }
}
