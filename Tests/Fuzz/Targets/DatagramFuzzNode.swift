import MeshConnection
import MeshCore
import MeshCrypto
import MeshMultiformats

/// A datagram endpoint under the fuzzer, with what it must never do checked at every step.
final class DatagramFuzzNode {
    let peer: PeerID
    var endpoint: DatagramEndpoint
    var effects = DatagramEffects()
    /// Requests that wait for an answer.
    var tokens: [RequestToken] = []
    /// How many outcomes each request of ours had.
    private var outcomes: [UInt64: Int] = [:]
    private var nextToken: UInt64 = 1
    /// Bytes from and to addresses that have proven nothing.
    private var received: [DatagramAddress: Int] = [:]
    private var sent: [DatagramAddress: Int] = [:]
    /// Addresses that proved themselves, or that the endpoint was told to call.
    var proven: Set<DatagramAddress> = []

    init(_ key: IdentityKey, using rng: inout SeededGenerator) {
        peer = key.peerID
        let identity = DatagramIdentity(key, network: Self.network, servesKad: true, using: &rng)
        var configuration = DatagramConfiguration()
        configuration.maximumSessionCount = 4
        configuration.maximumAnsweringCount = 4
        configuration.cookieThreshold = 2
        endpoint = DatagramEndpoint(
            identity: identity, presharedKey: nil, resetSecret: SHA256.hash(key.privateKeyProtobuf),
            configuration: configuration)
    }

    static let network = "/fuzz/kad/1.0.0"

    static func address(_ number: UInt8) -> DatagramAddress {
        DatagramAddress(ip4: 0x0a00_0001 | UInt32(number & 3) << 16, port: 4000 + UInt16(number & 3))
    }

    func receive(
        _ bytes: [UInt8], from address: DatagramAddress, now: Instant, using rng: inout SeededGenerator
    ) throws -> [(DatagramAddress, [UInt8])] {
        received[address, default: 0] += bytes.count
        endpoint.receive(bytes.span.bytes, from: address, now: now, using: &rng, into: &effects)
        return try drain()
    }

    func request(
        _ message: [UInt8], to peer: PeerID, at addresses: [DatagramAddress], now: Instant,
        using rng: inout SeededGenerator
    ) throws -> [(DatagramAddress, [UInt8])] {
        let token = nextToken
        nextToken += 1
        outcomes[token] = 0
        proven.formUnion(addresses)
        endpoint.request(
            message.span.bytes, to: peer, at: addresses, token: RequestToken(token), now: now, using: &rng,
            into: &effects)
        return try drain()
    }

    func respond(
        byteCount: Int, now: Instant, using rng: inout SeededGenerator
    ) throws -> [(DatagramAddress, [UInt8])] {
        guard let token = tokens.popLast() else { return [] }
        let message = [UInt8](repeating: 7, count: byteCount)
        endpoint.respond(message.span.bytes, to: token, now: now, using: &rng, into: &effects)
        return try drain()
    }

    func advance(now: Instant, using rng: inout SeededGenerator) throws -> [(DatagramAddress, [UInt8])] {
        endpoint.handleDeadline(now: now, using: &rng, into: &effects)
        return try drain()
    }

    func close() throws -> [(DatagramAddress, [UInt8])] {
        endpoint.closeAll(into: &effects)
        let datagrams = try drain()
        let left = endpoint.sessionCount + endpoint.handshakeCount + endpoint.requestCount
        try promise(left == 0, "closing leaves nothing")
        try promise(outcomes.values.allSatisfy { $0 == 1 }, "every request has an outcome in the end")
        return datagrams
    }

    private func drain() throws -> [(DatagramAddress, [UInt8])] {
        for event in effects.events {
            switch event {
            case .request(let range, _, let token):
                try promise(isInside(range), "a request lies in the arena")
                tokens.append(token)
            case .response(let range, _, let token):
                try promise(isInside(range), "a response lies in the arena")
                try count(token)
            case .failure(let token, _, _): try count(token)
            case .moved(_, let address): proven.insert(address)
            case .established(let info):
                try promise(info.network == Self.network, "a session is of the own network")
            case .closed: break
            }
        }
        var datagrams: [(DatagramAddress, [UInt8])] = []
        for datagram in effects.datagrams {
            try promise(isInside(datagram.range), "a datagram lies in the arena")
            try promise(datagram.range.count <= 1200, "a datagram has at most 1,200 bytes")
            sent[datagram.address, default: 0] += datagram.range.count
            let isBounded = sent[datagram.address, default: 0] <= 3 * received[datagram.address, default: 0]
            try promise(isBounded || proven.contains(datagram.address), "no address gets more than thrice")
            datagrams.append((datagram.address, Array(effects.arena[datagram.range])))
        }
        effects.clear()
        try promise(endpoint.sessionCount <= 4, "sessions are bounded")
        try promise(endpoint.handshakeCount <= 4 + 4, "handshakes are bounded")
        return datagrams
    }

    private func isInside(_ range: Range<Int>) -> Bool {
        !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= effects.arena.count
    }

    private func count(_ token: RequestToken) throws {
        let outcome = outcomes[token.value, default: 1]
        try promise(outcome == 0, "a request has one outcome")
        outcomes[token.value] = outcome + 1
    }
}
