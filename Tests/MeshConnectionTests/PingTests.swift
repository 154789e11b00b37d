import MeshCore
import Testing

@testable import MeshConnection

@Suite struct PingTests {
    let start = Instant(nanoseconds: 5_000_000)

    @Test func `a ping is echoed and measured, again and again`() throws {
        var generator = SeededGenerator(seed: 1)
        var initiator = PingInitiator()
        var responder = PingResponder()
        var previous: [UInt8] = []
        for round in 1...3 {
            var sent: [UInt8] = []
            var echoed: [UInt8] = []
            initiator.start(now: start, using: &generator, into: &sent)
            #expect(sent.count == 32)
            #expect(sent != previous)
            previous = sent
            responder.receive(sent.span.bytes, into: &echoed)
            #expect(echoed == sent)
            let roundTrip = try initiator.receive(echoed.span.bytes, now: start + .milliseconds(round))
            #expect(roundTrip == .milliseconds(round))
            #expect(initiator.deadline == nil)
        }
    }

    @Test func `any chunking gives the same echo`() throws {
        var bytes: [UInt8] = []
        var generator = SeededGenerator(seed: 2)
        bytes.appendRandom(200, using: &generator)
        for size in 1...70 {
            var responder = PingResponder()
            var echoed: [UInt8] = []
            for offset in stride(from: 0, to: bytes.count, by: size) {
                let chunk = bytes[offset..<min(offset + size, bytes.count)]
                responder.receive(Array(chunk).span.bytes, into: &echoed)
                #expect(echoed.count == (offset + chunk.count) / 32 * 32)
            }
            #expect(echoed[...] == bytes[..<192])
        }
    }

    @Test func `an echo in pieces completes with its last byte`() throws {
        var generator = SeededGenerator(seed: 3)
        var initiator = PingInitiator()
        var sent: [UInt8] = []
        initiator.start(now: start, using: &generator, into: &sent)
        for byte in sent.dropLast() {
            #expect(try initiator.receive([byte].span.bytes, now: start) == nil)
        }
        #expect(initiator.deadline == start + .seconds(10))
        #expect(try initiator.receive([sent[31]].span.bytes, now: start + .seconds(1)) == .seconds(1))
    }

    @Test func `a second ping waits for the first`() {
        var generator = SeededGenerator(seed: 4)
        var initiator = PingInitiator()
        var sent: [UInt8] = []
        initiator.start(now: start, using: &generator, into: &sent)
        initiator.start(now: start, using: &generator, into: &sent)
        #expect(sent.count == 32)
    }

    @Test func `wrong, surplus and missing answers are errors`() throws {
        var generator = SeededGenerator(seed: 5)
        var initiator = PingInitiator()
        #expect(throws: PingError.unexpectedBytes(count: 1)) {
            try initiator.receive(([0] as [UInt8]).span.bytes, now: start)
        }
        try initiator.receiveEnd()
        var sent: [UInt8] = []
        initiator.start(now: start, using: &generator, into: &sent)
        #expect(throws: PingError.ended) { try initiator.receiveEnd() }
        #expect(throws: PingError.unexpectedBytes(count: 1)) {
            try initiator.receive((sent + [0]).span.bytes, now: start)
        }
        sent[31] ^= 1
        #expect(throws: PingError.wrongEcho) { try initiator.receive(sent.span.bytes, now: start) }
    }
}
