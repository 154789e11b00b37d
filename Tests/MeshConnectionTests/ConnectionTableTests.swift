import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

/// A table with a clock and its last actions.
private struct TableEnd {
    var table: ConnectionTable
    var now = Instant(nanoseconds: 1_000_000_000)
    var actions: [ConnectionAction] = []

    init(_ local: PeerID, _ limits: ConnectionLimits = ConnectionLimits()) {
        table = ConnectionTable(localPeer: local, limits: limits)
    }

    mutating func add(_ id: UInt64, _ role: ConnectionRole) throws {
        actions = []
        try table.add(ConnectionID(id), role: role, now: now, into: &actions)
    }

    mutating func establish(_ id: UInt64, with peer: PeerID) throws {
        actions = []
        try table.establish(ConnectionID(id), with: peer, now: now, into: &actions)
    }

    mutating func connect(_ id: UInt64, _ role: ConnectionRole, with peer: PeerID) throws {
        try add(id, role)
        try establish(id, with: peer)
    }

    mutating func setStreams(_ count: Int, _ id: UInt64) {
        actions = []
        table.setStreamCount(count, of: ConnectionID(id), now: now, into: &actions)
    }

    mutating func remove(_ id: UInt64) {
        actions = []
        table.remove(ConnectionID(id), now: now, into: &actions)
    }

    mutating func wait(_ duration: Duration) {
        actions = []
        now = now + duration
        table.handleDeadline(now: now, into: &actions)
    }

    mutating func prune() {
        actions = []
        table.pruneIdle(now: now, into: &actions)
    }
}

private func id(_ value: UInt64) -> ConnectionID { ConnectionID(value) }

@Suite struct ConnectionTableTests {
    /// Peers in the order of their ids.
    static let peers = (0..<40 as Range<UInt64>).map { PublicKey(ed25519: Bytes32($0, 1, 1, 1)).peerID }
        .sorted()

    @Test func `both sides of two crossing dials drain the one of the larger id`() throws {
        let (small, large) = (Self.peers[0], Self.peers[1])
        // Connection 1 was dialed by the smaller id, connection 2 by the larger; both orders of
        // establishment.
        for order: [UInt64] in [[1, 2], [2, 1]] {
            for (local, remote) in [(small, large), (large, small)] {
                var end = TableEnd(local)
                for number in order {
                    let isOurs = (number == 1) == (local == small)
                    try end.connect(number, isOurs ? .dialer : .listener, with: remote)
                }
                #expect(end.actions == [.drain(id(2))])
                #expect(end.table.activeConnections(with: remote) == [id(1)])
                #expect(end.table.preferredConnection(with: remote) == id(1))
                end.wait(.milliseconds(999))
                #expect(end.actions == [])
                end.wait(.milliseconds(1))
                #expect(end.actions == [.close(id(2), .supplanted)])
                #expect(end.table.connectionCount == 1)
            }
        }
    }

    @Test func `a duplicate is kept until its streams end`() throws {
        var end = TableEnd(Self.peers[0])
        try end.connect(1, .listener, with: Self.peers[1])
        end.setStreams(2, 1)
        try end.connect(2, .dialer, with: Self.peers[1])
        #expect(end.actions == [.drain(id(1))])
        end.wait(.seconds(10))
        #expect(end.actions == [])
        end.setStreams(1, 1)
        #expect(end.actions == [])
        end.setStreams(0, 1)
        #expect(end.actions == [.close(id(1), .supplanted)])
        #expect(end.table.nextDeadline == nil)
    }

    @Test func `a duplicate is not pruned as idle`() throws {
        var end = TableEnd(Self.peers[0])
        try end.connect(1, .listener, with: Self.peers[1])
        try end.connect(2, .dialer, with: Self.peers[1])
        #expect(end.table.idleConnections(now: end.now) == [id(2)])
    }

    @Test func `a duplicate that does not drain is closed at its time`() throws {
        var end = TableEnd(Self.peers[0])
        try end.connect(1, .listener, with: Self.peers[1])
        end.setStreams(2, 1)
        try end.connect(2, .dialer, with: Self.peers[1])
        #expect(end.table.nextDeadline == end.now + .seconds(30))
        end.wait(.seconds(30))
        #expect(end.actions == [.close(id(1), .drainTimedOut)])
    }

    @Test func `a duplicate is used again when the preferred connection goes`() throws {
        var end = TableEnd(Self.peers[0])
        try end.connect(1, .listener, with: Self.peers[1])
        try end.connect(2, .dialer, with: Self.peers[1])
        end.remove(2)
        #expect(end.actions == [.resume(id(1))])
        #expect(end.table.preferredConnection(with: Self.peers[1]) == id(1))
        end.wait(.seconds(60))
        #expect(end.actions == [])
    }

    @Test func `of two dials of one side that side drains the older and the other keeps both`() throws {
        for local in [0, 2] {
            var dialer = TableEnd(Self.peers[local])
            try dialer.connect(1, .dialer, with: Self.peers[1])
            try dialer.connect(2, .dialer, with: Self.peers[1])
            #expect(dialer.actions == [.drain(id(1))])
            var listener = TableEnd(Self.peers[local])
            try listener.connect(1, .listener, with: Self.peers[1])
            try listener.connect(2, .listener, with: Self.peers[1])
            #expect(listener.actions == [])
            #expect(listener.table.activeConnections(with: Self.peers[1]) == [id(1), id(2)])
        }
    }

    @Test func `the number of connections with one peer is limited`() throws {
        var limits = ConnectionLimits()
        limits.maximumConnectionsPerPeer = 2
        var end = TableEnd(Self.peers[0], limits)
        try end.connect(1, .listener, with: Self.peers[1])
        try end.connect(2, .listener, with: Self.peers[1])
        try end.add(3, .listener)
        #expect(throws: ConnectionLimitError.tooManyConnectionsToPeer(limit: 2)) {
            try end.establish(3, with: Self.peers[1])
        }
        #expect(end.table.connectionCount == 2)
        #expect(end.table.handshakeCount == 0)
        try end.connect(4, .listener, with: Self.peers[2])
    }

    @Test func `a full table closes the connection that is idle longest, protected ones never`() throws {
        var limits = ConnectionLimits()
        limits.maximumConnections = 4
        var end = TableEnd(Self.peers[0], limits)
        for number in 1...4 {
            try end.connect(UInt64(number), .dialer, with: Self.peers[number])
            end.wait(.seconds(1))
        }
        end.table.setProtected(true, Self.peers[1])
        end.setStreams(1, 2)
        try end.connect(5, .dialer, with: Self.peers[5])
        #expect(end.actions == [.close(id(3), .idle)])
        for number: UInt64 in [4, 5] { end.setStreams(1, number) }
        try end.add(6, .dialer)
        #expect(throws: ConnectionLimitError.tooManyConnections(limit: 4)) {
            try end.establish(6, with: Self.peers[6])
        }
        end.table.setProtected(false, Self.peers[1])
        try end.connect(7, .dialer, with: Self.peers[7])
        #expect(end.actions == [.close(id(1), .idle)])
        #expect(end.table.connectedPeers == [Self.peers[2], Self.peers[4], Self.peers[5], Self.peers[7]])
    }

    @Test func `inbound connections have a limit of their own`() throws {
        var limits = ConnectionLimits()
        limits.maximumInboundConnections = 2
        var end = TableEnd(Self.peers[0], limits)
        try end.connect(1, .dialer, with: Self.peers[1])
        for number in 2...3 {
            try end.connect(UInt64(number), .listener, with: Self.peers[number])
            end.setStreams(1, UInt64(number))
        }
        try end.add(4, .listener)
        #expect(throws: ConnectionLimitError.tooManyInboundConnections(limit: 2)) {
            try end.establish(4, with: Self.peers[4])
        }
        try end.connect(5, .dialer, with: Self.peers[5])
        end.setStreams(0, 2)
        try end.connect(6, .listener, with: Self.peers[6])
        #expect(end.actions == [.close(id(2), .idle)])
    }

    @Test func `the oldest inbound handshake gives way once it had its time`() throws {
        var limits = ConnectionLimits()
        limits.maximumInboundHandshakes = 2
        var end = TableEnd(Self.peers[0], limits)
        try end.add(1, .listener)
        end.wait(.milliseconds(500))
        try end.add(2, .listener)
        #expect(throws: ConnectionLimitError.tooManyInboundHandshakes(limit: 2)) { try end.add(3, .listener) }
        try end.add(4, .dialer)
        end.wait(.milliseconds(500))
        try end.add(5, .listener)
        #expect(end.actions == [.close(id(1), .handshakeTooSlow)])
        #expect(end.table.handshakeCount == 2)
        #expect(throws: ConnectionLimitError.misused) { try end.establish(1, with: Self.peers[1]) }
        try end.establish(2, with: Self.peers[1])
        #expect(end.table.handshakeCount == 1)
    }

    @Test func `pruning closes long-idle connections down to the threshold, oldest first`() throws {
        var limits = ConnectionLimits()
        limits.idlePruningThreshold = 3
        var end = TableEnd(Self.peers[0], limits)
        for number in 1...6 {
            try end.connect(UInt64(number), .dialer, with: Self.peers[number])
            end.wait(.seconds(10))
        }
        end.table.setProtected(true, Self.peers[2])
        end.prune()
        #expect(end.actions == [.close(id(1), .idle)])
        end.wait(.seconds(600))
        #expect(end.table.idleConnections(now: end.now) == [id(3), id(4), id(5), id(6)])
        end.prune()
        #expect(end.actions == [.close(id(3), .idle), .close(id(4), .idle)])
        end.prune()
        #expect(end.actions == [])
    }

    @Test func `calls in the wrong state are refused`() throws {
        var end = TableEnd(Self.peers[0])
        try end.connect(1, .dialer, with: Self.peers[1])
        #expect(throws: ConnectionLimitError.misused) { try end.add(1, .dialer) }
        #expect(throws: ConnectionLimitError.misused) { try end.establish(1, with: Self.peers[1]) }
        #expect(throws: ConnectionLimitError.misused) { try end.establish(9, with: Self.peers[1]) }
        end.remove(9)
        end.setStreams(1, 9)
        #expect(end.actions == [])
    }

    @Test func `the counts agree with the entries, whatever happens`() throws {
        var limits = ConnectionLimits()
        limits.maximumConnections = 12
        limits.maximumInboundConnections = 8
        limits.maximumInboundHandshakes = 5
        limits.maximumConnectionsPerPeer = 3
        limits.idlePruningThreshold = 6
        for seed in 0..<40 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var end = TableEnd(Self.peers[20], limits)
            for step in 0..<300 as Range<UInt64> {
                let known = UInt64.random(in: 0...step, using: &generator)
                let peer = Self.peers[Int.random(in: 0..<12, using: &generator)]
                switch Int.random(in: 0..<10, using: &generator) {
                case 0...3: try? end.add(step, Bool.random(using: &generator) ? .dialer : .listener)
                case 4...6: try? end.establish(known, with: peer)
                case 7: end.setStreams(Int.random(in: 0..<2, using: &generator), known)
                case 8: end.remove(known)
                default:
                    end.wait(.milliseconds(Int.random(in: 0..<40_000, using: &generator)))
                    end.prune()
                }
                check(end.table, limits, seed: seed)
            }
        }
    }

    private func check(_ table: ConnectionTable, _ limits: ConnectionLimits, seed: UInt64) {
        let established = table.entries.filter { $0.value.peer != nil }
        let listening = table.entries.filter { $0.value.role == .listener }
        #expect(table.connectionCount == established.count, "seed \(seed)")
        #expect(
            table.establishedInboundCount == listening.filter { $0.value.peer != nil }.count, "seed \(seed)")
        #expect(table.handshakeCount == listening.filter { $0.value.peer == nil }.count, "seed \(seed)")
        #expect(table.connectionCount <= limits.maximumConnections, "seed \(seed)")
        #expect(table.establishedInboundCount <= limits.maximumInboundConnections, "seed \(seed)")
        #expect(table.handshakeCount <= limits.maximumInboundHandshakes, "seed \(seed)")
        #expect(table.byPeer.values.reduce(0) { $0 + $1.count } == established.count, "seed \(seed)")
        for peer in table.connectedPeers {
            #expect(!table.activeConnections(with: peer).isEmpty, "seed \(seed)")
            #expect(table.byPeer[peer, default: []].count <= limits.maximumConnectionsPerPeer, "seed \(seed)")
        }
    }
}
