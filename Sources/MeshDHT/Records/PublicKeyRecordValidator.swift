import MeshCore
import MeshMultiformats

/// Validates `/pk/<multihash>` records: the value is the public key whose peer ID the key names.
///
/// Source: libp2p kad-dht and go-libp2p-record, `pubkey.go`. A key has one valid value, so the first is best.
struct PublicKeyRecordValidator: RecordValidator {
    private static let prefix = Array("/pk/".utf8)

    func validate(key: [UInt8], value: [UInt8], at time: UnixTime) throws(RecordError) {
        guard key.starts(with: Self.prefix) else { throw .malformedKey }
        let multihash = Array(key.dropFirst(Self.prefix.count))
        guard let peer = try? PeerID(multihash: multihash.span.bytes) else { throw .malformedKey }
        guard let publicKey = try? PublicKey(protobuf: value.span.bytes) else { throw .malformedValue }
        guard publicKey.peerID == peer else { throw .keyMismatch }
    }

    func select(key: [UInt8], values: [[UInt8]]) -> Int { 0 }
}
