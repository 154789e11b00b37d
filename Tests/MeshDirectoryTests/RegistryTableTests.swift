import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

/// A registry under test, with the shortest way to send it heartbeats.
struct Registry {
    var table: RegistryTable
    var now = Instant.seconds(1_000)
    private var sequence: UInt64 = 100

    init(_ change: (inout RegistryConfiguration) -> Void = { _ in }) {
        var configuration = RegistryConfiguration()
        change(&configuration)
        table = RegistryTable(
            configuration: configuration, epoch: UnixTime(seconds: Fixtures.time.seconds - 1_000))
    }

    /// The registry's clock.
    var time: UnixTime { table.unixTime(now) }

    mutating func send(
        _ key: IdentityKey, name: String = "Harbour Mesh", capabilities: [String] = ["text"],
        status: MeshStatus = .online, members: UInt64 = 1, bots: UInt64 = 0, isPublic: Bool = true,
        interval: UInt64 = 30
    ) throws -> (response: HeartbeatResponse, events: [RegistryEvent]) {
        sequence += 1
        let envelope = try Fixtures.heartbeat(
            key, name: name, capabilities: capabilities, status: status, members: members, bots: bots,
            isPublic: isPublic, interval: interval, sequence: sequence, issued: time)
        return table.handle(envelope, from: key.peerID, now: now)
    }

    mutating func wait(_ seconds: Int64) -> [RegistryEvent] {
        now = now + .seconds(seconds)
        return table.handleDeadline(now: now)
    }

    func status(_ key: IdentityKey) -> MeshStatus? { table.entry(key.peerID, now: now)?.status }

    func names(_ query: RegistryQuery = RegistryQuery()) -> [String] {
        table.listing(query, now: now).entries.map(\.name.text)
    }
}

extension RegistryEvent {
    /// The event without the bytes to keep.
    var text: String {
        switch self {
        case .accepted: "accepted"
        case .statusChanged(_, let from, let to): "\(from?.name ?? "new")>\(to.name)"
        case .forgotten: "forgotten"
        }
    }
}

struct RegistryTableTests {
    private let keys = (1...5).map { Fixtures.key(UInt64($0)) }

    @Test func `a heartbeat is answered with its TTL and the clock`() throws {
        var registry = Registry()
        let (response, events) = try registry.send(keys[0], interval: 10)
        #expect(response.status == .ok)
        #expect(response.ttlSeconds == 30)
        #expect(response.time == Fixtures.time)
        #expect(response.sequence == 101)
        #expect(events.map(\.text) == ["accepted", "new>online"])
    }

    @Test func `a mesh is online for three intervals and offline at their end`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], interval: 30)
        #expect(registry.table.nextDeadline == registry.now + .seconds(90))
        #expect(registry.wait(89).isEmpty)
        #expect(registry.status(keys[0]) == .online)
        #expect(registry.wait(1).map(\.text) == ["online>offline"])
        #expect(registry.status(keys[0]) == .offline)
        #expect(try registry.send(keys[0]).events.map(\.text) == ["accepted", "offline>online"])
    }

    @Test func `the listing shows offline though nobody reported the deadline`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], interval: 1)
        registry.now = registry.now + .seconds(3)
        #expect(
            registry.table.listing(RegistryQuery(), now: registry.now).entries.map(\.status) == [.offline])
    }

    @Test func `what a mesh says of itself is shown`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], status: .degraded)
        #expect(registry.status(keys[0]) == .degraded)
        _ = registry.wait(1)
        #expect(
            try registry.send(keys[0], status: .offline).events.map(\.text) == [
                "accepted", "degraded>offline",
            ])
        #expect(registry.status(keys[0]) == .offline)
        _ = registry.wait(1)
        #expect(try registry.send(keys[0]).events.map(\.text) == ["accepted", "offline>online"])
        #expect(registry.wait(89).isEmpty)
    }

    @Test func `counts are those of the last heartbeat`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], members: 4, bots: 1)
        _ = registry.wait(1)
        _ = try registry.send(keys[0], members: 5, bots: 2)
        let entry = registry.table.entry(keys[0].peerID, now: registry.now)
        #expect(entry?.memberCount == 5)
        #expect(entry?.botCount == 2)
    }

    @Test func `a mesh is forgotten 24 hours after its last heartbeat`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0])
        _ = registry.wait(86_399)
        #expect(registry.table.count == 1)
        #expect(registry.wait(1) == [.forgotten(keys[0].peerID)])
        #expect(registry.table.count == 0)
        #expect(registry.table.nextDeadline == nil)
        #expect(registry.table.byteCount == 0)
    }

    @Test func `a replay and an older sequence are refused and change nothing`() throws {
        var registry = Registry()
        let key = keys[0]
        let first = try Fixtures.heartbeat(key, members: 1, sequence: 10)
        let second = try Fixtures.heartbeat(key, members: 2, sequence: 11)
        #expect(registry.table.handle(second, from: key.peerID, now: registry.now).response.status == .ok)
        for replay in [first, second] {
            _ = registry.wait(1)
            let (response, events) = registry.table.handle(replay, from: key.peerID, now: registry.now)
            #expect(response.status == .staleSequence)
            #expect(response.sequence == 11)
            #expect(events.isEmpty)
        }
        #expect(registry.table.entry(key.peerID, now: registry.now)?.memberCount == 2)
        #expect(registry.table.entry(key.peerID, now: registry.now)?.lastSeen == Fixtures.time)
    }

    @Test func `an older public heartbeat cannot make a private mesh public again`() throws {
        var registry = Registry()
        let key = keys[0]
        let open = try Fixtures.heartbeat(key, isPublic: true, sequence: 10)
        let hidden = try Fixtures.heartbeat(key, isPublic: false, sequence: 11)
        _ = registry.table.handle(open, from: key.peerID, now: registry.now)
        #expect(registry.names() == ["Harbour Mesh"])
        _ = registry.wait(1)
        _ = registry.table.handle(hidden, from: key.peerID, now: registry.now)
        #expect(registry.names() == [])
        _ = registry.wait(1)
        #expect(
            registry.table.handle(open, from: key.peerID, now: registry.now).response.status == .staleSequence
        )
        #expect(registry.names() == [])
    }

    @Test func `after a mesh is forgotten its last heartbeat cannot be replayed`() throws {
        var registry = Registry()
        let key = keys[0]
        let last = try Fixtures.heartbeat(key, sequence: 10)
        _ = registry.table.handle(last, from: key.peerID, now: registry.now)
        _ = registry.wait(86_400)
        #expect(
            registry.table.handle(last, from: key.peerID, now: registry.now).response.status == .clockSkew)
    }

    @Test func `an older mesh record is refused, the same one is not`() throws {
        var registry = Registry()
        let key = keys[0]
        let beats = try [(8, 1), (8, 2), (7, 3), (9, 4)].map { record, sequence in
            try Fixtures.heartbeat(key, recordSequence: record, sequence: sequence)
        }
        let statuses = beats.map { beat in
            _ = registry.wait(1)
            return registry.table.handle(beat, from: key.peerID, now: registry.now).response.status
        }
        #expect(statuses == [.ok, .ok, .staleRecord, .ok])
    }

    @Test func `heartbeats closer than a quarter of a second are refused`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0])
        registry.now = registry.now + .milliseconds(249)
        #expect(try registry.send(keys[0]).response.status == .tooSoon)
        #expect(try registry.send(keys[1]).response.status == .ok)
        registry.now = registry.now + .milliseconds(1)
        #expect(try registry.send(keys[0]).response.status == .ok)
    }

    @Test func `a refused heartbeat does not delay the next`() throws {
        var registry = Registry()
        let other = try Fixtures.heartbeat(keys[1], sequence: 1)
        #expect(
            registry.table.handle(other, from: keys[0].peerID, now: registry.now).response.status
                == .notAuthorized)
        #expect(
            registry.table.handle([], from: keys[0].peerID, now: registry.now).response.status == .malformed)
        #expect(try registry.send(keys[0]).response.status == .ok)
    }

    @Test func `a full table forgets the longest offline, and refuses when all are there`() throws {
        var registry = Registry { $0.maximumEntries = 3 }
        for key in keys.prefix(3) {
            _ = try registry.send(key, interval: 10)
            _ = registry.wait(1)
        }
        #expect(try registry.send(keys[3]).response.status == .unavailable)
        #expect(registry.table.count == 3)
        _ = registry.wait(20)
        #expect(try registry.send(keys[0]).response.status == .ok)
        _ = registry.wait(10)
        let (response, events) = try registry.send(keys[3])
        #expect(response.status == .ok)
        #expect(events.first == .forgotten(keys[1].peerID))
        #expect(registry.table.count == 3)
        #expect(registry.status(keys[2]) == .offline)
        #expect(registry.status(keys[0]) == .online)
    }

    @Test func `a full table still takes the heartbeats of its own meshes`() throws {
        var registry = Registry { $0.maximumEntries = 1 }
        _ = try registry.send(keys[0])
        _ = registry.wait(1)
        #expect(try registry.send(keys[0]).response.status == .ok)
        _ = registry.wait(1_000)
        #expect(try registry.send(keys[0]).response.status == .ok)
    }

    @Test func `the bytes that are kept are limited`() throws {
        let one = try Fixtures.heartbeat(keys[0], capabilities: ["text"], sequence: 100).count
        var registry = Registry { $0.maximumTotalByteCount = one * 2 + 20 }
        _ = try registry.send(keys[0])
        _ = try registry.send(keys[1])
        #expect(try registry.send(keys[2]).response.status == .unavailable)
        #expect(registry.table.byteCount <= one * 2 + 20)
        _ = registry.wait(1)
        #expect(try registry.send(keys[0]).response.status == .ok)
    }

    @Test func `random work keeps the table within its limits and its deadlines true`() throws {
        let seed: UInt64 = 41
        var generator = SeededGenerator(seed: seed)
        var registry = Registry { $0.maximumEntries = 3 }
        for round in 0..<400 {
            let events = registry.wait(Int64.random(in: 0...40, using: &generator))
            #expect(!events.contains { $0.text == "accepted" })
            let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
            let interval = UInt64.random(in: 1...20, using: &generator)
            _ = try registry.send(key, isPublic: Bool.random(using: &generator), interval: interval)
            #expect(registry.table.count <= 3, "seed \(seed), round \(round)")
            let kept = registry.table.snapshot.reduce(0) { $0 + $1.heartbeat.count }
            #expect(registry.table.byteCount == kept, "seed \(seed), round \(round)")
            if let deadline = registry.table.nextDeadline { #expect(deadline > registry.now) }
        }
    }

    @Test func `as a machine it reports what to keep before it answers`() throws {
        var registry = Registry()
        var generator = SeededGenerator(seed: 1)
        var effects = Effects<PeerID, HeartbeatMessage, RegistryEvent>()
        let beat = try Fixtures.heartbeat(keys[0], sequence: 1)
        registry.table.handle(
            .request(.heartbeat(beat), from: keys[0].peerID, token: RequestToken(1)), now: registry.now,
            using: &generator, into: &effects)
        registry.table.handle(
            .deadline, now: registry.now + .seconds(90), using: &generator, into: &effects)
        let text = effects.list.map { effect in
            switch effect {
            case .respond(.some(.response(let response)), _, _): "\(response.status)"
            case .event(let event): event.text
            default: "?"
            }
        }
        #expect(text == ["accepted", "new>online", "OK", "online>offline"])
    }
}
