import MeshCore
import MeshMultiformats
import Testing

@testable import MeshDHT

/// The form of messages: by hand, at the limits, and back and forth.
@Suite struct KadMessageTests {
    @Test func `the bytes of a message are those of the schema`() {
        let peer = KadPeer(
            id: TestPeers.id(1), addresses: [TestPeers.address(text: "/ip4/10.0.0.1/tcp/4001")],
            connection: .canConnect)
        let message = KadMessage(
            kind: .getProviders, key: [0xaa, 0xbb], closerPeers: [], providerPeers: [peer])
        let id = TestPeers.id(1).multihash
        let inner: [UInt8] =
            [0x0a, UInt8(id.count)] + id + [0x12, 8, 0x04, 10, 0, 0, 1, 0x06, 0x0f, 0xa1, 0x18, 2]
        #expect(message.encoded() == [0x08, 3, 0x12, 2, 0xaa, 0xbb, 0x4a, UInt8(inner.count)] + inner)
        #expect(KadMessage(kind: .putValue).encoded().isEmpty)
    }

    @Test func `a record carries key, value and time`() throws {
        let record = KadRecord(key: [1], value: [2, 3], timeReceived: UnixTime(seconds: 0))
        let message = KadMessage(kind: .putValue, key: [1], record: record)
        let time = Array("1970-01-01T00:00:00Z".utf8)
        #expect(
            message.encoded() == [0x12, 1, 1, 0x1a, 29, 0x0a, 1, 1, 0x12, 2, 2, 3, 0x2a, 20] + time)
        #expect(try decode(message.encoded()) == message)
    }

    @Test func `unknown fields are skipped everywhere`() throws {
        var rng = SeededGenerator(seed: 3)
        let peer = TestPeers.peer(using: &rng)
        var bytes: [UInt8] = [0x78, 5, 0x08, 1]
        var writer = ProtobufWriter()
        writer.message(3) { record in
            record.bytes(1, [7])
            record.bytes(666, [1, 2, 3])
            record.bytes(2, [8])
            record.varint(777, 9)
        }
        writer.message(8) { inner in
            inner.bytes(15, [0])
            inner.bytes(1, peer.id.multihash)
            inner.varint(16, 1)
        }
        bytes += writer.bytes
        let message = try decode(bytes)
        #expect(message.kind == .getValue && message.record == KadRecord(key: [7], value: [8]))
        #expect(message.closerPeers.map(\.id) == [peer.id])
    }

    @Test func `one odd peer or address does not cost the others`() throws {
        var rng = SeededGenerator(seed: 4)
        let good = TestPeers.peer(using: &rng)
        var writer = ProtobufWriter()
        writer.message(8) { $0.bytes(1, [1, 2, 3]) }
        writer.message(8) { $0.bytes(2, good.addresses[0].bytes) }
        writer.message(8) { inner in
            inner.bytes(1, good.id.multihash)
            inner.bytes(2, [0xff, 0xff, 0xff])
            inner.bytes(2, good.addresses[0].bytes)
            inner.bytes(2, [])
        }
        #expect(try decode(writer.bytes).closerPeers == [good])
    }

    @Test func `an address that names another peer is dropped and the own name is cut off`() throws {
        let (peer, other) = (TestPeers.peer(1), TestPeers.id(2))
        var writer = ProtobufWriter()
        writer.message(8) { inner in
            inner.bytes(1, peer.id.multihash)
            inner.bytes(2, peer.addresses[0].appending(peer: peer.id).bytes)
            inner.bytes(2, peer.addresses[0].appending(peer: other).bytes)
        }
        #expect(try decode(writer.bytes).closerPeers == [peer])
    }

    @Test func `lists are cut at their limits`() throws {
        var rng = SeededGenerator(seed: 5)
        let addresses = (0..<20).map { TestPeers.address($0 + 1) }
        var writer = ProtobufWriter()
        for _ in 0..<70 {
            let id = TestPeers.id(using: &rng)
            writer.message(8) { inner in
                inner.bytes(1, id.multihash)
                for address in addresses { inner.bytes(2, address.bytes) }
            }
        }
        let peers = try decode(writer.bytes).closerPeers
        #expect(peers.count == 64)
        #expect(peers.allSatisfy { $0.addresses == Array(addresses.prefix(16)) })
    }

    @Test func `a key at the limit is read and one byte more is refused`() throws {
        var writer = ProtobufWriter()
        writer.bytes(2, [UInt8](repeating: 1, count: 512))
        #expect(try decode(writer.bytes).key.count == 512)
        writer = ProtobufWriter()
        writer.bytes(2, [UInt8](repeating: 1, count: 513))
        #expect(throws: KadMessageError.malformed(.fieldTooLong(field: 2, byteCount: 513, limit: 512))) {
            try decode(writer.bytes)
        }
    }

    @Test func `unknown kinds and broken protobuf are refused`() {
        #expect(throws: KadMessageError.unknownKind(6)) { try decode([0x08, 6]) }
        #expect(throws: KadMessageError.unknownKind(.max)) {
            try decode([0x08] + [UInt8](repeating: 0xff, count: 9) + [1])
        }
        #expect(throws: KadMessageError.malformed(.truncated(offset: 0))) { try decode([0x12, 5, 1]) }
        #expect(throws: KadMessageError.malformed(.unexpectedWireType(field: 2))) { try decode([0x10, 5]) }
    }

    @Test func `what is written is read back, for any message`() throws {
        for seed in UInt64(0)..<300 {
            var rng = SeededGenerator(seed: seed)
            let message = Self.randomMessage(using: &rng)
            #expect(try decode(message.encoded()) == message, "seed \(seed)")
        }
    }

    @Test func `a message never exceeds its limit and gives every peer a share of it`() throws {
        var rng = SeededGenerator(seed: 6)
        let long = TestPeers.address(text: "/dns4/" + String(repeating: "a", count: 200) + "/tcp/4001")
        let peers = (0..<20).map { _ in
            KadPeer(
                id: TestPeers.id(using: &rng), addresses: [UInt8](repeating: 0, count: 10).map { _ in long })
        }
        let short = TestPeers.peer(using: &rng)
        let message = KadMessage(kind: .findNode, key: [1], closerPeers: peers + [short])
        let bytes = message.encoded()
        #expect(bytes.count <= 16 * 1024)
        let decoded = try decode(bytes)
        #expect(decoded.closerPeers.count == 21)
        #expect(decoded.closerPeers.allSatisfy { !$0.addresses.isEmpty })
        #expect(decoded.closerPeers[20] == short)
        for limit in [0, 10, 100, 500, 1000, 5000] {
            #expect(message.encoded(limit: limit).count <= max(limit, 5))
        }
    }

    @Test func `a message is appended to a buffer that holds something already`() {
        var rng = SeededGenerator(seed: 21)
        for _ in 0..<50 {
            let message = Self.randomMessage(using: &rng)
            let limit = 200 + Int(rng.next(upperBound: UInt32(2000)))
            var bytes: [UInt8] = [1, 2, 3]
            message.encode(into: &bytes, limit: limit)
            #expect(bytes == [1, 2, 3] + message.encoded(limit: limit))
        }
    }

    @Test func `a value of the longest kind leaves room for closer peers`() throws {
        var rng = SeededGenerator(seed: 7)
        let record = KadRecord(
            key: [UInt8](repeating: 1, count: 256), value: [UInt8](repeating: 2, count: 10 * 1024),
            timeReceived: UnixTime(seconds: 1_800_000_000))
        let peers = (0..<20).map { _ in TestPeers.peer(using: &rng) }
        let message = KadMessage(kind: .getValue, key: record.key, record: record, closerPeers: peers)
        #expect(message.encoded().count <= 16 * 1024)
        #expect(try decode(message.encoded()) == message)
    }

    @Test func `random bytes and mutated messages never trap`() {
        for seed in UInt64(0)..<2000 {
            var rng = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            bytes.appendRandom(Int(rng.next(upperBound: UInt32(200))), using: &rng)
            _ = try? decode(bytes)
            var mutated = Self.randomMessage(using: &rng).encoded()
            for _ in 0..<3 where !mutated.isEmpty {
                let index = Int(rng.next(upperBound: UInt32(mutated.count)))
                mutated[index] = UInt8(truncatingIfNeeded: rng.next())
            }
            if let message = try? decode(mutated) { _ = message.encoded() }
            _ = try? decode(Array(mutated.prefix(Int(rng.next(upperBound: UInt32(mutated.count + 1))))))
        }
    }

    static func randomMessage(using rng: inout SeededGenerator) -> KadMessage {
        var message = KadMessage(kind: KadMessage.Kind.allCases.randomElement(using: &rng) ?? .ping)
        message.key.appendRandom(Int(rng.next(upperBound: UInt32(60))), using: &rng)
        if Bool.random(using: &rng) {
            var record = KadRecord(key: message.key, value: [])
            record.value.appendRandom(Int(rng.next(upperBound: UInt32(300))), using: &rng)
            if Bool.random(using: &rng) {
                record.timeReceived = UnixTime(seconds: rng.next(upperBound: 4_000_000_000))
            }
            message.record = record
        }
        for _ in 0..<rng.next(upperBound: UInt32(6)) {
            var peer = TestPeers.peer(using: &rng)
            peer.connection = KadConnection(rawValue: UInt8(rng.next(upperBound: UInt32(4)))) ?? .notConnected
            if Bool.random(using: &rng) {
                message.closerPeers.append(peer)
            } else {
                message.providerPeers.append(peer)
            }
        }
        return message
    }

    private func decode(_ bytes: [UInt8]) throws -> KadMessage { try KadMessage.decode(bytes.span.bytes) }
}

/// Times of records.
@Suite struct RecordTimeTests {
    @Test(arguments: [
        (UInt64(0), "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (1_732_365_296, "2024-11-23T12:34:56Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ]) func `a time is written and read`(seconds: UInt64, text: String) {
        #expect(RecordTime.text(UnixTime(seconds: seconds)) == text)
        #expect(RecordTime.parse(Array(text.utf8).span.bytes) == UnixTime(seconds: seconds))
    }

    @Test func `fractions and offsets are understood`() {
        let expected = UnixTime(seconds: 1_732_365_296)
        for text in [
            "2024-11-23T12:34:56.789012345Z", "2024-11-23T14:34:56+02:00", "2024-11-23T07:04:56.5-05:30",
            "2024-11-23t12:34:56z",
        ] {
            #expect(RecordTime.parse(Array(text.utf8).span.bytes) == expected, "\(text)")
        }
    }

    @Test(arguments: [
        "", "2024", "1969-12-31T23:59:59Z", "2024-13-01T00:00:00Z", "2024-11-23T25:00:00Z",
        "2024-11-23T12:34:56",
        "2024-11-23 12:34:56 Z", "2024-11-23T12:34:56Z ", "1700000000.123456", "2024-11-23T12:34:56+2:00",
        "xxxx-xx-xxTxx:xx:xxZ", "1970-01-01T00:00:00+23:59",
    ]) func `other text is no time`(text: String) {
        #expect(RecordTime.parse(Array(text.utf8).span.bytes) == nil)
    }
}
