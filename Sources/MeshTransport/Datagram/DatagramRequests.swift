import MeshConnection
import MeshCore

/// The completions of requests that are under way, by token.
///
/// Places are used again, so that a request takes no memory but what its completion captures. A token is the place
/// and how often it was used before.
struct DatagramRequests {
    typealias Completion = (Result<[UInt8], DatagramFailure>) -> Void

    private struct Place {
        var useCount: UInt32
        var completion: Completion?
    }

    private var places: [Place] = []
    private var free: [UInt32] = []

    /// Keeps a completion and names it.
    mutating func add(_ completion: @escaping Completion) -> RequestToken {
        let index: UInt32
        if let last = free.popLast() {
            index = last
        } else {
            index = UInt32(places.count)
            places.append(Place(useCount: 0, completion: nil))
        }
        places[Int(index)].useCount &+= 1
        places[Int(index)].completion = completion
        return RequestToken(UInt64(places[Int(index)].useCount) << 32 | UInt64(index))
    }

    /// Gives the completion of `token` back, once.
    mutating func take(_ token: RequestToken) -> Completion? {
        let index = Int(truncatingIfNeeded: token.value & 0xffff_ffff)
        guard index < places.count, places[index].useCount == UInt32(token.value >> 32),
            let completion = places[index].completion
        else { return nil }
        places[index].completion = nil
        free.append(UInt32(index))
        return completion
    }

    /// Gives back all completions.
    mutating func takeAll() -> [Completion] {
        let all = places.compactMap(\.completion)
        places = []
        free = []
        return all
    }
}
