import MeshConnection
import MeshCore
import MeshDirectory
import MeshMultiformats
import MeshTransport
import NIOCore

extension Node {
    /// A connection that a dial led to.
    struct Dialled: Sendable {
        var number: UInt64
        var attempts: [DialAttempt]
        var wasOpen: Bool
    }

    /// Where the addresses of a dial come from.
    struct Resolution {
        var peer: PeerID?
        var addresses: [Multiaddr]
        var foundThrough: String
        var name: String?
    }

    /// Connects to a target, pings it and says what happened on the way.
    public func dial(_ request: DialRequest) async throws -> DialReport {
        guard (0...10_000).contains(request.count) else {
            throw MeshFailure(.badArgument, "--count takes 0 to 10000, not \(request.count)")
        }
        let resolution = try await resolve(DialTarget(request.target))
        if !resolution.addresses.isEmpty, resolution.addresses.allSatisfy(\.isNoiseDatagram) {
            return try await dialDatagrams(resolution, count: request.count)
        }
        let start = NIODeadline.now()
        let dialled = try await connect(resolution.peer, addresses: resolution.addresses, reusesOpen: false)
        await waitForIdentify(dialled.number)
        let elapsed = NIODeadline.now() - start
        guard let connection = try running().swarm.connection(number: dialled.number),
            let info = connection.info
        else {
            throw MeshFailure(.unreachable, "the peer closed the connection right after it was opened")
        }
        let roundTrips = try await ping(connection, count: request.count)
        let identify = connection.identify ?? IdentifyMessage()
        return DialReport(
            peer: info.peer.description, did: info.publicKey.did, name: resolution.name,
            foundThrough: resolution.foundThrough, address: connection.remoteAddress.description,
            transport: "tcp", security: info.security, muxer: info.muxer,
            muxerNegotiatedEarly: info.earlyMuxer, agent: identify.agentVersion,
            protocolVersion: identify.protocolVersion, protocols: identify.protocols.sorted(),
            observedAddress: identify.observedAddress?.description,
            connectMilliseconds: Double(elapsed.nanoseconds) / 1_000_000,
            roundTripMilliseconds: roundTrips, path: connection.remoteAddress.isRelayed ? "relay" : "direct",
            attempts: dialled.attempts.map(DialReport.Attempt.init))
    }

    // MARK: Targets

    private func resolve(_ target: DialTarget) async throws -> Resolution {
        switch target {
        case .address(let address):
            if address.components.count == 1, let peer = address.peerID {
                return try await resolve(.peer(peer))
            }
            return Resolution(
                peer: address.peerID, addresses: [address.withoutPeer], foundThrough: "address given")
        case .peer(let peer):
            return try await resolve(peer)
        case .name(let name):
            let found = try await meshes(named: name)
            guard let mesh = found.meshes.first, found.meshes.count == 1 else {
                let dids = found.meshes.map(\.record.did).joined(separator: "\n  ")
                throw MeshFailure(
                    .badArgument,
                    "\(found.meshes.count) meshes claim the name \"\(name)\"; a name is not an identity",
                    next: "dial one of them by its DID:\n  \(dids)")
            }
            let services = try running()
            services.addresses.learn(mesh.record.addresses, of: mesh.record.peerID)
            return Resolution(
                peer: mesh.record.peerID, addresses: mesh.record.addresses,
                foundThrough: "name in the DHT, \(Self.hops(found.statistics.hops))",
                name: mesh.record.name.text)
        }
    }

    private func resolve(_ peer: PeerID) async throws -> Resolution {
        guard peer != identity.peerID else {
            throw MeshFailure(.badArgument, "\(peer) is this node itself")
        }
        let known = try running().addresses.addresses(of: peer)
        guard known.isEmpty else {
            return Resolution(peer: peer, addresses: known, foundThrough: "known before")
        }
        let report = try await query { machine, now, generator, effects in
            machine.findPeer(peer, now: now, using: &generator, into: &effects)
        }
        guard case .peer(let found) = report.outcome else {
            throw QueryFailure.failure(report.outcome, looking: "peer \(peer)")
        }
        return Resolution(
            peer: peer, addresses: found.addresses,
            foundThrough: "DHT, \(Self.hops(report.statistics.hops))")
    }

    private static func hops(_ count: Int) -> String { count == 1 ? "1 hop" : "\(count) hops" }

    // MARK: Connections

    /// Connects, or throws what each address said.
    func connect(
        _ peer: PeerID?, addresses: [Multiaddr], reusesOpen: Bool = true
    ) async throws -> Dialled {
        let swarm = try running().swarm
        let result: Result<Dialled, DialError> = await withCheckedContinuation { continuation in
            swarm.connect(peer, addresses: addresses, isManual: true, reusesOpen: reusesOpen) { result in
                continuation.resume(
                    returning: result.map { success in
                        Dialled(
                            number: success.connection.number, attempts: success.attempts,
                            wasOpen: success.wasOpen)
                    })
            }
        }
        do {
            return try result.get()
        } catch {
            throw MeshFailure(dialling: peer, error)
        }
    }

    /// Returns when the peer has said who it is, or will not.
    func waitForIdentify(_ number: UInt64) async {
        guard let services else { return }
        await withCheckedContinuation { continuation in
            services.whenIdentified(number) { continuation.resume() }
        }
    }

    private func ping(_ connection: PeerConnection, count: Int) async throws -> DialReport.RoundTrips? {
        guard count > 0 else { return nil }
        let milliseconds: [Double] = await withCheckedContinuation { continuation in
            Pinger.run(over: connection, count: count) { durations, _ in
                continuation.resume(returning: durations.map(\.milliseconds))
            }
        }
        let sorted = milliseconds.sorted()
        guard let least = sorted.first, let greatest = sorted.last else { return nil }
        return DialReport.RoundTrips(
            count: sorted.count, min: least, median: sorted[sorted.count / 2], max: greatest)
    }
}

extension DialReport.Attempt {
    init(_ attempt: DialAttempt) {
        self.init(
            address: attempt.address.description, outcome: attempt.outcome.word,
            milliseconds: attempt.duration?.milliseconds ?? 0,
            error: attempt.outcome == .connected ? nil : attempt.outcome.description)
    }
}

extension DialOutcome {
    /// The outcome as scripts see it.
    var word: String {
        switch self {
        case .connected: "connected"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .notTried, .backingOff, .leftOut: "skipped"
        }
    }
}

extension MeshFailure {
    /// Names every address with its cause.
    init(dialling peer: PeerID?, _ failure: DialError) {
        let who = peer.map(\.description) ?? "the address"
        let attempts = failure.attempts.map(DialReport.Attempt.init)
        switch failure.kind {
        case .noAddresses:
            self.init(
                .notFound, "no address of \(who) is known that this node can dial",
                next: peer.map { "`meshp2p find peer \($0)` asks the network" }, attempts: attempts)
        case .wrongPeer(let actual):
            self.init(
                .wrongPeer,
                "another peer answered: \(actual) instead of \(who); our identity was not sent",
                next: "check the peer id in the address", attempts: attempts)
        case .ownAddress:
            self.init(.badArgument, "\(who) is this node itself", attempts: attempts)
        case .unreachable:
            self.init(
                .unreachable, "could not reach \(who)",
                next: peer.map { "`meshp2p find peer \($0)` for other addresses" }, attempts: attempts)
        case .limit:
            self.init(.limit, "too many connections or dials are open", attempts: attempts)
        }
    }
}
