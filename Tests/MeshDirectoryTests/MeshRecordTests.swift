import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDirectory

extension MeshRecordError {
    /// The case's name, as the vectors write it.
    var label: String {
        String(String(describing: Mirror(reflecting: self).children.first?.label ?? "\(Self.bare(self))"))
    }

    private static func bare(_ error: MeshRecordError) -> String {
        switch error {
        case .badPeerID: "badPeerID"
        case .wrongDID: "wrongDID"
        case .unsortedCapabilities: "unsortedCapabilities"
        case .badVersion: "badVersion"
        case .badKey: "badKey"
        default: "?"
        }
    }
}

struct MeshRecordTests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            var name: String
            var key: HexBytes
            var envelope: HexBytes
            var expect: String
        }
        var now: UInt64
        var did: String
        var peer: String
        var cases: [Case]
    }

    @Test func `records that others made are accepted or refused for the right reason`() throws {
        let vectors: Vectors = try Fixtures.vectors("mesh_record.json")
        #expect(vectors.cases.count == 37)
        for vector in vectors.cases {
            var outcome = "ok"
            do throws(MeshRecordError) {
                try MeshRecordValidator.validate(
                    key: vector.key.bytes, value: vector.envelope.bytes, at: UnixTime(seconds: vectors.now))
            } catch {
                outcome = error.label
            }
            #expect(outcome == vector.expect, "\(vector.name)")
        }
    }

    @Test func `the fields of a record that others made are read`() throws {
        let vectors: Vectors = try Fixtures.vectors("mesh_record.json")
        let plain = try #require(vectors.cases.first)
        let record = try SignedMeshRecord(envelope: plain.envelope.bytes).record
        #expect(record.did == vectors.did)
        #expect(record.peerID.description == vectors.peer)
        #expect(record.name.text == "Harbour Mesh")
        #expect(record.addresses.map(\.description) == ["/ip4/127.0.0.1/tcp/4001"])
        #expect(record.capabilities.map(\.text) == ["text/summary", "translate"])
        #expect(record.version == "meshp2p/0.1.0")
        #expect(record.sequence == 7)
        #expect(record.issued == UnixTime(seconds: vectors.now - 60))
        #expect(record.expires == UnixTime(seconds: vectors.now + 86_340))
    }

    @Test func `signing writes the same bytes as another implementation`() throws {
        let vectors: Vectors = try Fixtures.vectors("mesh_record.json")
        let plain = try #require(vectors.cases.first)
        let record = try SignedMeshRecord(envelope: plain.envelope.bytes).record
        var protobuf: [UInt8] = [0x08, 0x01, 0x12, 0x40] + Array(repeating: 1, count: 32)
        let publicKey = try #require(SignedEnvelopeKey.ed25519(of: plain.envelope.bytes))
        protobuf += publicKey
        let key = try IdentityKey(privateKeyProtobuf: protobuf.span.bytes)
        #expect(try SignedMeshRecord(signing: record, with: key).envelope == plain.envelope.bytes)
    }

    @Test func `an unknown address is skipped and still counts towards the limit`() throws {
        let key = Fixtures.key(1)
        let base = Fixtures.record(key).payload
        var writer = ProtobufWriter(base)
        for _ in 0..<15 { writer.bytes(4, [0xff, 0xff, 0x7f]) }
        let signed = try SignedMeshRecord(envelope: Fixtures.sealed(writer.bytes, by: key))
        #expect(signed.record.addresses == [Fixtures.address()])
        writer.bytes(4, [0xff, 0xff, 0x7f])
        #expect(throws: MeshRecordError.malformed(.tooManyValues(field: 4, limit: 16))) {
            try SignedMeshRecord(envelope: Fixtures.sealed(writer.bytes, by: key))
        }
    }

    @Test func `an address has at most 1024 bytes`() throws {
        let key = Fixtures.key(1)
        var writer = ProtobufWriter(Fixtures.record(key).payload)
        writer.bytes(4, Array(repeating: 0xff, count: 1_024))
        #expect(
            try SignedMeshRecord(envelope: Fixtures.sealed(writer.bytes, by: key)).record.addresses.count == 1
        )
        writer = ProtobufWriter(Fixtures.record(key).payload)
        writer.bytes(4, Array(repeating: 0xff, count: 1_025))
        #expect(throws: MeshRecordError.malformed(.fieldTooLong(field: 4, byteCount: 1_025, limit: 1_024))) {
            try SignedMeshRecord(envelope: Fixtures.sealed(writer.bytes, by: key))
        }
    }

    @Test func `an envelope has at most 8192 bytes`() throws {
        let key = Fixtures.key(1)
        let payload = Fixtures.record(key).payload
        func envelope(padding: Int) -> [UInt8] {
            var writer = ProtobufWriter(payload)
            writer.bytes(100, Array(repeating: 0, count: padding))
            return Fixtures.sealed(writer.bytes, by: key)
        }
        let padding = 8_192 - envelope(padding: 7_000).count + 7_000
        #expect(envelope(padding: padding).count == 8_192)
        #expect(try SignedMeshRecord(envelope: envelope(padding: padding)).envelope.count == 8_192)
        #expect(throws: MeshRecordError.tooLarge(byteCount: 8_193, limit: 8_192)) {
            try SignedMeshRecord(envelope: envelope(padding: padding + 1))
        }
    }

    @Test func `64 capabilities are a record and 65 are not`() throws {
        let key = Fixtures.key(1)
        let names = (10..<75).map { "c\($0)" }
        _ = try Fixtures.signed(key, capabilities: Array(names.prefix(64)))
        #expect(throws: MeshRecordError.malformed(.tooManyValues(field: 5, limit: 64))) {
            try Fixtures.signed(key, capabilities: names)
        }
        let payload = Fixtures.record(key, capabilities: names).payload
        #expect(throws: MeshRecordError.malformed(.tooManyValues(field: 5, limit: 64))) {
            try SignedMeshRecord(envelope: Fixtures.sealed(payload, by: key))
        }
    }

    @Test func `a version has 1 to 64 printable bytes`() throws {
        let key = Fixtures.key(1)
        func sign(_ version: String) throws -> SignedMeshRecord {
            var record = Fixtures.record(key)
            record.version = version
            return try SignedMeshRecord(signing: record, with: key)
        }
        _ = try sign(String(repeating: "~", count: 64))
        for version in ["", String(repeating: "v", count: 65), "a b", "a\u{7f}", "é"] {
            #expect(throws: MeshRecordError.badVersion) { try sign(version) }
        }
    }

    @Test(arguments: [1, 2, 3, 6, 7, 8, 9])
    func `a singular field that occurs twice is refused`(field: Int) throws {
        let key = Fixtures.key(1)
        var writer = ProtobufWriter(Fixtures.record(key).payload)
        switch field {
        case 1: writer.text(1, key.did)
        case 2: writer.text(2, "Other")
        case 3: writer.bytes(3, key.peerID.multihash)
        case 6: writer.text(6, "v")
        default: writer.varint(field, 1)
        }
        #expect(throws: MeshRecordError.repeatedField(field)) {
            try SignedMeshRecord(envelope: Fixtures.sealed(writer.bytes, by: key))
        }
    }

    @Test func `a record cannot be signed by another key`() {
        let record = Fixtures.record(Fixtures.key(1))
        let other = Fixtures.key(2)
        #expect(throws: MeshRecordError.wrongPeer(expected: other.peerID, actual: record.peerID)) {
            try SignedMeshRecord(signing: record, with: other)
        }
    }

    @Test func `any flipped bit of an envelope is noticed`() throws {
        let key = Fixtures.key(3)
        let signed = try Fixtures.signed(key)
        for index in signed.envelope.indices {
            for bit in 0..<8 {
                var bytes = signed.envelope
                bytes[index] ^= 1 << bit
                do throws(MeshRecordError) {
                    let other = try SignedMeshRecord(envelope: bytes)
                    // What is not signed is the envelope's own framing: the content must not change by it.
                    #expect(other.record == signed.record, "byte \(index), bit \(bit)")
                } catch {}
            }
        }
    }
}

/// Reads the raw Ed25519 key of an envelope without the code under test.
enum SignedEnvelopeKey {
    static func ed25519(of envelope: [UInt8]) -> [UInt8]? {
        guard envelope.count > 38, envelope[0] == 0x0a, envelope[1] == 36 else { return nil }
        return Array(envelope[6..<38])
    }
}
