import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

@testable import MeshConnection

/// One endpoint in a simulated network, and what it told its driver.
final class DatagramTestNode {
    let key: IdentityKey
    var endpoint: DatagramEndpoint
    var address: DatagramAddress
    /// What it answers to a request; nil leaves it unanswered.
    var answer: ([UInt8]) -> [UInt8]? = { $0 }
    /// When it answers: at once, or only when ``answerWaiting()`` is called.
    var answersLater = false
    private(set) var waiting: [(RequestToken, [UInt8])] = []

    private(set) var responses: [UInt64: [UInt8]] = [:]
    private(set) var failures: [UInt64: DatagramFailure] = [:]
    private(set) var sessions: [DatagramSessionInfo] = []
    private(set) var moves: [DatagramAddress] = []
    private(set) var closedCount = 0
    private(set) var requests: [[UInt8]] = []
    /// Tokens that got a second outcome.
    private(set) var repeatedOutcomes = 0

    var effects = DatagramEffects()

    init(
        key: IdentityKey, address: DatagramAddress, network: String = "/meshp2p/kad/1.0.0",
        presharedKey: PresharedKey? = nil, configuration: DatagramConfiguration = DatagramConfiguration(),
        using rng: inout SeededGenerator
    ) {
        self.key = key
        self.address = address
        let identity = DatagramIdentity(key, network: network, servesKad: true, using: &rng)
        endpoint = DatagramEndpoint(
            identity: identity, presharedKey: presharedKey,
            resetSecret: SHA256.hash(key.privateKeyProtobuf), configuration: configuration)
    }

    var peer: PeerID { key.peerID }

    /// Forgets everything but the identity key and the address, as a restart does.
    func restart(
        network: String = "/meshp2p/kad/1.0.0",
        configuration: DatagramConfiguration = DatagramConfiguration(),
        using rng: inout SeededGenerator
    ) {
        let identity = DatagramIdentity(key, network: network, servesKad: true, using: &rng)
        endpoint = DatagramEndpoint(
            identity: identity, presharedKey: nil, resetSecret: SHA256.hash(key.privateKeyProtobuf),
            configuration: configuration)
    }

    /// Takes the events out of the effects, answers requests, and gives the datagrams.
    func drain(now: Instant, using rng: inout SeededGenerator) -> [(DatagramAddress, [UInt8])] {
        var index = 0
        while index < effects.events.count {
            take(effects.events[index], now: now, using: &rng)
            index += 1
        }
        let datagrams = effects.datagrams.map { ($0.address, Array(effects.arena[$0.range])) }
        effects.clear()
        return datagrams
    }

    /// Answers what ``answersLater`` kept.
    func answerWaiting(now: Instant, using rng: inout SeededGenerator) {
        for (token, message) in waiting { respond(message, to: token, now: now, using: &rng) }
        waiting = []
    }

    private func take(_ event: DatagramEvent, now: Instant, using rng: inout SeededGenerator) {
        switch event {
        case .request(let range, _, let token):
            let message = Array(effects.arena[range])
            requests.append(message)
            if answersLater {
                waiting.append((token, message))
            } else {
                respond(message, to: token, now: now, using: &rng)
            }
        case .response(let range, _, let token):
            if responses[token.value] != nil || failures[token.value] != nil { repeatedOutcomes += 1 }
            responses[token.value] = Array(effects.arena[range])
        case .failure(let token, _, let failure):
            if responses[token.value] != nil || failures[token.value] != nil { repeatedOutcomes += 1 }
            failures[token.value] = failure
        case .established(let info): sessions.append(info)
        case .moved(_, let address): moves.append(address)
        case .closed: closedCount += 1
        }
    }

    private func respond(
        _ message: [UInt8], to token: RequestToken, now: Instant, using rng: inout SeededGenerator
    ) {
        guard let response = answer(message) else { return }
        endpoint.respond(response.span.bytes, to: token, now: now, using: &rng, into: &effects)
    }
}

/// Datagrams between test nodes under simulated time, with faults, and with every byte counted.
final class DatagramTestNetwork {
    /// What happens to a datagram, in parts of a thousand, and how long it takes.
    struct Faults {
        var lossPerMille = 0
        var duplicatePerMille = 0
        /// Each datagram takes between these.
        var delay: ClosedRange<UInt64> = 10_000_000...10_000_000
    }

    private struct Flight {
        var arrival: Instant
        var sequence: Int
        var source: DatagramAddress
        var destination: DatagramAddress
        var bytes: [UInt8]
    }

    var now = Instant(nanoseconds: 1_000_000_000)
    var rng: SeededGenerator
    var faults = Faults()
    private(set) var nodes: [DatagramTestNode] = []
    private var flights: [Flight] = []
    private var nextSequence = 0
    private var nextToken: UInt64 = 1
    /// Everything that was sent, in order.
    private(set) var log: [(source: DatagramAddress, destination: DatagramAddress, bytes: [UInt8])] = []
    /// Returns false for a datagram that is lost.
    var filter: (_ source: DatagramAddress, _ destination: DatagramAddress, _ bytes: [UInt8]) -> Bool = {
        _, _, _ in true
    }
    /// Where the datagrams of an address seem to come from, and where those to it arrive: a NAT.
    var translations: [DatagramAddress: DatagramAddress] = [:]

    /// What a node has from and gave to an address that has proven nothing to it.
    private struct Balance {
        var received = 0
        var sent = 0
        var isProven = false
    }

    private struct Direction: Hashable {
        var node: DatagramAddress
        var stranger: DatagramAddress
    }

    private var balances: [Direction: Balance] = [:]

    /// Whether some node sent more than three times what it had to an address that had proven nothing.
    ///
    /// An address proves itself with a Completion, Data or a cookie, or is one that the node called first.
    private(set) var isAmplified = false

    private func count(_ bytes: [UInt8], from source: DatagramAddress, to destination: DatagramAddress) {
        var balance = balances[Direction(node: source, stranger: destination)] ?? Balance()
        if balance.received == 0, let type = bytes.first, type == 0x10 || type == 0x16 {
            balance.isProven = true
        }
        balance.sent += bytes.count
        if !balance.isProven, balance.sent > 3 * balance.received { isAmplified = true }
        balances[Direction(node: source, stranger: destination)] = balance
    }

    private func countReceived(
        _ bytes: [UInt8], by node: DatagramAddress, from stranger: DatagramAddress
    ) {
        var balance = balances[Direction(node: node, stranger: stranger)] ?? Balance()
        balance.received += bytes.count
        switch bytes.first {
        case 0x13, 0x14: balance.isProven = true
        case 0x10, 0x16: balance.isProven = balance.isProven || bytes.count > 13 && bytes[12] != 0
        default: break
        }
        balances[Direction(node: node, stranger: stranger)] = balance
    }

    init(seed: UInt64) {
        rng = SeededGenerator(seed: seed)
    }

    deinit {
        #expect(
            !isAmplified, "no address that has proven nothing gets more than three times what came from it")
        for node in nodes { #expect(node.repeatedOutcomes == 0, "every token has one outcome") }
    }

    /// An address of the documentation networks, one prefix each.
    static func address(_ number: Int) -> DatagramAddress {
        DatagramAddress(ip4: 0x0a00_0001 + UInt32(number) << 8, port: UInt16(4000 + number))
    }

    func add(
        _ number: Int, network: String = "/meshp2p/kad/1.0.0", presharedKey: PresharedKey? = nil,
        configuration: DatagramConfiguration = DatagramConfiguration()
    ) -> DatagramTestNode {
        let node = DatagramTestNode(
            key: IdentityKey(using: &rng), address: Self.address(number), network: network,
            presharedKey: presharedKey, configuration: configuration, using: &rng)
        nodes.append(node)
        return node
    }

    func addTwo(
        configuration: DatagramConfiguration = DatagramConfiguration()
    ) -> (
        DatagramTestNode, DatagramTestNode
    ) {
        (add(1, configuration: configuration), add(2, configuration: configuration))
    }

    /// Lets `node` ask `other`; gives the token.
    @discardableResult
    func ask(
        _ node: DatagramTestNode, _ other: DatagramTestNode, _ message: [UInt8] = [1, 2, 3],
        at addresses: [DatagramAddress]? = nil
    ) -> UInt64 {
        let token = nextToken
        nextToken += 1
        node.endpoint.request(
            message.span.bytes, to: other.peer, at: addresses ?? [other.address],
            token: RequestToken(token), now: now, using: &rng, into: &node.effects)
        flush(node)
        return token
    }

    /// Puts what `node` wants to send on the way.
    func flush(_ node: DatagramTestNode) {
        for (destination, bytes) in node.drain(now: now, using: &rng) {
            count(bytes, from: node.address, to: destination)
            launch(bytes, from: translations[node.address] ?? node.address, to: destination)
        }
    }

    /// Puts a datagram on the way, of whoever.
    func launch(_ bytes: [UInt8], from source: DatagramAddress, to destination: DatagramAddress) {
        log.append((source, destination, bytes))
        guard filter(source, destination, bytes) else { return }
        guard Int.random(in: 0..<1000, using: &rng) >= faults.lossPerMille else { return }
        let copies = Int.random(in: 0..<1000, using: &rng) < faults.duplicatePerMille ? 2 : 1
        for _ in 0..<copies {
            let delay = UInt64.random(in: faults.delay, using: &rng)
            nextSequence += 1
            flights.append(
                Flight(
                    arrival: Instant(nanoseconds: now.nanoseconds + delay), sequence: nextSequence,
                    source: source, destination: destination, bytes: bytes))
        }
    }

    /// Runs for `duration`, or until nothing is left to happen before its end.
    func run(for duration: Duration) {
        let end = now + duration
        while step(until: end) {}
        now = end
    }

    /// Runs until `condition` holds, at most for `limit`; whether it held.
    func run(until condition: () -> Bool, limit: Duration = .seconds(20)) -> Bool {
        let end = now + limit
        while !condition() {
            guard step(until: end) else { return condition() }
        }
        return true
    }

    private func step(until end: Instant) -> Bool {
        let flight = flights.indices.min {
            (flights[$0].arrival, flights[$0].sequence) < (flights[$1].arrival, flights[$1].sequence)
        }
        var due: (Instant, DatagramTestNode)?
        for node in nodes {
            if let deadline = node.endpoint.nextDeadline, deadline < due?.0 ?? .distantFuture {
                due = (deadline, node)
            }
        }
        if let flight, flights[flight].arrival <= due?.0 ?? .distantFuture {
            guard flights[flight].arrival <= end else { return false }
            deliver(flights.remove(at: flight))
            return true
        }
        guard let (deadline, node) = due, deadline <= end else { return false }
        now = max(now, deadline)
        node.endpoint.handleDeadline(now: now, using: &rng, into: &node.effects)
        flush(node)
        return true
    }

    private func deliver(_ flight: Flight) {
        now = max(now, flight.arrival)
        guard
            let node = nodes.first(where: {
                (translations[$0.address] ?? $0.address) == flight.destination
            })
        else { return }
        inject(flight.bytes, from: flight.source, into: node)
        flush(node)
    }

    /// Gives a datagram of whoever to `node` at once; what it sends stays in its effects.
    func inject(_ bytes: [UInt8], from source: DatagramAddress, into node: DatagramTestNode) {
        countReceived(bytes, by: node.address, from: source)
        node.endpoint.receive(bytes.span.bytes, from: source, now: now, using: &rng, into: &node.effects)
    }

    /// The datagrams of one type that were sent.
    func sent(_ type: UInt8) -> [(source: DatagramAddress, destination: DatagramAddress, bytes: [UInt8])] {
        log.filter { $0.bytes.first == type }
    }
}
