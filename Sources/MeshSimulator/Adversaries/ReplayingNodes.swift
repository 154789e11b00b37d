import MeshCore
import MeshDHT

/// Nodes that take the first value of each key that they see for good: they acknowledge newer ones and forget them.
///
/// What they serve is valid, signed and old. A scenario also has them push it at those who hold the newer one.
public struct ReplayingNodes: NodeBehaviour {
    private var oldest: [[UInt8]: KadRecord] = [:]

    /// Creates the behaviour of nodes that have seen `records` and share what they know.
    public init(records: [KadRecord]) {
        for record in records where oldest[record.key] == nil { oldest[record.key] = record }
    }

    /// Acknowledges everything that is stored, and keeps what is the first of its key.
    public mutating func receive(
        _ request: KadMessage, at node: NodeIndex, from requester: NodeIndex, now: Instant,
        using rng: inout SeededGenerator
    ) -> RequestReaction {
        guard request.kind == .putValue, let record = request.record else { return .honest }
        if oldest[record.key] == nil { oldest[record.key] = record }
        return .answer(request)
    }

    /// Puts the old value into answers of GET_VALUE; the peers in it are those that the machine knows.
    public mutating func alter(
        _ answer: KadMessage?, to request: KadMessage, at node: NodeIndex, from requester: NodeIndex,
        now: Instant, using rng: inout SeededGenerator
    ) -> KadMessage? {
        guard request.kind == .getValue, var altered = answer, let old = oldest[request.key] else {
            return answer
        }
        altered.record = old
        return altered
    }
}
