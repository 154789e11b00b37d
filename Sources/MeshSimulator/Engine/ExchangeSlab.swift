import MeshCore
import MeshDHT
import MeshMultiformats

/// A request on its way, from its first packet to its answer or failure.
struct Exchange: Sendable {
    /// The request, kept because it may have to be sent again.
    var message: KadMessage
    /// The answer on its way back; nil for a refusal.
    var answer: KadMessage?
    /// Who is asked.
    var peer: PeerID
    /// The token of the machine that asks.
    var token: RequestToken
    /// When the present attempt is given up, in microseconds.
    var deadline: UInt64 = 0
    var requester: UInt32
    /// `Exchange.nobody` when no node has the identity.
    var target: UInt32
    /// When the first packet left, in microseconds.
    var begun: UInt64
    /// Counts the uses of the place, so that late events notice that theirs is over.
    var stamp: UInt32 = 0
    var attempt: UInt8 = 0
    /// Whether the present attempt makes a session first.
    var isCold = false
    /// Whether the end of the present attempt is scheduled already.
    var hasTimer = false
    /// Whether an answer is wanted.
    var isAnswered = true
    var isInUse = true

    static let nobody = UInt32.max
}

/// The exchanges of a simulation in one array whose places are used again, the last one given back first.
struct ExchangeSlab: Sendable {
    var places: [Exchange] = []
    private var free: [UInt32] = []

    /// The number of exchanges that run.
    var count: Int { places.count - free.count }

    mutating func insert(_ exchange: Exchange) -> UInt32 {
        guard let place = free.popLast() else {
            places.append(exchange)
            return UInt32(places.count - 1)
        }
        let stamp = places[Int(place)].stamp
        places[Int(place)] = exchange
        places[Int(place)].stamp = stamp
        return place
    }

    /// Ends the exchange at `place`; events that name it are void from now on.
    mutating func remove(_ place: UInt32) {
        let index = Int(place)
        places[index].stamp = (places[index].stamp &+ 1) & SimulatedEvent.stampMask
        places[index].isInUse = false
        places[index].answer = nil
        free.append(place)
    }

    /// Whether the exchange at `place` is still the one that `stamp` names.
    func isCurrent(_ place: UInt32, _ stamp: UInt32) -> Bool {
        Int(place) < places.count && places[Int(place)].isInUse && places[Int(place)].stamp == stamp
    }
}
