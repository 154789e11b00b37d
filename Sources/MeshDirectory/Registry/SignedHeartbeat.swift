import MeshCore
import MeshMultiformats

/// A heartbeat whose envelope is good; the mesh record inside has not been opened.
struct OpenedHeartbeat {
    let heartbeat: Heartbeat
    let signer: PeerID
    let envelope: [UInt8]

    /// Opens an envelope; with a `sender`, that of anybody else is refused.
    init(envelope bytes: [UInt8], sender: PeerID? = nil) throws(HeartbeatError) {
        guard bytes.count <= HeartbeatLimits.envelopeByteCount else {
            throw .tooLarge(byteCount: bytes.count, limit: HeartbeatLimits.envelopeByteCount)
        }
        let opened: SignedEnvelope
        do throws(SignedEnvelopeError) {
            opened = try SignedEnvelope.open(
                bytes.span.bytes, domain: HeartbeatLimits.domain, type: HeartbeatLimits.payloadType)
        } catch {
            throw .badEnvelope(error)
        }
        signer = opened.publicKey.peerID
        guard sender == nil || sender == signer else { throw .notTheSender(signer) }
        heartbeat = try Heartbeat(payload: opened.payload.span.bytes)
        envelope = bytes
    }

    /// Opens the mesh record, which must be of the signer.
    func openingRecord() throws(HeartbeatError) -> SignedHeartbeat {
        SignedHeartbeat(
            heartbeat: heartbeat, mesh: try Self.record(of: heartbeat, signer: signer), envelope: envelope)
    }

    static func record(of heartbeat: Heartbeat, signer: PeerID) throws(HeartbeatError) -> SignedMeshRecord {
        let mesh: SignedMeshRecord
        do throws(MeshRecordError) {
            mesh = try SignedMeshRecord(envelope: heartbeat.meshRecord)
        } catch {
            throw .badRecord(error)
        }
        guard mesh.record.peerID == signer else { throw .recordOfAnotherPeer(mesh.record.peerID) }
        return mesh
    }
}

/// A heartbeat with the envelope that proves it, and the mesh record inside opened.
///
/// A value of this type has passed every check that needs no clock and no memory of earlier heartbeats: sizes, both
/// signatures, limits of the fields, and that one key signed both.
public struct SignedHeartbeat: Hashable, Sendable {
    /// What the mesh says.
    public let heartbeat: Heartbeat
    /// The record inside.
    public let mesh: SignedMeshRecord
    /// The envelope's bytes: what is sent and what a registry keeps.
    public let envelope: [UInt8]

    /// The mesh that signed.
    public var peerID: PeerID { mesh.record.peerID }

    /// Signs `heartbeat`, whose mesh record must be of `key` too.
    public init(signing heartbeat: Heartbeat, with key: IdentityKey) throws(HeartbeatError) {
        try heartbeat.checkFields()
        let mesh = try OpenedHeartbeat.record(of: heartbeat, signer: key.peerID)
        let sealed = SignedEnvelope.seal(
            payload: heartbeat.payload, type: HeartbeatLimits.payloadType, domain: HeartbeatLimits.domain,
            by: key)
        self.init(heartbeat: heartbeat, mesh: mesh, envelope: sealed.encoded)
    }

    /// Opens an envelope and checks it.
    public init(envelope bytes: [UInt8]) throws(HeartbeatError) {
        self = try OpenedHeartbeat(envelope: bytes).openingRecord()
    }

    init(heartbeat: Heartbeat, mesh: SignedMeshRecord, envelope: [UInt8]) {
        self.heartbeat = heartbeat
        self.mesh = mesh
        self.envelope = envelope
    }
}
