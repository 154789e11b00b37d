import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct RendezvousLimitTests {
    private let keys = (1...6).map { Fixtures.key(UInt64($0)) }

    @Test func `a peer has at most 1000 registrations, and may renew them`() {
        var point = Point()
        let record = Fixtures.peerRecord(keys[0])
        for index in 0..<1_000 {
            let status = point.register(keys[0], in: RendezvousNamespace("n\(index)"), record: record).status
            #expect(status == .ok)
        }
        #expect(point.register(keys[0], in: "more", record: record).status == .unavailable)
        #expect(point.register(keys[0], in: "n5", record: record).status == .ok)
        #expect(point.register(keys[1], in: "more").status == .ok)
        _ = point.ask(.unregister("n7"), keys[0])
        #expect(point.register(keys[0], in: "more", record: record).status == .ok)
    }

    @Test func `the point has a limit of registrations, freed by expiry`() {
        var point = Point { $0.maximumRegistrations = 2 }
        _ = point.register(keys[0], ttl: 60)
        _ = point.register(keys[1], ttl: 120)
        #expect(point.register(keys[2]).status == .unavailable)
        point.now = point.now + .seconds(60)
        #expect(point.register(keys[2]).status == .ok)
        #expect(point.server.registrationCount == 2)
    }

    @Test func `the point has a limit of record bytes, which renewals do not add to`() {
        let one = Fixtures.peerRecord(keys[0])
        var point = Point { $0.maximumTotalRecordByteCount = one.count * 2 }
        #expect(point.register(keys[0]).status == .ok)
        #expect(point.register(keys[1]).status == .ok)
        #expect(point.register(keys[2]).status == .unavailable)
        #expect(point.register(keys[1]).status == .ok)
        _ = point.ask(.unregister("ns"), keys[0])
        #expect(point.register(keys[2]).status == .ok)
    }

    @Test func `an answer has at most the limit asked for, and at most 1000`() {
        var point = Point()
        let key = keys[0]
        let record = Fixtures.peerRecord(key)
        for index in 0..<1_000 {
            _ = point.register(key, in: RendezvousNamespace("n\(index)"), record: record)
        }
        for other in keys.dropFirst() { _ = point.register(other, in: "n0") }
        #expect(point.discover(nil, limit: 3).registrations.count == 3)
        #expect(point.discover(nil, limit: 1_000).registrations.count == 1_000)
        #expect(point.discover(nil, limit: 1_001).registrations.count == 1_000)
        #expect(point.discover(nil, limit: .max).registrations.count == 1_000)
        #expect(point.discover(nil, limit: 0).registrations.count == 1_000)
        #expect(point.discover(nil).registrations.count == 1_000)
    }

    @Test func `an answer has at most the configured bytes, and goes on with the cookie`() throws {
        var point = Point { $0.maximumResponseByteCount = 1_024 }
        for key in keys { _ = point.register(key) }
        var cookie: [UInt8] = []
        var found: [PeerID] = []
        var pages = 0
        while found.count < keys.count, pages < 10 {
            let answer = point.discover("ns", cookie: cookie)
            #expect(RendezvousMessage.discoverResponse(answer).encoded.count <= 1_024)
            found += try RendezvousClient.discovered(.discoverResponse(answer), in: "ns").peers.map(\.peerID)
            cookie = answer.cookie
            pages += 1
        }
        #expect(found == keys.map(\.peerID))
        #expect(pages > 1)
    }

    @Test func `an answer has one registration even when that is larger than the limit`() {
        var point = Point { $0.maximumResponseByteCount = 10 }
        for key in keys { _ = point.register(key) }
        #expect(point.discover().registrations.count == 1)
    }

    @Test func `a cookie leads to only newer registrations`() throws {
        var point = Point()
        _ = point.register(keys[0])
        _ = point.register(keys[1])
        let first = point.discover()
        #expect(try point.peers(cookie: first.cookie).isEmpty)
        _ = point.register(keys[2])
        _ = point.register(keys[3], in: "elsewhere")
        let second = point.discover("ns", cookie: first.cookie)
        #expect(try point.peers(cookie: first.cookie) == [keys[2].peerID])
        #expect(try point.peers(cookie: second.cookie).isEmpty)
        _ = point.register(keys[0])
        #expect(try point.peers(cookie: second.cookie) == [keys[0].peerID])
    }

    @Test func `pages by cookie give every peer once, also while others come and go`() throws {
        var point = Point()
        for key in keys.prefix(5) { _ = point.register(key) }
        let first = point.discover("ns", limit: 2)
        _ = point.ask(.unregister("ns"), keys[1])
        _ = point.register(keys[5])
        let second = point.discover("ns", limit: 2, cookie: first.cookie)
        let third = point.discover("ns", limit: 2, cookie: second.cookie)
        let found = try [first, second, third].flatMap { answer in
            try RendezvousClient.discovered(.discoverResponse(answer), in: "ns").peers.map(\.peerID)
        }
        #expect(found == keys.map(\.peerID))
    }

    @Test func `a cookie of another namespace, point or time is refused`() {
        var point = Point()
        _ = point.register(keys[0])
        let cookie = point.discover("ns").cookie
        #expect(point.discover("other", cookie: cookie).status == .invalidCookie)
        #expect(point.discover(nil, cookie: cookie).status == .invalidCookie)
        #expect(point.discover("ns", cookie: point.discover(nil).cookie).status == .invalidCookie)
        #expect(point.discover("ns", cookie: [1]).status == .invalidCookie)
        var fresh = Point()
        #expect(fresh.discover("ns", cookie: cookie).status == .invalidCookie)
        #expect(fresh.discover("ns", cookie: fresh.discover("ns").cookie).status == .ok)
    }

    @Test func `random work keeps the counts, the order and the limits`() {
        let seed: UInt64 = 31
        var generator = SeededGenerator(seed: seed)
        var point = Point {
            $0.maximumRegistrations = 12
            $0.maximumRegistrationsPerPeer = 4
        }
        let records = keys.map { Fixtures.peerRecord($0) }
        var expected: [(peer: PeerID, namespace: RendezvousNamespace, end: Instant)] = []
        for round in 0..<3_000 {
            point.now = point.now + .seconds(Int64.random(in: 0...20, using: &generator))
            expected.removeAll { $0.end <= point.now }
            let index = Int.random(in: 0..<keys.count, using: &generator)
            let peer = keys[index].peerID
            let namespace = RendezvousNamespace("n\(Int.random(in: 0..<6, using: &generator))")
            if Bool.random(using: &generator) {
                let isKnown = expected.contains { $0.peer == peer && $0.namespace == namespace }
                let hasRoom = expected.count < 12 && expected.count(where: { $0.peer == peer }) < 4
                let status = point.register(keys[index], in: namespace, ttl: 90, record: records[index])
                    .status
                #expect((status == .ok) == (isKnown || hasRoom), "seed \(seed), round \(round)")
                guard status == .ok else { continue }
                expected.removeAll { $0.peer == peer && $0.namespace == namespace }
                expected.append((peer, namespace, point.now + .seconds(90)))
            } else {
                _ = point.ask(.unregister(namespace), keys[index])
                expected.removeAll { $0.peer == peer && $0.namespace == namespace }
            }
            let all = point.discover(nil).registrations.map(\.namespace)
            #expect(all == expected.map(\.namespace), "seed \(seed), round \(round)")
            let some = point.discover(namespace).registrations.count
            #expect(
                some == expected.count(where: { $0.namespace == namespace }), "seed \(seed), round \(round)")
        }
    }

    @Test func `as a machine it answers, resets, stays silent and reports`() {
        var server = RendezvousServer(cookieSecret: .zero)
        var generator = SeededGenerator(seed: 1)
        var effects = Effects<PeerID, RendezvousMessage, RendezvousServerEvent>()
        let peer = keys[0].peerID
        func send(_ message: RendezvousMessage, _ token: UInt64) {
            server.handle(
                .request(message, from: peer, token: RequestToken(token)), now: .zero, using: &generator,
                into: &effects)
        }
        send(RendezvousClient.register(in: "ns", signedPeerRecord: Fixtures.peerRecord(keys[0])), 1)
        send(.unregister("ns"), 2)
        send(.discoverResponse(RendezvousDiscovery()), 3)
        send(RendezvousClient.register(in: "ns", signedPeerRecord: Fixtures.peerRecord(keys[0])), 4)
        server.handle(.deadline, now: .seconds(7_200), using: &generator, into: &effects)
        let text = effects.list.map { effect in
            switch effect {
            case .respond(.some, _, let token): "answer \(token.value)"
            case .respond(.none, _, let token): "reset \(token.value)"
            case .event(.registered): "registered"
            case .event(.unregistered): "unregistered"
            case .event(.expired): "expired"
            case .request, .send: "sent"
            }
        }
        #expect(
            text == [
                "answer 1", "registered", "unregistered", "reset 3", "answer 4", "registered", "expired",
            ])
    }
}
