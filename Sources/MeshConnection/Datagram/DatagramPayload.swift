import MeshCore
import MeshMultiformats

/// The payload of a datagram handshake message: who the sender is, the proof, and the first frames.
///
/// Source: Specs/noise-datagrams.md, section 4; Specs/proto/noise_datagram.proto.
struct DatagramPayload: Hashable {
    /// What precedes the static key in the signed bytes; another one than the stream transport's.
    static let signaturePrefix = "meshp2p-noise-udp:"
    /// The longest network id.
    static let maximumNetworkByteCount = 128
    /// The most addresses, and their bytes together.
    static let maximumAddressCount = 4
    static let maximumAddressByteCount = 160
    static let resetTokenByteCount = 16

    var identityKey: [UInt8] = []
    var signature: [UInt8] = []
    /// Nil when the payload does not name one.
    var network: String?
    var flags: UInt64 = 0
    var resetToken: [UInt8] = []
    var addresses: [Multiaddr] = []
    var frames: [UInt8] = []
    /// Nil when the payload does not name one.
    var connectionID: UInt64?
    /// Nil when the payload does not name one.
    var timestamp: UInt64?

    /// Whether the sender answers Kademlia requests: bit 0 of the flags.
    var servesKad: Bool { flags & 1 != 0 }

    /// The bytes that the sender signs for its static key.
    static func signedBytes(staticKey: Bytes32) -> [UInt8] {
        Array(signaturePrefix.utf8) + staticKey.bytes
    }

    /// Reads a payload; which fields must be there is the handshake's to say.
    init(_ message: RawSpan) throws(ProtobufError) {
        var reader = ProtobufReader()
        var seen: UInt32 = 0
        var addressCount = 0
        var addressByteCount = 0
        while let field = try reader.next(in: message) {
            guard field.number <= 10 else { continue }
            if field.number != 6 {
                let bit = UInt32(1) << UInt32(field.number)
                guard seen & bit == 0 else { throw .tooManyValues(field: field.number, limit: 1) }
                seen |= bit
            }
            switch field.number {
            case 1: identityKey = try field.bytes(of: message)
            case 2: signature = try field.bytes(of: message)
            case 3: network = try field.text(of: message, limit: Self.maximumNetworkByteCount)
            case 4: flags = try field.varint()
            case 5: resetToken = try field.bytes(of: message, limit: Self.resetTokenByteCount)
            case 6:
                let range = try field.range()
                addressCount += 1
                addressByteCount += range.count
                guard addressCount <= Self.maximumAddressCount else {
                    throw .tooManyValues(field: 6, limit: Self.maximumAddressCount)
                }
                guard addressByteCount <= Self.maximumAddressByteCount else {
                    throw .fieldTooLong(
                        field: 6, byteCount: addressByteCount, limit: Self.maximumAddressByteCount)
                }
                if let address = try? Multiaddr(bytes: message.extracting(range)) {
                    addresses.append(address)
                }
            case 7: frames = try field.bytes(of: message)
            case 9:
                let bytes = try field.range(limit: 8)
                guard bytes.count == 8 else {
                    throw .fieldTooLong(field: 9, byteCount: bytes.count, limit: 8)
                }
                connectionID = message.bigEndian(at: bytes.lowerBound)
            case 10: timestamp = try field.varint()
            default: continue
            }
        }
        guard resetToken.isEmpty || resetToken.count == Self.resetTokenByteCount else {
            throw .fieldTooLong(field: 5, byteCount: resetToken.count, limit: Self.resetTokenByteCount)
        }
    }

    /// Creates a payload without proof of identity: the answer to a resumption.
    init(flags: UInt64, resetToken: [UInt8], connectionID: UInt64, frames: [UInt8]) {
        self.flags = flags
        self.resetToken = resetToken
        self.connectionID = connectionID
        self.frames = frames
    }

    /// Creates a payload that proves `identity`.
    init(
        _ identity: DatagramIdentity, resetToken: [UInt8], connectionID: UInt64? = nil,
        timestamp: UInt64? = nil, frames: [UInt8] = []
    ) {
        identityKey = identity.encodedKey
        signature = identity.signature
        network = identity.network
        flags = identity.servesKad ? 1 : 0
        self.resetToken = resetToken
        self.connectionID = connectionID
        self.timestamp = timestamp
        self.frames = frames
        var rest = Self.maximumAddressByteCount
        for address in identity.addresses.prefix(Self.maximumAddressCount)
        where address.bytes.count <= rest {
            addresses.append(address)
            rest -= address.bytes.count
        }
    }

    /// The protobuf message.
    var encoded: [UInt8] {
        var writer = ProtobufWriter()
        if !identityKey.isEmpty { writer.bytes(1, identityKey) }
        if !signature.isEmpty { writer.bytes(2, signature) }
        if let network { writer.text(3, network) }
        if flags != 0 { writer.varint(4, flags) }
        if !resetToken.isEmpty { writer.bytes(5, resetToken) }
        for address in addresses { writer.bytes(6, address.bytes) }
        if !frames.isEmpty { writer.bytes(7, frames) }
        if let connectionID {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(connectionID)
            writer.bytes(9, bytes)
        }
        if let timestamp { writer.varint(10, timestamp) }
        return writer.bytes
    }
}
