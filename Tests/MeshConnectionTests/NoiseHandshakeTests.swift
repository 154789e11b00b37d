import Foundation
import MeshCore
import MeshCrypto
import Testing

@testable import MeshConnection

@Suite struct NoiseHandshakeTests {
    private struct Vectors: Decodable {
        struct Message: Decodable {
            var payload: String
            var ciphertext: String
        }

        struct Vector: Decodable {
            var protocol_name: String
            var init_prologue: String
            var init_static: String
            var init_ephemeral: String
            var init_remote_static: String?
            var resp_prologue: String
            var resp_static: String
            var resp_ephemeral: String
            var handshake_hash: String
            var messages: [Message]
        }

        var vectors: [Vector]
    }

    private static func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

    private static func key(_ hex: String) throws -> X25519PrivateKey {
        X25519PrivateKey(try #require(Bytes32(try bytes(hex))))
    }

    private func pair(_ vector: Vectors.Vector, _ pattern: NoisePattern) throws -> [NoiseHandshake] {
        var remoteStaticKey: Bytes32?
        if let hex = vector.init_remote_static { remoteStaticKey = Bytes32(try Self.bytes(hex)) }
        return [
            NoiseHandshake(
                pattern: pattern, role: .dialer, staticKey: try Self.key(vector.init_static),
                ephemeralKey: try Self.key(vector.init_ephemeral), remoteStaticKey: remoteStaticKey,
                prologue: try Self.bytes(vector.init_prologue)),
            NoiseHandshake(
                pattern: pattern, role: .listener, staticKey: try Self.key(vector.resp_static),
                ephemeralKey: try Self.key(vector.resp_ephemeral),
                prologue: try Self.bytes(vector.resp_prologue)),
        ]
    }

    @Test(arguments: [NoisePattern.xx, .ik, .ix])
    func `the cacophony vectors pass with every byte and the handshake hash`(pattern: NoisePattern) throws {
        let vectors = try JSONDecoder().decode(
            Vectors.self, from: ConnectionTestVectors.data("noise/cacophony.json"))
        let vector = try #require(vectors.vectors.first { $0.protocol_name == pattern.protocolName })
        var sides = try pair(vector, pattern)
        for (index, message) in vector.messages.prefix(pattern.messages.count).enumerated() {
            var written: [UInt8] = []
            let payload = try Self.bytes(message.payload)
            try sides[index % 2].writeMessage(payload: payload.span.bytes, appendingTo: &written)
            #expect(Hex.encode(written) == message.ciphertext)
            let read = try sides[1 - index % 2].readMessage(written.span.bytes)
            #expect(read == payload)
        }
        for side in sides { #expect(side.handshakeHash.description == vector.handshake_hash) }
        var transports = try sides.map { try #require($0.transport()) }
        for (index, message) in vector.messages.enumerated().dropFirst(pattern.messages.count) {
            var written: [UInt8] = []
            var read: [UInt8] = []
            let payload = try Self.bytes(message.payload)
            try transports[index % 2].sealMessage(payload.span.bytes, appendingTo: &written)
            #expect(Hex.encode(written) == message.ciphertext)
            try transports[1 - index % 2].openMessage(written.span.bytes, appendingTo: &read)
            #expect(read == payload)
        }
    }

    private func freshPair() -> [NoiseHandshake] {
        var rng = SeededGenerator(seed: 11)
        return [ConnectionRole.dialer, .listener].map { role in
            NoiseHandshake(
                role: role, staticKey: X25519PrivateKey(using: &rng),
                ephemeralKey: X25519PrivateKey(using: &rng))
        }
    }

    @Test func `messages out of turn are refused and change nothing`() throws {
        var sides = freshPair()
        var message: [UInt8] = []
        #expect(throws: NoiseError.outOfTurn) {
            try sides[1].writeMessage(payload: RawSpan(), appendingTo: &message)
        }
        #expect(throws: NoiseError.outOfTurn) { _ = try sides[0].readMessage(RawSpan()) }
        #expect(sides[0].transport() == nil)
        try sides[0].writeMessage(payload: RawSpan(), appendingTo: &message)
        #expect(message.count == 32)
        let payload = try sides[1].readMessage(message.span.bytes)
        #expect(payload.isEmpty)
    }

    @Test func `a handshake message that is too short is refused with its least length`() throws {
        var sides = freshPair()
        let short = [UInt8](repeating: 1, count: 31)
        #expect(throws: NoiseError.messageTooShort(byteCount: 31, minimum: 32)) {
            _ = try sides[1].readMessage(short.span.bytes)
        }
        #expect(throws: NoiseError.outOfTurn) { _ = try sides[1].readMessage(short.span.bytes) }
    }

    @Test func `a key of low order is refused`() throws {
        var sides = freshPair()
        let zeros = [UInt8](repeating: 0, count: 32)
        _ = try sides[1].readMessage(zeros.span.bytes)
        var message: [UInt8] = []
        #expect(throws: NoiseError.lowOrderPublicKey) {
            try sides[1].writeMessage(payload: RawSpan(), appendingTo: &message)
        }
    }

    @Test func `another prologue does not authenticate`() throws {
        var rng = SeededGenerator(seed: 3)
        var dialer = NoiseHandshake(
            role: .dialer, staticKey: X25519PrivateKey(using: &rng),
            ephemeralKey: X25519PrivateKey(using: &rng), prologue: [1])
        var listener = NoiseHandshake(
            role: .listener, staticKey: X25519PrivateKey(using: &rng),
            ephemeralKey: X25519PrivateKey(using: &rng), prologue: [2])
        var first: [UInt8] = []
        var second: [UInt8] = []
        try dialer.writeMessage(payload: RawSpan(), appendingTo: &first)
        _ = try listener.readMessage(first.span.bytes)
        try listener.writeMessage(payload: RawSpan(), appendingTo: &second)
        #expect(throws: NoiseError.notAuthentic(byteCount: 48)) {
            _ = try dialer.readMessage(second.span.bytes)
        }
    }
}

@Suite struct NoiseTransportTests {
    private func pair() -> (NoiseTransport, NoiseTransport) {
        var rng = SeededGenerator(seed: 5)
        let keys = (Bytes32.random(using: &rng), Bytes32.random(using: &rng))
        return (
            NoiseTransport(sendKey: keys.0, receiveKey: keys.1),
            NoiseTransport(sendKey: keys.1, receiveKey: keys.0)
        )
    }

    @Test(arguments: [1, 100, 65_519, 65_520, 200_000])
    func `plaintext of any length goes through in frames of at most 65535 bytes`(byteCount: Int) throws {
        var (sender, receiver) = pair()
        let plaintext = ConnectionTestPair.pattern(byteCount)
        var wire: [UInt8] = []
        try sender.seal(plaintext.span.bytes, appendingTo: &wire)
        var reader = NoiseFrameReader()
        var opened: [UInt8] = []
        var offset = 0
        var frameCount = 0
        let limit = NoiseTransport.maximumMessageByteCount
        while let location = try reader.next(in: wire.span.bytes, at: &offset, limit: limit) {
            guard case .received(let range) = location else {
                Issue.record("a whole frame was copied")
                return
            }
            try receiver.openMessage(wire.span.bytes.extracting(range), appendingTo: &opened)
            frameCount += 1
        }
        #expect(opened == plaintext)
        #expect(frameCount == (byteCount + 65_518) / 65_519)
    }

    @Test func `empty plaintext sends nothing`() throws {
        var (sender, _) = pair()
        var wire: [UInt8] = []
        try sender.seal(RawSpan(), appendingTo: &wire)
        #expect(wire.isEmpty)
    }

    @Test func `a replayed or reordered message does not authenticate`() throws {
        var (sender, receiver) = pair()
        var first: [UInt8] = []
        var opened: [UInt8] = []
        try sender.sealMessage(([1, 2, 3] as [UInt8]).span.bytes, appendingTo: &first)
        try receiver.openMessage(first.span.bytes, appendingTo: &opened)
        #expect(throws: NoiseError.notAuthentic(byteCount: 19)) {
            try receiver.openMessage(first.span.bytes, appendingTo: &opened)
        }
        #expect(opened == [1, 2, 3])
    }

    @Test func `a frame above the limit is refused by its length`() {
        var reader = NoiseFrameReader()
        var offset = 0
        let wire: [UInt8] = [0x20, 0x01]
        #expect(throws: NoiseError.messageTooLong(byteCount: 8193, limit: 8192)) {
            _ = try reader.next(in: wire.span.bytes, at: &offset, limit: 8192)
        }
        for byte in wire {
            offset = 0
            _ = try? reader.next(in: [byte].span.bytes, at: &offset, limit: 8192)
        }
        #expect(reader.collected.count <= 2, "nothing is collected for a refused frame")
    }

    @Test func `idle memory is given back and never a frame that is on its way`() throws {
        var reader = NoiseFrameReader()
        var offset = 0
        let wire: [UInt8] = [0, 3, 7, 8, 9]
        _ = try reader.next(in: Array(wire[..<4]).span.bytes, at: &offset, limit: 100)
        reader.releaseIdleMemory()
        offset = 0
        guard case .collected(let range) = try reader.next(in: [wire[4]].span.bytes, at: &offset, limit: 100)
        else {
            Issue.record("the frame was lost")
            return
        }
        #expect(reader.collected[range] == [7, 8, 9])
        reader.releaseIdleMemory()
        #expect(reader.collected.capacity == 0)
    }

    @Test(arguments: 0..<20) func `frames are found in any chunking`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        let bodies = (0..<30).map { _ in ConnectionTestPair.pattern(Int.random(in: 0...300, using: &rng)) }
        var wire: [UInt8] = []
        for body in bodies {
            wire.appendBigEndian(UInt16(body.count))
            wire += body
        }
        var reader = NoiseFrameReader()
        var found: [[UInt8]] = []
        var start = 0
        while start < wire.count {
            let end = min(wire.count, start + Int.random(in: 1...200, using: &rng))
            let chunk = Array(wire[start..<end])
            var offset = 0
            while let location = try reader.next(in: chunk.span.bytes, at: &offset, limit: 65_535) {
                switch location {
                case .received(let range): found.append(Array(chunk[range]))
                case .collected(let range): found.append(Array(reader.collected[range]))
                }
            }
            #expect(offset == chunk.count, "seed \(seed)")
            start = end
        }
        #expect(found == bodies, "seed \(seed)")
    }
}
