import MeshCore
import MeshDirectory
import MeshMultiformats

/// Signed envelopes and what they carry; payloads are also signed here, so that the parsers behind the signature run.
enum EnvelopeFuzz {
    static func run(_ input: [UInt8]) throws {
        if let envelope = try? SignedEnvelope(unverified: input.span.bytes) {
            let again = try? SignedEnvelope(unverified: envelope.encoded.span.bytes)
            try promise(again == envelope, "an encoded envelope decodes to itself")
            _ = envelope.isSigned(for: PeerRecord.Form.interoperable.domain)
        }
        _ = try? PeerRecord.open(input.span.bytes)
        _ = try? SignedMeshRecord(envelope: input)
        _ = try? SignedHeartbeat(envelope: input)
        if let key = try? PublicKey(protobuf: input.span.bytes) {
            try promise(
                (try? PublicKey(protobuf: key.protobuf.span.bytes)) == key, "a key encodes to what it was")
            _ = key.verify(signature: input.span.bytes, of: input.span.bytes)
            // Parsing a DID also checks that the key is a point of its curve; decoding a key leaves that to the first use.
            if let parsed = key.did.flatMap({ did in try? DIDKey.parse(did) }) {
                try promise(parsed == key, "a key's DID is of the key")
            }
        }
        if let record = try? PeerRecord(payload: input.span.bytes) { try check(record) }
        try signed(input)
    }

    private static func check(_ record: PeerRecord) throws {
        let again = try? PeerRecord(payload: record.payload.span.bytes)
        try promise(again == record, "an encoded peer record decodes to itself")
        for form in PeerRecord.Form.allCases {
            let opened = try? PeerRecord.open(record.sealed(by: FuzzKeys.own, form: form))
            try promise(
                opened == nil || record.peerID == FuzzKeys.own.peerID, "only the peer itself signs its record"
            )
        }
    }

    private static func signed(_ payload: [UInt8]) throws {
        guard payload.count <= SignedEnvelope.maximumPayloadByteCount else { return }
        let mesh = SignedEnvelope.seal(
            payload: payload, type: MeshRecordLimits.payloadType, domain: MeshRecordLimits.domain,
            by: FuzzKeys.own)
        if let record = try? SignedMeshRecord(envelope: mesh.encoded) {
            try promise(record.record.peerID == FuzzKeys.own.peerID, "a mesh record is of its signer")
            let key = MeshRecordKey.bytes(for: record.record.peerID)
            let now = UnixTime(seconds: 1_800_000_000)
            _ = try? MeshRecordValidator.validate(key: key, value: record.envelope, at: now)
            try promise(
                MeshRecordValidator.select(key: key, values: [payload, record.envelope]) == 1,
                "a value that decodes wins over one that does not")
        }
        let heartbeat = SignedEnvelope.seal(
            payload: payload, type: HeartbeatLimits.payloadType, domain: HeartbeatLimits.domain,
            by: FuzzKeys.own)
        if let opened = try? SignedHeartbeat(envelope: heartbeat.encoded) {
            try promise(opened.peerID == FuzzKeys.own.peerID, "a heartbeat is of its signer")
        }
    }
}
