import MeshCore
import MeshMultiformats

/// Decides which values the DHT keeps under `/mesh/` keys, and which of several is the best.
///
/// Source: Specs/mesh-record.md, "In the DHT".
public enum MeshRecordValidator {
    /// Checks that `value` is a valid record for `key` at the time `time`, and returns it.
    @discardableResult
    public static func validate(
        key: [UInt8], value: [UInt8], at time: UnixTime
    ) throws(MeshRecordError) -> SignedMeshRecord {
        let peer = try MeshRecordKey.peer(of: key)
        let signed = try SignedMeshRecord(envelope: value)
        guard signed.record.peerID == peer else {
            throw .wrongKey(expected: peer, actual: signed.record.peerID)
        }
        try check(signed.record, at: time)
        return signed
    }

    /// Checks that a record is valid at the time `time`.
    public static func check(_ record: MeshRecord, at time: UnixTime) throws(MeshRecordError) {
        guard time < record.expires else { throw .expired(at: record.expires) }
        guard record.expires <= time.adding(seconds: MeshRecordLimits.lifetimeSeconds) else {
            throw .expiresTooLate(record.expires)
        }
        guard record.issued <= time.adding(seconds: MeshRecordLimits.clockSkewSeconds) else {
            throw .issuedInFuture(record.issued)
        }
    }

    /// The index of the best value: higher sequence, then later expiry, then larger bytes.
    ///
    /// The values have been validated, so signatures are not verified again. One that does not decode loses to
    /// every one that does. Zero when there are no values.
    public static func select(key: [UInt8], values: [[UInt8]]) -> Int {
        var best = 0
        var bestRank = values.first.flatMap { rank($0) }
        for index in values.indices.dropFirst() {
            let rank = rank(values[index])
            if isBetter(values[index], rank, than: values[best], bestRank) {
                best = index
                bestRank = rank
            }
        }
        return best
    }

    private struct Rank {
        var sequence: UInt64
        var expires: UnixTime
    }

    /// Where the order of ``select(key:values:)`` puts a value, read without verifying it.
    private static func rank(_ value: [UInt8]) -> Rank? {
        guard value.count <= MeshRecordLimits.envelopeByteCount else { return nil }
        do {
            let payload = try SignedEnvelope(unverified: value.span.bytes).payload
            let record = try MeshRecord(payload: payload.span.bytes)
            return Rank(sequence: record.sequence, expires: record.expires)
        } catch {
            return nil
        }
    }

    private static func isBetter(
        _ value: [UInt8], _ rank: Rank?, than best: [UInt8], _ bestRank: Rank?
    ) -> Bool {
        switch (rank, bestRank) {
        case (nil, nil): best.lexicographicallyPrecedes(value)
        case (nil, .some): false
        case (.some, nil): true
        case (.some(let rank), .some(let bestRank)):
            if rank.sequence != bestRank.sequence {
                rank.sequence > bestRank.sequence
            } else if rank.expires != bestRank.expires {
                rank.expires > bestRank.expires
            } else {
                best.lexicographicallyPrecedes(value)
            }
        }
    }
}
