import MeshCore
import MeshMultiformats

/// A peer that a rendezvous point told us about, with its own signature.
public struct DiscoveredPeer: Hashable, Sendable {
    /// The peer.
    public var peerID: PeerID
    /// Its addresses, as it signed them.
    public var addresses: [Multiaddr]
    /// The sequence of its peer record.
    public var sequence: UInt64
    /// The namespace in which it is registered.
    public var namespace: RendezvousNamespace
    /// How long it stays registered unless it renews.
    public var ttlSeconds: UInt64
}

/// Makes the requests of a rendezvous client and reads the answers; keeps no state.
public enum RendezvousClient {
    /// What a point answered to a discovery, with only what could be verified.
    public struct Discovered: Hashable, Sendable {
        /// The verified peers in the point's order; of several records of one peer in a namespace the newest.
        public var peers: [DiscoveredPeer]
        /// What to send to get only newer ones.
        public var cookie: [UInt8]
        /// The number of registrations that could not be verified or were not asked for.
        public var rejectedCount: Int
        /// The number of registrations in the answer.
        public var receivedCount: Int
    }

    /// A request to be registered; a nil TTL leaves it to the point.
    public static func register(
        in namespace: RendezvousNamespace, signedPeerRecord: [UInt8], ttlSeconds: UInt64? = nil
    ) -> RendezvousMessage {
        .register(
            RendezvousRegistration(
                namespace: namespace, signedPeerRecord: signedPeerRecord, ttlSeconds: ttlSeconds))
    }

    /// A request for registrations, of all namespaces when it is nil.
    public static func discover(
        in namespace: RendezvousNamespace?, limit: UInt64? = nil, cookie: [UInt8] = []
    ) -> RendezvousMessage {
        .discover(namespace: namespace, limit: limit, cookie: cookie)
    }

    /// The TTL that the point granted; the one asked for when the point does not say.
    public static func grantedTTLSeconds(
        _ answer: RendezvousMessage, asked: UInt64?
    ) throws(RendezvousError) -> UInt64 {
        guard case .registerResponse(let status, let statusText, let ttlSeconds) = answer else {
            throw .unexpectedMessage
        }
        guard status == .ok else { throw .refused(status, statusText: statusText) }
        return boundedTTL(ttlSeconds.flatMap { $0 > 0 ? $0 : nil } ?? asked)
    }

    /// The peers in an answer to a discovery in `namespace`, each verified by its signature.
    public static func discovered(
        _ answer: RendezvousMessage, in namespace: RendezvousNamespace?
    ) throws(RendezvousError) -> Discovered {
        guard case .discoverResponse(let discovery) = answer else { throw .unexpectedMessage }
        guard discovery.status == .ok else {
            throw .refused(discovery.status, statusText: discovery.statusText)
        }
        var peers: [DiscoveredPeer] = []
        var indices: [RegistrationStore.Key: Int] = [:]
        var rejectedCount = 0
        for registration in discovery.registrations {
            guard let peer = verified(registration, in: namespace) else {
                rejectedCount += 1
                continue
            }
            let key = RegistrationStore.Key(peer: peer.peerID, namespace: peer.namespace)
            if let index = indices[key] {
                if peers[index].sequence < peer.sequence { peers[index] = peer }
            } else {
                indices[key] = peers.count
                peers.append(peer)
            }
        }
        return Discovered(
            peers: peers, cookie: discovery.cookie, rejectedCount: rejectedCount,
            receivedCount: discovery.registrations.count)
    }

    private static func verified(
        _ registration: RendezvousRegistration, in namespace: RendezvousNamespace?
    ) -> DiscoveredPeer? {
        guard namespace == nil || registration.namespace == namespace else { return nil }
        do {
            let record = try PeerRecord.open(registration.signedPeerRecord.span.bytes).0
            return DiscoveredPeer(
                peerID: record.peerID, addresses: record.addresses, sequence: record.sequence,
                namespace: registration.namespace, ttlSeconds: boundedTTL(registration.ttlSeconds))
        } catch {
            return nil
        }
    }

    /// A TTL that no point can make absurd: at most 72 hours.
    private static func boundedTTL(_ ttlSeconds: UInt64?) -> UInt64 {
        let configuration = RendezvousConfiguration()
        return min(ttlSeconds ?? configuration.defaultTTLSeconds, configuration.maximumTTLSeconds)
    }
}
