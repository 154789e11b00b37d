import MeshCore
import Testing

@testable import MeshCRDT

@Suite struct ProtocolMessageTests {
    private let vectors: ProtocolVectors

    init() throws {
        vectors = try ProtocolVectors.load()
    }

    @Test func `y-protocols' frames are read and written byte for byte`() throws {
        #expect(vectors.messages.count == 4)
        for vector in vectors.messages {
            let message: ProtocolMessage =
                switch vector[0] {
                case "permissionDenied": .permissionDenied(reason: vector[1])
                case "awareness": .awareness(try ProtocolVectors.bytes(vector[1]))
                default: .queryAwareness
                }
            #expect(Hex.encode(message.encode()) == vector[2])
            #expect(try ProtocolMessage.decode(ProtocolVectors.bytes(vector[2])) == [message])
        }
        for delivery in vectors.meeting {
            let frame = try ProtocolVectors.bytes(delivery.frame)
            let messages = try ProtocolMessage.decode(frame)
            #expect(messages.map { message in message.encode() } == [frame])
            switch (messages.first, delivery.type) {
            case (.sync(.step1), 0), (.sync(.step2), 1), (.sync(.update), 2): break
            default: Issue.record("\(delivery.frame) is of type \(delivery.type)")
            }
        }
    }

    @Test func `several messages in one frame come apart`() throws {
        let messages: [ProtocolMessage] = [
            .queryAwareness, .sync(.step1(stateVector: [0])), .permissionDenied(reason: "no"),
            .sync(.update([0, 0])), .awareness([0]),
        ]
        let frame = messages.flatMap { message in message.encode() }
        #expect(try ProtocolMessage.decode(frame) == messages)
        for end in 0..<frame.count {
            // A frame may end between two messages, and nowhere else.
            let decoded = try? ProtocolMessage.decode([UInt8](frame[..<end]))
            let isWhole = (1..<messages.count).contains { count in
                messages[..<count].flatMap { message in message.encode() }.count == end
            }
            #expect((decoded != nil) == isWhole, "\(end)")
        }
    }

    @Test func `unknown messages are refused`() {
        for frame: [UInt8] in [[4], [0x80, 1], [0, 3, 0], [2, 1], [2, 0, 2, 0xff, 0xff]] {
            #expect(throws: UpdateError.self, "\(frame)") { try ProtocolMessage.decode(frame) }
        }
        #expect(throws: UpdateError.malformed(.message, offset: 1)) { try ProtocolMessage.decode([0, 3, 0]) }
        #expect(throws: UpdateError.truncated(offset: 0)) { try ProtocolMessage.decode([]) }
    }

    @Test func `each limit lets its figure pass and refuses one more`() throws {
        var limits = ProtocolLimits()
        limits.messageByteCount = 6
        limits.stateVectorByteCount = 3
        limits.reasonByteCount = 3
        limits.messageCount = 6
        let vector = ProtocolMessage.sync(.step1(stateVector: [1, 2, 3])).encode()
        #expect(try ProtocolMessage.decode(vector, limits: limits).count == 1)
        limits.stateVectorByteCount = 2
        #expect(throws: UpdateError.limitExceeded(.messageByteCount, value: 3, limit: 2, offset: 1)) {
            try ProtocolMessage.decode(vector, limits: limits)
        }
        limits.messageByteCount = 5
        #expect(throws: UpdateError.limitExceeded(.messageByteCount, value: 6, limit: 5, offset: 0)) {
            try ProtocolMessage.decode(vector, limits: limits)
        }
        limits.messageByteCount = 7
        #expect(try ProtocolMessage.decode([UInt8](repeating: 3, count: 6), limits: limits).count == 6)
        #expect(throws: UpdateError.limitExceeded(.messageCount, value: 7, limit: 6, offset: 6)) {
            try ProtocolMessage.decode([UInt8](repeating: 3, count: 7), limits: limits)
        }
        #expect(try ProtocolMessage.decode([2, 0, 3, 0x61, 0x61, 0x61], limits: limits).count == 1)
        #expect(throws: UpdateError.limitExceeded(.messageByteCount, value: 4, limit: 3, offset: 0)) {
            try ProtocolMessage.decode([2, 0, 4, 0x61, 0x61, 0x61, 0x61], limits: limits)
        }
    }

    @Test(arguments: 0..<20) func `damaged frames throw or give messages that come back`(seed: Int) throws {
        var rng = SeededGenerator(seed: UInt64(seed))
        let frames = try vectors.meeting.map { try ProtocolVectors.bytes($0.frame) }
        for _ in 0..<200 {
            var frame = frames.randomElement(using: &rng) ?? []
            frame[Int.random(in: 0..<frame.count, using: &rng)] = UInt8(truncatingIfNeeded: rng.next())
            frame.removeLast(
                Int.random(in: 0...1, using: &rng) * Int.random(in: 0..<frame.count, using: &rng))
            guard let messages = try? ProtocolMessage.decode(frame) else { continue }
            let again = messages.flatMap { message in message.encode() }
            #expect(try ProtocolMessage.decode(again) == messages, "\(Hex.encode(frame))")
        }
    }
}
