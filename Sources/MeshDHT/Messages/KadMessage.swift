import MeshCore
import MeshMultiformats

/// One request or response of the libp2p Kademlia protocol.
///
/// Requests and responses share the form; a response has the kind of its request. Schema:
/// `Specs/proto/kad.proto`.
public struct KadMessage: Hashable, Sendable {
    /// What a message asks or answers.
    ///
    /// Source: libp2p kad-dht, `Message.MessageType`.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Store a value record.
        case putValue = 0
        /// Give the value record of a key, and peers closer to it.
        case getValue = 1
        /// Remember the sender as a provider of a key.
        case addProvider = 2
        /// Give the providers of a key, and peers closer to it.
        case getProviders = 3
        /// Give the peers closest to a key.
        case findNode = 4
        /// Echo; deprecated in favour of the ping protocol.
        case ping = 5

        /// Whether a request of this kind is answered on the wire.
        ///
        /// Nobody answers ADD_PROVIDER: a client of go-libp2p sends its next request on the same stream and
        /// would take an echo for the answer to that one.
        public var isAnswered: Bool { self != .addProvider }
    }

    /// What the message asks or answers.
    public var kind: Kind
    /// Peers closer to the key than the one that answers.
    public var closerPeers: [KadPeer]
    private var subject: KadSubject?
    private var content: KadContent?

    /// Creates a message.
    public init(
        kind: Kind, key: [UInt8] = [], record: KadRecord? = nil, closerPeers: [KadPeer] = [],
        providerPeers: [KadPeer] = []
    ) {
        self.kind = kind
        self.closerPeers = closerPeers
        subject = key.isEmpty ? nil : KadSubject(key: key, place: nil)
        content = KadContent(record: record, providerPeers: providerPeers)
    }

    /// Creates a request for a key whose place is known.
    init(kind: Kind, key: [UInt8], place: Bytes32) {
        self.kind = kind
        closerPeers = []
        subject = key.isEmpty ? nil : KadSubject(key: key, place: place)
        content = nil
    }

    /// Creates the FIND_NODE for the place of `peer`.
    init(finding peer: PeerID) {
        self.init(kind: .findNode, key: peer.multihash, place: peer.kadKey)
    }

    /// Creates the answer to `request`, whose key it shares.
    init(
        to request: KadMessage, record: KadRecord? = nil, closerPeers: [KadPeer] = [],
        providerPeers: [KadPeer] = []
    ) {
        kind = request.kind
        self.closerPeers = closerPeers
        subject = request.subject
        content = KadContent(record: record, providerPeers: providerPeers)
    }

    /// The raw key: a peer's multihash, a record's key, or the multihash of provided content.
    public var key: [UInt8] {
        get { subject?.key ?? [] }
        set { subject = newValue.isEmpty ? nil : KadSubject(key: newValue, place: nil) }
    }

    /// Where the key lies in the key space; hashed now unless the sender of the request in this program knew it.
    var place: Bytes32 { subject?.place ?? KadKeys.place(of: key) }

    /// The value record of PUT_VALUE and GET_VALUE.
    public var record: KadRecord? {
        get { content?.record }
        set { content = KadContent(record: newValue, providerPeers: providerPeers) }
    }

    /// Peers that provide the content of the key.
    public var providerPeers: [KadPeer] {
        get { content?.providerPeers ?? [] }
        set { content = KadContent(record: record, providerPeers: newValue) }
    }
}

extension KadMessage {
    /// Compares what a peer would read.
    public static func == (left: KadMessage, right: KadMessage) -> Bool {
        left.kind == right.kind && (left.subject === right.subject || left.key == right.key)
            && left.closerPeers == right.closerPeers
            && (left.content === right.content
                || (left.record == right.record && left.providerPeers == right.providerPeers))
    }

    /// Hashes kind and key.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(key)
    }
}

/// The key of a request, shared by the requests of a lookup and by their answers.
private final class KadSubject: Sendable {
    let key: [UInt8]
    /// Nil for keys that came over the wire.
    let place: Bytes32?

    init(key: [UInt8], place: Bytes32?) {
        self.key = key
        self.place = place
    }
}

/// What few messages carry: apart, so that the others are four words long and move cheaply.
private final class KadContent: Sendable {
    let record: KadRecord?
    let providerPeers: [KadPeer]

    /// Nil when there is nothing to hold.
    init?(record: KadRecord?, providerPeers: [KadPeer]) {
        guard record != nil || !providerPeers.isEmpty else { return nil }
        self.record = record
        self.providerPeers = providerPeers
    }
}

/// A value record as messages carry it.
public struct KadRecord: Hashable, Sendable {
    /// The key under which the value is stored.
    public var key: [UInt8]
    /// The value.
    public var value: [UInt8]
    /// When the sender received the value; only its own notion of time, nothing is derived from it.
    public var timeReceived: UnixTime?

    /// Creates a record.
    public init(key: [UInt8], value: [UInt8], timeReceived: UnixTime? = nil) {
        self.key = key
        self.value = value
        self.timeReceived = timeReceived
    }
}

/// Why bytes are not a Kademlia message.
public enum KadMessageError: Error, Hashable, Sendable {
    /// The bytes are not protobuf, or a field breaks the schema or its limit.
    case malformed(ProtobufError)
    /// The message type is none of the six.
    case unknownKind(UInt64)
}

/// Numbers of the protobuf fields and limits of what is taken from a message.
enum KadWire {
    /// Fields of `Message`.
    static let kind = 1
    static let key = 2
    static let record = 3
    static let closerPeers = 8
    static let providerPeers = 9

    /// Fields of `Record`.
    static let recordKey = 1
    static let recordValue = 2
    static let recordTimeReceived = 5

    /// Fields of `Peer`.
    static let peerID = 1
    static let peerAddresses = 2
    static let peerConnection = 3

    /// The most peers that are taken from one list; more are ignored.
    ///
    /// Implementations send k, 20 by default.
    static let maximumPeers = 64
    /// Room that is made for the peers of a list at once: k.
    static let usualPeerCount = 20
    /// Room that is made for the addresses of a peer at once: streams and datagrams over IPv4 and IPv6.
    static let usualAddressCount = 4
    /// The most addresses that are taken of one peer; more are ignored.
    static let maximumAddresses = 16
    /// The most address bytes that are taken of one peer; addresses beyond are ignored.
    static let maximumAddressByteCount = 2048
    /// The longest key.
    ///
    /// GET_PROVIDERS keys have a limit of their own.
    static let maximumKeyByteCount = 512
    /// The longest RFC 3339 text, with nanoseconds and offset.
    static let maximumTimeByteCount = 40
}
