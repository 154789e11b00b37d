import MeshCore
import MeshMultiformats

/// The requests whose answer or failure the driver owes, by token.
///
/// A token is the number of a slot and, above that, a serial number that is never used again, so that no message
/// hashes anything and a late answer finds nobody else's request. A node that waits for nothing holds nothing.
struct PendingTable: Sendable {
    private struct Slot: Sendable {
        /// Zero in slots that are free.
        var token: UInt64
        /// In a free slot, the next free one; `noSlot` ends the chain.
        var nextFree: UInt32
        var request: PendingRequest?
    }

    private static let slotBitCount: UInt64 = 20
    private static let noSlot = UInt32.max

    private(set) var count = 0
    private var slots: [Slot] = []
    private var firstFree = noSlot
    private var nextSerial: UInt64 = 1

    /// The request of `token`.
    subscript(token: RequestToken) -> PendingRequest? { slot(of: token).flatMap { slots[$0].request } }

    /// Reads what the answer of `token` needs; see ``Kademlia/readAheadQuery(token:)``.
    func readAhead(_ token: RequestToken) -> UInt64 {
        guard let index = slot(of: token) else { return 0 }
        return slots[index].request?.peer.kadKey.word0 ?? 0
    }

    /// Keeps a request and names it.
    mutating func insert(_ request: PendingRequest) -> RequestToken {
        if firstFree == Self.noSlot {
            slots.append(Slot(token: 0, nextFree: Self.noSlot, request: nil))
            firstFree = UInt32(slots.count - 1)
        }
        let index = Int(firstFree)
        // A million requests cannot wait at once: queries and their requests are limited far below.
        precondition(index < 1 << Self.slotBitCount, "more requests than tokens")
        let token = nextSerial << Self.slotBitCount | UInt64(index)
        nextSerial += 1
        firstFree = slots[index].nextFree
        slots[index].token = token
        slots[index].request = request
        count += 1
        return RequestToken(token)
    }

    /// Removes the request `token`, provided that it went to `peer`.
    mutating func take(_ token: RequestToken, from peer: PeerID) -> PendingRequest? {
        guard let index = slot(of: token), let request = slots[index].request, request.peer.id == peer else {
            return nil
        }
        count -= 1
        if count == 0 {
            slots = []
            firstFree = Self.noSlot
        } else {
            slots[index] = Slot(token: 0, nextFree: firstFree, request: nil)
            firstFree = UInt32(index)
        }
        return request
    }

    private func slot(of token: RequestToken) -> Int? {
        let index = Int(token.value & (1 << Self.slotBitCount - 1))
        guard index < slots.count, slots[index].token == token.value, token.value != 0 else { return nil }
        return index
    }
}
