import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

/// A keeper and registries that answer at once, or not at all.
private struct World {
    var keeper: HeartbeatKeeper
    var registries: [PeerID: RegistryTable] = [:]
    var silent: Set<PeerID> = []
    var now = Instant.seconds(10)
    var events: [HeartbeatKeeperEvent] = []
    var sentCount: [PeerID: Int] = [:]
    private var generator = SeededGenerator(seed: 61)
    private let key: IdentityKey
    static let epoch = UnixTime(seconds: Fixtures.time.seconds - 10)

    init(_ registries: [IdentityKey], key: IdentityKey = Fixtures.key(1), lastSequence: UInt64 = 0) throws {
        self.key = key
        keeper = HeartbeatKeeper(
            key: key, report: HeartbeatReport(memberCount: 1), epoch: Self.epoch, lastSequence: lastSequence)
        for registry in registries { self.registries[registry.peerID] = RegistryTable(epoch: Self.epoch) }
        keeper.setRegistries(registries.map(\.peerID), now: now)
        keeper.setRecord(try Fixtures.signed(key), now: now)
    }

    /// Runs everything that happens until `end`.
    mutating func run(until end: Instant) {
        while let deadline = keeper.nextDeadline, deadline <= end {
            now = max(now, deadline)
            var effects = Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>()
            keeper.handle(.deadline, now: now, using: &generator, into: &effects)
            deliver(effects)
        }
        now = end
    }

    private mutating func deliver(_ effects: Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>) {
        for effect in effects.list {
            switch effect {
            case .event(let event): events.append(event)
            case .request(.heartbeat(let envelope), let registry, let token):
                sentCount[registry, default: 0] += 1
                var answered = Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>()
                if silent.contains(registry) {
                    keeper.handle(
                        .failure(token, from: registry), now: now, using: &generator, into: &answered)
                } else if let response = registries[registry]?.handle(envelope, from: key.peerID, now: now)
                    .response
                {
                    keeper.handle(
                        .response(.response(response), from: registry, token: token), now: now,
                        using: &generator, into: &answered)
                }
                deliver(answered)
            default: Issue.record("unexpected effect")
            }
        }
    }

    func entry(_ registry: IdentityKey) -> RegistryEntry? {
        registries[registry.peerID]?.entry(key.peerID, now: now)
    }
}

struct HeartbeatKeeperTests {
    private let registries = (11...13).map { Fixtures.key(UInt64($0)) }

    @Test func `every registry hears of the mesh at once and then each interval`() throws {
        var world = try World(registries)
        world.run(until: .seconds(10))
        for registry in registries { #expect(world.entry(registry)?.status == .online) }
        world.run(until: .seconds(129))
        for registry in registries { #expect(world.sentCount[registry.peerID] == 4) }
        #expect(!world.events.contains { if case .refused = $0 { true } else { false } })
    }

    @Test func `a registry that is away delays no other, and is tried later and later`() throws {
        var world = try World(registries)
        world.silent = [registries[0].peerID]
        world.run(until: .seconds(1_000))
        #expect(world.sentCount[registries[1].peerID] == 34)
        let attempts = try #require(world.sentCount[registries[0].peerID])
        #expect(attempts >= 7 && attempts <= 10)
        world.silent = []
        world.run(until: .seconds(1_400))
        #expect(world.entry(registries[0])?.status == .online)
        let unreachable = world.events.filter { if case .unreachable = $0 { true } else { false } }
        #expect(unreachable.count == attempts)
    }

    @Test func `a change is told at once`() throws {
        var world = try World(registries)
        world.run(until: .seconds(15))
        world.keeper.setReport(HeartbeatReport(memberCount: 2, botCount: 1), now: world.now)
        world.run(until: .seconds(15))
        for registry in registries {
            #expect(world.entry(registry)?.memberCount == 2)
            #expect(world.entry(registry)?.botCount == 1)
        }
        world.keeper.setReport(HeartbeatReport(memberCount: 2, botCount: 1), now: world.now)
        world.run(until: .seconds(16))
        #expect(world.sentCount[registries[0].peerID] == 2)
    }

    @Test func `changes in quick succession are told without a refusal`() throws {
        var world = try World(registries)
        for count in 0..<20 as Range<UInt64> {
            world.keeper.setReport(HeartbeatReport(memberCount: 100 + count), now: world.now)
            world.run(until: world.now + .milliseconds(100))
        }
        world.run(until: world.now + .seconds(1))
        #expect(world.entry(registries[0])?.memberCount == 119)
        #expect(!world.events.contains { if case .refused = $0 { true } else { false } })
        #expect(try #require(world.sentCount[registries[0].peerID]) <= 6)
    }

    @Test func `a mesh that stops says so everywhere`() throws {
        var world = try World(registries)
        world.run(until: .seconds(20))
        world.keeper.setReport(HeartbeatReport(status: .offline, memberCount: 1), now: world.now)
        world.run(until: .seconds(20))
        for registry in registries { #expect(world.entry(registry)?.status == .offline) }
    }

    @Test func `a mesh that lost its sequence goes on after the registry's`() throws {
        let ahead = (Fixtures.time.seconds + 3_600) * 1_000
        var before = try World(registries, lastSequence: ahead)
        before.run(until: .seconds(10))
        var after = try World(registries)
        after.registries = before.registries
        after.now = .seconds(20)
        after.run(until: .seconds(22))
        let last = after.events.suffix(6)
        #expect(last.contains { if case .taken = $0 { true } else { false } })
        #expect(after.sentCount[registries[0].peerID] == 2)
        #expect(after.entry(registries[0])?.lastSeen == Fixtures.time.adding(seconds: 11))
    }

    @Test func `nothing is sent without a record, to oneself, or to a registry that was dropped`() throws {
        let key = Fixtures.key(1)
        var keeper = HeartbeatKeeper(key: key, report: HeartbeatReport(), epoch: World.epoch)
        keeper.setRegistries([key.peerID, registries[0].peerID, registries[0].peerID], now: .zero)
        #expect(keeper.registries == [registries[0].peerID])
        #expect(keeper.nextDeadline == nil)
        keeper.setRecord(try Fixtures.signed(key), now: .zero)
        #expect(keeper.nextDeadline == .zero)
        keeper.setRegistries([], now: .zero)
        #expect(keeper.nextDeadline == nil)
    }

    @Test func `there are at most 16 registries`() {
        var keeper = HeartbeatKeeper(key: Fixtures.key(1), report: HeartbeatReport(), epoch: World.epoch)
        keeper.setRegistries((100..<120).map { Fixtures.key($0).peerID }, now: .zero)
        #expect(keeper.registries.count == 16)
    }

    @Test func `a change while a heartbeat is under way follows it`() throws {
        let key = Fixtures.key(1)
        var generator = SeededGenerator(seed: 62)
        var keeper = HeartbeatKeeper(key: key, report: HeartbeatReport(), epoch: World.epoch)
        let registry = registries[0].peerID
        keeper.setRegistries([registry], now: .zero)
        keeper.setRecord(try Fixtures.signed(key), now: .zero)
        var effects = Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>()
        keeper.handle(.deadline, now: .zero, using: &generator, into: &effects)
        keeper.setReport(HeartbeatReport(memberCount: 9), now: .zero)
        #expect(keeper.nextDeadline == nil)
        let response = HeartbeatResponse(status: .ok, ttlSeconds: 90, time: Fixtures.time, sequence: 1)
        keeper.handle(
            .response(.response(response), from: registry, token: RequestToken(1)), now: .seconds(1),
            using: &generator, into: &effects)
        #expect(keeper.nextDeadline == .milliseconds(1_500))
    }

    @Test func `a report beyond the limits is told and tried again later, without a loop`() throws {
        var world = try World(registries)
        world.run(until: .seconds(20))
        world.keeper.setReport(HeartbeatReport(memberCount: .max), now: world.now)
        world.run(until: .seconds(21))
        #expect(world.events.contains(.unusable(.badCount(.max))))
        world.keeper.setReport(HeartbeatReport(memberCount: 3), now: world.now)
        world.run(until: .seconds(21))
        #expect(world.entry(registries[0])?.memberCount == 3)
    }

    @Test func `answers that were not asked for are ignored, requests are reset`() {
        var generator = SeededGenerator(seed: 63)
        var keeper = HeartbeatKeeper(key: Fixtures.key(1), report: HeartbeatReport(), epoch: World.epoch)
        var effects = Effects<PeerID, HeartbeatMessage, HeartbeatKeeperEvent>()
        let peer = registries[0].peerID
        let response = HeartbeatResponse(status: .staleSequence, time: Fixtures.time, sequence: 9)
        keeper.handle(
            .response(.response(response), from: peer, token: RequestToken(7)), now: .zero, using: &generator,
            into: &effects)
        keeper.handle(.failure(RequestToken(7), from: peer), now: .zero, using: &generator, into: &effects)
        #expect(effects.list.isEmpty)
        keeper.handle(
            .request(.heartbeat([]), from: peer, token: RequestToken(8)), now: .zero, using: &generator,
            into: &effects)
        #expect(effects.list.count == 1)
    }
}
