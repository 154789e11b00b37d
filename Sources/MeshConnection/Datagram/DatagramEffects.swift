import MeshCore
import MeshMultiformats

/// What an endpoint asks of its driver; the driver clears and reuses it, so the warm path takes no memory.
public struct DatagramEffects: Sendable {
    /// A datagram to send.
    @frozen
    public struct Outgoing: Hashable, Sendable {
        /// Where its bytes lie in ``DatagramEffects/arena``.
        public let range: Range<Int>
        /// Where it goes.
        public let address: DatagramAddress

        /// Creates a datagram to send.
        @inlinable
        public init(range: Range<Int>, to address: DatagramAddress) {
            self.range = range
            self.address = address
        }
    }

    /// The bytes that datagrams and events point into.
    public var arena: [UInt8] = []
    /// The datagrams to send, in order.
    public var datagrams: [Outgoing] = []
    /// What happened, in order.
    public var events: [DatagramEvent] = []

    /// Creates an empty buffer.
    public init() {}

    /// The memory of the arena that a driver keeps between two turns: a burst of large messages gives it back.
    static let keptByteCount = 1 << 18

    /// Empties the buffer and keeps its memory for the next turn.
    public mutating func clear() {
        arena.removeAll(keepingCapacity: arena.capacity <= Self.keptByteCount)
        datagrams.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
    }
}

/// Something that the driver or the application should know; ranges lie in ``DatagramEffects/arena``.
public enum DatagramEvent: Sendable {
    /// A peer asks; answer with `respond` or `refuse` under the token.
    case request(Range<Int>, from: PeerID, token: RequestToken)
    /// The response to our request.
    case response(Range<Int>, from: PeerID, token: RequestToken)
    /// Our request has no response.
    case failure(RequestToken, to: PeerID, DatagramFailure)
    /// A handshake was completed.
    indirect case established(DatagramSessionInfo)
    /// A peer is now found at another address, which it proved.
    case moved(peer: PeerID, to: DatagramAddress)
    /// The last session with a peer ended: by its CLOSE, by a Reset, by age or for lack of room.
    case closed(peer: PeerID)
}

/// What a completed handshake tells about the peer.
public struct DatagramSessionInfo: Sendable {
    /// Who the peer is.
    public let peer: PeerID
    /// The peer's public key; nil when a resumption did not tell it again and the peer id does not contain it.
    public let publicKey: PublicKey?
    /// Where the peer is.
    public let address: DatagramAddress
    /// Whether we sent the first packet.
    public let isInitiator: Bool
    /// Whether the handshake was a resumption.
    public let isResumption: Bool
    /// Whether the peer answers Kademlia requests.
    public let servesKad: Bool
    /// The network of both.
    public let network: String
    /// The addresses that the peer names as its own; claims, not facts.
    public let addresses: [Multiaddr]
    /// The time from the first packet to the end of the handshake, as this end saw it.
    public let handshakeDuration: Duration
}
