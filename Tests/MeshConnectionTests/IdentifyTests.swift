import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct IdentifyTests {
    static func peer(_ number: UInt64) -> PublicKey { PublicKey(ed25519: Bytes32(number, 2, 3, 4)) }

    static func address(_ number: Int) throws -> Multiaddr {
        try Multiaddr("/ip4/10.0.\(number / 256).\(number % 256)/tcp/4001")
    }

    static func message(addressCount: Int = 3, protocolCount: Int = 4) throws -> IdentifyMessage {
        IdentifyMessage(
            publicKey: peer(1), listenAddresses: try (0..<addressCount).map(address),
            protocols: (0..<protocolCount).map { "/test/protocol/\($0)/1.0.0" },
            observedAddress: try Multiaddr("/ip6/2001:db8::1/tcp/9"), protocolVersion: "ipfs/0.1.0",
            agentVersion: "meshp2p/0.1.0 (test)")
    }

    static func decode(_ bytes: [UInt8]) throws -> IdentifyMessage {
        var decoder = IdentifyDecoder()
        try decoder.receive(bytes.span.bytes)
        return try decoder.finish()
    }

    static func part(_ build: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        build(&writer)
        return DelimitedBuffer.encode(writer.bytes)
    }

    @Test func `a message survives the wire in one part`() throws {
        let message = try Self.message()
        #expect(message.encodeParts().count == 1)
        #expect(try Self.decode(message.encode()) == message)
    }

    @Test func `a message is understood however its bytes are cut`() throws {
        let message = try Self.message()
        let bytes = message.encode()
        for cut in 0...bytes.count {
            var decoder = IdentifyDecoder()
            try decoder.receive(bytes.span.bytes.extracting(first: cut))
            try decoder.receive(bytes.span.bytes.extracting(droppingFirst: cut))
            #expect(try decoder.finish() == message)
        }
    }

    @Test func `a long message is split into parts of at most 4 KiB and merged again`() throws {
        var message = try Self.message(addressCount: 200, protocolCount: 300)
        message.signedPeerRecord = [UInt8](repeating: 7, count: 3000)
        let parts = message.encodeParts()
        #expect(parts.count > 2)
        #expect(parts.allSatisfy { $0.count <= 4096 })
        #expect(try Self.decode(message.encode()) == message)
        // Peers that read one part still learn the names.
        let first = try Self.decode(DelimitedBuffer.encode(parts[0]))
        #expect(first.publicKey == message.publicKey)
        #expect(first.agentVersion == message.agentVersion)
        #expect(first.protocols.first == message.protocols.first)
    }

    @Test func `no more than ten parts are sent`() throws {
        let parts = try Self.message(protocolCount: 5000).encodeParts()
        #expect(parts.count == 10)
        #expect(try Self.decode(parts.flatMap(DelimitedBuffer.encode)).agentVersion == "meshp2p/0.1.0 (test)")
    }

    @Test func `a value that fits into no part is left out`() throws {
        var message = try Self.message()
        message.signedPeerRecord = [UInt8](repeating: 7, count: 5000)
        let decoded = try Self.decode(message.encode())
        message.signedPeerRecord = nil
        #expect(decoded == message)
    }

    @Test func `a part is filled to its last byte`() {
        // A field of 100 bytes takes 102.
        let message = IdentifyMessage(
            protocols: [String](repeating: String(repeating: "a", count: 100), count: 2))
        #expect(message.encodeParts(maximumByteCount: 204).map(\.count) == [204])
        #expect(message.encodeParts(maximumByteCount: 203).map(\.count) == [102, 102])
        #expect(message.encodeParts(maximumByteCount: 102).map(\.count) == [102, 102])
        #expect(message.encodeParts(maximumByteCount: 101).map(\.count) == [0])
    }

    @Test func `an empty message is one empty part`() throws {
        #expect(IdentifyMessage().encode() == [0])
        #expect(try Self.decode([0]) == IdentifyMessage())
    }

    @Test func `addresses that cannot be parsed are skipped and counted`() throws {
        let good = try Self.address(1)
        let bytes = Self.part { writer in
            writer.bytes(2, [0xff, 0xff, 0xff])
            writer.bytes(2, good.bytes)
            writer.bytes(2, [])
            writer.bytes(4, [9, 9])
            writer.bytes(1, [1, 2, 3])
            writer.bytes(3, [0xff, 0xfe])
            writer.text(3, "/good/1.0.0")
            writer.varint(99, 5)
        }
        let message = try Self.decode(bytes)
        #expect(message.listenAddresses == [good])
        #expect(message.skippedAddressCount == 2)
        #expect(message.observedAddress == nil)
        #expect(message.publicKey == nil)
        #expect(message.protocols == ["/good/1.0.0"])
    }

    @Test func `lists and texts are kept up to their limits`() throws {
        let address = try Self.address(1)
        let parts = (0..<3).flatMap { _ in
            Self.part { writer in
                for _ in 0..<200 { writer.bytes(2, address.bytes) }
                for _ in 0..<250 { writer.text(3, "/p") }
                writer.text(6, String(repeating: "é", count: 200))
            }
        }
        let message = try Self.decode(parts)
        #expect(message.listenAddresses.count == 256)
        #expect(message.skippedAddressCount == 600 - 256)
        #expect(message.protocols.count == 512)
        #expect(message.agentVersion == String(repeating: "é", count: 128))
        let long = Self.part { writer in
            writer.text(3, String(repeating: "a", count: 1024))
            writer.text(3, String(repeating: "b", count: 1025))
        }
        #expect(try Self.decode(long).protocols == [String(repeating: "a", count: 1024)])
    }

    @Test func `parts are limited in size and number`() throws {
        let largest = Self.part { $0.bytes(99, [UInt8](repeating: 0, count: 8192 - 4)) }
        #expect(largest.count == 8194)
        #expect(try Self.decode(largest) == IdentifyMessage())
        let tooLarge = IdentifyError.badLength(.messageTooLong(byteCount: 8193, limit: 8192))
        #expect(throws: tooLarge) { try Self.decode([0x81, 0x40]) }
        #expect(try Self.decode([UInt8](repeating: 0, count: 10)) == IdentifyMessage())
        #expect(throws: IdentifyError.tooManyParts(limit: 10)) {
            try Self.decode([UInt8](repeating: 0, count: 11))
        }
    }

    @Test func `broken streams are told apart`() {
        #expect(throws: IdentifyError.empty) { try Self.decode([]) }
        #expect(throws: IdentifyError.truncated(byteCount: 3)) { try Self.decode([5, 0x2a, 1]) }
        #expect(throws: IdentifyError.malformed(.truncated(offset: 0))) { try Self.decode([2, 0x2a, 9]) }
        #expect(throws: IdentifyError.malformed(.unexpectedWireType(field: 2))) {
            try Self.decode([2, 0x10, 9])
        }
        #expect(throws: IdentifyError.badLength(.badLength(.notMinimal))) { try Self.decode([0x80, 0]) }
    }

    @Test func `random bytes never trap`() {
        for seed in 0..<2000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var bytes: [UInt8] = []
            bytes.appendRandom(Int.random(in: 0..<200, using: &generator), using: &generator)
            if !seed.isMultiple(of: 3) { bytes = DelimitedBuffer.encode(bytes) }
            _ = try? Self.decode(bytes)
        }
    }

    @Test func `only a record that the peer signed replaces its list`() throws {
        var generator = SeededGenerator(seed: 5)
        let key = IdentityKey(using: &generator)
        let other = IdentityKey(using: &generator)
        let signed = try [Self.address(7)]
        let record = PeerRecord(peerID: key.peerID, sequence: 1, addresses: signed)
        for form in PeerRecord.Form.allCases {
            var message = IdentifyMessage(publicKey: key.publicKey, listenAddresses: [try Self.address(1)])
            message.signedPeerRecord = record.sealed(by: key, form: form)
            #expect(message.addresses(of: key.peerID) == signed)
            #expect(message.addresses(of: other.peerID) == [try Self.address(1)])
            message.signedPeerRecord?[20] ^= 1
            #expect(message.addresses(of: key.peerID) == [try Self.address(1)])
        }
    }

    @Test func `addresses and keys of other peers are not believed`() throws {
        let (mine, other) = (Self.peer(1), Self.peer(2))
        let plain = try Self.address(1)
        let message = IdentifyMessage(
            publicKey: other,
            listenAddresses: [
                plain, plain.appending(peer: mine.peerID), plain.appending(peer: other.peerID),
            ])
        #expect(message.addresses(of: mine.peerID) == [plain, plain.appending(peer: mine.peerID)])
        #expect(throws: IdentifyError.wrongPublicKey) { try message.checkKey(against: mine.peerID) }
        try message.checkKey(against: other.peerID)
        try IdentifyMessage().checkKey(against: mine.peerID)
    }
}
