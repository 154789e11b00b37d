import MeshCore
import MeshCrypto
import MeshMultiformats
import Testing

struct SignedRecordTests {
    struct Computed: Decodable {
        struct Envelope: Decodable {
            var domain: String
            var payloadType: String
            var payload: String
            var signature: String
            var envelope: String

            enum CodingKeys: String, CodingKey {
                case domain, payload, signature, envelope
                case payloadType = "payload_type"
            }
        }

        var peerRecord: Envelope
        var voucher: Envelope

        enum CodingKeys: String, CodingKey {
            case peerRecord = "signed_peer_record"
            case voucher = "relay_voucher"
        }
    }

    struct Foreign: Decodable {
        struct Case: Decodable {
            var form: String
            var peerID: String
            var sequence: UInt64
            var addresses: [String]
            var envelope: String

            enum CodingKeys: String, CodingKey {
                case form, addresses, envelope
                case peerID = "peer_id"
                case sequence = "seq"
            }
        }

        var cases: [Case]
    }

    private func specificationKey() throws -> IdentityKey {
        let keys = try Vectors.load("peer_ids/peer_ids.json", as: KeyFile.self).keys
        return try IdentityKey.decode(bytes(#require(keys.first).privatePB))
    }

    @Test func `the record computed from the specification's key is ours byte for byte`() throws {
        let expected = try Vectors.load("signed_records/signed_records.json", as: Computed.self).peerRecord
        let key = try specificationKey()
        let address = try Multiaddr("/ip4/127.0.0.1/tcp/4321")
        let (record, signer) = try PeerRecord.open(bytes(expected.envelope))
        #expect(record == PeerRecord(peerID: key.peerID, sequence: record.sequence, addresses: [address]))
        #expect(signer == key.publicKey)
        #expect(Hex.encode(record.payload) == expected.payload)
        #expect(Hex.encode(record.sealed(by: key)) == expected.envelope)
    }

    @Test func `the relay voucher computed from the specification's key opens in its domain only`() throws {
        let expected = try Vectors.load("signed_records/signed_records.json", as: Computed.self).voucher
        let key = try specificationKey()
        let opened = try SignedEnvelope.open(bytes(expected.envelope), domain: expected.domain, type: [3, 2])
        #expect(Hex.encode(opened.payload) == expected.payload)
        #expect(Hex.encode(opened.encoded) == expected.envelope)
        let sealed = SignedEnvelope.seal(
            payload: opened.payload, type: opened.payloadType, domain: expected.domain, by: key)
        #expect(sealed == opened)
        #expect(throws: SignedEnvelopeError.badSignature(domain: "libp2p-peer-record")) {
            try SignedEnvelope.open(bytes(expected.envelope), domain: "libp2p-peer-record")
        }
        #expect(throws: SignedEnvelopeError.wrongPayloadType([3, 2])) {
            try SignedEnvelope.open(bytes(expected.envelope), domain: expected.domain, type: [3, 1])
        }
        #expect(throws: PeerRecordError.unknownPayloadType([3, 2])) {
            try PeerRecord.open(bytes(expected.envelope))
        }
    }

    @Test func `records that py-libp2p signed open in both forms`() throws {
        let cases = try Vectors.load("signed_records/pylibp2p.json", as: Foreign.self).cases
        #expect(cases.map(\.form) == ["interoperable", "legacy", "interoperable", "legacy"])
        for entry in cases {
            let (record, signer) = try PeerRecord.open(bytes(entry.envelope))
            #expect(record.peerID.description == entry.peerID)
            #expect(record.peerID == signer.peerID)
            #expect(record.sequence == entry.sequence)
            #expect(record.addresses.map(\.description) == entry.addresses)
            let envelope = try SignedEnvelope(unverified: bytes(entry.envelope))
            let form: PeerRecord.Form = entry.form == "legacy" ? .legacy : .interoperable
            #expect(envelope.payloadType == form.payloadType)
            #expect(envelope.isSigned(for: form.domain))
            let other: PeerRecord.Form = entry.form == "legacy" ? .interoperable : .legacy
            #expect(!envelope.isSigned(for: other.domain))
        }
    }

    @Test(arguments: PeerRecord.Form.allCases)
    func `a record of ours comes back from either form`(form: PeerRecord.Form) throws {
        var rng = SeededGenerator(seed: 21)
        let key = IdentityKey(using: &rng)
        let record = PeerRecord(
            peerID: key.peerID, sequence: .max,
            addresses: try [Multiaddr("/ip4/192.0.2.1/tcp/1"), Multiaddr("/dns/example.org/tcp/2")])
        let (opened, signer) = try PeerRecord.open(record.sealed(by: key, form: form))
        #expect(opened == record)
        #expect(signer == key.publicKey)
    }

    @Test func `a record about another peer than its signer is refused`() throws {
        var rng = SeededGenerator(seed: 22)
        let key = IdentityKey(using: &rng)
        let other = IdentityKey(using: &rng)
        let record = PeerRecord(peerID: other.peerID, sequence: 1, addresses: [])
        #expect(throws: PeerRecordError.foreignSigner(record: other.peerID, signer: key.peerID)) {
            try PeerRecord.open(record.sealed(by: key))
        }
    }

    @Test func `every changed byte of an envelope is refused`() throws {
        var rng = SeededGenerator(seed: 23)
        let key = IdentityKey(using: &rng)
        let record = PeerRecord(
            peerID: key.peerID, sequence: 5, addresses: [try Multiaddr("/ip4/192.0.2.1/tcp/1")])
        let sealed = record.sealed(by: key)
        for position in sealed.indices {
            var forged = sealed
            forged[position] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
            #expect(throws: PeerRecordError.self, "byte \(position)") { try PeerRecord.open(forged) }
        }
        for count in sealed.indices {
            #expect(throws: PeerRecordError.self) { try PeerRecord.open(Array(sealed.prefix(count))) }
        }
    }

    @Test func `addresses of unknown protocols are skipped, not the record`() throws {
        var rng = SeededGenerator(seed: 24)
        let key = IdentityKey(using: &rng)
        let known = try Multiaddr("/ip4/192.0.2.1/tcp/1")
        var writer = ProtobufWriter()
        writer.bytes(1, key.peerID.multihash)
        writer.varint(2, 9)
        // onion3 (445), no address, an empty one, and one that ends too soon.
        for address in [[0xbd, 0x03] + [UInt8](repeating: 1, count: 37), [], [0x04, 0x7f], known.bytes] {
            writer.message(3) { $0.bytes(1, address) }
        }
        writer.bytes(3, [UInt8]())
        let sealed = SignedEnvelope.seal(
            payload: writer.bytes, type: PeerRecord.Form.interoperable.payloadType,
            domain: PeerRecord.Form.interoperable.domain, by: key)
        #expect(try PeerRecord.open(sealed.encoded).0.addresses == [known])
    }

    @Test func `a record gives at most 128 addresses`() throws {
        var rng = SeededGenerator(seed: 25)
        let key = IdentityKey(using: &rng)
        let addresses = try (0..<200 as Range<UInt16>).map { port in
            try Multiaddr(host: .ip4(0x7f00_0001), tcpPort: port)
        }
        let record = PeerRecord(peerID: key.peerID, sequence: 1, addresses: addresses)
        let opened = try PeerRecord.open(record.sealed(by: key)).0
        #expect(opened.addresses == Array(addresses.prefix(128)))
    }

    @Test func `an envelope's parts have limits`() throws {
        var rng = SeededGenerator(seed: 26)
        let key = IdentityKey(using: &rng)
        let limit = SignedEnvelope.maximumPayloadByteCount
        let longest = SignedEnvelope.seal(
            payload: [UInt8](repeating: 1, count: limit), type: [1], domain: "test", by: key)
        #expect(throws: Never.self) { try SignedEnvelope.open(longest.encoded, domain: "test") }
        let tooLong = SignedEnvelope.seal(
            payload: [UInt8](repeating: 1, count: limit + 1), type: [1], domain: "test", by: key)
        #expect(
            throws: SignedEnvelopeError.badProtobuf(
                .fieldTooLong(field: 3, byteCount: limit + 1, limit: limit))
        ) {
            try SignedEnvelope.open(tooLong.encoded, domain: "test")
        }
        for field in [1, 2, 3, 5] {
            var writer = ProtobufWriter()
            for (number, content) in [
                (1, key.publicKey.protobuf), (2, [1]), (3, [1]), (5, [UInt8](repeating: 0, count: 64)),
            ] where number != field {
                writer.bytes(number, content)
            }
            #expect(throws: SignedEnvelopeError.badProtobuf(.missingField(field))) {
                try SignedEnvelope(unverified: writer.bytes)
            }
        }
    }
}
