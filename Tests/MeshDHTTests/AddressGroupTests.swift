import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// What counts as one part of the Internet.
@Suite struct AddressGroupTests {
    private func group(_ texts: String..., privateToo: Bool = false) -> UInt32 {
        AddressGroup(texts.map { TestPeers.address(text: $0) }).counted(privateToo: privateToo)
    }

    @Test func `the group is a 16-bit prefix of IPv4 and a 32-bit prefix of IPv6`() {
        #expect(group("/ip4/5.6.7.8/tcp/1") == group("/ip4/5.6.200.1/udp/9/noise"))
        #expect(group("/ip4/5.6.7.8/tcp/1") != group("/ip4/5.7.7.8/tcp/1"))
        #expect(group("/ip6/2a01:4f8:1::1/tcp/1") == group("/ip6/2a01:4f8:2::1/tcp/1"))
        #expect(group("/ip6/2a01:4f8:1::1/tcp/1") != group("/ip6/2a01:4f9:1::1/tcp/1"))
        #expect(group("/ip6/2a01:4f8:1::1/tcp/1") != 0)
    }

    @Test func `private, loopback and unusable addresses have no group unless the setting says so`() {
        for text in [
            "/ip4/10.1.2.3/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip6/fd00::1/tcp/1", "/ip4/100.64.1.1/tcp/1",
        ] {
            #expect(group(text) == 0)
            #expect(group(text, privateToo: true) != 0)
        }
        for text in ["/dns4/example.org/tcp/1", "/ip4/0.0.0.0/tcp/1", "/ip4/224.0.0.1/tcp/1"] {
            #expect(group(text, privateToo: true) == 0)
        }
        #expect(
            group("/ip4/10.1.2.3/tcp/1", privateToo: true) != group("/ip4/10.2.2.3/tcp/1", privateToo: true))
        #expect(AddressGroup([]) == .none)
    }

    @Test func `IPv4 inside of IPv6 is the IPv4 group, and a public IPv4 address decides`() {
        let four = group("/ip4/5.6.7.8/tcp/1")
        #expect(group("/ip6/2002:506:708::1/tcp/1") == four)
        #expect(group("/ip6/64:ff9b::506:708/tcp/1") == four)
        #expect(group("/ip6/2a01:4f8::1/tcp/1", "/ip4/10.0.0.1/tcp/1", "/ip4/5.6.9.9/tcp/1") == four)
        #expect(group("/ip4/10.0.0.1/tcp/1", "/ip6/2a01:4f8::1/tcp/1") == group("/ip6/2a01:4f8::1/tcp/1"))
    }

    @Test func `a relayed address has the relay's group`() {
        let relay = TestPeers.id(7)
        #expect(
            group("/ip4/5.6.7.8/tcp/1/p2p/\(relay)/p2p-circuit") == group("/ip4/5.6.1.1/tcp/1"))
    }
}
