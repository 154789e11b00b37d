import MeshCore
import MeshMultiformats

/// A mesh record with the envelope that proves it.
///
/// A value of this type has passed every check that needs no clock and no DHT key: size, signature, limits of the
/// fields, and that DID and peer id are those of the signing key. The envelope's bytes are kept as they came.
public struct SignedMeshRecord: Hashable, Sendable {
    /// What the mesh says.
    public let record: MeshRecord
    /// The envelope's bytes: what is stored and handed on.
    public let envelope: [UInt8]

    /// Signs `record`, whose DID and peer id must be those of `key`.
    public init(signing record: MeshRecord, with key: IdentityKey) throws(MeshRecordError) {
        try record.checkFields()
        try Self.check(record, isOf: key.publicKey)
        let sealed = SignedEnvelope.seal(
            payload: record.payload, type: MeshRecordLimits.payloadType, domain: MeshRecordLimits.domain,
            by: key)
        let bytes = sealed.encoded
        guard bytes.count <= MeshRecordLimits.envelopeByteCount else {
            throw .tooLarge(byteCount: bytes.count, limit: MeshRecordLimits.envelopeByteCount)
        }
        self.record = record
        envelope = bytes
    }

    /// Opens an envelope and checks it.
    public init(envelope bytes: [UInt8]) throws(MeshRecordError) {
        guard bytes.count <= MeshRecordLimits.envelopeByteCount else {
            throw .tooLarge(byteCount: bytes.count, limit: MeshRecordLimits.envelopeByteCount)
        }
        let opened: SignedEnvelope
        do throws(SignedEnvelopeError) {
            opened = try SignedEnvelope.open(
                bytes.span.bytes, domain: MeshRecordLimits.domain, type: MeshRecordLimits.payloadType)
        } catch {
            throw .badEnvelope(error)
        }
        record = try MeshRecord(payload: opened.payload.span.bytes)
        try Self.check(record, isOf: opened.publicKey)
        envelope = bytes
    }

    /// The DHT key under which the record is stored.
    public var dhtKey: [UInt8] { MeshRecordKey.bytes(for: record.peerID) }

    private static func check(_ record: MeshRecord, isOf key: PublicKey) throws(MeshRecordError) {
        let peerID = key.peerID
        guard record.peerID == peerID else { throw .wrongPeer(expected: peerID, actual: record.peerID) }
        guard let did = key.did, record.did.utf8.elementsEqual(did.utf8) else { throw .wrongDID }
    }
}
