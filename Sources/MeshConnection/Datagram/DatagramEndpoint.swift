import MeshCore
import MeshCrypto
import MeshMultiformats

/// The machine of one UDP port: Noise sessions with many peers, requests and responses over them.
///
/// It does no I/O and reads no clock: datagrams, time and randomness go in, datagrams and events come out. The tables
/// of states are in Specs/noise-datagrams.md, section 13; a session is an entry of `sessions`, a handshake of ours one
/// of `initiating`, a handshake of others one of `answering`. It cannot be copied: a copy would seal under the same
/// keys with the same counters.
public struct DatagramEndpoint: ~Copyable {
    /// Who this node is; what a handshake tells follows changes.
    public var identity: DatagramIdentity
    /// What was counted since the start.
    public internal(set) var counters = DatagramCounters()

    let configuration: DatagramConfiguration
    let timing: DatagramTiming
    let requestRate: DatagramRateLimit
    let presharedKey: PresharedKey?
    let resetFunction: SipHash
    let indexSecret: UInt64

    var sessions = DatagramSlab<DatagramSession>()
    var sessionKeys = DatagramKeyTable()
    /// The sessions by the last authentic packet.
    var recency = DatagramRecency()
    var peers = DatagramSlab<DatagramPeer>()
    var requests: DatagramRequestTable
    var initiating = DatagramSlab<DatagramInitiating?>()
    var initiatingTimers = DatagramTimerWheel()
    var answering = DatagramSlab<DatagramAnswering?>()
    var answeringTimers = DatagramTimerWheel()
    var answeringAge = DatagramRecency()
    /// Completions that go out again until the peer shows that it has them.
    var completions = DatagramSlab<[UInt8]>()
    var paths = DatagramSlab<DatagramPath?>()
    var pathTimers = DatagramTimerWheel()
    var deferredCount = 0
    var reassemblies: [DatagramReassembly] = []

    var admission: DatagramAdmission
    var knownKeys: DatagramKnownKeys

    /// Our connection ids that are in use; the slot's upper bits say of what (``DatagramSlotKind``).
    var localIDs: DatagramSlotIndex
    /// The peers' connection ids of sessions.
    var remoteIDs: DatagramSlotIndex
    /// Entries of `peers` by the first word of the Kademlia key.
    var peerIndex: DatagramSlotIndex
    /// Entries of `answering` by a keyed hash of address and initiator id.
    var answeringIndex: DatagramSlotIndex

    var lastTimestamp: UInt64 = 0
    var sweepAt: Instant?
    var nextGeneration: UInt16 = 0

    /// Creates an endpoint.
    ///
    /// `resetSecret` must be the same after a restart, or Resets will not be believed: derive it from the identity key.
    public init(
        identity: DatagramIdentity, presharedKey: PresharedKey?, resetSecret: Bytes32,
        configuration: DatagramConfiguration = DatagramConfiguration()
    ) {
        self.identity = identity
        self.presharedKey = presharedKey
        self.configuration = configuration
        timing = DatagramTiming(configuration)
        requestRate = DatagramRateLimit(configuration.requestsPerSession)
        resetFunction = SipHash(resetSecret)
        // Another half of the secret than the one that makes tokens.
        indexSecret = resetSecret.word2 ^ resetSecret.word3
        requests = DatagramRequestTable(seed: indexSecret)
        admission = DatagramAdmission(configuration, seed: indexSecret)
        knownKeys = DatagramKnownKeys(limit: configuration.maximumKnownKeyCount, seed: indexSecret)
        localIDs = DatagramSlotIndex(secret: indexSecret)
        remoteIDs = DatagramSlotIndex(secret: indexSecret)
        peerIndex = DatagramSlotIndex(secret: indexSecret)
        answeringIndex = DatagramSlotIndex(secret: indexSecret)
    }

    /// The number of sessions.
    public var sessionCount: Int { sessions.count }

    /// The number of handshakes in progress, of both roles.
    public var handshakeCount: Int { initiating.count + answering.count }

    /// The number of requests of ours that are not finished.
    public var requestCount: Int { requests.count }

    /// The bytes that sessions, their keys and the indexes over them take, without the peer ids.
    public var sessionByteCount: Int {
        sessions.byteCount + sessionKeys.byteCount + localIDs.byteCount + remoteIDs.byteCount
            + peers.byteCount + peerIndex.byteCount
    }

    /// Whether there is a session with `peer`, so that a request needs no handshake.
    public func hasSession(with peer: PeerID) -> Bool {
        peerSlot(of: peer).map { peers[$0].sessionSlot != DatagramSession.none } ?? false
    }

    /// When ``handleDeadline(now:using:into:)`` wants to be called, or nil.
    public var nextDeadline: Instant? {
        var earliest = sweepAt ?? .distantFuture
        earliest = min(earliest, requests.timers.nextDeadline ?? .distantFuture)
        earliest = min(earliest, initiatingTimers.nextDeadline ?? .distantFuture)
        earliest = min(earliest, answeringTimers.nextDeadline ?? .distantFuture)
        earliest = min(earliest, pathTimers.nextDeadline ?? .distantFuture)
        return earliest == .distantFuture ? nil : earliest
    }

    /// Takes one datagram that came from `address`.
    public mutating func receive(
        _ datagram: RawSpan, from address: DatagramAddress, now: Instant,
        using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        counters.received += 1
        counters.receivedBytes += datagram.byteCount
        let count = datagram.byteCount
        guard count > DatagramPacket.declineByteCount - 1, count <= DatagramPacket.maximumByteCount,
            let type = DatagramPacket(rawValue: datagram.byte(at: 0))
        else {
            counters.drop(.malformed)
            return
        }
        switch type {
        case .data:
            receiveData(datagram, from: address, now: now, using: &rng, into: &effects)
        case .initiation, .resumption:
            receiveFirst(type, datagram, from: address, now: now, using: &rng, into: &effects)
        case .response, .resumptionAnswer, .retry, .decline:
            receiveAnswer(type, datagram, from: address, now: now, using: &rng, into: &effects)
        case .completion:
            receiveCompletion(datagram, from: address, now: now, using: &rng, into: &effects)
        case .reset:
            receiveReset(datagram, now: now, using: &rng, into: &effects)
        }
    }

    /// Does what is due; call it at ``nextDeadline``.
    public mutating func handleDeadline(
        now: Instant, using rng: inout some RandomNumberGenerator, into effects: inout DatagramEffects
    ) {
        while let slot = requests.timers.popExpired(now: now) {
            handleRequestTimer(slot, now: now, using: &rng, into: &effects)
        }
        while let slot = initiatingTimers.popExpired(now: now) {
            handleInitiatingTimer(slot, now: now, using: &rng, into: &effects)
        }
        while let slot = answeringTimers.popExpired(now: now) {
            handleAnsweringTimer(slot, now: now, using: &rng, into: &effects)
        }
        while let slot = pathTimers.popExpired(now: now) {
            handlePathTimer(slot, now: now, using: &rng, into: &effects)
        }
        if let sweepAt, sweepAt <= now { sweep(now: now, into: &effects) }
    }

    /// Says goodbye to everybody and ends everything; requests fail with `.closed`.
    public mutating func closeAll(into effects: inout DatagramEffects) {
        for slot in sessions.elements.indices where sessions[slot].localID != 0 {
            let start = beginData(slot, into: &effects)
            effects.arena.append(DatagramFrame.close.rawValue)
            effects.arena.append(0)
            finishData(slot, start: start, to: sessions[slot].address, into: &effects)
        }
        for slot in sessions.elements.indices where sessions[slot].localID != 0 {
            removeSession(slot, into: &effects)
        }
        for slot in initiating.elements.indices where initiating[slot] != nil { removeInitiating(slot) }
        for slot in answering.elements.indices where answering[slot] != nil { removeAnswering(slot) }
        for slot in peers.elements.indices where peers[slot].peer != nil {
            failAll(ofPeerIn: slot, .closed, into: &effects)
        }
        sweepAt = nil
    }
}

/// What a connection id of ours stands for.
enum DatagramSlotKind: Int {
    case session = 0
    case initiating = 1
    case answering = 2

    private static let shift = 28

    /// The slot and its kind in one number of an index.
    func entry(_ slot: Int) -> Int { rawValue << Self.shift | slot }

    static func kind(of entry: Int) -> DatagramSlotKind? { DatagramSlotKind(rawValue: entry >> shift) }
    static func slot(of entry: Int) -> Int { entry & (1 << shift - 1) }
}
