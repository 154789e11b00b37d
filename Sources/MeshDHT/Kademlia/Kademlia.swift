import MeshCore
import MeshMultiformats

/// The Kademlia DHT of libp2p as a machine without I/O: server, client, routing table, records and timers.
///
/// Source: libp2p kad-dht and ipfs/specs kad-dht; `Specs/kademlia.md` has the messages, constants and deviations.
/// The driver carries `.request`s to peers and owes an answer or a failure for each; it may take as long as it
/// likes to give up, because slow peers never hold up a query. It commits what `persist…` events name before it
/// lets the response of the same token out.
///
/// | Input | Effect |
/// |---|---|
/// | request, client mode | `.respond(nil)` |
/// | request, server mode | the answer of `Specs/kademlia.md`, or `.respond(nil)` when it is invalid |
/// | response to a lookup | its peers become candidates; the sender is admitted to the table; the query goes on |
/// | response to a check | the sender is admitted to the table |
/// | failure | the query goes on; a peer of the table loses its place after repeated failures |
/// | deadline | slow requests, expired queries, refresh, republication, expiry of records |
public struct Kademlia: StateMachine {
    /// How a node takes part in the network.
    public enum Mode: String, Hashable, Sendable {
        /// Asks, and answers nothing.
        case client
        /// Asks and answers.
        case server
    }

    /// The effects of this machine.
    public typealias KadEffects = Effects<PeerID, KadMessage, KademliaEvent>

    /// The node's own identity.
    public let localPeer: PeerID
    /// What the machine shares with others.
    public let setup: KademliaSetup
    /// How the node takes part.
    public internal(set) var mode: Mode
    /// The addresses that the node gives as its own.
    public internal(set) var localAddresses: [Multiaddr] = []
    /// The peers that the node knows.
    public internal(set) var table: RoutingTable
    /// The value records that the node keeps.
    public internal(set) var records: RecordStore
    /// The provider records that the node keeps.
    public internal(set) var providers: ProviderStore

    var book: PeerBook
    var checks: LivenessChecks
    var queries = QueryTable()
    var pending = PendingTable()
    var maintenance = Maintenance()
    var observations: Observations
    var sweep = Sweep()
    /// When a query has to look at the clock, or earlier.
    var queryCheckAt: Instant?
    /// Requests that failed since the last one that was answered.
    var failuresInARow = 0
    /// Scratch space of table searches.
    var slots: [UInt64] = []
    private var nextQueryValue: UInt64 = 1

    /// Creates the machine of `localPeer`, as a client that knows nobody.
    public init(
        localPeer: PeerID, configuration: KademliaConfiguration, epoch: UnixTime, validators: RecordValidators
    ) {
        self.init(
            localPeer: localPeer,
            setup: KademliaSetup(configuration: configuration, epoch: epoch, validators: validators))
    }

    /// Creates the machine of `localPeer`, one of many with the same setup.
    public init(localPeer: PeerID, setup: KademliaSetup) {
        self.localPeer = localPeer
        self.setup = setup
        let configuration = setup.configuration
        mode = .client
        let key = localPeer.kadKey
        table = RoutingTable(
            localKey: key, bucketSize: configuration.replication,
            maximumReplacements: configuration.maximumReplacementsPerBucket,
            diversity: configuration.diversity, countsPrivateAddresses: configuration.countsPrivateAddresses)
        records = RecordStore(
            localKey: key, maximumCount: configuration.maximumRecords,
            maximumByteCount: configuration.maximumRecordByteCount,
            maximumOwnCount: configuration.maximumPublications,
            percentPerPeer: configuration.storeSharePerPeer, percentPerGroup: configuration.storeSharePerGroup
        )
        providers = ProviderStore(
            localKey: key, maximumPerKey: configuration.maximumProvidersPerKey,
            maximumCount: configuration.maximumProviders,
            maximumOwnCount: configuration.maximumPublications,
            percentPerPeer: configuration.storeSharePerPeer, percentPerGroup: configuration.storeSharePerGroup
        )
        observations = Observations(configuration)
        book = PeerBook(maximumCount: configuration.maximumBookPeers, lifetime: configuration.bookLifetime)
        checks = LivenessChecks(
            maximumRunning: configuration.maximumChecks, maximumWaiting: configuration.maximumWaitingChecks)
    }

    /// The constants.
    public var configuration: KademliaConfiguration { setup.configuration }

    /// The civil time of `Instant.zero`.
    public var epoch: UnixTime { setup.epoch }

    /// What may be stored under which keys.
    public var validators: RecordValidators { setup.validators }

    /// The node's own place in the key space.
    public var localKey: Bytes32 { localPeer.kadKey }

    /// The node as a peer.
    var localKadPeer: KadPeer { KadPeer(id: localPeer, addresses: localAddresses) }

    /// The number of queries that run, those of the machine's own maintenance included.
    public var queryCount: Int { queries.count }

    /// The number of requests for which the driver owes an answer or a failure.
    public var pendingRequestCount: Int { pending.count }

    /// Switches between client and server.
    public mutating func setMode(_ mode: Mode) {
        self.mode = mode
    }

    /// Replaces the addresses that the node gives as its own.
    public mutating func setLocalAddresses(_ addresses: [Multiaddr]) {
        localAddresses = Array(addresses.prefix(configuration.maximumAddressesPerPeer))
    }

    /// Handles one input at the time `now`, appending what must happen to `effects`.
    public mutating func handle(
        _ input: Input<PeerID, KadMessage>, now: Instant, using rng: inout some RandomNumberGenerator,
        into effects: inout KadEffects
    ) {
        switch input {
        case .request(let message, let peer, let token):
            answer(message, from: peer, token: token, now: now, using: &rng, into: &effects)
        case .response(let message, let peer, let token):
            guard let request = pending.take(token, from: peer) else { return }
            if message.kind == request.kind {
                noteAlive(request.peer, now: now, into: &effects)
                handleAnswer(message, to: request, now: now, into: &effects)
            } else {
                observations.refusals.invalidAnswers.count()
                noteFailed(request.peer, into: &effects)
                handleFailure(of: request, outcome: .invalid, now: now, into: &effects)
            }
        case .failure(let token, let peer):
            guard let request = pending.take(token, from: peer) else { return }
            noteUnanswered(request, into: &effects)
            handleFailure(of: request, outcome: .failed, now: now, into: &effects)
        case .deadline:
            handleDeadline(now: now, using: &rng, into: &effects)
        }
        settle(now: now, using: &rng, into: &effects)
    }

    /// When the machine wants `Input.deadline` next.
    public var nextDeadline: Instant? {
        var earliest = queryCheckAt
        if let next = maintenance.nextDeadline { earliest = min(earliest ?? next, next) }
        if let next = sweep.nextDeadline { earliest = min(earliest ?? next, next) }
        return earliest
    }

    // MARK: Requests

    /// Sends `message` to `peer`, whose addresses the driver learns first.
    mutating func request(
        _ message: KadMessage, to peer: KadPeer, for purpose: PendingRequest.Purpose, now: Instant,
        into effects: inout KadEffects
    ) {
        let token = pending.insert(
            PendingRequest(peer: peer, purpose: purpose, kind: message.kind, sent: now))
        announceAddresses(of: peer, into: &effects)
        effects.append(.request(message, to: peer.id, token: token))
    }

    func announceAddresses(of peer: KadPeer, into effects: inout KadEffects) {
        guard configuration.announcesAddresses, peer.storage.addressCount > 0 else { return }
        effects.append(.event(.learnedAddresses(peer.id, peer.addresses)))
    }

    mutating func makeQueryID() -> QueryID {
        defer { nextQueryValue += 1 }
        return QueryID(nextQueryValue)
    }

    func unixTime(_ now: Instant) -> UnixTime { epoch.adding(seconds: now.nanoseconds / 1_000_000_000) }
}
