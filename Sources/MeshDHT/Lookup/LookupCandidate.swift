import MeshCore

/// One peer that a lookup has heard of.
struct LookupCandidate: Sendable {
    /// What is known of the peer in this lookup.
    ///
    /// | State | Becomes | When |
    /// |---|---|---|
    /// | heard | waiting | it is among the k closest and one of the α places is free |
    /// | waiting | answered, failed | the driver reports it |
    /// | waiting | straggling | `stragglerTimeout` has passed |
    /// | straggling | answered, failed | the driver reports it, late |
    /// | straggling | abandoned | `abandonTimeout` has passed |
    /// | abandoned | answered, failed | the driver reports it, very late |
    enum State: Hashable, Sendable {
        case heard
        case waiting(since: Instant)
        case straggling(since: Instant)
        case abandoned(since: Instant)
        case answered
        case failed
    }

    /// The distance from the target; it orders the candidates.
    let distance: Bytes32
    /// The peer.
    let peer: KadPeer
    /// How many referrals led to the peer: 1 for peers that the node knew itself.
    let round: Int
    /// What is known of it.
    var state: State
}

/// Why a lookup is over, or that it is not.
public enum LookupProgress: Hashable, Sendable {
    /// Requests are in flight, or can be made.
    case running
    /// The required number of the closest peers have answered, and no closer one is pending.
    case converged
    /// Everybody who was heard of has answered or failed, and they are fewer than required.
    case exhausted
}
