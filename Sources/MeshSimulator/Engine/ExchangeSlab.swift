import MeshCore
import MeshDHT
import MeshMultiformats

/// A request on its way, from its first packet to its answer or failure: what the network needs of it.
///
/// It holds no reference, so that looking at it counts none.
struct Exchange: Sendable {
    /// The token of the machine that asks.
    var token: RequestToken
    /// When the present attempt is given up.
    var deadline: UInt64 = 0
    /// When the first packet left.
    var begun: UInt64
    /// The first word of the place that is asked for.
    var word: UInt64
    var requester: UInt32
    /// `Exchange.nobody` when no node has the identity.
    var target: UInt32
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

/// What an exchange carries.
struct Cargo: Sendable {
    /// The request, kept because it may have to be sent again.
    var request: KadMessage
    /// Who is asked.
    var peer: PeerID
}

/// The exchanges of a simulation, whose places are used again, the last one given back first.
struct ExchangeSlab: Sendable {
    var places: [Exchange] = []
    /// By place: the request, until the exchange is over.
    private var cargo: [Cargo?] = []
    /// By place: the answer on its way back; nil when it is a refusal.
    private var answers: [KadMessage?] = []
    private var free: [UInt32] = []

    /// The number of exchanges that run.
    var count: Int { places.count - free.count }

    mutating func insert(_ exchange: Exchange, _ load: consuming Cargo) -> UInt32 {
        guard let place = free.popLast() else {
            places.append(exchange)
            cargo.append(load)
            answers.append(nil)
            return UInt32(places.count - 1)
        }
        let stamp = places[Int(place)].stamp
        places[Int(place)] = exchange
        places[Int(place)].stamp = stamp
        cargo[Int(place)] = load
        return place
    }

    /// The request of the exchange at `place`, which runs.
    func request(_ place: UInt32) -> KadMessage? { cargo[Int(place)]?.request }

    /// Reads what the exchange at `place` carries.
    func readAhead(_ place: UInt32) -> UInt64 {
        UInt64(cargo[Int(place)] == nil ? 0 : 1) &+ UInt64(answers[Int(place)] == nil ? 0 : 1)
    }

    /// Reads the peers that the answer of the exchange at `place` names.
    func readAheadPeers(_ place: UInt32) -> UInt64 { answers[Int(place)]?.readAheadPeers() ?? 0 }

    /// Puts the answer of the exchange at `place` on its way.
    mutating func setAnswer(_ answer: consuming KadMessage?, _ place: UInt32) {
        answers[Int(place)] = answer
    }

    /// Ends the exchange at `place`; events that name it are void from now on.
    mutating func remove(_ place: UInt32) {
        _ = end(place)
    }

    /// Ends the exchange at `place` and gives who was asked, and the answer.
    mutating func end(_ place: UInt32) -> (peer: PeerID, answer: KadMessage?)? {
        let index = Int(place)
        places[index].stamp = (places[index].stamp &+ 1) & SimulatedEvent.stampMask
        places[index].isInUse = false
        free.append(place)
        let answer = answers[index].take()
        guard let load = cargo[index].take() else { return nil }
        return (load.peer, answer)
    }

    /// Whether the exchange at `place` is still the one that `stamp` names.
    func isCurrent(_ place: UInt32, _ stamp: UInt32) -> Bool {
        Int(place) < places.count && places[Int(place)].isInUse && places[Int(place)].stamp == stamp
    }
}
