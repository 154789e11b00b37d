import MeshCore
import Testing

struct DelimitedBufferTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `messages come out whole however they are cut`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        var messages: [[UInt8]] = []
        var stream: [UInt8] = []
        for _ in 0..<60 {
            var message: [UInt8] = []
            message.appendRandom(Int.random(in: 0...700, using: &rng), using: &rng)
            messages.append(message)
            stream += DelimitedBuffer.encode(message)
        }
        var buffer = DelimitedBuffer(limit: 700)
        var received: [[UInt8]] = []
        var offset = 0
        while offset < stream.count {
            let end = min(offset + Int.random(in: 1...400, using: &rng), stream.count)
            buffer.append(Array(stream[offset..<end]))
            offset = end
            while let message = try buffer.next() { received.append(message) }
        }
        #expect(received == messages, "seed \(seed)")
        #expect(buffer.pendingByteCount == 0)
    }

    @Test func `a message at the limit passes, one byte more is refused before it arrives`() throws {
        var buffer = DelimitedBuffer(limit: 300)
        buffer.append(DelimitedBuffer.encode([UInt8](repeating: 1, count: 300)))
        #expect(try buffer.next()?.count == 300)
        buffer.append([0xad, 0x02])
        #expect(throws: DelimitedError.messageTooLong(byteCount: 301, limit: 300)) { try buffer.next() }
    }

    @Test func `a length that is no varint is refused`() {
        var padded = DelimitedBuffer(limit: 300)
        padded.append([0x81, 0x00])
        #expect(throws: DelimitedError.badLength(.notMinimal)) { try padded.next() }
        var endless = DelimitedBuffer(limit: 300)
        endless.append([UInt8](repeating: 0xff, count: 10))
        #expect(throws: DelimitedError.badLength(.tooLong(limit: 9))) { try endless.next() }
    }

    @Test func `what was not given out can be taken`() throws {
        var buffer = DelimitedBuffer(limit: 10)
        buffer.append([1, 0xaa, 5, 1, 2])
        #expect(try buffer.next() == [0xaa])
        #expect(try buffer.next() == nil)
        #expect(buffer.pendingByteCount == 3)
        #expect(buffer.takeRest() == [5, 1, 2])
        #expect(buffer.pendingByteCount == 0)
        #expect(try buffer.next() == nil)
    }
}
