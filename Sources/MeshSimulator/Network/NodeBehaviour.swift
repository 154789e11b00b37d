import MeshCore
import MeshDHT

/// What a node that does not follow the protocol does with requests.
///
/// Its machine lives on: it joins, asks and keeps what it is told. Only what others ask of it goes through here. One value
/// serves all nodes that it was given to, so that they can collude.
public protocol NodeBehaviour: Sendable {
    /// Decides about a request that has reached `node`.
    mutating func receive(
        _ request: KadMessage, at node: NodeIndex, from requester: NodeIndex, now: Instant,
        using rng: inout SeededGenerator
    ) -> RequestReaction

    /// Replaces the machine's answer to a request for which ``receive`` gave `.honest`; nil refuses.
    mutating func alter(
        _ answer: KadMessage?, to request: KadMessage, at node: NodeIndex, from requester: NodeIndex,
        now: Instant,
        using rng: inout SeededGenerator
    ) -> KadMessage?
}

extension NodeBehaviour {
    /// Lets the machine answer.
    public mutating func receive(
        _ request: KadMessage, at node: NodeIndex, from requester: NodeIndex, now: Instant,
        using rng: inout SeededGenerator
    ) -> RequestReaction { .honest }

    /// Changes nothing.
    public mutating func alter(
        _ answer: KadMessage?, to request: KadMessage, at node: NodeIndex, from requester: NodeIndex,
        now: Instant,
        using rng: inout SeededGenerator
    ) -> KadMessage? { answer }
}

/// What a behaviour does with a request.
public enum RequestReaction: Sendable {
    /// The machine answers, and the behaviour may alter that.
    case honest
    /// Nothing comes back.
    case silent
    /// The request is refused; the machine never sees it.
    case refuse
    /// This comes back; the machine never sees the request.
    case answer(KadMessage)
}
