import MeshCore
import MeshMultiformats

extension KadMessage {
    /// The longest message that this node sends: what rust-libp2p accepts (`DEFAULT_MAX_PACKET_SIZE`).
    public static let maximumSentByteCount = 16 * 1024

    /// The longest request that a server should read: a message of a peer that keeps to 16 KiB, with room for
    /// addresses of peers that do not.
    public static let maximumRequestByteCount = 64 * 1024

    /// The longest response that a client should read: twenty peers with go-libp2p's 8 KiB each, and a value.
    public static let maximumResponseByteCount = 256 * 1024

    /// Decodes one message without its length prefix.
    ///
    /// Unknown fields are skipped. So are peers without a valid identity, addresses that cannot be read and
    /// whatever exceeds the limits of a list: one odd peer must not cost the other nineteen.
    public static func decode(_ bytes: RawSpan) throws(KadMessageError) -> KadMessage {
        let message: KadMessage
        let kind: UInt64
        do throws(ProtobufError) {
            (message, kind) = try decodeFields(bytes)
        } catch {
            throw .malformed(error)
        }
        guard let known = UInt8(exactly: kind).flatMap(Kind.init(rawValue:)) else { throw .unknownKind(kind) }
        var result = message
        result.kind = known
        return result
    }

    private static func decodeFields(_ bytes: RawSpan) throws(ProtobufError) -> (KadMessage, UInt64) {
        var reader = ProtobufReader()
        var message = KadMessage(kind: .putValue)
        var kind: UInt64 = 0
        var providers: [KadPeer] = []
        while let field = try reader.next(in: bytes) {
            switch field.number {
            case KadWire.kind: kind = try field.varint()
            case KadWire.key: message.key = try field.bytes(of: bytes, limit: KadWire.maximumKeyByteCount)
            case KadWire.record: message.record = try KadRecord.decode(bytes.extracting(try field.range()))
            case KadWire.closerPeers:
                try appendPeer(bytes.extracting(try field.range()), to: &message.closerPeers)
            case KadWire.providerPeers:
                try appendPeer(bytes.extracting(try field.range()), to: &providers)
            default: continue
            }
        }
        if !providers.isEmpty { message.providerPeers = providers }
        return (message, kind)
    }

    private static func appendPeer(_ bytes: RawSpan, to peers: inout [KadPeer]) throws(ProtobufError) {
        guard peers.count < KadWire.maximumPeers, let peer = try KadPeer.decode(bytes) else { return }
        if peers.isEmpty { peers.reserveCapacity(KadWire.usualPeerCount) }
        peers.append(peer)
    }
}

extension KadRecord {
    fileprivate static func decode(_ bytes: RawSpan) throws(ProtobufError) -> KadRecord {
        var reader = ProtobufReader()
        var record = KadRecord(key: [], value: [])
        while let field = try reader.next(in: bytes) {
            switch field.number {
            case KadWire.recordKey:
                record.key = try field.bytes(of: bytes, limit: KadWire.maximumKeyByteCount)
            case KadWire.recordValue: record.value = try field.bytes(of: bytes)
            case KadWire.recordTimeReceived:
                let range = try field.range()
                guard range.count <= KadWire.maximumTimeByteCount else { continue }
                record.timeReceived = RecordTime.parse(bytes.extracting(range))
            default: continue
            }
        }
        return record
    }
}

extension KadPeer {
    /// The peer of a nested message, or nil when it has no valid identity.
    fileprivate static func decode(_ bytes: RawSpan) throws(ProtobufError) -> KadPeer? {
        var reader = ProtobufReader()
        var id: PeerID?
        var addresses: [Multiaddr] = []
        var addressByteCount = 0
        var isBare = true
        var connection = KadConnection.notConnected
        while let field = try reader.next(in: bytes) {
            switch field.number {
            case KadWire.peerID:
                id = try? PeerID(multihash: bytes.extracting(try field.range()))
            case KadWire.peerAddresses:
                let range = try field.range()
                guard addresses.count < KadWire.maximumAddresses,
                    addressByteCount + range.count <= KadWire.maximumAddressByteCount,
                    let address = try? Multiaddr(bytes: bytes.extracting(range))
                else { continue }
                if addresses.isEmpty { addresses.reserveCapacity(KadWire.usualAddressCount) }
                addresses.append(address)
                addressByteCount += range.count
                isBare = isBare && !address.endsInPeer
            case KadWire.peerConnection:
                connection =
                    UInt8(exactly: try field.varint()).flatMap(KadConnection.init(rawValue:)) ?? .notConnected
            default: continue
            }
        }
        guard let id else { return nil }
        // py-libp2p names the peer in every address; most others do not, and nothing is copied then.
        if !isBare { addresses = addresses.compactMap { Self.dialable($0, of: id) } }
        return KadPeer(id: id, addresses: addresses, connection: connection)
    }
}
