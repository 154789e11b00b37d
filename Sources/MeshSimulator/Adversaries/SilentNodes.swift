import MeshCore
import MeshCrypto
import MeshDHT

/// Nodes that keep their places in the tables and help nobody.
///
/// They answer what may be a sign of life, a ping or a FIND_NODE for the one who asks, and nothing else. So the checks
/// of honest nodes find them healthy, and each lookup runs into them anew.
public struct SilentNodes: NodeBehaviour {
    private let places: [Bytes32]

    /// Creates the behaviour; `places` are the keys of all nodes in the order of their indices.
    ///
    /// Nodes that come later get no sign of life either.
    public init(places: [Bytes32]) {
        self.places = places
    }

    /// Says nothing, except to checks.
    public mutating func receive(
        _ request: KadMessage, at node: NodeIndex, from requester: NodeIndex, now: Instant,
        using rng: inout SeededGenerator
    ) -> RequestReaction {
        switch request.kind {
        case .ping: .honest
        case .findNode: isCheck(request.key, of: requester) ? .honest : .silent
        case .getValue, .putValue, .addProvider, .getProviders: .silent
        }
    }

    private func isCheck(_ key: [UInt8], of requester: NodeIndex) -> Bool {
        let index = Int(requester.value)
        return index < places.count && SHA256.hash(key) == places[index]
    }
}
