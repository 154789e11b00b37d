/// The limits of a mesh record, which are part of the format: two nodes must agree on what is valid.
///
/// Source: Specs/mesh-record.md.
public enum MeshRecordLimits {
    /// The longest envelope in bytes.
    public static let envelopeByteCount = 8_192
    /// The longest DID in bytes; a did:key of the supported key types has at most 58.
    public static let didByteCount = 128
    /// The longest peer id in bytes (multihash of an inlined key; libp2p peer-ids).
    public static let peerIDByteCount = 64
    /// The most addresses.
    public static let addressCount = 16
    /// The longest address in bytes.
    public static let addressByteCount = 1_024
    /// The most capabilities.
    public static let capabilityCount = 64
    /// The longest version in bytes.
    public static let versionByteCount = 64
    /// The longest time from `issued`, and from now, to `expires`: 48 hours, as provider records live.
    public static let lifetimeSeconds: UInt64 = 172_800
    /// How far ahead of ours the issuer's clock may be: 10 minutes.
    public static let clockSkewSeconds: UInt64 = 600
    /// The signature domain of the envelope.
    public static let domain = "meshp2p-mesh-record"
    /// The payload type of the envelope.
    public static let payloadType = Array("/meshp2p/mesh-record/1".utf8)
    /// The DHT namespace of the records, in front of the peer id's multihash.
    public static let keyPrefix = Array("/mesh/".utf8)
}
