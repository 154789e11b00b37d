import MeshCore
import Testing

@testable import MeshConnection

@Suite struct YamuxHostileTests {
    static let bigLength = UInt32.max

    @Test(
        arguments: [
            ([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], YamuxError.badVersion(1)),
            ([0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], .unknownFrameType(4)),
            ([0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], .unknownFrameType(255)),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], .badStreamID(0)),
            ([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], .badStreamID(0)),
            ([0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0], .badStreamID(2)),
            (
                [0, 0, 0, 1, 0, 0, 0, 1, 255, 255, 255, 255],
                .windowExceeded(StreamID(1), byteCount: 4_294_967_295, window: 262144)
            ),
            (
                [0, 0, 0, 1, 0, 0, 0, 1, 0, 4, 0, 1],
                .windowExceeded(StreamID(1), byteCount: 262145, window: 262144)
            ),
        ] as [([UInt8], YamuxError)])
    func `a violation ends the session with a GoAway`(frame: [UInt8], error: YamuxError) {
        var end = YamuxEnd(.listener)
        end.receive(frame + [0xff, 0xff, 0xff])
        #expect(end.closingError == error)
        #expect(end.takeFrames().suffix(12) == yamuxFrame(.goAway, stream: 0, length: 1)[...])
        end.receive(frame)
        #expect(end.takeFrames().isEmpty)
    }

    @Test func `a stream id is accepted once, in any order within the window`() {
        var end = YamuxEnd(.listener)
        for id: UInt32 in [5, 1, 7, 3] {
            end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: id, length: 0))
        }
        #expect(end.session.streamCount == 4)
        end.reset(StreamID(3))
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 3, length: 0))
        #expect(end.closingError == .streamReused(3))
    }

    @Test func `a stream id far behind the newest is refused`() {
        var end = YamuxEnd(.dialer)
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 2 + 2 * 511, length: 0))
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 2, length: 0))
        #expect(end.closingError == nil)
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: UInt32.max - 1, length: 0))
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 4, length: 0))
        #expect(end.closingError == .streamReused(4))
    }

    @Test func `the window of seen ids agrees with a set`() {
        var generator = SeededGenerator(seed: 11)
        var ids = YamuxInboundIDs()
        var seen: Set<UInt32> = []
        var newest: UInt32 = 0
        for _ in 0..<20_000 {
            let step = UInt32.random(in: 0..<1200, using: &generator)
            let ordinal = max(1, newest + 200 > step ? newest + 200 - step : 1)
            let isFresh = newest < ordinal + YamuxInboundIDs.window && !seen.contains(ordinal)
            #expect(ids.insert(2 * ordinal) == isFresh)
            if isFresh { seen.insert(ordinal) }
            newest = max(newest, isFresh ? ordinal : 0)
        }
    }

    @Test func `frames for streams that were never opened are drained`() {
        var end = YamuxEnd(.listener)
        end.receive(yamuxFrame(.data, [.acknowledge, .finish], stream: 9, body: [1, 2, 3]))
        end.receive(yamuxFrame(.data, .reset, stream: 8, body: [1, 2, 3]))
        end.receive(yamuxFrame(.windowUpdate, .reset, stream: 9, length: Self.bigLength))
        end.receive(yamuxFrame(.windowUpdate, [], stream: 2, length: Self.bigLength))
        end.receive(yamuxFrame(.data, [], stream: 9, length: Self.bigLength))
        end.receive([UInt8](repeating: 0xff, count: 100_000))
        #expect(end.events.isEmpty)
        #expect(end.takeFrames().isEmpty)
    }

    @Test func `window updates saturate`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        for _ in 0..<4 {
            end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: Self.bigLength))
        }
        let slot = try #require(end.session.streams.slot(of: 1))
        #expect(end.session.streams.slots[slot].sendWindow == 4_294_967_295)
        _ = end.takeFrames()
        try end.write([UInt8](repeating: 0, count: 1_000_000), to: stream)
        #expect(end.session.bufferedByteCount(stream) == 0)
        #expect(end.closingError == nil)
    }

    @Test func `a hundred thousand opens stay within the limits`() throws {
        var end = YamuxEnd(.listener)
        var bytes: [UInt8] = []
        for index in 0..<100_000 as Range<UInt32> {
            bytes += yamuxFrame(.windowUpdate, .synchronize, stream: 2 * index + 1, length: 0)
        }
        end.receive(bytes)
        #expect(end.closingError == .tooManyRefusals(limitPerSecond: 1024))
        #expect(end.events.count == 256 + 1)
        #expect(end.effects.frames.count == 12 * (1024 + 1))
    }

    @Test func `a hundred thousand streams that are reset at once leave nothing behind`() throws {
        var end = YamuxEnd(.listener)
        for index in 0..<100_000 as Range<UInt32> {
            end.receive(
                yamuxFrame(.windowUpdate, .synchronize, stream: 2 * index + 1, length: 0)
                    + yamuxFrame(.windowUpdate, .reset, stream: 2 * index + 1, length: index))
        }
        #expect(end.session.streamCount == 0)
        #expect(end.session.streams.slots.count == 1)
        #expect(end.session.totalReceiveWindow == 0)
        #expect(end.session.owedCount == 0)
        #expect(end.takeFrames().isEmpty)
        end.receive(yamuxFrame(.windowUpdate, [.synchronize, .reset], stream: 200_001, length: 0))
        #expect(end.events.last == .reset(StreamID(199_999), code: 99_999))
    }

    @Test func `random bytes and random frames never trap`() {
        for seed in 0..<300 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var end = YamuxEnd(seed.isMultiple(of: 2) ? .dialer : .listener)
            for _ in 0..<4 { _ = try? end.open() }
            for _ in 0..<200 where !end.session.isClosed {
                end.receive(Self.randomBytes(using: &generator))
                end.now = end.now + .milliseconds(Int.random(in: 0..<2000, using: &generator))
                end.handleDeadline()
                Self.actRandomly(&end, using: &generator)
            }
            #expect(end.session.totalReceiveWindow <= end.session.configuration.maximumTotalReceiveWindow)
        }
    }

    /// A frame with plausible and implausible fields.
    private static func randomBytes(using generator: inout SeededGenerator) -> [UInt8] {
        let roll = Int.random(in: 0..<100, using: &generator)
        if roll == 0 {
            var bytes: [UInt8] = []
            bytes.appendRandom(Int.random(in: 1..<40, using: &generator), using: &generator)
            return bytes
        }
        let kind: YamuxHeader.Kind = [.data, .data, .windowUpdate, .ping][
            Int.random(in: 0..<4, using: &generator)]
        let flags = YamuxHeader.Flags(rawValue: UInt16.random(in: 0..<16, using: &generator))
        let stream = UInt32.random(in: 0..<12, using: &generator)
        let length = [0, 1, 100, 5000][Int.random(in: 0..<4, using: &generator)]
        let isHonest = Int.random(in: 0..<20, using: &generator) > 0
        return yamuxFrame(
            kind, flags, stream: kind == .ping ? 0 : stream,
            length: isHonest ? UInt32(length) : UInt32.random(in: 0...UInt32.max, using: &generator),
            body: kind == .data ? [UInt8](repeating: 0, count: length) : [])
    }

    private static func actRandomly(_ end: inout YamuxEnd, using generator: inout SeededGenerator) {
        let stream = StreamID(UInt32.random(in: 0..<12, using: &generator))
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: end.consume(Int.random(in: 0..<10_000, using: &generator), from: stream)
        case 1: end.finish(stream)
        case 2: end.reset(stream)
        case 3: try? end.write([UInt8](repeating: 1, count: 3000), to: stream)
        default: _ = try? end.open()
        }
    }
}
