import MeshCore

/// The payload of a libp2p Noise handshake message: who the sender is, and the proof.
///
/// Source: libp2p/specs noise/README.md, "The libp2p Handshake Payload"; Specs/proto/noise.proto. Field 3, which
/// old nodes send, and WebTransport certificate hashes are skipped.
public struct NoisePayload: Hashable, Sendable {
    /// What precedes the Noise static key in the signed bytes.
    public static let signaturePrefix = "noise-libp2p-static-key:"
    /// The longest identity key: an RSA key of 8,192 bits takes 1,070 bytes.
    public static let maximumIdentityKeyByteCount = 2048
    /// The longest signature: RSA of 8,192 bits takes 1,024 bytes.
    public static let maximumSignatureByteCount = 2048
    /// How many stream muxers a peer may list; the field knows two.
    public static let maximumMuxerCount = 16
    /// The longest protocol id of a muxer.
    public static let maximumMuxerByteCount = 256

    /// The sender's public key as a protobuf message.
    public var identityKey: [UInt8]
    /// The signature of ``signaturePrefix`` and the Noise static key.
    public var signature: [UInt8]
    /// The stream muxers that the sender speaks, its favourite first; empty when it does not say.
    public var streamMuxers: [String]

    /// Creates a payload.
    public init(identityKey: [UInt8], signature: [UInt8], streamMuxers: [String] = []) {
        self.identityKey = identityKey
        self.signature = signature
        self.streamMuxers = streamMuxers
    }

    /// Reads a payload; throws when a field is missing, of another type or beyond its limit.
    public init(_ message: RawSpan) throws(ProtobufError) {
        var identityKey: [UInt8]?
        var signature: [UInt8]?
        var streamMuxers: [String] = []
        var reader = ProtobufReader()
        while let field = try reader.next(in: message) {
            switch field.number {
            case 1: identityKey = try field.bytes(of: message, limit: Self.maximumIdentityKeyByteCount)
            case 2: signature = try field.bytes(of: message, limit: Self.maximumSignatureByteCount)
            case 4: try Self.readExtensions(message.extracting(field.range()), into: &streamMuxers)
            default: continue
            }
        }
        guard let identityKey else { throw .missingField(1) }
        guard let signature else { throw .missingField(2) }
        self.init(identityKey: identityKey, signature: signature, streamMuxers: streamMuxers)
    }

    /// The payload as a protobuf message; no extensions are written when there is nothing to say.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, identityKey)
        writer.bytes(2, signature)
        if !streamMuxers.isEmpty {
            writer.message(4) { extensions in
                for muxer in streamMuxers { extensions.text(2, muxer) }
            }
        }
        return writer.bytes
    }

    /// The bytes that the sender signs for its Noise static key.
    public static func signedBytes(staticKey: Bytes32) -> [UInt8] {
        Array(signaturePrefix.utf8) + staticKey.bytes
    }

    private static func readExtensions(
        _ message: RawSpan, into streamMuxers: inout [String]
    ) throws(ProtobufError) {
        var reader = ProtobufReader()
        while let field = try reader.next(in: message) {
            guard field.number == 2 else { continue }
            guard streamMuxers.count < maximumMuxerCount else {
                throw .tooManyValues(field: 2, limit: maximumMuxerCount)
            }
            streamMuxers.append(try field.text(of: message, limit: maximumMuxerByteCount))
        }
    }
}
