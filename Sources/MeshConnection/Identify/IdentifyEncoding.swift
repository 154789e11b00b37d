import MeshCore
import MeshMultiformats

extension IdentifyMessage {
    /// The fields of the schema.
    enum Field {
        static let publicKey = 1
        static let listenAddress = 2
        static let protocolID = 3
        static let observedAddress = 4
        static let protocolVersion = 5
        static let agentVersion = 6
        static let signedPeerRecord = 8
    }

    /// The message as length-prefixed parts for the stream, one after the other.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for part in encodeParts() {
            Varint.append(UInt64(part.count), to: &bytes)
            bytes.append(contentsOf: part)
        }
        return bytes
    }

    /// The message as protobuf parts that the receiver merges.
    ///
    /// One part when all fits. Peers that read only the first part (rust-libp2p) then still learn the key,
    /// the versions and the protocols; the signed record comes last because it is the largest. A value that
    /// fits into no part is left out.
    public func encodeParts(
        maximumByteCount: Int = IdentifyConfiguration.maximumSentPartByteCount
    ) -> [[UInt8]] {
        var parts = IdentifyParts(maximumByteCount: maximumByteCount)
        if let publicKey { parts.append(Field.publicKey, publicKey.protobuf) }
        if let observedAddress { parts.append(Field.observedAddress, observedAddress.bytes) }
        if !protocolVersion.isEmpty { parts.append(Field.protocolVersion, Array(protocolVersion.utf8)) }
        if !agentVersion.isEmpty { parts.append(Field.agentVersion, Array(agentVersion.utf8)) }
        for name in protocols { parts.append(Field.protocolID, Array(name.utf8)) }
        for address in listenAddresses { parts.append(Field.listenAddress, address.bytes) }
        if let signedPeerRecord { parts.append(Field.signedPeerRecord, signedPeerRecord) }
        return parts.finish()
    }
}

/// Packs fields into parts of bounded size, in order.
private struct IdentifyParts {
    let maximumByteCount: Int
    private var parts: [[UInt8]] = []
    private var current = ProtobufWriter()

    init(maximumByteCount: Int) {
        self.maximumByteCount = maximumByteCount
    }

    mutating func append(_ field: Int, _ value: [UInt8]) {
        // Field numbers below 16 have a one-byte tag.
        let size = 1 + Varint.byteCount(of: UInt64(value.count)) + value.count
        guard size <= maximumByteCount, parts.count < IdentifyConfiguration.maximumPartCount else { return }
        if current.bytes.count + size > maximumByteCount { flush() }
        guard parts.count < IdentifyConfiguration.maximumPartCount else { return }
        current.bytes(field, value)
    }

    private mutating func flush() {
        parts.append(current.bytes)
        current = ProtobufWriter()
    }

    /// All parts; one empty part when there was no field.
    mutating func finish() -> [[UInt8]] {
        if parts.isEmpty || !current.bytes.isEmpty { flush() }
        return parts
    }
}
