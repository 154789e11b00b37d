import MeshCore
import Testing

@testable import MeshConnection

@Suite struct YamuxStreamTests {
    @Test func `frames split at every byte give the same events`() throws {
        let body = Array(UInt8(0)..<40)
        let bytes =
            yamuxFrame(.windowUpdate, .synchronize, stream: 1, length: 0)
            + yamuxFrame(.data, [], stream: 1, body: body)
            + yamuxFrame(.data, .finish, stream: 1, body: [9])
            + yamuxFrame(.ping, .synchronize, stream: 0, length: 3)
        for cut in 0...bytes.count {
            var end = YamuxEnd(.listener)
            end.receive(bytes[..<cut])
            end.receive(bytes[cut...])
            let stream = StreamID(1)
            #expect(end.received[stream] == body + [9], "cut at \(cut)")
            let others = end.events.filter { if case .data = $0 { false } else { true } }
            #expect(others == [.opened(stream), .end(stream)], "cut at \(cut)")
            #expect(end.takeFrames() == yamuxFrame(.ping, .acknowledge, stream: 0, length: 3))
        }
    }

    @Test func `bytes that come one by one give the same stream`() throws {
        var dialer = YamuxEnd(.dialer)
        var listener = YamuxEnd(.listener)
        let stream = try dialer.open()
        try dialer.write(Array(0..<200), to: stream)
        dialer.finish(stream)
        for byte in dialer.takeFrames() { listener.receive([byte]) }
        #expect(listener.received[stream] == Array(0..<200))
        #expect(listener.events.last == .end(stream))
    }

    @Test func `both directions end and the stream is forgotten`() throws {
        var dialer = YamuxEnd(.dialer)
        var listener = YamuxEnd(.listener)
        let stream = try dialer.open()
        dialer.finish(stream)
        yamuxExchange(&dialer, &listener)
        #expect(listener.events == [.opened(stream), .end(stream)])
        try listener.write([1], to: stream)
        listener.finish(stream)
        #expect(listener.events.last == .finished(stream))
        yamuxExchange(&dialer, &listener)
        #expect(dialer.events == [.data(stream, 19..<20), .end(stream), .finished(stream)])
        #expect(dialer.session.streamCount == 0)
        #expect(listener.session.streamCount == 0)
    }

    @Test func `a reset carries its code and drops what waits`() throws {
        var dialer = YamuxEnd(.dialer)
        var listener = YamuxEnd(.listener)
        let stream = try dialer.open()
        try dialer.write([UInt8](repeating: 1, count: 300_000), to: stream)
        dialer.reset(stream, code: StreamResetCode.shutdown)
        yamuxExchange(&dialer, &listener)
        #expect(listener.events.last == .reset(stream, code: 0x1007))
        #expect(listener.received[stream]?.count == 262_144)
        #expect(dialer.session.bufferedByteCount(stream) == 0)
        #expect(throws: YamuxError.unknownStream(stream)) { try dialer.write([1], to: stream) }
    }

    @Test func `a body that outlives its stream is drained`() throws {
        var end = YamuxEnd(.listener)
        let frame = yamuxFrame(.data, .synchronize, stream: 1, body: [UInt8](repeating: 7, count: 100))
        end.receive(frame[..<50])
        end.reset(StreamID(1))
        end.receive(frame[50...] + yamuxFrame(.windowUpdate, .synchronize, stream: 3, length: 0))
        #expect(end.received[StreamID(1)]?.count == 38)
        #expect(end.events.last == .opened(StreamID(3)))
        #expect(!end.session.isClosed)
    }

    @Test func `data behind a FIN resets only its stream`() {
        var end = YamuxEnd(.listener)
        end.receive(yamuxFrame(.windowUpdate, [.synchronize, .finish], stream: 1, length: 0))
        end.receive(yamuxFrame(.data, [], stream: 1, body: [1]))
        end.receive(yamuxFrame(.data, .synchronize, stream: 3, body: [2]))
        #expect(
            end.events == [
                .opened(StreamID(1)), .end(StreamID(1)),
                .reset(StreamID(1), code: StreamResetCode.protocolViolation), .opened(StreamID(3)),
                .data(StreamID(3), 19..<20),
            ])
    }

    @Test func `a repeated FIN changes nothing`() {
        var end = YamuxEnd(.listener)
        end.receive(yamuxFrame(.windowUpdate, [.synchronize, .finish], stream: 1, length: 0))
        end.receive(yamuxFrame(.windowUpdate, .finish, stream: 1, length: 0))
        #expect(end.events == [.opened(StreamID(1)), .end(StreamID(1))])
    }

    @Test func `the first answer acknowledges a stream and never shares a frame with a FIN`() throws {
        var end = YamuxEnd(.listener)
        for id: UInt32 in [1, 3, 5] {
            end.receive(yamuxFrame(.data, .synchronize, stream: id, body: [0]))
        }
        try end.write([1], to: StreamID(1))
        end.finish(StreamID(3))
        end.consume(1, from: StreamID(5))
        #expect(
            try yamuxHeaders(end.takeFrames()) == [
                YamuxHeader(.data, .acknowledge, stream: 1, length: 1),
                YamuxHeader(.windowUpdate, .acknowledge, stream: 3, length: 0),
                YamuxHeader(.windowUpdate, .finish, stream: 3, length: 0),
                YamuxHeader(.windowUpdate, .acknowledge, stream: 5, length: 1),
            ])
        try end.write([1], to: StreamID(1))
        #expect(try yamuxHeaders(end.takeFrames()) == [YamuxHeader(.data, [], stream: 1, length: 1)])
    }

    @Test func `own ids are odd for the dialer and even for the listener`() throws {
        var dialer = YamuxEnd(.dialer)
        var listener = YamuxEnd(.listener)
        #expect(try [dialer.open(), dialer.open()] == [StreamID(1), StreamID(3)])
        #expect(try [listener.open(), listener.open()] == [StreamID(2), StreamID(4)])
        yamuxExchange(&dialer, &listener)
        #expect(dialer.session.inboundStreamCount == 2)
        #expect(dialer.session.outboundStreamCount == 2)
    }

    @Test func `nothing is opened after the peer's GoAway but open streams go on`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        end.receive(yamuxFrame(.goAway, stream: 0, length: 0x1005))
        #expect(end.events == [.goAway(code: 0x1005)])
        #expect(throws: YamuxError.peerWentAway(code: 0x1005)) { try end.open() }
        try end.write([1], to: stream)
        end.receive(yamuxFrame(.data, [], stream: 1, body: [1]))
        #expect(end.received[stream] == [1])
    }

    @Test func `a closed session ignores and refuses everything`() throws {
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        end.session.close(code: 0, now: end.now, into: &end.effects)
        end.takeEvents()
        _ = end.takeFrames()
        #expect(end.events == [.closed(nil)])
        end.receive(yamuxFrame(.data, .synchronize, stream: 2, body: [1]))
        end.finish(stream)
        end.reset(stream)
        end.consume(1, from: stream)
        end.handleDeadline()
        end.session.close(code: 1, now: end.now, into: &end.effects)
        #expect(end.takeFrames().isEmpty)
        #expect(end.events == [.closed(nil)])
        #expect(end.session.nextDeadline == nil)
        #expect(throws: YamuxError.sessionClosed) { try end.open() }
        #expect(throws: YamuxError.sessionClosed) { try end.write([1], to: stream) }
    }
}
