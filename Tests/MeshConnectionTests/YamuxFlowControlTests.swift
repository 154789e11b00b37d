import MeshCore
import Testing

@testable import MeshConnection

@Suite struct YamuxFlowControlTests {
    static let window = YamuxConfiguration.initialWindow

    @Test func `a write goes out in frames of at most 64 KiB, up to the window, and the rest waits`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        _ = end.takeFrames()
        try end.write([UInt8](repeating: 1, count: Self.window + 5), to: stream)
        let headers = try yamuxHeaders(end.takeFrames())
        #expect(headers.map(\.length) == [65536, 65536, 65536, 65536])
        #expect(end.session.bufferedByteCount(stream) == 5)
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 3))
        #expect(try yamuxHeaders(end.takeFrames()).map(\.length) == [3])
        #expect(end.events == [.writable(stream)])
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 3))
        #expect(try yamuxHeaders(end.takeFrames()).map(\.length) == [2])
        #expect(end.events == [.writable(stream)])
    }

    @Test func `the send buffer takes its limit and not one byte more`() throws {
        var configuration = YamuxConfiguration()
        configuration.maximumStreamBufferedBytes = 1000
        var end = YamuxEnd(.dialer, configuration)
        let stream = try end.open()
        _ = end.takeFrames()
        #expect(throws: YamuxError.sendBufferFull(stream, bufferedByteCount: 0, limit: 1000)) {
            try end.write([UInt8](repeating: 0, count: Self.window + 1001), to: stream)
        }
        #expect(end.takeFrames().isEmpty)
        try end.write([UInt8](repeating: 0, count: Self.window + 1000), to: stream)
        #expect(throws: YamuxError.sendBufferFull(stream, bufferedByteCount: 1000, limit: 1000)) {
            try end.write([0], to: stream)
        }
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 1))
        try end.write([0], to: stream)
        #expect(end.session.bufferedByteCount(stream) == 1000)
    }

    @Test func `writable comes at the low-water mark, once`() throws {
        var configuration = YamuxConfiguration()
        configuration.lowWaterMark = 100
        var end = YamuxEnd(.dialer, configuration)
        let stream = try end.open()
        try end.write([UInt8](repeating: 0, count: Self.window + 300), to: stream)
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 199))
        #expect(end.events.isEmpty)
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 1))
        #expect(end.events == [.writable(stream)])
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 100))
        #expect(end.events == [.writable(stream)])
    }

    @Test func `a FIN waits behind the buffered bytes`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        try end.write([UInt8](repeating: 0, count: Self.window + 10), to: stream)
        end.finish(stream)
        #expect(throws: YamuxError.streamFinished(stream)) { try end.write([1], to: stream) }
        _ = end.takeFrames()
        end.receive(yamuxFrame(.windowUpdate, .finish, stream: 1, length: 4))
        #expect(try yamuxHeaders(end.takeFrames()) == [YamuxHeader(.data, [], stream: 1, length: 4)])
        end.receive(yamuxFrame(.windowUpdate, [], stream: 1, length: 100))
        #expect(
            try yamuxHeaders(end.takeFrames()) == [
                YamuxHeader(.data, [], stream: 1, length: 6),
                YamuxHeader(.windowUpdate, .finish, stream: 1, length: 0),
            ])
        #expect(end.events == [.end(stream), .finished(stream)])
    }

    @Test func `streams whose windows reopen take turns`() throws {
        var end = YamuxEnd(.dialer)
        let streams = [try end.open(), try end.open(), try end.open()]
        for stream in streams {
            try end.write([UInt8](repeating: 0, count: Self.window + 200_000), to: stream)
        }
        _ = end.takeFrames()
        let updates = streams.flatMap { yamuxFrame(.windowUpdate, [], stream: $0.value, length: 200_000) }
        end.receive(updates)
        let order = try yamuxHeaders(end.takeFrames()).map { [$0.stream, $0.length] }
        #expect(order == [65536, 65536, 65536, 3392].flatMap { size in streams.map { [$0.value, size] } })
    }

    @Test func `a window update comes when half of the window was consumed`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        _ = end.takeFrames()
        end.receive(yamuxFrame(.data, [], stream: 1, body: [UInt8](repeating: 0, count: Self.window)))
        end.consume(Self.window / 2 - 1, from: stream)
        #expect(end.takeFrames().isEmpty)
        end.consume(1, from: stream)
        // The round trip is not known, so it is measured along the way.
        #expect(
            try yamuxHeaders(end.takeFrames()) == [
                YamuxHeader(.windowUpdate, [], stream: 1, length: UInt32(Self.window / 2)),
                YamuxHeader(.ping, .synchronize, stream: 0, length: 0),
            ])
        end.receive(yamuxFrame(.data, [], stream: 1, body: [UInt8](repeating: 0, count: Self.window / 2)))
        #expect(end.closingError == nil)
        end.receive(yamuxFrame(.data, [], stream: 1, body: [0]))
        #expect(end.closingError == .windowExceeded(stream, byteCount: 1, window: 0))
        #expect(
            try yamuxHeaders(end.takeFrames()) == [
                YamuxHeader(.goAway, [], stream: 0, length: YamuxGoAwayCode.protocolError)
            ])
    }

    @Test func `consuming more than was received grants nothing`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        _ = end.takeFrames()
        end.receive(yamuxFrame(.data, [], stream: 1, body: [UInt8](repeating: 0, count: 1000)))
        end.consume(10_000_000, from: stream)
        #expect(end.takeFrames().isEmpty)
    }

    /// Consumes half a window after `delay`; returns the granted delta.
    static func grant(
        _ end: inout YamuxEnd, _ stream: StreamID, size: Int, after delay: Duration
    ) throws -> Int {
        end.now = end.now + delay
        let body = [UInt8](repeating: 0, count: size / 2)
        end.receive(yamuxFrame(.data, [], stream: stream.value, body: body))
        _ = end.takeFrames()
        end.consume(size / 2, from: stream)
        return Int(try #require(yamuxHeaders(end.takeFrames()).first).length)
    }

    /// An end that has measured a round trip of 10 ms.
    static func measuredEnd(_ configuration: YamuxConfiguration) throws -> (YamuxEnd, StreamID) {
        var end = YamuxEnd(.dialer, configuration)
        let stream = try end.open()
        #expect(try grant(&end, stream, size: window, after: .zero) == window / 2)
        end.now = end.now + .milliseconds(10)
        end.receive(yamuxFrame(.ping, .acknowledge, stream: 0, length: 0))
        #expect(end.events.last == .roundTrip(.milliseconds(10)))
        return (end, stream)
    }

    @Test func `a window that is used up within four round trips doubles up to its limit`() throws {
        var (end, stream) = try Self.measuredEnd(YamuxConfiguration())
        var size = Self.window
        while size < 16 << 20 {
            let delta = try Self.grant(&end, stream, size: size, after: .milliseconds(20))
            #expect(delta == size / 2 + size)
            size *= 2
        }
        #expect(size == 16 << 20)
        #expect(try Self.grant(&end, stream, size: size, after: .milliseconds(20)) == size / 2)
        #expect(end.closingError == nil)
    }

    @Test func `a window that lasts four round trips stays`() throws {
        // 10 ms went by with the ping, so these end at 40 ms and one nanosecond before.
        var (slow, stream) = try Self.measuredEnd(YamuxConfiguration())
        #expect(try Self.grant(&slow, stream, size: Self.window, after: .milliseconds(30)) == Self.window / 2)
        var (fast, other) = try Self.measuredEnd(YamuxConfiguration())
        let delay: Duration = .milliseconds(30) - .nanoseconds(1)
        let delta = try Self.grant(&fast, other, size: Self.window, after: delay)
        #expect(delta == Self.window / 2 + Self.window)
    }

    @Test func `windows grow to half of the budget and no further`() throws {
        var configuration = YamuxConfiguration()
        configuration.maximumTotalReceiveWindow = 4 * Self.window
        var (end, stream) = try Self.measuredEnd(configuration)
        // One window is taken; half of the budget is two.
        let first = try Self.grant(&end, stream, size: Self.window, after: .milliseconds(1))
        #expect(first == Self.window / 2 + Self.window)
        let second = try Self.grant(&end, stream, size: 2 * Self.window, after: .milliseconds(1))
        #expect(second == Self.window)
    }

    @Test func `streams beyond the receive-window budget are not opened by either side`() throws {
        var configuration = YamuxConfiguration()
        configuration.maximumTotalReceiveWindow = 3 * Self.window
        var end = YamuxEnd(.listener, configuration)
        _ = try end.open()
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 1, length: 0))
        _ = try end.open()
        #expect(throws: YamuxError.receiveWindowsExhausted(limit: 3 * Self.window)) { try end.open() }
        _ = end.takeFrames()
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 3, length: 0))
        let refusal = YamuxHeader(
            .windowUpdate, .reset, stream: 3, length: StreamResetCode.resourceLimitExceeded)
        #expect(try yamuxHeaders(end.takeFrames()) == [refusal])
        end.reset(StreamID(1))
        _ = try end.open()
    }
}
