import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct DialRankingTests {
    static let ids = (0..<3 as Range<UInt64>).map { PublicKey(ed25519: Bytes32($0, 9, 9, 9)).peerID }

    static func order(_ addresses: [String], local: [String] = []) throws -> [String] {
        let ranker = AddressRanker(localAddresses: try local.map { try Multiaddr($0) })
        return ranker.rank(try addresses.map { try Multiaddr($0) }).map(\.address.description)
    }

    @Test func `near comes before the Internet, relays come last, and IPv6 leads`() throws {
        let relayed = "/ip4/8.8.8.8/tcp/1/p2p/\(Self.ids[0])/p2p-circuit"
        let expected = [
            "/ip6/::1/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip4/192.168.1.2/tcp/1", "/ip6/2600::1/tcp/1",
            "/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.5/tcp/1", "/dns/example.com/tcp/1", relayed,
        ]
        let given = [
            relayed, "/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.5/tcp/1", "/dns/example.com/tcp/1",
            "/ip4/127.0.0.1/tcp/1", "/ip6/2600::1/tcp/1", "/ip6/::1/tcp/1", "/ip4/192.168.1.2/tcp/1",
        ]
        #expect(try Self.order(given) == expected)
    }

    @Test func `the families alternate`() throws {
        let expected = [
            "/ip6/2600::1/tcp/1", "/ip4/1.2.3.4/tcp/1", "/ip6/2600::2/tcp/1", "/ip4/1.2.3.5/tcp/1",
            "/ip6/2600::3/tcp/1", "/dns6/a.b/tcp/1",
        ]
        let given = [
            "/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.5/tcp/1", "/ip6/2600::1/tcp/1", "/ip6/2600::2/tcp/1",
            "/ip6/2600::3/tcp/1", "/dns6/a.b/tcp/1",
        ]
        #expect(try Self.order(given) == expected)
    }

    @Test func `private addresses of other networks come after the Internet`() throws {
        let given = [
            "/ip4/10.1.2.3/tcp/1", "/ip4/1.2.3.4/tcp/1", "/ip4/192.168.7.7/tcp/1", "/ip6/fd00:0:0:1::9/tcp/1",
        ]
        #expect(
            try Self.order(given, local: ["/ip4/192.168.1.1/tcp/0", "/ip6/fd00:0:0:1::1/tcp/0"]) == [
                "/ip6/fd00:0:0:1::9/tcp/1", "/ip4/192.168.7.7/tcp/1", "/ip4/1.2.3.4/tcp/1",
                "/ip4/10.1.2.3/tcp/1",
            ])
    }

    @Test func `attempts are staggered by their class`() throws {
        let addresses = try [
            "/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1", "/ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.5/tcp/1",
            "/ip4/8.8.8.8/tcp/1/p2p/\(Self.ids[0])/p2p-circuit",
            "/ip4/9.9.9.9/tcp/1/p2p/\(Self.ids[0])/p2p-circuit",
        ].map { try Multiaddr($0) }
        let ranked = AddressRanker().rank(addresses)
        #expect(ranked.map(\.address) == addresses)
        #expect(ranked.map { $0.delay.milliseconds } == [0, 30, 30, 250, 500, 250])
        #expect(ranked.map { $0.timeout.milliseconds } == [5000, 5000, 15000, 15000, 15000, 15000])
    }

    @Test func `doubles, listen addresses and bare peer ids are left out`() throws {
        let address = "/ip4/1.2.3.4/tcp/1"
        let given = [
            address, "\(address)/p2p/\(Self.ids[0])", "/ip4/0.0.0.0/tcp/1", "/ip6/::/tcp/1",
            "/p2p/\(Self.ids[0])",
        ]
        #expect(try Self.order(given) == [address])
    }
}

@Suite struct DialBackoffTests {
    let peer = DialRankingTests.ids[1]
    let start = Instant(nanoseconds: 1)

    @Test func `the wait grows with the square of the failures up to five minutes`() throws {
        let address = try Multiaddr("/ip4/1.2.3.4/tcp/1")
        var backoff = DialBackoff()
        let waits = (0..<20).map { _ in backoff.noteFailure(address, of: peer, now: start) }
        #expect(waits.prefix(4) == [.seconds(5), .seconds(6), .seconds(9), .seconds(14)])
        #expect(waits[17] == .seconds(5 + 289))
        #expect(waits[18] == .seconds(300))
        #expect(waits[19] == .seconds(300))
        #expect(backoff.remaining(address, of: peer, now: start + .seconds(299)) == .seconds(1))
        #expect(backoff.remaining(address, of: peer, now: start + .seconds(300)) == nil)
    }

    @Test func `a failure counts for one peer and one address`() throws {
        let address = try Multiaddr("/ip4/1.2.3.4/tcp/1")
        var backoff = DialBackoff()
        backoff.noteFailure(address.appending(peer: peer), of: peer, now: start)
        #expect(backoff.remaining(address, of: peer, now: start) == .seconds(5))
        #expect(backoff.remaining(address, of: nil, now: start) == nil)
        #expect(backoff.remaining(try Multiaddr("/ip4/1.2.3.4/tcp/2"), of: peer, now: start) == nil)
        backoff.noteSuccess(address, of: peer)
        #expect(backoff.remaining(address, of: peer, now: start) == nil)
        #expect(backoff.count == 0)
    }

    @Test func `a failure soon after the wait counts as the next one`() throws {
        let address = try Multiaddr("/ip4/1.2.3.4/tcp/1")
        var backoff = DialBackoff()
        backoff.noteFailure(address, of: peer, now: start)
        #expect(backoff.noteFailure(address, of: peer, now: start + .milliseconds(9999)) == .seconds(6))
        #expect(backoff.noteFailure(address, of: peer, now: start + .seconds(22)) == .seconds(5))
    }

    @Test func `old failures are forgotten and the table is bounded`() throws {
        var configuration = DialBackoffConfiguration()
        configuration.maximumEntries = 3
        var backoff = DialBackoff(configuration: configuration)
        let addresses = try (1...5).map { try Multiaddr("/ip4/1.2.3.4/tcp/\($0)") }
        for (index, address) in addresses.enumerated() {
            backoff.noteFailure(address, of: peer, now: start + .seconds(index))
        }
        #expect(backoff.count == 3)
        let now = start + .seconds(4)
        #expect(
            addresses.map { backoff.remaining($0, of: peer, now: now) != nil } == [
                false, false, true, true, true,
            ])
        // Twice the wait after the failure nothing is left, so the next failure counts as the first.
        #expect(backoff.noteFailure(addresses[4], of: peer, now: start + .seconds(60)) == .seconds(5))
        #expect(backoff.count == 1)
    }
}
