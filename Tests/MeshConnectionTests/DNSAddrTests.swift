import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct DNSAddrTests {
    static let ids = DialRankingTests.ids

    /// Runs a resolution against a zone; names that are not in it fail.
    ///
    /// Returns the result and the names asked for.
    static func resolve(
        _ addresses: [String], zone: [String: [String]], limits: DNSAddrLimits = DNSAddrLimits()
    ) throws -> (DNSAddrResult, asked: [String]) {
        var resolution = DNSAddrResolution(limits: limits)
        var effects: [DNSAddrEffect] = []
        var asked: [String] = []
        resolution.start(try addresses.map { try Multiaddr($0) }, into: &effects)
        while !effects.isEmpty {
            switch effects.removeFirst() {
            case .finished(let result):
                #expect(effects.isEmpty)
                #expect(resolution.isFinished)
                return (result, asked)
            case .lookUp(let number, let name):
                asked.append(name)
                if let texts = zone[name] {
                    resolution.answer(number, texts: texts, into: &effects)
                } else {
                    resolution.fail(number, reason: "no such name", into: &effects)
                }
            }
        }
        throw DialFailure.closed
    }

    @Test func `plain addresses pass through without a lookup`() throws {
        let addresses = ["/ip4/1.2.3.4/tcp/1", "/dns4/a.example/tcp/2"]
        let (result, asked) = try Self.resolve(addresses, zone: [:])
        #expect(result.addresses.map(\.description) == addresses)
        #expect(asked.isEmpty)
    }

    @Test func `only answers that name the wanted peer are taken`() throws {
        let wanted = "/ip4/1.2.3.4/tcp/1/p2p/\(Self.ids[0])"
        let other = "/ip4/1.2.3.4/tcp/2/p2p/\(Self.ids[1])"
        let zone = [
            "_dnsaddr.a.example": [
                "dnsaddr=\(other)", "dnsaddr=\(wanted)", "dnsaddr=/ip4/1.2.3.4/tcp/3", "v=spf1 -all",
                "dnsaddr=/nonsense",
                "dnsaddr=", "", "DNSADDR=\(wanted)", "dnsaddr=\(wanted)",
            ]
        ]
        let (result, asked) = try Self.resolve(["/dnsaddr/a.example/p2p/\(Self.ids[0])"], zone: zone)
        #expect(result.addresses.map(\.description) == [wanted])
        #expect(asked == ["_dnsaddr.a.example"])
        #expect(!result.isTruncated)
        let (all, _) = try Self.resolve(["/dnsaddr/a.example"], zone: zone)
        #expect(all.addresses.map(\.description) == [other, wanted, "/ip4/1.2.3.4/tcp/3"])
    }

    @Test func `answers may point to other names`() throws {
        let first = "/ip4/1.2.3.4/tcp/1/p2p/\(Self.ids[0])"
        let zone = [
            "_dnsaddr.a.example": [
                "dnsaddr=/dnsaddr/b.a.example/p2p/\(Self.ids[0])",
                "dnsaddr=/dnsaddr/c.a.example/p2p/\(Self.ids[1])",
            ],
            "_dnsaddr.b.a.example": ["dnsaddr=\(first)"],
        ]
        let (result, asked) = try Self.resolve(["/dnsaddr/a.example"], zone: zone)
        #expect(result.addresses.map(\.description) == [first])
        #expect(asked == ["_dnsaddr.a.example", "_dnsaddr.b.a.example", "_dnsaddr.c.a.example"])
        #expect(result.failures == [DNSAddrFailure(name: "_dnsaddr.c.a.example", reason: "no such name")])
    }

    @Test func `loops end`() throws {
        let zone = [
            "_dnsaddr.a.example": ["dnsaddr=/dnsaddr/b.example"],
            "_dnsaddr.b.example": ["dnsaddr=/dnsaddr/a.example", "dnsaddr=/dnsaddr/b.example"],
        ]
        let (result, asked) = try Self.resolve(["/dnsaddr/a.example"], zone: zone)
        #expect(result.addresses.isEmpty)
        #expect(asked.count == 2)
        #expect(!result.isTruncated)
    }

    @Test func `a chain is followed four names deep and no deeper`() throws {
        var zone: [String: [String]] = [:]
        for depth in 0..<5 {
            zone["_dnsaddr.n\(depth).example"] = [
                "dnsaddr=/dnsaddr/n\(depth + 1).example", "dnsaddr=/ip4/1.2.3.4/tcp/\(depth)",
            ]
        }
        let (result, asked) = try Self.resolve(["/dnsaddr/n0.example"], zone: zone)
        #expect(asked.count == 4)
        #expect(result.addresses.count == 4)
        #expect(result.isTruncated)
        let (whole, _) = try Self.resolve(["/dnsaddr/n2.example"], zone: zone)
        #expect(whole.addresses.count == 3)
        #expect(!whole.isTruncated)
    }

    @Test func `lookups and addresses are counted against their limits`() throws {
        let names = (0..<17).map { "dnsaddr=/dnsaddr/n\($0).example" }
        let (_, asked) = try Self.resolve(["/dnsaddr/a.example"], zone: ["_dnsaddr.a.example": names])
        #expect(asked.count == 16)
        let atLimit = (0..<32).map { "dnsaddr=/ip4/1.2.3.4/tcp/\($0)" }
        let (full, _) = try Self.resolve(["/dnsaddr/a.example"], zone: ["_dnsaddr.a.example": atLimit])
        #expect(full.addresses.count == 32)
        #expect(!full.isTruncated)
        let beyond = atLimit + ["dnsaddr=/ip4/1.2.3.4/tcp/99"]
        let (cut, _) = try Self.resolve(["/dnsaddr/a.example"], zone: ["_dnsaddr.a.example": beyond])
        #expect(cut.addresses.count == 32)
        #expect(cut.isTruncated)
        let texts = [String](repeating: "x", count: 100) + ["dnsaddr=/ip4/1.2.3.4/tcp/1"]
        let (late, _) = try Self.resolve(["/dnsaddr/a.example"], zone: ["_dnsaddr.a.example": texts])
        #expect(late.addresses.isEmpty)
        #expect(late.isTruncated)
    }

    @Test func `unknown and repeated reports change nothing`() throws {
        var resolution = DNSAddrResolution()
        var effects: [DNSAddrEffect] = []
        resolution.start([try Multiaddr("/dnsaddr/a.example")], into: &effects)
        resolution.answer(7, texts: ["dnsaddr=/ip4/1.2.3.4/tcp/1"], into: &effects)
        resolution.fail(-1, reason: "", into: &effects)
        #expect(effects == [.lookUp(0, name: "_dnsaddr.a.example")])
        resolution.answer(0, texts: [], into: &effects)
        resolution.answer(0, texts: ["dnsaddr=/ip4/1.2.3.4/tcp/1"], into: &effects)
        #expect(effects.count == 2)
    }
}
