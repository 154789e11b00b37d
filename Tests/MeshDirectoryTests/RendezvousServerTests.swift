import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

/// A rendezvous point under test, with the shortest way to ask it.
struct Point {
    var server: RendezvousServer
    var now = Instant.seconds(1_000)

    init(_ change: (inout RendezvousConfiguration) -> Void = { _ in }) {
        var configuration = RendezvousConfiguration()
        change(&configuration)
        server = RendezvousServer(configuration: configuration, cookieSecret: Bytes32(1, 2, 3, 4))
    }

    mutating func register(
        _ key: IdentityKey, in namespace: RendezvousNamespace = "ns", ttl: UInt64? = nil,
        record: [UInt8]? = nil
    ) -> (status: RendezvousStatus, ttl: UInt64?) {
        let message = RendezvousClient.register(
            in: namespace, signedPeerRecord: record ?? Fixtures.peerRecord(key), ttlSeconds: ttl)
        guard case .answer(.registerResponse(let status, _, let ttl)) = ask(message, key) else {
            return (.internalError, nil)
        }
        return (status, ttl)
    }

    mutating func discover(
        _ namespace: RendezvousNamespace? = "ns", limit: UInt64? = nil, cookie: [UInt8] = []
    ) -> RendezvousDiscovery {
        let message = RendezvousClient.discover(in: namespace, limit: limit, cookie: cookie)
        guard case .answer(.discoverResponse(let answer)) = ask(message, Fixtures.key(99)) else {
            return RendezvousDiscovery(status: .internalError)
        }
        return answer
    }

    mutating func peers(
        _ namespace: RendezvousNamespace? = "ns", limit: UInt64? = nil, cookie: [UInt8] = []
    ) throws -> [PeerID] {
        let answer = discover(namespace, limit: limit, cookie: cookie)
        return try RendezvousClient.discovered(.discoverResponse(answer), in: namespace).peers.map(\.peerID)
    }

    mutating func ask(_ message: RendezvousMessage, _ key: IdentityKey) -> RendezvousServer.Reaction {
        server.handle(message, from: key.peerID, now: now).reaction
    }
}

struct RendezvousServerTests {
    private let keys = (1...5).map { Fixtures.key(UInt64($0)) }

    @Test func `peers that register are discovered in the order in which they came`() throws {
        var point = Point()
        for key in keys { #expect(point.register(key).status == .ok) }
        #expect(try point.peers() == keys.map(\.peerID))
        #expect(try point.peers("other").isEmpty)
    }

    @Test(arguments: PeerRecord.Form.allCases)
    func `both forms of a signed peer record are taken and handed out as they came`(form: PeerRecord.Form) {
        var point = Point()
        let record = Fixtures.peerRecord(keys[0], form: form)
        #expect(point.register(keys[0], record: record).status == .ok)
        #expect(point.discover().registrations.map(\.signedPeerRecord) == [record])
    }

    @Test func `both forms of another implementation are taken, an unsigned record is not`() throws {
        let vectors = try RendezvousVectors.load()
        let peer = try PeerID(vectors.peer)
        var point = Point()
        for form in ["interoperable", "legacy"] {
            let message = RendezvousClient.register(in: "ns", signedPeerRecord: try vectors.record(form))
            let reaction = point.server.handle(message, from: peer, now: point.now).reaction
            #expect(reaction == .answer(.registerResponse(status: .ok, statusText: "", ttlSeconds: 7_200)))
        }
        let message = RendezvousClient.register(in: "ns", signedPeerRecord: vectors.unsigned.bytes)
        let reaction = point.server.handle(message, from: peer, now: point.now).reaction
        guard case .answer(.registerResponse(let status, _, _)) = reaction else {
            Issue.record("no answer")
            return
        }
        #expect(status == .invalidSignedPeerRecord)
    }

    @Test func `a form in the other form's clothes is refused`() {
        var point = Point()
        let payload = PeerRecord(peerID: keys[0].peerID, sequence: 1, addresses: []).payload
        for (type, domain) in [
            (PeerRecord.Form.legacy, PeerRecord.Form.interoperable),
            (PeerRecord.Form.interoperable, PeerRecord.Form.legacy),
        ] {
            let record = SignedEnvelope.seal(
                payload: payload, type: type.payloadType, domain: domain.domain, by: keys[0]
            ).encoded
            #expect(point.register(keys[0], record: record).status == .invalidSignedPeerRecord)
        }
    }

    @Test func `a peer registers only itself`() {
        var point = Point()
        #expect(point.register(keys[0], record: Fixtures.peerRecord(keys[1])).status == .notAuthorized)
        let foreign = PeerRecord(peerID: keys[0].peerID, sequence: 1, addresses: []).sealed(by: keys[1])
        #expect(point.register(keys[0], record: foreign).status == .invalidSignedPeerRecord)
        #expect(point.server.registrationCount == 0)
    }

    @Test func `a record that is empty, damaged or too long is refused`() {
        var point = Point { $0.maximumRecordByteCount = Fixtures.peerRecord(Fixtures.key(1)).count }
        var record = Fixtures.peerRecord(keys[0])
        #expect(point.register(keys[0], record: []).status == .invalidSignedPeerRecord)
        #expect(point.register(keys[0], record: record).status == .ok)
        #expect(point.register(keys[0], record: record + [0x28, 0]).status == .invalidSignedPeerRecord)
        record[record.count - 1] ^= 1
        #expect(point.register(keys[0], record: record).status == .invalidSignedPeerRecord)
    }

    @Test func `a namespace has 1 to 255 bytes`() {
        var point = Point()
        let longest = RendezvousNamespace(String(repeating: "é", count: 127) + "x")
        #expect(point.register(keys[0], in: longest).status == .ok)
        #expect(point.discover(longest).registrations.count == 1)
        let tooLong = RendezvousNamespace(longest.text + "x")
        #expect(point.register(keys[0], in: tooLong).status == .invalidNamespace)
        #expect(point.register(keys[0], in: "").status == .invalidNamespace)
        #expect(point.discover(tooLong).status == .invalidNamespace)
    }

    @Test func `namespaces are compared by bytes and not through Unicode`() throws {
        var point = Point()
        #expect(point.register(keys[0], in: "\u{e9}").status == .ok)
        #expect(try point.peers("e\u{301}").isEmpty)
    }

    @Test func `the TTL is 2 hours unless asked for, and within its limits`() {
        var point = Point()
        #expect(point.register(keys[0]) == (.ok, 7_200))
        #expect(point.register(keys[0], ttl: 0) == (.ok, 7_200))
        #expect(point.register(keys[0], ttl: 60) == (.ok, 60))
        #expect(point.register(keys[0], ttl: 259_200) == (.ok, 259_200))
        #expect(point.register(keys[0], ttl: 59).status == .invalidTTL)
        #expect(point.register(keys[0], ttl: 259_201).status == .invalidTTL)
        #expect(point.register(keys[0], ttl: .max).status == .invalidTTL)
    }

    @Test func `a registration ends with its TTL, to the nanosecond`() {
        var point = Point()
        _ = point.register(keys[0], ttl: 60)
        let deadline = point.now + .seconds(60)
        #expect(point.server.nextDeadline == deadline)
        point.now = Instant(nanoseconds: deadline.nanoseconds - 1)
        #expect(point.discover().registrations.map(\.ttlSeconds) == [1])
        point.now = deadline
        #expect(point.server.handleDeadline(now: point.now) == [.expired(keys[0].peerID, "ns")])
        #expect(point.discover().registrations.isEmpty)
        #expect(point.server.nextDeadline == nil)
    }

    @Test func `an expired registration is not told of though nobody reported the deadline`() {
        var point = Point()
        _ = point.register(keys[0], ttl: 60)
        point.now = point.now + .seconds(60)
        #expect(point.discover().registrations.isEmpty)
        #expect(point.server.registrationCount == 0)
    }

    @Test func `the TTL that others see is what remains, rounded up`() {
        var point = Point()
        _ = point.register(keys[0], ttl: 100)
        point.now = point.now + .milliseconds(40_500)
        #expect(point.discover().registrations.map(\.ttlSeconds) == [60])
    }

    @Test func `a renewal replaces the registration, its record and its TTL`() {
        var point = Point()
        _ = point.register(keys[0], ttl: 60)
        point.now = point.now + .seconds(50)
        let newer = Fixtures.peerRecord(keys[0], sequence: 2)
        _ = point.register(keys[0], ttl: 60, record: newer)
        point.now = point.now + .seconds(50)
        #expect(point.discover().registrations.map(\.signedPeerRecord) == [newer])
        #expect(point.server.registrationCount == 1)
    }

    @Test func `a refused renewal leaves the registration`() throws {
        var point = Point()
        _ = point.register(keys[0])
        #expect(point.register(keys[0], ttl: 1).status == .invalidTTL)
        #expect(try point.peers() == [keys[0].peerID])
    }

    @Test func `UNREGISTER ends one's own registration in one namespace and has no answer`() throws {
        var point = Point()
        _ = point.register(keys[0], in: "a")
        _ = point.register(keys[0], in: "b")
        _ = point.register(keys[1], in: "a")
        #expect(point.ask(.unregister("a"), keys[0]) == .silence)
        #expect(point.ask(.unregister("a"), keys[0]) == .silence)
        #expect(point.ask(.unregister("never"), keys[0]) == .silence)
        #expect(try point.peers("a") == [keys[1].peerID])
        #expect(try point.peers("b") == [keys[0].peerID])
    }

    @Test func `an answer instead of a request resets the stream`() {
        var point = Point()
        #expect(point.ask(.registerResponse(status: .ok, statusText: "", ttlSeconds: 1), keys[0]) == .reset)
        #expect(point.ask(.discoverResponse(RendezvousDiscovery()), keys[0]) == .reset)
    }

    @Test func `a peer that reads one form gets only that, and the cookie goes on`() throws {
        var point = Point()
        _ = point.register(keys[0])
        _ = point.register(keys[1], record: Fixtures.peerRecord(keys[1], form: .legacy))
        _ = point.register(keys[2])
        func discover(_ forms: [PeerRecord.Form], cookie: [UInt8]) throws -> RendezvousClient.Discovered {
            let message = RendezvousClient.discover(in: "ns", cookie: cookie)
            let reaction = point.server.handle(
                message, from: keys[4].peerID, readableForms: forms, now: point.now
            ).reaction
            guard case .answer(let answer) = reaction else { throw RendezvousError.unexpectedMessage }
            return try RendezvousClient.discovered(answer, in: "ns")
        }
        let legacy = try discover([.legacy], cookie: [])
        #expect(legacy.peers.map(\.peerID) == [keys[1].peerID])
        #expect(try discover([.legacy], cookie: legacy.cookie).peers.isEmpty)
        #expect(
            try discover([.interoperable], cookie: []).peers.map(\.peerID) == [
                keys[0].peerID, keys[2].peerID,
            ])
    }

    @Test func `without a namespace everybody is discovered`() {
        var point = Point()
        _ = point.register(keys[0], in: "a")
        _ = point.register(keys[1], in: "b")
        #expect(point.discover(nil).registrations.map(\.namespace) == ["a", "b"])
        #expect(point.discover("").registrations.map(\.namespace) == ["a", "b"])
    }
}
