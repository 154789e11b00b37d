/// The status of a rendezvous answer, by its number on the wire.
public struct RendezvousStatus: RawRepresentable, Hashable, Sendable {
    /// The number; a point may send one that this node does not know.
    public let rawValue: UInt64

    /// Creates the status of a number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The request was served.
    public static let ok = RendezvousStatus(rawValue: 0)
    /// The namespace is empty or too long.
    public static let invalidNamespace = RendezvousStatus(rawValue: 100)
    /// The signed peer record is not valid.
    public static let invalidSignedPeerRecord = RendezvousStatus(rawValue: 101)
    /// The TTL is too short or too long.
    public static let invalidTTL = RendezvousStatus(rawValue: 102)
    /// The cookie is not one of this point, or of another namespace.
    public static let invalidCookie = RendezvousStatus(rawValue: 103)
    /// The record is of another peer than the sender.
    public static let notAuthorized = RendezvousStatus(rawValue: 200)
    /// The point failed.
    public static let internalError = RendezvousStatus(rawValue: 300)
    /// The point has no room.
    public static let unavailable = RendezvousStatus(rawValue: 400)
}

extension RendezvousStatus: CustomStringConvertible {
    /// The name in the specification.
    public var description: String {
        switch self {
        case .ok: "OK"
        case .invalidNamespace: "E_INVALID_NAMESPACE"
        case .invalidSignedPeerRecord: "E_INVALID_SIGNED_PEER_RECORD"
        case .invalidTTL: "E_INVALID_TTL"
        case .invalidCookie: "E_INVALID_COOKIE"
        case .notAuthorized: "E_NOT_AUTHORIZED"
        case .internalError: "E_INTERNAL_ERROR"
        case .unavailable: "E_UNAVAILABLE"
        default: "status \(rawValue)"
        }
    }
}

/// One registration, in a request or in an answer.
public struct RendezvousRegistration: Hashable, Sendable {
    /// The namespace.
    public var namespace: RendezvousNamespace
    /// The envelope of the peer record, in either form.
    public var signedPeerRecord: [UInt8]
    /// The lifetime asked for, or what remains of it; nil when the message has none.
    public var ttlSeconds: UInt64?

    /// Creates a registration.
    public init(namespace: RendezvousNamespace, signedPeerRecord: [UInt8], ttlSeconds: UInt64? = nil) {
        self.namespace = namespace
        self.signedPeerRecord = signedPeerRecord
        self.ttlSeconds = ttlSeconds
    }
}

/// The answer to a discovery.
public struct RendezvousDiscovery: Hashable, Sendable {
    /// The registrations, oldest first when our point answers.
    public var registrations: [RendezvousRegistration]
    /// What to send to get only newer ones.
    public var cookie: [UInt8]
    /// Whether the request was served.
    public var status: RendezvousStatus
    /// For people: what was wrong.
    public var statusText: String

    /// Creates an answer.
    public init(
        registrations: [RendezvousRegistration] = [], cookie: [UInt8] = [], status: RendezvousStatus = .ok,
        statusText: String = ""
    ) {
        self.registrations = registrations
        self.cookie = cookie
        self.status = status
        self.statusText = statusText
    }
}

/// A rendezvous message.
///
/// Schema: Specs/proto/rendezvous.proto.
public enum RendezvousMessage: Hashable, Sendable {
    /// Asks to be registered.
    case register(RendezvousRegistration)
    /// Answers a registration; the TTL is the granted one.
    case registerResponse(status: RendezvousStatus, statusText: String, ttlSeconds: UInt64?)
    /// Ends a registration; has no answer.
    case unregister(RendezvousNamespace)
    /// Asks for registrations; of all namespaces when it is nil, from the beginning without a cookie.
    case discover(namespace: RendezvousNamespace?, limit: UInt64?, cookie: [UInt8])
    /// Answers a discovery.
    case discoverResponse(RendezvousDiscovery)
}
