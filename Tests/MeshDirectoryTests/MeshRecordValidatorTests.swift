import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct MeshRecordValidatorTests {
    private let key = Fixtures.key(1)

    @Test func `the key of a record is the prefix and the peer id`() throws {
        let bytes = MeshRecordKey.bytes(for: key.peerID)
        #expect(bytes == Array("/mesh/".utf8) + key.peerID.multihash)
        #expect(try MeshRecordKey.peer(of: bytes) == key.peerID)
        #expect(try DIDKey.parse(key.did).peerID == key.peerID)
    }

    @Test(arguments: ["", "/mesh", "/mesh/", "/pk/abc", "mesh/abc", "/mesh/abc", "/Mesh/"])
    func `other keys are refused`(text: String) {
        #expect(throws: MeshRecordError.badKey) { try MeshRecordKey.peer(of: Array(text.utf8)) }
    }

    @Test func `a key with more behind the peer id is refused`() {
        let bytes = MeshRecordKey.bytes(for: key.peerID)
        #expect(throws: MeshRecordError.badKey) { try MeshRecordKey.peer(of: bytes + [0]) }
        let long = bytes + Array(repeating: 0, count: 100)
        #expect(throws: MeshRecordError.badKey) { try MeshRecordKey.peer(of: long) }
    }

    @Test func `times at the end of the clock overflow nothing`() throws {
        let end = UnixTime(seconds: .max)
        let record = Fixtures.record(key, issued: UnixTime(seconds: .max - 10), lifetime: 100)
        #expect(record.expires == end)
        #expect(throws: MeshRecordError.expired(at: end)) { try MeshRecordValidator.check(record, at: end) }
        try MeshRecordValidator.check(record, at: UnixTime(seconds: .max - 1))
        #expect(throws: MeshRecordError.expiresTooLate(end)) {
            try MeshRecordValidator.check(record, at: UnixTime(seconds: 0))
        }
    }

    @Test func `the higher sequence wins, then the later expiry, then the larger bytes`() throws {
        let sequence7 = try Fixtures.signed(key, sequence: 7).envelope
        let sequence8 = try Fixtures.signed(key, sequence: 8, lifetime: 60).envelope
        let later = try Fixtures.signed(key, sequence: 7, lifetime: 90_000).envelope
        let select = { (values: [[UInt8]]) in MeshRecordValidator.select(key: [], values: values) }
        #expect(select([sequence7, sequence8]) == 1)
        #expect(select([sequence8, sequence7, later]) == 0)
        #expect(select([sequence7, later]) == 1)
        #expect(select([later, sequence7]) == 0)
        let named = try Fixtures.signed(key, name: "Zebra", sequence: 7).envelope
        let winner = [sequence7, named].max { $0.lexicographicallyPrecedes($1) }
        #expect([sequence7, named][select([sequence7, named])] == winner)
        #expect([named, sequence7][select([named, sequence7])] == winner)
    }

    @Test func `sequences are compared as unsigned numbers`() throws {
        let high = try Fixtures.signed(key, sequence: .max).envelope
        let low = try Fixtures.signed(key, sequence: 0).envelope
        #expect(MeshRecordValidator.select(key: [], values: [low, high]) == 1)
    }

    @Test func `what does not decode loses, and nothing at all is index zero`() throws {
        let good = try Fixtures.signed(key).envelope
        #expect(MeshRecordValidator.select(key: [], values: []) == 0)
        #expect(MeshRecordValidator.select(key: [], values: [[1, 2], good]) == 1)
        #expect(MeshRecordValidator.select(key: [], values: [good, [0xff], []]) == 0)
        #expect(MeshRecordValidator.select(key: [], values: [[1], [2], [1]]) == 1)
        let tooLarge = good + Array(repeating: 0, count: 8_192)
        #expect(MeshRecordValidator.select(key: [], values: [tooLarge, good]) == 1)
    }

    @Test func `every order of the same values selects the same value`() throws {
        var generator = SeededGenerator(seed: 21)
        var values = [[], [0x0a], try Fixtures.signed(key, name: "B", sequence: 3).envelope]
        for sequence in 1...3 as ClosedRange<UInt64> {
            for lifetime in [60, 61] as [UInt64] {
                values.append(try Fixtures.signed(key, sequence: sequence, lifetime: lifetime).envelope)
            }
        }
        let first = values[MeshRecordValidator.select(key: [], values: values)]
        for round in 0..<200 {
            values.shuffle(using: &generator)
            let selected = values[MeshRecordValidator.select(key: [], values: values)]
            #expect(selected == first, "seed 21, round \(round)")
        }
    }
}

struct MeshRecordIssuerTests {
    private let key = Fixtures.key(1)
    private let profile = MeshProfile(
        name: Fixtures.name("Harbour"), addresses: [Fixtures.address()],
        capabilities: [Fixtures.capability("b"), Fixtures.capability("a"), Fixtures.capability("b")],
        version: "meshp2p/0.1.0")

    @Test func `each record is valid and has a higher sequence, also when the clock goes back`() throws {
        var issuer = MeshRecordIssuer()
        var last: UInt64 = 0
        for offset in [0, 10, 5, 0, 11] as [UInt64] {
            let time = Fixtures.time.adding(seconds: offset)
            let signed = try issuer.issue(profile, by: key, at: time)
            try MeshRecordValidator.validate(key: signed.dhtKey, value: signed.envelope, at: time)
            #expect(signed.record.sequence > last)
            last = signed.record.sequence
        }
        #expect(issuer.lastSequence == last)
    }

    @Test func `the sequence starts at the clock, and after a known one`() throws {
        var fresh = MeshRecordIssuer()
        #expect(try fresh.issue(profile, by: key, at: Fixtures.time).record.sequence == Fixtures.time.seconds)
        var continued = MeshRecordIssuer(lastSequence: Fixtures.time.seconds + 5)
        let sequence = try continued.issue(profile, by: key, at: Fixtures.time).record.sequence
        #expect(sequence == Fixtures.time.seconds + 6)
    }

    @Test func `the last sequence of all is an error and not a trap`() {
        var issuer = MeshRecordIssuer(lastSequence: .max)
        #expect(throws: MeshRecordError.self) { try issuer.issue(profile, by: key, at: Fixtures.time) }
    }

    @Test func `capabilities are sorted and told once`() throws {
        var issuer = MeshRecordIssuer()
        let record = try issuer.issue(profile, by: key, at: Fixtures.time).record
        #expect(record.capabilities.map(\.text) == ["a", "b"])
    }

    @Test func `a record is due at first, after a third of its life, and when something changed`() throws {
        var issuer = MeshRecordIssuer(lifetimeSeconds: 90)
        #expect(issuer.isDue(profile, at: Fixtures.time))
        _ = try issuer.issue(profile, by: key, at: Fixtures.time)
        #expect(!issuer.isDue(profile, at: Fixtures.time.adding(seconds: 29)))
        #expect(issuer.isDue(profile, at: Fixtures.time.adding(seconds: 30)))
        #expect(issuer.isDue(profile, at: UnixTime(seconds: Fixtures.time.seconds - 1)))
        var changed = profile
        changed.addresses = []
        #expect(issuer.isDue(changed, at: Fixtures.time))
    }

    @Test func `the largest profile still fits an envelope`() throws {
        let host = "/dns4/" + String(repeating: "h", count: 200) + "/tcp/4001"
        let capabilities = (100..<200).map {
            Fixtures.capability(String(repeating: "c", count: 61) + "\($0)")
        }
        let large = MeshProfile(
            name: Fixtures.name(String(repeating: "é", count: 32)),
            addresses: (0..<20).map { _ in Fixtures.address(host) },
            capabilities: Array(capabilities.prefix(64)),
            version: String(repeating: "v", count: 64))
        var issuer = MeshRecordIssuer(lastSequence: .max - 1)
        let signed = try issuer.issue(large, by: key, at: Fixtures.time)
        #expect(signed.record.addresses.count == 14)
        #expect(signed.envelope.count <= MeshRecordLimits.envelopeByteCount)
    }
}
