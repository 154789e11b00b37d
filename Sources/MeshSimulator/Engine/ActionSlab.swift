/// Something that is planned for a time: not a message between machines.
enum SimulatedAction: Sendable {
    /// A query of the application.
    case query(SimulatedQuery, node: UInt32, place: UInt32)
    /// A node tries to reach a bootstrap peer.
    case contact(node: UInt32, started: UInt64)
    /// A handshake is over at `node`, whose partner is `peer`.
    case established(node: UInt32, peer: UInt32)
    /// A node joins through random members.
    case arrival
}

/// Planned actions in places that are used again.
struct ActionSlab: Sendable {
    private var places: [SimulatedAction?] = []
    private var free: [UInt32] = []

    mutating func insert(_ action: SimulatedAction) -> UInt32 {
        guard let place = free.popLast() else {
            places.append(action)
            return UInt32(places.count - 1)
        }
        places[Int(place)] = action
        return place
    }

    mutating func take(_ place: UInt32) -> SimulatedAction? {
        guard let action = places[Int(place)] else { return nil }
        places[Int(place)] = nil
        free.append(place)
        return action
    }
}
