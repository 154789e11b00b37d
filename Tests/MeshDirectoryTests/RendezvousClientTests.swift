import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct RendezvousClientTests {
    private let keys = (1...3).map { Fixtures.key(UInt64($0)) }

    private func registration(
        _ record: [UInt8], in namespace: RendezvousNamespace = "ns", ttl: UInt64? = 100
    ) -> RendezvousRegistration {
        RendezvousRegistration(namespace: namespace, signedPeerRecord: record, ttlSeconds: ttl)
    }

    @Test func `the granted TTL is the point's, or the one asked for, or the default`() throws {
        func granted(_ ttl: UInt64?, asked: UInt64?) throws -> UInt64 {
            let answer = RendezvousMessage.registerResponse(status: .ok, statusText: "", ttlSeconds: ttl)
            return try RendezvousClient.grantedTTLSeconds(answer, asked: asked)
        }
        #expect(try granted(50, asked: 100) == 50)
        #expect(try granted(nil, asked: 100) == 100)
        #expect(try granted(0, asked: nil) == 7_200)
        #expect(try granted(.max, asked: nil) == 259_200)
    }

    @Test func `a refusal carries the status, also one that is not known, and safe text`() {
        let status = RendezvousStatus(rawValue: 777)
        let answer = RendezvousMessage.registerResponse(
            status: status, statusText: "no\u{1b}[31m", ttlSeconds: nil)
        let expected = RendezvousError.refused(status, statusText: "no\u{1b}[31m")
        #expect(throws: expected) { try RendezvousClient.grantedTTLSeconds(answer, asked: nil) }
        #expect("\(expected)" == "the rendezvous point refused with status 777: no\\u{1B}[31m")
    }

    @Test func `an answer of another kind is an error`() {
        #expect(throws: RendezvousError.unexpectedMessage) {
            try RendezvousClient.grantedTTLSeconds(.discoverResponse(RendezvousDiscovery()), asked: nil)
        }
        #expect(throws: RendezvousError.unexpectedMessage) {
            try RendezvousClient.discovered(.unregister("ns"), in: "ns")
        }
    }

    @Test func `only verified peers of the namespace are returned`() throws {
        var damaged = Fixtures.peerRecord(keys[2])
        damaged[damaged.count - 1] ^= 1
        let answer = RendezvousDiscovery(
            registrations: [
                registration(Fixtures.peerRecord(keys[0])), registration(damaged),
                registration(Fixtures.peerRecord(keys[1], form: .legacy)),
                registration(Fixtures.peerRecord(keys[2]), in: "other"), registration([]),
            ], cookie: [1, 2])
        let page = try RendezvousClient.discovered(.discoverResponse(answer), in: "ns")
        #expect(page.peers.map(\.peerID) == [keys[0].peerID, keys[1].peerID])
        #expect(page.peers.map(\.addresses) == [[Fixtures.address()], [Fixtures.address()]])
        #expect(page.rejectedCount == 3)
        #expect(page.receivedCount == 5)
        #expect(page.cookie == [1, 2])
    }

    @Test func `of several records of a peer the newest counts, whatever the order`() throws {
        let records = [3, 5, 4].map { Fixtures.peerRecord(keys[0], sequence: $0) }
        let answer = RendezvousDiscovery(registrations: records.map { registration($0) })
        let page = try RendezvousClient.discovered(.discoverResponse(answer), in: "ns")
        #expect(page.peers.map(\.sequence) == [5])
    }

    @Test func `a TTL from a point is bounded`() throws {
        let answer = RendezvousDiscovery(registrations: [
            registration(Fixtures.peerRecord(keys[0]), ttl: .max)
        ])
        let page = try RendezvousClient.discovered(.discoverResponse(answer), in: "ns")
        #expect(page.peers.map(\.ttlSeconds) == [259_200])
    }
}
