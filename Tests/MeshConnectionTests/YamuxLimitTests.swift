import MeshCore
import Testing

@testable import MeshConnection

@Suite struct YamuxLimitTests {
    @Test func `at most 256 own streams wait for an acknowledgement`() throws {
        var end = YamuxEnd(.dialer)
        for _ in 0..<256 { _ = try end.open() }
        #expect(throws: YamuxError.tooManyUnacknowledgedStreams(limit: 256)) { try end.open() }
        end.receive(yamuxFrame(.windowUpdate, .acknowledge, stream: 1, length: 0))
        _ = try end.open()
        #expect(throws: YamuxError.tooManyUnacknowledgedStreams(limit: 256)) { try end.open() }
        end.receive(yamuxFrame(.windowUpdate, .reset, stream: 3, length: 0))
        _ = try end.open()
        // An answer without the flag counts as well.
        end.receive(yamuxFrame(.data, [], stream: 5, body: [1]))
        _ = try end.open()
        end.reset(StreamID(7))
        _ = try end.open()
        #expect(throws: YamuxError.tooManyUnacknowledgedStreams(limit: 256)) { try end.open() }
    }

    @Test func `streams of the peer are reset beyond the limit`() throws {
        var configuration = YamuxConfiguration()
        configuration.maximumInboundStreams = 2
        var end = YamuxEnd(.listener, configuration)
        for id: UInt32 in [1, 3, 5] {
            end.receive(yamuxFrame(.data, .synchronize, stream: id, body: [1, 2]))
        }
        #expect(end.session.inboundStreamCount == 2)
        let refusal = YamuxHeader(
            .windowUpdate, .reset, stream: 5, length: StreamResetCode.resourceLimitExceeded)
        #expect(try yamuxHeaders(end.takeFrames()) == [refusal])
        end.reset(StreamID(1))
        end.receive(yamuxFrame(.data, .synchronize, stream: 7, body: [1, 2]))
        #expect(end.events.contains(.opened(StreamID(7))))
        #expect(end.received[StreamID(5)] == nil)
    }

    @Test func `unanswered streams of the peer are reset beyond the backlog`() throws {
        var end = YamuxEnd(.listener)
        for index in 0..<257 {
            end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: UInt32(2 * index + 1), length: 0))
        }
        #expect(end.session.streamCount == 256)
        #expect(try yamuxHeaders(end.takeFrames()).map(\.stream) == [513])
        try end.write([1], to: StreamID(1))
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 515, length: 0))
        #expect(end.session.streamCount == 257)
    }

    @Test func `a peer that ignores refusals is closed`() {
        var configuration = YamuxConfiguration()
        configuration.maximumInboundStreams = 0
        configuration.maximumRefusalsPerSecond = 3
        var end = YamuxEnd(.listener, configuration)
        for id: UInt32 in [1, 3, 5] {
            end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: id, length: 0))
        }
        end.now = end.now + .seconds(1)
        for id: UInt32 in [7, 9, 11] {
            end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: id, length: 0))
        }
        #expect(!end.session.isClosed)
        end.receive(yamuxFrame(.windowUpdate, .synchronize, stream: 13, length: 0))
        #expect(end.closingError == .tooManyRefusals(limitPerSecond: 3))
    }

    @Test func `own ids run out with an error`() throws {
        var end = YamuxEnd(.dialer)
        end.session.nextOutboundID = UInt64(UInt32.max)
        #expect(try end.open() == StreamID(UInt32.max))
        #expect(throws: YamuxError.streamIDsExhausted) { try end.open() }
        #expect(throws: YamuxError.streamIDsExhausted) { try end.open() }
    }

    @Test func `a ping flood is answered at most so often in a second`() throws {
        var end = YamuxEnd(.dialer)
        let pings = (0..<100).flatMap { yamuxFrame(.ping, .synchronize, stream: 0, length: $0) }
        end.receive(pings)
        #expect(try yamuxHeaders(end.takeFrames()).map(\.length) == Array(0..<32))
        end.now = end.now + .seconds(1)
        end.receive(pings)
        #expect(try yamuxHeaders(end.takeFrames()).count == 32)
    }

    @Test func `a keepalive ping measures the round trip every 30 seconds`() throws {
        var end = YamuxEnd(.dialer)
        let start = end.now
        #expect(end.session.nextDeadline == start + .seconds(30))
        end.handleDeadline()
        #expect(end.takeFrames().isEmpty)
        end.now = start + .seconds(30)
        end.handleDeadline()
        #expect(end.takeFrames() == yamuxFrame(.ping, .synchronize, stream: 0, length: 0))
        #expect(end.session.nextDeadline == start + .seconds(40))
        end.now = end.now + .milliseconds(12)
        end.receive(yamuxFrame(.ping, .acknowledge, stream: 0, length: 99))
        #expect(end.events.isEmpty)
        end.receive(yamuxFrame(.ping, .acknowledge, stream: 0, length: 0))
        #expect(end.events == [.roundTrip(.milliseconds(12))])
        #expect(end.session.roundTrip == .milliseconds(12))
        #expect(end.session.nextDeadline == end.now + .seconds(30))
    }

    @Test func `a silent peer is closed ten seconds after the ping`() throws {
        var end = YamuxEnd(.dialer)
        end.now = end.now + .seconds(30)
        end.handleDeadline()
        end.now = end.now + .seconds(9)
        end.receive([0])
        end.now = end.now + .seconds(1)
        end.handleDeadline()
        #expect(!end.session.isClosed)
        #expect(end.session.nextDeadline == end.now + .seconds(9))
        end.now = end.now + .seconds(9)
        _ = end.takeFrames()
        end.handleDeadline()
        #expect(end.closingError == .keepaliveTimeout(after: .seconds(10)))
        #expect(
            end.takeFrames() == yamuxFrame(.goAway, stream: 0, length: YamuxGoAwayCode.internalError))
    }

    @Test func `without a keepalive there is no deadline`() {
        var configuration = YamuxConfiguration()
        configuration.keepaliveInterval = nil
        #expect(YamuxEnd(.dialer, configuration).session.nextDeadline == nil)
    }
}
