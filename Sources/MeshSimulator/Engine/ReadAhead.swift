import MeshCore
import MeshDHT

/// The events that come next, as far as reading ahead needs them.
struct ReadAhead: Sendable {
    /// One message that is about to be delivered.
    struct Message: Sendable {
        var place: UInt32
        /// The node that gets it.
        var node: UInt32
        /// The other one.
        var partner: UInt32
        var word: UInt64
        var token: RequestToken
        var isRequest: Bool
    }

    var messages: [Message] = []
    /// What was read, added up so that no read is optimised away.
    var sum: UInt64 = 0
}

extension Simulation {
    /// The next event, unless it comes after `end`; what it and those behind it need is read together.
    mutating func nextEvent(notAfter end: UInt64) -> EventQueue.Due? {
        guard let due = queue.next(notAfter: end) else { return nil }
        if queue.isReadyNew, queue.ready.count > 1, parameters.readsAhead { readAhead() }
        return due
    }

    /// Reads what the ready events will read, in passes in which no read waits for another.
    private mutating func readAhead() {
        ahead.messages.removeAll(keepingCapacity: true)
        for due in queue.ready {
            let event = SimulatedEvent(packed: due.payload)
            switch event.kind {
            case .request, .answer:
                let exchange = exchanges.places[Int(event.index)]
                guard exchange.isInUse, exchange.target != Exchange.nobody else { continue }
                let isRequest = event.kind == .request
                ahead.messages.append(
                    ReadAhead.Message(
                        place: event.index, node: isRequest ? exchange.target : exchange.requester,
                        partner: isRequest ? exchange.requester : exchange.target, word: exchange.word,
                        token: exchange.token,
                        isRequest: isRequest))
            case .timeout, .deadline, .action: continue
            }
        }
        var sum: UInt64 = 0
        for message in ahead.messages {
            sum &+= readLines(of: Int(message.node))
            sum &+= sites[Int(message.node)].started &+ sites[Int(message.partner)].started
            sum &+= exchanges.readAhead(message.place)
        }
        for message in ahead.messages {
            if message.isRequest {
                sum &+= nodes[Int(message.node)].readAheadTable(towards: message.word)
                sum &+= peers[Int(message.partner)].readAhead
            } else {
                sum &+= nodes[Int(message.node)].readAheadQuery(message.token)
                sum &+= exchanges.readAheadPeers(message.place)
            }
        }
        for message in ahead.messages where message.isRequest {
            sum &+= nodes[Int(message.node)].readAheadPeers(towards: message.word)
        }
        ahead.sum &+= sum
    }

    /// Reads one byte of each line of a node's machine.
    private mutating func readLines(of node: Int) -> UInt64 {
        withUnsafeBytes(of: &nodes[node]) { bytes in
            var sum: UInt64 = 0
            for offset in stride(from: 0, to: bytes.count, by: 64) { sum &+= UInt64(bytes[offset]) }
            return sum
        }
    }
}
