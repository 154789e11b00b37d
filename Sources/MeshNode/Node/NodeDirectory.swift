import MeshCore
import MeshDHT
import MeshDirectory
import MeshMultiformats
import MeshTransport

extension Node: RegistryListing {
    /// Meshes that a search found, and what it cost.
    struct FoundMeshes {
        var meshes: [SignedMeshRecord]
        var statistics: QueryStatistics
        var steps: [QueryStep]
    }

    /// The meshes that claim a name, or the one with a DID.
    func meshes(named text: String) async throws -> FoundMeshes {
        let query: MeshQuery
        do {
            query = try MeshQuery(mesh: text)
        } catch {
            throw MeshFailure(.badArgument, "\(error)")
        }
        return try await search(query, looking: "mesh \"\(DisplayText.safe(text, limit: 80))\"")
    }

    /// The meshes that offer a capability.
    func meshes(offering text: String) async throws -> FoundMeshes {
        let query: MeshQuery
        do {
            query = try MeshQuery(capability: text)
        } catch {
            throw MeshFailure(.badArgument, "\(error)")
        }
        return try await search(
            query, looking: "mesh with the skill \"\(DisplayText.safe(text, limit: 80))\"")
    }

    /// Collects claimants, then every claimant's own record.
    private func search(_ query: MeshQuery, looking what: String) async throws -> FoundMeshes {
        let services = try running()
        var search = MeshSearch(query)
        var found = FoundMeshes(meshes: [], statistics: QueryStatistics(), steps: [])
        var failure: QueryOutcome?
        var claimants: [KadPeer] = []
        if let key = query.providerKey {
            let answer = try await self.query { machine, now, generator, effects in
                machine.findProviders(
                    key: key, limit: Self.maximumProviders, now: now, using: &generator, into: &effects)
            }
            found.add(answer)
            if case .providers(let providers) = answer.outcome {
                claimants = providers
            } else {
                failure = answer.outcome
            }
        } else if case .peer(let peer) = query {
            claimants = [KadPeer(id: peer, addresses: services.addresses.addresses(of: peer))]
        }
        for claimant in claimants {
            guard let key = search.addClaimant(claimant.id) else { continue }
            services.addresses.learn(claimant.addresses, of: claimant.id)
            let value = try await record(of: claimant, key: key, &found)
            _ = search.take(value: value, of: claimant.id, at: services.clock.unixTime)
        }
        found.meshes = search.meshes
        guard !found.meshes.isEmpty else {
            throw QueryFailure.failure(failure ?? .providers([]), looking: what)
        }
        return found
    }

    /// The record from the DHT; our own from our own store.
    private func record(
        of claimant: KadPeer, key: [UInt8], _ found: inout FoundMeshes
    ) async throws -> [UInt8]? {
        if claimant.id == identity.peerID { return try running().directory.current?.envelope }
        let answer = try await value(key)
        found.add(answer)
        guard case .value(let bytes, _) = answer.outcome else { return nil }
        return bytes
    }

    /// The meshes that registries know, each by its own record.
    public func meshes(_ request: MeshesRequest) async throws -> MeshesReport {
        var addresses = configuration.registries
        if let text = request.registry {
            guard let address = try? Multiaddr(text) else {
                throw MeshFailure(.badArgument, "\(text) is neither a multiaddr nor an http URL")
            }
            addresses = [address]
        }
        guard !addresses.isEmpty else {
            throw MeshFailure(
                .badArgument, "no registry is known", next: "name one with --registry MULTIADDR or URL")
        }
        var report = MeshesReport(meshes: [], registries: [])
        var lastFailure: MeshFailure?
        var seen: Set<PeerID> = []
        for address in addresses {
            do {
                for peer in try await discover(address) where seen.insert(peer.peerID).inserted {
                    if let mesh = try await listed(peer) { report.meshes.append(mesh) }
                }
                report.registries.append(address.description)
            } catch let failure as MeshFailure {
                lastFailure = failure
            }
        }
        if report.registries.isEmpty, let lastFailure { throw lastFailure }
        report.meshes.sort { ($0.name, $0.did) < ($1.name, $1.did) }
        return report
    }

    private func discover(_ address: Multiaddr) async throws -> [DiscoveredPeer] {
        let dialled = try await connect(address.peerID, addresses: [address.withoutPeer])
        await waitForIdentify(dialled.number)
        guard let connection = try running().swarm.connection(number: dialled.number) else {
            throw MeshFailure(.unreachable, "the registry closed the connection")
        }
        let namespace = RendezvousNamespace(RendezvousConfiguration.meshNamespace)
        let client = RequestClient(
            connection: connection, protocolID: RendezvousConfiguration.protocolID,
            messageLimit: RendezvousLimits.responseByteCount, timeout: .seconds(10), keptStreamCount: 0,
            loop: loop)
        let result: Result<[UInt8], RequestError> = await withCheckedContinuation { continuation in
            client.request(RendezvousClient.discover(in: namespace).encoded) {
                continuation.resume(returning: $0)
            }
        }
        do {
            let bytes = try result.get()
            let answer = try RendezvousMessage(decoding: bytes.span.bytes)
            return try RendezvousClient.discovered(answer, in: namespace).peers
        } catch RequestError.closed(.refused) {
            throw MeshFailure(
                .unsupportedProtocol, "\(address) is not a registry peer: it does not speak rendezvous")
        } catch {
            throw MeshFailure(.refused, "the registry \(address) did not answer the question: \(error)")
        }
    }

    private func listed(_ peer: DiscoveredPeer) async throws -> ListedMesh? {
        let services = try running()
        services.addresses.learn(peer.addresses, of: peer.peerID)
        var found = FoundMeshes(meshes: [], statistics: QueryStatistics(), steps: [])
        let key = MeshRecordKey.bytes(for: peer.peerID)
        let claimant = KadPeer(id: peer.peerID, addresses: peer.addresses)
        guard let bytes = try await record(of: claimant, key: key, &found),
            let signed = try? SignedMeshRecord(envelope: bytes)
        else { return nil }
        let entry = MeshEntry(signed.record)
        return ListedMesh(
            name: entry.name, did: entry.did, peer: entry.peer, addresses: entry.addresses,
            capabilities: entry.capabilities, lastSeen: nil)
    }

    /// One page of the listing of a registry peer; empty when this node is none.
    public func registryListing(_ query: ListingQuery) async throws -> ListingPage {
        guard let registry = services?.directory.registry else { return ListingPage(entries: []) }
        let question: RegistryQuery
        do {
            question = try RegistryQuery(
                name: query.name, capability: query.capability, status: query.status, limit: query.limit,
                cursor: query.cursor)
        } catch {
            throw MeshFailure(.badArgument, "\(error)")
        }
        let page = registry.listing(question)
        return ListingPage(entries: page.entries.map(ListingEntry.init), next: page.next?.description)
    }
}

extension Node.FoundMeshes {
    mutating func add(_ answer: KademliaDriver.QueryReport) {
        statistics.requests += answer.statistics.requests
        statistics.answers += answer.statistics.answers
        statistics.failures += answer.statistics.failures
        statistics.hops = max(statistics.hops, answer.statistics.hops)
        steps += answer.steps
    }
}

extension ListingEntry {
    init(_ entry: RegistryEntry) {
        self.init(
            did: entry.did, name: entry.name.text, status: entry.status.name,
            memberCount: Int(clamping: entry.memberCount), botCount: Int(clamping: entry.botCount),
            lastSeen: entry.lastSeen.rfc3339, peer: entry.peer.description,
            addresses: entry.addresses.map { $0.appending(peer: entry.peer).description },
            capabilities: entry.capabilities.map(\.text), version: entry.version)
    }
}
