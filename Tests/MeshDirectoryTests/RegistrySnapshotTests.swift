import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct RegistrySnapshotTests {
    private let keys = (1...3).map { Fixtures.key(UInt64($0)) }

    /// A table after a restart so many seconds later, whose monotonic clock starts anew.
    private func restarted(
        _ registry: Registry, after seconds: UInt64, entries: [RegistrySnapshotEntry]? = nil
    ) -> (table: RegistryTable, count: Int) {
        var table = RegistryTable(
            configuration: registry.table.configuration, epoch: registry.time.adding(seconds: seconds))
        let count = table.restore(entries ?? registry.table.snapshot, now: .zero)
        return (table, count)
    }

    @Test func `a table survives a restart with its statuses, times and sequences`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0], name: "Early", interval: 10)
        _ = registry.wait(20)
        _ = try registry.send(keys[1], name: "Late", status: .degraded, members: 7, interval: 30)
        var (table, count) = restarted(registry, after: 5)
        #expect(count == 2)
        #expect(table.listing(RegistryQuery(), now: .zero).entries.map(\.status) == [.online, .degraded])
        #expect(table.nextDeadline == .seconds(5))
        #expect(table.handleDeadline(now: .seconds(5)).map(\.text) == ["online>offline"])
        #expect(table.entry(keys[0].peerID, now: .zero)?.lastSeen == Fixtures.time)
        #expect(table.entry(keys[1].peerID, now: .zero)?.lastSeen == Fixtures.time.adding(seconds: 20))
        let replay = try #require(registry.table.snapshot.first { $0.peer == keys[1].peerID }).heartbeat
        #expect(
            table.handle(replay, from: keys[1].peerID, now: .seconds(6)).response.status == .staleSequence)
        #expect(table.snapshot == registry.table.snapshot)
    }

    @Test func `what was silent too long is restored offline, or not at all`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0])
        #expect(restarted(registry, after: 100).table.entry(keys[0].peerID, now: .zero)?.status == .offline)
        #expect(restarted(registry, after: 86_399).count == 1)
        #expect(restarted(registry, after: 86_399).table.nextDeadline == .seconds(1))
        #expect(restarted(registry, after: 86_400).count == 0)
    }

    @Test func `entries that are damaged or of another peer are left out`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0])
        var entries = registry.table.snapshot
        entries[0].peer = keys[1].peerID
        #expect(restarted(registry, after: 0, entries: entries).count == 0)
        entries = registry.table.snapshot
        entries[0].heartbeat[40] ^= 1
        #expect(restarted(registry, after: 0, entries: entries).count == 0)
        entries[0].heartbeat = []
        #expect(restarted(registry, after: 0, entries: entries).count == 0)
    }

    @Test func `a time in the future counts as now, and one at the end of time traps nothing`() throws {
        var registry = Registry()
        _ = try registry.send(keys[0])
        for seconds in [registry.time.seconds + 1_000, .max] {
            var entries = registry.table.snapshot
            entries[0].lastSeen = UnixTime(seconds: seconds)
            let table = restarted(registry, after: 0, entries: entries).table
            #expect(table.entry(keys[0].peerID, now: .zero)?.lastSeen == registry.time)
        }
    }

    @Test func `the newest entries are restored when not all fit`() throws {
        var registry = Registry()
        for key in keys {
            _ = try registry.send(key)
            _ = registry.wait(1)
        }
        var configuration = RegistryConfiguration()
        configuration.maximumEntries = 2
        var table = RegistryTable(configuration: configuration, epoch: registry.time)
        #expect(table.restore(registry.table.snapshot, now: .zero) == 2)
        #expect(table.entry(keys[0].peerID, now: .zero) == nil)
    }

    @Test func `the snapshot is ordered and the same for the same table`() throws {
        var registry = Registry()
        for key in keys { _ = try registry.send(key) }
        #expect(registry.table.snapshot.map(\.peer) == keys.map(\.peerID).sorted())
    }

    @Test func `what an accepted heartbeat reports is what the snapshot has`() throws {
        var registry = Registry()
        let events = try registry.send(keys[0]).events
        #expect(events.first == .accepted(try #require(registry.table.snapshot.first)))
    }
}
