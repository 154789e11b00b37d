import MeshCore
import MeshDHT
import MeshMultiformats

/// Kademlia messages, and the machine that receives them as requests and as answers.
enum KadFuzz {
    static func run(_ input: [UInt8]) throws {
        if let message = try? KadMessage.decode(input.span.bytes) { try roundTrip(message) }
        var host = KadHost()
        var parts = FuzzInput(input)
        while !parts.isEmpty {
            let command = parts.byte()
            let length = Int(parts.byte()) | Int(command & 0xF0) << 4
            try host.step(command & 3, parts.take(length))
        }
    }

    private static func roundTrip(_ message: KadMessage) throws {
        guard let again = try? KadMessage.decode(message.encoded(limit: .max).span.bytes) else {
            throw FuzzViolation(description: "an encoded message decodes")
        }
        try promise(again == message, "an encoded message decodes to itself")
        let bounded = message.encoded()
        let fixed = 64 + message.key.count + (message.record.map { $0.key.count + $0.value.count } ?? 0)
        try promise(
            bounded.count <= max(KadMessage.maximumSentByteCount, fixed), "the limit of a sent message holds")
        try promise((try? KadMessage.decode(bounded.span.bytes)) != nil, "a bounded message decodes")
    }
}

/// A server with small tables, and a driver that answers it with what the input holds.
private struct KadHost {
    private var machine: Kademlia
    private var effects = Kademlia.KadEffects()
    private var rng = SeededGenerator(seed: 7)
    private var now = Instant.zero
    private var nextToken: UInt64 = 1
    private var awaited: [(token: RequestToken, peer: PeerID)] = []

    init() {
        var configuration = KademliaConfiguration()
        configuration.maximumRecords = 8
        configuration.maximumProviders = 8
        configuration.maximumBookPeers = 16
        configuration.maximumWaitingChecks = 16
        machine = Kademlia(
            localPeer: FuzzKeys.own.peerID, configuration: configuration,
            epoch: UnixTime(seconds: 1_800_000_000),
            validators: RecordValidators())
        machine.setMode(.server)
        machine.peerIdentified(
            FuzzKeys.peer.peerID, addresses: [], servesKad: true, now: now, using: &rng, into: &effects)
    }

    mutating func step(_ command: UInt8, _ bytes: [UInt8]) throws {
        let message = try? KadMessage.decode(bytes.span.bytes)
        switch command {
        case 0, 1:
            guard let message else { break }
            nextToken += 1
            let token = RequestToken(nextToken << 32)
            machine.handle(
                .request(message, from: FuzzKeys.peer.peerID, token: token), now: now, using: &rng,
                into: &effects)
            let isAnswered = effects.list.contains {
                if case .respond(_, _, token) = $0 { true } else { false }
            }
            try promise(
                isAnswered || !message.kind.isAnswered, "every request with an answer is answered at once")
        case 2:
            guard !awaited.isEmpty else { break }
            let request = awaited.removeFirst()
            let input: Input<PeerID, KadMessage> =
                message.map { .response($0, from: request.peer, token: request.token) }
                ?? .failure(request.token, from: request.peer)
            machine.handle(input, now: now, using: &rng, into: &effects)
        default:
            if let deadline = machine.nextDeadline { now = max(now, deadline) }
            machine.handle(.deadline, now: now, using: &rng, into: &effects)
        }
        try drain()
    }

    private mutating func drain() throws {
        for effect in effects.list {
            switch effect {
            case .request(let message, let peer, let token):
                try check(message)
                if awaited.count < 64 { awaited.append((token, peer)) }
            case .send(let message, _): try check(message)
            case .respond(let message, _, _): if let message { try check(message) }
            case .event: break
            }
        }
        effects.list.removeAll(keepingCapacity: true)
        let foreign = machine.records.count - machine.records.ownCount
        try promise(foreign <= machine.configuration.maximumRecords, "the record limit holds")
    }

    private func check(_ message: KadMessage) throws {
        let bytes = message.encoded()
        try promise((try? KadMessage.decode(bytes.span.bytes)) != nil, "what the machine sends decodes")
    }
}
