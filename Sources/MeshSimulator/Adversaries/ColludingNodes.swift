import MeshCore
import MeshCrypto
import MeshDHT

/// Nodes that name only each other, hold nothing, and claim to have stored what they are given.
///
/// They know all of their own and answer with the k that are closest to the target, as fast as anybody: the strongest
/// answer that those can give who cannot choose their identities. Sybils answer in the same way but lie near one key.
public struct ColludingNodes: NodeBehaviour {
    private var index = MemberIndex()
    private let peers: [UInt32: KadPeer]
    private let answerSize: Int

    /// Creates the behaviour of `members`, who answer with `answerSize` peers.
    public init(_ members: [(node: NodeIndex, peer: KadPeer)], answerSize: Int) {
        index.rebuild(members.map { ($0.peer.kadKey, $0.node.value) })
        peers = Dictionary(
            members.map { ($0.node.value, $0.peer) }, uniquingKeysWith: { first, _ in first })
        self.answerSize = answerSize
    }

    /// Answers with accomplices.
    public mutating func receive(
        _ request: KadMessage, at node: NodeIndex, from requester: NodeIndex, now: Instant,
        using rng: inout SeededGenerator
    ) -> RequestReaction {
        switch request.kind {
        case .ping: return .honest
        case .putValue: return .answer(request)
        case .addProvider: return .silent
        case .findNode, .getValue, .getProviders:
            let target = SHA256.hash(request.key)
            let closer = index.closest(answerSize, to: target, without: node.value)
                .compactMap { peers[$0.value] }
            return .answer(KadMessage(kind: request.kind, key: request.key, closerPeers: closer))
        }
    }
}
