import MeshCore

/// One peer that a lookup has heard of.
struct LookupCandidate: Sendable {
    /// What is known of the peer in this lookup.
    ///
    /// | State | Becomes | When |
    /// |---|---|---|
    /// | heard | waiting | it is among the k closest of a path and one of the α places is free |
    /// | waiting | answered, failed | the driver reports it |
    /// | waiting | straggling | `stragglerTimeout` has passed |
    /// | straggling | answered, failed | the driver reports it, late |
    /// | straggling | abandoned | `abandonTimeout` has passed |
    /// | abandoned | answered, failed | the driver reports it, very late |
    enum State: UInt8, Sendable {
        case heard
        case waiting
        case straggling
        case abandoned
        case answered
        case failed
    }

    /// The state, and who asked: two bytes apart from the rest, because every step of a lookup reads many.
    struct Mark: Sendable {
        var state: State
        /// The path that has asked, or will ask, the peer; meaningless while it is only heard of.
        var path: UInt8

        /// Whether the peer may belong to the result: it has not failed, and is not slow to answer.
        var isEligible: Bool {
            switch state {
            case .heard, .waiting, .answered: true
            case .straggling, .abandoned, .failed: false
            }
        }
    }

    /// The distance from the target; it orders the candidates.
    var distance: Bytes32
    /// The peer; nil in places that are free.
    var peer: KadPeer.Storage?
    /// How many referrals led to the peer: 1 for peers that the node knew itself.
    var round: UInt16
    /// The number of paths that may ask the peer.
    var listingCount: UInt8
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
