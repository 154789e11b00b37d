import MeshCore
import MeshDHT
import MeshMultiformats

/// The DHT's records as rows of the storage, and back.
extension RecordRow {
    init(_ record: StoredRecord, configuration: KademliaConfiguration) {
        self.init(
            key: record.key, value: record.value, receivedAt: record.received,
            expiresAt: record.received.adding(seconds: configuration.recordLifetime.wholeSeconds),
            isOwn: record.isOwn)
    }

    var record: StoredRecord {
        StoredRecord(key: key, value: value, received: receivedAt, isOwn: isOwn)
    }
}

extension ProviderRow {
    init(_ provider: ProviderRecord, configuration: KademliaConfiguration) {
        self.init(
            key: provider.key, peer: provider.provider.id.multihash,
            addresses: provider.provider.addresses.map(\.bytes),
            expiresAt: provider.received.adding(seconds: configuration.providerLifetime.wholeSeconds),
            isOwn: provider.isOwn)
    }

    /// Nil when the row holds what this version cannot read.
    func provider(configuration: KademliaConfiguration) -> ProviderRecord? {
        guard let id = try? PeerID(multihash: peer.span.bytes) else { return nil }
        let lifetime = configuration.providerLifetime.wholeSeconds
        return ProviderRecord(
            key: key, provider: KadPeer(id: id, addresses: Multiaddr.readable(addresses)),
            received: UnixTime(seconds: expiresAt.seconds > lifetime ? expiresAt.seconds - lifetime : 0),
            isOwn: isOwn)
    }
}

extension PeerRow {
    init(_ peer: KadPeer, lastSeen: UnixTime) {
        self.init(
            peerID: peer.id.multihash, addresses: peer.addresses.map(\.bytes), lastSeen: lastSeen)
    }

    var peer: KadPeer? {
        guard let id = try? PeerID(multihash: peerID.span.bytes) else { return nil }
        return KadPeer(id: id, addresses: Multiaddr.readable(addresses))
    }
}

extension Multiaddr {
    /// The addresses that can be read; others were written by a version that knows more.
    fileprivate static func readable(_ addresses: [[UInt8]]) -> [Multiaddr] {
        addresses.compactMap { try? Multiaddr(bytes: $0.span.bytes) }
    }
}

extension Duration {
    /// The whole seconds, zero when negative.
    var wholeSeconds: UInt64 { UInt64(max(0, components.seconds)) }
}
