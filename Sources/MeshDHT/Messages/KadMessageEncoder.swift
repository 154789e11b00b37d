import MeshCore
import MeshMultiformats

extension KadMessage {
    /// Encodes the message without a length prefix, in at most `limit` bytes.
    ///
    /// When the peers do not fit, addresses are left out first, of each peer as many as exceed its share of what
    /// is left; then peers. Only a value or a key that is too long by itself can exceed the limit.
    public func encoded(limit: Int = KadMessage.maximumSentByteCount) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, estimatedByteCount))
        encode(into: &bytes, limit: limit)
        return bytes
    }

    /// Appends the message to `bytes` as ``encoded(limit:)`` gives it, without memory of its own when `bytes` has room.
    public func encode(into bytes: inout [UInt8], limit: Int = KadMessage.maximumSentByteCount) {
        let start = bytes.count
        // The writer takes the buffer over, so that it is not copied.
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        var writer = ProtobufWriter(consume taken)
        if kind != .putValue { writer.varint(KadWire.kind, UInt64(kind.rawValue)) }
        let key = key
        if !key.isEmpty { writer.bytes(KadWire.key, key) }
        if let record { writer.message(KadWire.record, record.write) }
        let providers = providerPeers
        var rest = closerPeers.count + providers.count
        for peer in closerPeers {
            let room = limit - (writer.bytes.count - start)
            peer.append(KadWire.closerPeers, share: room / rest, room: room, to: &writer)
            rest -= 1
        }
        for peer in providers {
            let room = limit - (writer.bytes.count - start)
            peer.append(KadWire.providerPeers, share: room / rest, room: room, to: &writer)
            rest -= 1
        }
        swap(&bytes, &writer.bytes)
    }

    private var estimatedByteCount: Int {
        64 + key.count + (record.map { $0.key.count + $0.value.count } ?? 0)
            + 128 * (closerPeers.count + providerPeers.count)
    }
}

extension KadRecord {
    fileprivate func write(to writer: inout ProtobufWriter) {
        writer.bytes(KadWire.recordKey, key)
        writer.bytes(KadWire.recordValue, value)
        if let timeReceived { writer.text(KadWire.recordTimeReceived, RecordTime.text(timeReceived)) }
    }
}

extension KadPeer {
    /// Bytes of a nested message's tag and longest length prefix here.
    private static let envelopeByteCount = 4

    /// Appends the peer with the addresses that fit in `share` bytes, or nothing when its identity exceeds
    /// `room`.
    fileprivate func append(_ field: Int, share: Int, room: Int, to writer: inout ProtobufWriter) {
        let identity = storage.id.multihash
        let addresses = storage.addresses
        let connectionByteCount = connection == .notConnected ? 0 : 2
        var byteCount = Self.fieldByteCount(identity.count) + connectionByteCount
        guard Self.envelopeByteCount + byteCount <= room else { return }
        var included: UInt64 = 0
        let count = min(addresses.count, UInt64.bitWidth)
        for index in 0..<count {
            let cost = Self.fieldByteCount(addresses[index].bytes.count)
            guard Self.envelopeByteCount + byteCount + cost <= share else { continue }
            included |= 1 << UInt64(index)
            byteCount += cost
        }
        Varint.append(UInt64(field) << 3 | 2, to: &writer.bytes)
        Varint.append(UInt64(byteCount), to: &writer.bytes)
        writer.bytes(KadWire.peerID, identity)
        for index in 0..<count where included & 1 << UInt64(index) != 0 {
            writer.bytes(KadWire.peerAddresses, addresses[index].bytes)
        }
        if connectionByteCount > 0 { writer.varint(KadWire.peerConnection, UInt64(connection.rawValue)) }
    }

    private static func fieldByteCount(_ contentByteCount: Int) -> Int {
        1 + Varint.byteCount(of: UInt64(contentByteCount)) + contentByteCount
    }
}
