import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

/// A keeper and rendezvous points that answer at once, or not at all.
private struct World {
    var keeper: RendezvousKeeper
    var points: [PeerID: RendezvousServer] = [:]
    var silent: Set<PeerID> = []
    /// The points that read only one form, as rust-libp2p and go-libp2p do.
    var onlyForm: [PeerID: PeerRecord.Form] = [:]
    /// Whether a record in the other form leads to a reset stream instead of a status.
    var resets = false
    var now = Instant.seconds(10)
    var events: [RendezvousKeeperEvent] = []
    var sent: [RendezvousMessage] = []
    let key: IdentityKey
    private var generator = SeededGenerator(seed: 71)

    init(
        _ points: [IdentityKey], key: IdentityKey = Fixtures.key(1),
        _ change: (inout RendezvousKeeperConfiguration) -> Void = { _ in }
    ) {
        self.key = key
        var configuration = RendezvousKeeperConfiguration(namespace: "ns")
        change(&configuration)
        keeper = RendezvousKeeper(key: key, configuration: configuration)
        for point in points {
            self.points[point.peerID] = RendezvousServer(cookieSecret: Bytes32(1, 2, 3, 4))
        }
        keeper.setPoints(points.map(\.peerID), now: now)
        keeper.setAddresses([Fixtures.address()], sequence: 1, now: now)
    }

    mutating func run(until end: Instant) {
        var rounds = 0
        while let deadline = keeper.nextDeadline, deadline <= end, rounds < 10_000 {
            rounds += 1
            now = max(now, deadline)
            var effects = Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>()
            keeper.handle(.deadline, now: now, using: &generator, into: &effects)
            deliver(effects)
        }
        #expect(rounds < 10_000)
        now = end
    }

    private mutating func deliver(_ effects: Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>) {
        for effect in effects.list {
            switch effect {
            case .event(let event): events.append(event)
            case .request(let message, let point, let token):
                sent.append(message)
                var answered = Effects<PeerID, RendezvousMessage, RendezvousKeeperEvent>()
                if let answer = answer(to: message, at: point) {
                    keeper.handle(
                        .response(answer, from: point, token: token), now: now, using: &generator,
                        into: &answered)
                } else {
                    keeper.handle(.failure(token, from: point), now: now, using: &generator, into: &answered)
                }
                deliver(answered)
            default: Issue.record("unexpected effect")
            }
        }
    }

    private mutating func answer(to message: RendezvousMessage, at point: PeerID) -> RendezvousMessage? {
        if silent.contains(point) { return nil }
        if case .register(let registration) = message, let form = onlyForm[point] {
            let envelope = try? SignedEnvelope(unverified: registration.signedPeerRecord.span.bytes)
            if envelope?.payloadType != form.payloadType {
                return resets
                    ? nil
                    : .registerResponse(status: .invalidSignedPeerRecord, statusText: "", ttlSeconds: nil)
            }
        }
        let reaction = points[point]?.handle(message, from: key.peerID, now: now).reaction
        guard case .answer(let answer) = reaction else { return nil }
        return answer
    }

    func registered(at point: IdentityKey) -> Bool {
        var server = points[point.peerID]
        let reaction = server?.handle(
            .discover(namespace: "ns", limit: nil, cookie: []), from: key.peerID, now: now)
        guard case .answer(.discoverResponse(let answer)) = reaction?.reaction else { return false }
        let page = try? RendezvousClient.discovered(.discoverResponse(answer), in: "ns")
        return page?.peers.contains { $0.peerID == key.peerID } ?? false
    }

    var discovered: [PeerID] {
        events.flatMap { event in
            if case .discovered(_, let peers) = event { peers.map(\.peerID) } else { [PeerID]() }
        }
    }
}

struct RendezvousKeeperTests {
    private let points = (11...12).map { Fixtures.key(UInt64($0)) }
    private let others = (21...25).map { Fixtures.key(UInt64($0)) }

    private func register(_ keys: [IdentityKey], at point: IdentityKey, in world: inout World) {
        for key in keys {
            let message = RendezvousClient.register(in: "ns", signedPeerRecord: Fixtures.peerRecord(key))
            _ = world.points[point.peerID]?.handle(message, from: key.peerID, now: world.now)
        }
    }

    @Test func `the node is registered at every point and renews before the TTL ends`() {
        var world = World(points) { $0.ttlSeconds = 100 }
        world.run(until: .seconds(10))
        for point in points { #expect(world.registered(at: point)) }
        for second in stride(from: 60, through: 1_000, by: 50) {
            world.run(until: .seconds(UInt64(second)))
            for point in points { #expect(world.registered(at: point), "second \(second)") }
        }
        let renewals = world.sent.count { if case .register = $0 { true } else { false } }
        // At 10 s and then every 75 s up to 960 s.
        #expect(renewals == 2 * 13)
    }

    @Test func `others are told once, and news by the cookie`() {
        var world = World(points)
        register(Array(others.prefix(3)), at: points[0], in: &world)
        world.run(until: .seconds(10))
        #expect(world.discovered == others.prefix(3).map(\.peerID))
        register([others[3]], at: points[0], in: &world)
        world.run(until: .seconds(310))
        #expect(world.discovered == others.prefix(4).map(\.peerID))
        world.run(until: .seconds(2_000))
        #expect(world.discovered.count == 4)
    }

    @Test func `full pages are followed at once`() {
        var world = World(points) { $0.pageSize = 2 }
        register(others, at: points[0], in: &world)
        world.run(until: .seconds(10))
        #expect(world.discovered == others.map(\.peerID))
    }

    @Test func `a point cannot keep the node busy with pages`() {
        var world = World([points[0]]) {
            $0.pageSize = 1
            $0.maximumPages = 3
        }
        register(others, at: points[0], in: &world)
        world.run(until: .seconds(10))
        #expect(world.discovered.count == 3)
        world.run(until: .seconds(310))
        #expect(world.discovered.count == 5)
    }

    @Test func `a point that restarted refuses the cookie and is asked without`() {
        var world = World(points)
        register(Array(others.prefix(2)), at: points[0], in: &world)
        world.run(until: .seconds(10))
        world.points[points[0].peerID] = RendezvousServer(cookieSecret: Bytes32(9, 9, 9, 9))
        register([others[4]], at: points[0], in: &world)
        world.run(until: .seconds(310))
        #expect(world.discovered.last == others[4].peerID)
        #expect(!world.events.contains { if case .refused = $0 { true } else { false } })
    }

    @Test(arguments: PeerRecord.Form.allCases)
    func `a point that reads only one form gets it, at once when it says so`(form: PeerRecord.Form) {
        var world = World([points[0]])
        world.onlyForm = [points[0].peerID: form]
        world.run(until: .seconds(10))
        #expect(world.registered(at: points[0]))
        #expect(!world.events.contains { if case .refused = $0 { true } else { false } })
    }

    @Test(arguments: PeerRecord.Form.allCases)
    func `a point that resets on the other form is tried with it after a wait`(form: PeerRecord.Form) {
        var world = World([points[0]])
        world.onlyForm = [points[0].peerID: form]
        world.resets = true
        world.run(until: .seconds(20))
        #expect(world.registered(at: points[0]))
    }

    @Test func `a point that takes neither form is not asked in a loop`() {
        var world = World([points[0]])
        world.points[points[0].peerID] = RendezvousServer(
            configuration: { () -> RendezvousConfiguration in
                var configuration = RendezvousConfiguration()
                configuration.maximumRecordByteCount = 1
                return configuration
            }(), cookieSecret: .zero)
        world.run(until: .seconds(100))
        let tries = world.sent.count { if case .register = $0 { true } else { false } }
        #expect(tries <= 12)
    }

    @Test func `a point that is away delays no other, and is used when it is back`() {
        var world = World(points)
        world.silent = [points[0].peerID]
        world.run(until: .seconds(100))
        #expect(world.registered(at: points[1]))
        #expect(!world.registered(at: points[0]))
        world.silent = []
        world.run(until: .seconds(300))
        #expect(world.registered(at: points[0]))
    }

    @Test func `new addresses are registered at once`() throws {
        var world = World(points)
        world.run(until: .seconds(20))
        let address = Fixtures.address("/ip4/192.0.2.9/tcp/9")
        world.keeper.setAddresses([address], sequence: 2, now: world.now)
        world.run(until: .seconds(20))
        var server = try #require(world.points[points[0].peerID])
        let reaction = server.handle(
            RendezvousClient.discover(in: "ns"), from: others[0].peerID, now: world.now
        ).reaction
        guard case .answer(let answer) = reaction else {
            Issue.record("no answer")
            return
        }
        let page = try RendezvousClient.discovered(answer, in: "ns")
        #expect(page.peers.map(\.addresses) == [[address]])
    }

    @Test func `without addresses the node discovers and does not register`() {
        var world = World(points)
        world.keeper.setAddresses([], sequence: 2, now: world.now)
        world.run(until: .seconds(1_000))
        #expect(!world.sent.contains { if case .register = $0 { true } else { false } })
        #expect(world.sent.count == 8)
    }

    @Test func `a point that was dropped is left alone`() {
        var world = World(points)
        world.keeper.setPoints([], now: world.now)
        #expect(world.keeper.nextDeadline == nil)
        world.keeper.setPoints([world.key.peerID], now: world.now)
        #expect(world.keeper.nextDeadline == nil)
    }
}
