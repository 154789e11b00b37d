import MeshCore
import MeshMultiformats
import Testing

struct MultiaddrPartsTests {
    private static let peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"
    private static let relay = "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk"

    @Test func `the peer is the one at the end`() throws {
        let peer = try PeerID(Self.peer)
        let relay = try PeerID(Self.relay)
        let direct = try Multiaddr("/ip4/192.0.2.1/tcp/1/p2p/\(Self.peer)")
        #expect(direct.peerID == peer)
        #expect(direct.withoutPeer.description == "/ip4/192.0.2.1/tcp/1")
        let relayed = try Multiaddr("/ip4/192.0.2.1/tcp/1/p2p/\(Self.relay)/p2p-circuit/p2p/\(Self.peer)")
        #expect(relayed.peerID == peer)
        #expect(relayed.isRelayed)
        #expect(relayed.withoutPeer.description == "/ip4/192.0.2.1/tcp/1/p2p/\(Self.relay)/p2p-circuit")
        // A relay's listening address names the relay, but not at its end: it leads to nobody in particular.
        #expect(relayed.withoutPeer.peerID == nil)
        #expect(relayed.withoutPeer.withoutPeer == relayed.withoutPeer)
        #expect(relayed.withoutPeer.appending(peer: relay).peerID == relay)
        #expect(!direct.isRelayed)
    }

    @Test func `a peer is appended once`() throws {
        let peer = try PeerID(Self.peer)
        let relay = try PeerID(Self.relay)
        let address = try Multiaddr("/ip4/192.0.2.1/tcp/1")
        let full = address.appending(peer: peer)
        #expect(full.description == "/ip4/192.0.2.1/tcp/1/p2p/\(Self.peer)")
        #expect(full.appending(peer: peer) == full)
        #expect(full.appending(peer: relay).description == "/ip4/192.0.2.1/tcp/1/p2p/\(Self.relay)")
        #expect(full.withoutPeer == address)
    }

    @Test func `nothing is left of a bare peer id`() throws {
        let bare = try Multiaddr("/p2p/\(Self.peer)")
        #expect(bare.withoutPeer.isEmpty)
        #expect(bare.withoutPeer.components.isEmpty)
        #expect(bare.withoutPeer.peerID == nil)
        #expect(bare.withoutPeer.tcpEndpoint == nil)
        #expect(bare.withoutPeer.scope == nil)
        #expect(bare.withoutPeer.appending(peer: try PeerID(Self.peer)) == bare)
        #expect(bare.tcpEndpoint == nil)
    }

    @Test func `addresses are joined within the limits`() throws {
        let left = try Multiaddr("/ip4/192.0.2.1/tcp/1")
        let right = try Multiaddr("/tls/ws")
        #expect(try left.appending(right).description == "/ip4/192.0.2.1/tcp/1/tls/ws")
        let many = try Multiaddr(String(repeating: "/ws", count: 31))
        #expect(throws: MultiaddrError.tooManyComponents(limit: 32)) { try many.appending(right) }
    }

    @Test func `a TCP endpoint is host and port at the start`() throws {
        func endpoint(_ text: String) throws -> String? {
            try Multiaddr(text).tcpEndpoint.map { "\($0.host) \($0.port)" }
        }
        let loopback = [UInt8](repeating: 0, count: 15) + [1]
        #expect(try endpoint("/ip4/192.0.2.1/tcp/4001") == "\(Multiaddr.Host.ip4(0xc000_0201)) 4001")
        #expect(try endpoint("/ip6/::1/tcp/1/ws") == "\(Multiaddr.Host.ip6(loopback, zone: nil)) 1")
        #expect(
            try endpoint("/ip6zone/eth0/ip6/::1/tcp/1") == "\(Multiaddr.Host.ip6(loopback, zone: "eth0")) 1")
        #expect(try endpoint("/dns/a.b/tcp/2") == "\(Multiaddr.Host.dns("a.b", family: .any)) 2")
        #expect(try endpoint("/dns4/a.b/tcp/2") == "\(Multiaddr.Host.dns("a.b", family: .ip4)) 2")
        #expect(try endpoint("/dns6/a.b/tcp/2") == "\(Multiaddr.Host.dns("a.b", family: .ip6)) 2")
        for text in [
            "/ip4/192.0.2.1/udp/4001", "/ip4/192.0.2.1", "/tcp/1", "/ip6zone/eth0/tcp/1", "/ip6zone/eth0",
            "/dnsaddr/a.b/tcp/1", "/ip4/192.0.2.0/ipcidr/24/tcp/1", "/memory/1",
        ] {
            #expect(try endpoint(text) == nil, "\(text)")
        }
        #expect(try Multiaddr("/dnsaddr/a.b/p2p/\(Self.peer)").dnsaddrName == "a.b")
        #expect(try Multiaddr("/dns/a.b/tcp/1").dnsaddrName == nil)
    }

    @Test func `an endpoint makes the address it was taken from`() throws {
        for text in [
            "/ip4/192.0.2.1/tcp/4001", "/ip6/2001:db8::1/tcp/0", "/ip6zone/eth0/ip6/fe80::1/tcp/65535",
            "/dns/a.b/tcp/1", "/dns4/a.b/tcp/1", "/dns6/a.b/tcp/1",
        ] {
            let endpoint = try #require(try Multiaddr(text).tcpEndpoint)
            #expect(try Multiaddr(host: endpoint.host, tcpPort: endpoint.port).description == text)
        }
        #expect(throws: MultiaddrError.badValue(.ip6, offset: 0, .notIP6)) {
            try Multiaddr(host: .ip6([1, 2], zone: nil), tcpPort: 1)
        }
        #expect(throws: MultiaddrError.badValue(.dns, offset: 0, .notName)) {
            try Multiaddr(host: .dns("a/tcp/2", family: .any), tcpPort: 1)
        }
    }

    /// IANA special-purpose address registries.
    @Test(arguments: [
        ("/ip4/0.0.0.0", AddressScope.unspecified), ("/ip4/0.1.2.3", .reserved),
        ("/ip4/127.0.0.1", .loopback),
        ("/ip4/127.255.0.9", .loopback), ("/ip4/10.1.2.3", .private), ("/ip4/172.15.0.1", .public),
        ("/ip4/172.16.0.1", .private), ("/ip4/172.31.255.255", .private), ("/ip4/172.32.0.1", .public),
        ("/ip4/192.168.0.1", .private), ("/ip4/169.254.0.1", .private), ("/ip4/100.64.0.1", .private),
        ("/ip4/100.128.0.1", .public), ("/ip4/192.0.2.1", .reserved), ("/ip4/198.18.0.1", .reserved),
        ("/ip4/198.51.100.1", .reserved), ("/ip4/203.0.113.1", .reserved), ("/ip4/224.0.0.1", .reserved),
        ("/ip4/255.255.255.255", .reserved), ("/ip4/8.8.8.8", .public), ("/ip6/::", .unspecified),
        ("/ip6/::1", .loopback), ("/ip6/::2", .reserved), ("/ip6/::ffff:127.0.0.1", .loopback),
        ("/ip6/::ffff:8.8.8.8", .public), ("/ip6/fe80::1", .private), ("/ip6/fec0::1", .reserved),
        ("/ip6/fc00::1", .private), ("/ip6/fdff::1", .private), ("/ip6/2001:db8::1", .reserved),
        ("/ip6/2001:4860:4860::8888", .public), ("/ip6/ff02::1", .reserved),
        ("/ip6/64:ff9b::10.0.0.1", .private), ("/ip6/64:ff9b::8.8.8.8", .public),
        ("/ip6zone/eth0/ip6/fe80::1/tcp/1", .private),
    ])
    func `an IP address has the reach of its block`(text: String, scope: AddressScope) throws {
        let address = try Multiaddr(text)
        #expect(address.scope == scope)
        #expect(address.isLoopback == (scope == .loopback))
        #expect(address.isPrivate == (scope == .private))
        #expect(address.isPublicIP == (scope == .public))
        #expect(address.isUnspecified == (scope == .unspecified))
    }

    @Test func `names have no reach`() throws {
        #expect(try Multiaddr("/dns4/localhost/tcp/1").scope == nil)
        #expect(try Multiaddr("/tcp/1").scope == nil)
    }
}
