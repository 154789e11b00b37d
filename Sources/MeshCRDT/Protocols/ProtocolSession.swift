import MeshCore

/// One side of a connection that carries a document and its awareness, without I/O.
///
/// The driver sends what ``start(document:awareness:)`` returns, gives each frame to
/// ``receive(_:from:document:awareness:now:)``, and calls ``end(awareness:from:now:)`` when the connection is gone. It also sends
/// every update of the document and every announced change of the awareness that did not come from this peer.
///
/// | message | effect |
/// |---|---|
/// | sync | as ``SyncProtocol`` says |
/// | awareness | taken in; `.awareness` when it announced something |
/// | query awareness | `.send` of all states |
/// | permission denied | `.permissionDenied` |
///
/// When a frame throws, the messages before the bad one have had their effect, as if each had come alone, and the connection
/// should end. Source: y-websocket 3.0.0.
public struct ProtocolSession: Hashable, Sendable {
    /// What the driver has to do or to know after a frame.
    public enum Effect: Hashable, Sendable {
        /// Send this back.
        case send(ProtocolMessage)
        /// The document now has all that the peer had when it connected.
        case synced
        /// A change of this many bytes was not taken in, because the peer may only read.
        case refused(byteCount: Int)
        /// States have changed: tell the other peers about ``AwarenessChange/announced``, this one too where it lists this
        /// side's own client.
        case awareness(AwarenessChange)
        /// The peer refuses what this side tried.
        case permissionDenied(reason: String)
    }

    /// The state of the sync protocol.
    public var sync: SyncProtocol
    /// The bounds on frames.
    public let limits: ProtocolLimits
    /// The clients whose states this peer announced.
    private var announced: Set<ClientID> = []

    /// Creates the side of a new connection whose peer has `access`.
    public init(access: SyncProtocol.Access = .readWrite, limits: ProtocolLimits = ProtocolLimits()) {
        sync = SyncProtocol(access: access)
        self.limits = limits
    }

    /// The clients whose states this peer announced, ascending.
    public var clients: [ClientID] { announced.sorted() }

    /// The messages that start the exchange: step 1, and the states of all clients that are there.
    public func start(document: some SyncDocument, awareness: Awareness) -> [ProtocolMessage] {
        let first = ProtocolMessage.sync(sync.start(document))
        return awareness.states.isEmpty ? [first] : [first, .awareness(awareness.encodeUpdate())]
    }

    /// Takes in a frame of the peer that `origin` names.
    public mutating func receive(
        _ frame: [UInt8], from origin: String, document: some SyncDocument, awareness: inout Awareness,
        now: Instant
    ) throws(UpdateError) -> [Effect] {
        var effects: [Effect] = []
        for message in try ProtocolMessage.decode(frame, limits: limits) {
            switch message {
            case .sync(let message):
                for effect in try sync.receive(message, from: origin, document: document) {
                    effects.append(Effect(effect))
                }
            case .awareness(let update):
                let change = try awareness.apply(update, from: origin, now: now)
                note(change, own: awareness.clientID)
                if !change.isEmpty { effects.append(.awareness(change)) }
            case .queryAwareness:
                effects.append(.send(.awareness(awareness.encodeUpdate())))
            case .permissionDenied(let reason):
                effects.append(.permissionDenied(reason: reason))
            }
        }
        return effects
    }

    /// Takes the states that this peer announced away, and returns the change for the other peers.
    public mutating func end(awareness: inout Awareness, from origin: String, now: Instant) -> AwarenessChange
    {
        let gone = clients
        announced = []
        return awareness.remove(gone, origin: .peer(origin), now: now)
    }

    private mutating func note(_ change: AwarenessChange, own: ClientID) {
        announced.subtract(change.removed)
        announced.formUnion(change.added)
        announced.formUnion(change.updated)
        announced.remove(own)
    }
}

extension ProtocolSession.Effect {
    /// The same effect of the sync protocol, in an envelope.
    fileprivate init(_ effect: SyncProtocol.Effect) {
        switch effect {
        case .reply(let message): self = .send(.sync(message))
        case .synced: self = .synced
        case .refused(let byteCount): self = .refused(byteCount: byteCount)
        }
    }
}
