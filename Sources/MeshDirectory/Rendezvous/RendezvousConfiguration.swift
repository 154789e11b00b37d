/// The settings of a rendezvous point.
///
/// Source of the defaults, where no other is given: libp2p/specs, rendezvous/README.md, "Registration Lifetime" and
/// "Recommendations". Specs/registry.md has the same table.
public struct RendezvousConfiguration: Hashable, Sendable {
    /// The protocol id.
    public static let protocolID = "/rendezvous/1.0.0"
    /// The namespace in which the meshes of a network register.
    public static let meshNamespace = "meshp2p"

    /// The TTL of a registration that does not ask for one: 2 hours.
    public var defaultTTLSeconds: UInt64 = 7_200
    /// The least TTL.
    ///
    /// The recommendation is 2 hours; ours is a minute, for nodes that come and go.
    public var minimumTTLSeconds: UInt64 = 60
    /// The greatest TTL: 72 hours.
    public var maximumTTLSeconds: UInt64 = 259_200
    /// The longest namespace in bytes.
    public var maximumNamespaceByteCount = 255
    /// The most registrations of one peer.
    public var maximumRegistrationsPerPeer = 1_000
    /// The most registrations in one answer.
    public var maximumResults = 1_000
    /// The most registrations of all peers.
    public var maximumRegistrations = 65_536
    /// The longest signed peer record in bytes: identify's message limit, which carries the same record.
    public var maximumRecordByteCount = 8_192
    /// The most bytes of signed peer records of all registrations: 64 MiB.
    public var maximumTotalRecordByteCount = 64 << 20
    /// The longest answer in bytes; rust-libp2p reads at most 1 MiB.
    public var maximumResponseByteCount = 1 << 20

    /// Creates the default settings.
    public init() {}
}

/// The limits of rendezvous messages, for the stream readers of both sides.
public enum RendezvousLimits {
    /// The longest request: a record and a namespace with room for what is unknown.
    public static let requestByteCount = 16_384
    /// The longest answer that a client reads; py-libp2p sends up to 4 MiB.
    public static let responseByteCount = 4 << 20
    /// The most registrations that a client takes from one answer.
    public static let registrationCount = 1_000
    /// The longest namespace that is decoded at all, so that a too long one can be answered with its status.
    public static let namespaceByteCount = 4_096
    /// The longest cookie: ours has at most 271 bytes, and other points make their own.
    public static let cookieByteCount = 1_024
    /// The longest status text.
    public static let statusTextByteCount = 1_024
}
