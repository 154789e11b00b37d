import MeshCore

extension Multiaddr {
    /// The id of the peer at the end of the address: its last component, when that is `/p2p`.
    public var peerID: PeerID? {
        guard let last = lastPosition, last.proto == .p2p else { return nil }
        return try? PeerID(multihash: bytes.span.bytes.extracting(last.value))
    }

    /// The address without a `/p2p` component at its end; nothing is left of a bare peer id.
    public var withoutPeer: Multiaddr {
        guard let last = lastPosition, last.proto == .p2p else { return self }
        return Multiaddr(trusted: Array(bytes[..<last.start]))
    }

    /// Whether the last component is `/p2p`.
    public var endsInPeer: Bool { lastPosition?.proto == .p2p }

    /// Whether no component is left.
    public var isEmpty: Bool { bytes.isEmpty }

    /// The address with `peer` at its end, instead of another peer there.
    ///
    /// Nothing can follow a Unix path, and no real address approaches the limits: such addresses stay as they are.
    public func appending(peer: PeerID) -> Multiaddr {
        var packed = withoutPeer.bytes
        Varint.append(MultiaddrProtocol.p2p.rawValue, to: &packed)
        Varint.append(UInt64(peer.multihash.count), to: &packed)
        packed += peer.multihash
        return (try? Multiaddr(bytes: packed.span.bytes)) ?? self
    }

    /// The address with the components of `other` behind its own; throws at the limits.
    public func appending(_ other: Multiaddr) throws(MultiaddrError) -> Multiaddr {
        try Multiaddr(bytes: (bytes + other.bytes).span.bytes)
    }

    /// Whether the peer is reached through a relay.
    public var isRelayed: Bool { contains(.p2pCircuit) }

    private var lastPosition: MultiaddrReader.Position? {
        var last: MultiaddrReader.Position?
        forEach { position in last = position }
        return last
    }
}
