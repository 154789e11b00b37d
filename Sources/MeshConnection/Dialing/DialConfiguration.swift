import MeshCore

/// The intervals and limits of dialing one peer.
public struct DialConfiguration: Hashable, Sendable {
    /// Time between the starts of two attempts over the Internet.
    ///
    /// Source: RFC 8305, section 8; go-libp2p dial_ranker.go.
    public var publicStagger: Duration = .milliseconds(250)
    /// Time between the starts of two attempts in the local network or on this host.
    ///
    /// Source: go-libp2p dial_ranker.go.
    public var localStagger: Duration = .milliseconds(30)
    /// How much later than the last direct attempt relays are tried.
    ///
    /// Source: go-libp2p dial_ranker.go `RelayDelay`.
    public var relayDelay: Duration = .milliseconds(500)
    /// How long an attempt may take over the Internet.
    ///
    /// Source: go-libp2p swarm.go `defaultDialTimeout`.
    public var publicTimeout: Duration = .seconds(15)
    /// How long an attempt may take locally.
    ///
    /// Source: go-libp2p swarm.go `defaultDialTimeoutLocal`.
    public var localTimeout: Duration = .seconds(5)
    /// Attempts at one peer at the same time.
    ///
    /// Source: go-libp2p limiter.go `DefaultPerPeerRateLimit`.
    public var maximumConcurrentAttempts = 8
    /// Addresses of one peer that are tried; the worst-ranked beyond are reported as left out.
    public var maximumAddresses = 64

    /// Creates the default configuration.
    public init() {}
}
