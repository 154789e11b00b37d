import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

struct HeartbeatTests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            var name: String
            var envelope: HexBytes
            var status: UInt64
        }
        var now: UInt64
        var sender: String
        var response: HexBytes
        var cases: [Case]
    }

    private let key = Fixtures.key(1)

    private func heartbeat(_ change: (inout Heartbeat) -> Void = { _ in }) throws -> Heartbeat {
        var heartbeat = Heartbeat(
            meshRecord: try Fixtures.signed(key).envelope, status: .online, memberCount: 1, botCount: 2,
            isPublic: true, sequence: 3, issued: Fixtures.time)
        change(&heartbeat)
        return heartbeat
    }

    @Test func `a registry takes or refuses what others made for the right reason`() throws {
        let vectors: Vectors = try Fixtures.vectors("heartbeat.json")
        #expect(vectors.cases.count == 28)
        let sender = try PeerID(vectors.sender)
        for vector in vectors.cases {
            var table = RegistryTable(epoch: UnixTime(seconds: vectors.now))
            let response = table.handle(vector.envelope.bytes, from: sender, now: .zero).response
            #expect(response.status.rawValue == vector.status, "\(vector.name): \(response.statusText)")
            #expect(table.count == (vector.status == 0 ? 1 : 0), "\(vector.name)")
        }
    }

    @Test func `the fields of a heartbeat that others made are read`() throws {
        let vectors: Vectors = try Fixtures.vectors("heartbeat.json")
        let signed = try SignedHeartbeat(envelope: try #require(vectors.cases.first).envelope.bytes)
        #expect(signed.peerID.description == vectors.sender)
        #expect(signed.mesh.record.name.text == "Harbour Mesh")
        let heartbeat = signed.heartbeat
        #expect(heartbeat.status == .online)
        #expect(heartbeat.memberCount == 12)
        #expect(heartbeat.botCount == 3)
        #expect(heartbeat.isPublic)
        #expect(heartbeat.intervalSeconds == 30)
        #expect(heartbeat.ttlSeconds == 90)
        #expect(heartbeat.sequence == vectors.now * 1_000)
        #expect(heartbeat.issued == UnixTime(seconds: vectors.now))
    }

    @Test func `an answer that others made is read, and ours is what they read`() throws {
        let vectors: Vectors = try Fixtures.vectors("heartbeat.json")
        let response = try HeartbeatResponse(decoding: vectors.response.bytes.span.bytes)
        let expected = HeartbeatResponse(
            status: .staleSequence, statusText: "continue after sequence 9", ttlSeconds: 90,
            time: UnixTime(seconds: vectors.now), sequence: 9)
        #expect(response == expected)
        #expect(expected.encoded == vectors.response.bytes)
        #expect(
            throws: HeartbeatError.refused(
                .staleSequence, statusText: "continue after sequence 9", sequence: 9)
        ) {
            try response.check()
        }
    }

    @Test func `a heartbeat survives signing and opening`() throws {
        let heartbeat = try heartbeat { $0.isPublic = false }
        let signed = try SignedHeartbeat(signing: heartbeat, with: key)
        #expect(try SignedHeartbeat(envelope: signed.envelope) == signed)
        #expect(signed.heartbeat == heartbeat)
    }

    @Test func `counts and intervals beyond the limits are not signed`() throws {
        _ = try SignedHeartbeat(signing: heartbeat { $0.memberCount = 1_000_000_000 }, with: key)
        #expect(throws: HeartbeatError.badCount(1_000_000_001)) {
            try SignedHeartbeat(signing: heartbeat { $0.memberCount = 1_000_000_001 }, with: key)
        }
        #expect(throws: HeartbeatError.badCount(.max)) {
            try SignedHeartbeat(signing: heartbeat { $0.botCount = .max }, with: key)
        }
        for interval in [0, 3_601, .max] as [UInt64] {
            #expect(throws: HeartbeatError.badInterval(seconds: interval)) {
                try SignedHeartbeat(signing: heartbeat { $0.intervalSeconds = interval }, with: key)
            }
        }
    }

    @Test func `a record of another mesh is not signed`() throws {
        let other = Fixtures.key(2)
        let heartbeat = try heartbeat()
        #expect(throws: HeartbeatError.recordOfAnotherPeer(key.peerID)) {
            try SignedHeartbeat(signing: heartbeat, with: other)
        }
    }

    @Test(arguments: 1...8)
    func `a field that occurs twice is refused`(field: Int) throws {
        var writer = ProtobufWriter(try heartbeat().payload)
        if field == 1 { writer.bytes(1, [1]) } else { writer.varint(field, 1) }
        let envelope = SignedEnvelope.seal(
            payload: writer.bytes, type: HeartbeatLimits.payloadType, domain: HeartbeatLimits.domain, by: key)
        #expect(throws: HeartbeatError.repeatedField(field)) {
            try SignedHeartbeat(envelope: envelope.encoded)
        }
    }

    @Test func `an envelope of more than 10240 bytes is refused before it is read`() {
        let bytes = [UInt8](repeating: 0, count: 10_241)
        #expect(throws: HeartbeatError.tooLarge(byteCount: 10_241, limit: 10_240)) {
            try SignedHeartbeat(envelope: bytes)
        }
    }

    @Test func `the largest mesh record fits a heartbeat`() throws {
        var writer = ProtobufWriter(Fixtures.record(key).payload)
        let padding = 8_192 - Fixtures.sealed(writer.bytes, by: key).count - 20
        writer.bytes(100, Array(repeating: 0, count: padding))
        let record = Fixtures.sealed(writer.bytes, by: key)
        #expect(record.count > 8_150)
        let heartbeat = try heartbeat {
            $0.meshRecord = record
            $0.sequence = .max
            $0.memberCount = HeartbeatLimits.count
        }
        let signed = try SignedHeartbeat(signing: heartbeat, with: key)
        #expect(signed.envelope.count <= HeartbeatLimits.envelopeByteCount)
    }

    @Test func `an answer has at most 1024 bytes and its text 512, cut between characters`() throws {
        let text = String(repeating: "é", count: 300)
        let response = HeartbeatResponse(
            status: .unavailable, statusText: text, ttlSeconds: .max, time: UnixTime(seconds: .max),
            sequence: .max)
        #expect(response.encoded.count <= HeartbeatLimits.responseByteCount)
        let read = try HeartbeatResponse(decoding: response.encoded.span.bytes)
        #expect(read.statusText == String(repeating: "é", count: 256))
        #expect(throws: HeartbeatError.tooLarge(byteCount: 1_025, limit: 1_024)) {
            try HeartbeatResponse(decoding: [UInt8](repeating: 0, count: 1_025).span.bytes)
        }
    }

    @Test func `statuses are found by their words and nothing else`() {
        for status in MeshStatus.allCases { #expect(MeshStatus(name: status.name) == status) }
        #expect(MeshStatus(name: "Online") == nil)
        #expect(MeshStatus(name: "") == nil)
    }
}

struct HeartbeatIssuerTests {
    private let key = Fixtures.key(1)

    @Test func `sequences follow the clock in milliseconds and never repeat`() throws {
        let record = try Fixtures.signed(key)
        var issuer = HeartbeatIssuer()
        let report = HeartbeatReport()
        let first = try issuer.issue(report, record: record, by: key, at: Fixtures.time).heartbeat
        #expect(first.sequence == Fixtures.time.seconds * 1_000)
        let second = try issuer.issue(report, record: record, by: key, at: Fixtures.time).heartbeat
        #expect(second.sequence == first.sequence + 1)
        let back = UnixTime(seconds: Fixtures.time.seconds - 100)
        let third = try issuer.issue(report, record: record, by: key, at: back).heartbeat
        #expect(third.sequence == second.sequence + 1)
    }

    @Test func `a far clock overflows nothing`() throws {
        let record = try Fixtures.signed(key)
        var issuer = HeartbeatIssuer(lastSequence: .max)
        let time = UnixTime(seconds: .max)
        #expect(
            try issuer.issue(HeartbeatReport(), record: record, by: key, at: time).heartbeat.sequence == .max)
    }

    @Test func `a registry's sequence is learnt when it is believable`() {
        func learnt(_ sequence: UInt64, _ status: HeartbeatStatus = .staleSequence) -> UInt64 {
            var issuer = HeartbeatIssuer(lastSequence: 5)
            let response = HeartbeatResponse(status: status, time: Fixtures.time, sequence: sequence)
            issuer.learn(from: response, at: Fixtures.time)
            return issuer.lastSequence
        }
        let tomorrow = (Fixtures.time.seconds + 86_400) * 1_000
        #expect(learnt(4) == 5)
        #expect(learnt(tomorrow) == tomorrow)
        #expect(learnt(tomorrow + 1) == 5)
        #expect(learnt(.max) == 5)
        #expect(learnt(100, .clockSkew) == 5)
    }
}
