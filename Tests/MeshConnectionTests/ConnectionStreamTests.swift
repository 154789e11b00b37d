import MeshCore
import Testing

@testable import MeshConnection

@Suite struct ConnectionStreamTests {
    private func established(
        _ chunking: ConnectionTestChunking = .whole, listenerProtocols: [String] = ["/echo/1.0.0"],
        configuration: ConnectionConfiguration = ConnectionConfiguration(), seed: UInt64 = 7
    ) -> ConnectionTestPair {
        var pair = ConnectionTestPair(
            chunking: chunking, seed: seed, listenerProtocols: listenerProtocols,
            dialerConfiguration: configuration, listenerConfiguration: configuration)
        pair.run()
        return pair
    }

    @Test(arguments: ConnectionTestChunking.allCases)
    func `a stream carries bytes both ways and ends on both sides`(chunking: ConnectionTestChunking) throws {
        var pair = established(chunking)
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        try pair.dialerWrites([1, 2, 3], to: stream)
        pair.run()
        #expect(pair.listener.opened.map(\.stream) == [stream])
        #expect(pair.listener.received[stream] == [1, 2, 3])
        #expect(pair.dialer.events.contains(.streamNegotiated(stream, protocolID: "/echo/1.0.0")))
        try pair.listenerWrites([4, 5], to: stream)
        pair.listener.connection.finish(stream, now: pair.now, into: &pair.listener.effects)
        pair.run()
        #expect(pair.dialer.received[stream] == [4, 5])
        #expect(pair.dialer.events.contains(.end(stream)))
        try pair.dialerWrites([6], to: stream)
        pair.dialer.connection.finish(stream, now: pair.now, into: &pair.dialer.effects)
        pair.run()
        #expect(pair.listener.received[stream] == [1, 2, 3, 6])
        #expect(pair.listener.events.suffix(2) == [.end(stream), .finished(stream)])
        #expect(pair.dialer.events.last == .finished(stream))
        #expect(pair.dialer.connection.streamCount == 0)
        #expect(pair.listener.connection.streamCount == 0)
    }

    @Test func `header, proposal, data and half-close that come at once are all delivered`() throws {
        var pair = established()
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        try pair.dialerWrites([9, 8, 7], to: stream)
        pair.dialer.connection.finish(stream, now: pair.now, into: &pair.dialer.effects)
        pair.dialer.drain(now: pair.now)
        pair.carry(fromDialer: true)
        let events = pair.listener.effects.events
        #expect(events.first == .streamOpened(stream, protocolID: "/echo/1.0.0"))
        #expect(events.last == .end(stream))
        pair.run()
        #expect(pair.listener.received[stream] == [9, 8, 7])
    }

    @Test(arguments: ConnectionTestChunking.allCases)
    func `a large transfer arrives in order both ways`(chunking: ConnectionTestChunking) throws {
        let byteCount = chunking == .bytewise ? 200_000 : 3_000_000
        let bytes = ConnectionTestPair.pattern(byteCount)
        var pair = established(chunking)
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        pair.run()
        var sent = 0
        while sent < byteCount {
            let end = min(sent + 300_000, byteCount)
            try pair.dialerWrites(Array(bytes[sent..<end]), to: stream)
            try pair.listenerWrites(Array(bytes[sent..<end]), to: stream)
            sent = end
            pair.run()
        }
        #expect(pair.listener.received[stream] == bytes)
        #expect(pair.dialer.received[stream] == bytes)
        #expect(pair.dialer.closing == nil)
    }

    @Test func `several proposals are tried in turn and early writes wait for the agreement`() throws {
        var pair = established(listenerProtocols: ["/b"])
        let stream = try pair.dialerOpens(["/a", "/b"])
        try pair.dialerWrites([1, 2], to: stream)
        try pair.dialerWrites([3], to: stream)
        #expect(pair.dialer.connection.bufferedByteCount(stream) == 3)
        pair.dialer.connection.finish(stream, now: pair.now, into: &pair.dialer.effects)
        #expect(throws: ConnectionError.yamux(.streamFinished(stream))) {
            try pair.dialerWrites([4], to: stream)
        }
        pair.run()
        #expect(pair.dialer.events.contains(.streamNegotiated(stream, protocolID: "/b")))
        #expect(pair.listener.opened.map(\.protocolID) == ["/b"])
        #expect(pair.listener.received[stream] == [1, 2, 3])
        #expect(pair.listener.events.last == .end(stream))
        #expect(pair.dialer.connection.bufferedByteCount(stream) == 0)
    }

    @Test func `early writes beyond the buffer are refused and nothing of them is kept`() throws {
        var configuration = ConnectionConfiguration()
        configuration.yamux.maximumStreamBufferedBytes = 100
        var pair = established(listenerProtocols: ["/b"], configuration: configuration)
        let stream = try pair.dialerOpens(["/a", "/b"])
        try pair.dialerWrites([UInt8](repeating: 1, count: 60), to: stream)
        #expect(
            throws: ConnectionError.yamux(
                .sendBufferFull(stream, bufferedByteCount: 60, limit: 100))
        ) {
            try pair.dialerWrites([UInt8](repeating: 2, count: 41), to: stream)
        }
        try pair.dialerWrites([UInt8](repeating: 3, count: 40), to: stream)
        pair.run()
        #expect(pair.dialer.events.contains(.writable(stream)), "now the writer that was refused may go on")
        #expect(
            pair.listener.received[stream]
                == [UInt8](repeating: 1, count: 60) + [UInt8](repeating: 3, count: 40))
    }

    @Test(arguments: [["/x"], ["/x", "/y"]])
    func `a stream that the peer refuses is gone on both sides, its early data too`(
        proposals: [String]
    ) throws {
        var pair = established()
        let stream = try pair.dialerOpens(proposals)
        try pair.dialerWrites([1, 2, 3], to: stream)
        pair.run()
        #expect(pair.dialer.count { $0 == .streamRefused(stream) } == 1)
        #expect(pair.dialer.connection.streamCount == 0)
        #expect(pair.listener.connection.streamCount == 0)
        #expect(pair.listener.opened.isEmpty)
        #expect(pair.listener.received.isEmpty)
        #expect(pair.dialer.closing == nil)
        let other = try pair.dialerOpens(["/echo/1.0.0"])
        pair.run()
        #expect(pair.listener.opened.map(\.stream) == [other])
    }

    @Test func `a refused stream that was already finished reports the refusal only`() throws {
        var pair = established()
        let stream = try pair.dialerOpens(["/x"])
        pair.dialer.connection.finish(stream, now: pair.now, into: &pair.dialer.effects)
        pair.run()
        let about = pair.dialer.events.drop { if case .established = $0 { false } else { true } }.dropFirst()
        #expect(about.count == 1)
        #expect(pair.dialer.connection.streamCount == 0)
        #expect(pair.listener.connection.streamCount == 0)
    }

    @Test func `the answer to a lazy proposal is stripped from the data`() throws {
        var pair = established()
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        pair.dialer.drain(now: pair.now)
        pair.carry(fromDialer: true)
        try pair.listenerWrites([1, 2, 3], to: stream)
        pair.listener.drain(now: pair.now)
        pair.carry(fromDialer: false)
        let events = pair.dialer.effects.events
        #expect(events.first == .streamNegotiated(stream, protocolID: "/echo/1.0.0"))
        pair.run()
        #expect(pair.dialer.received[stream] == [1, 2, 3])
    }

    @Test func `protocols that are set later are served from then on`() throws {
        var pair = established(listenerProtocols: [])
        let refused = try pair.dialerOpens(["/new"])
        pair.run()
        #expect(pair.dialer.events.contains(.streamRefused(refused)))
        pair.listener.connection.setProtocols(["/new"])
        let stream = try pair.dialerOpens(["/new"])
        pair.run()
        #expect(pair.listener.opened.map(\.stream) == [stream])
    }

    @Test func `the listener opens streams as well`() throws {
        var pair = established()
        let stream = try pair.listener.connection.openStream(
            ["/echo/1.0.0"], now: pair.now, into: &pair.listener.effects)
        try pair.listenerWrites([5], to: stream)
        pair.run()
        #expect(pair.dialer.opened.map(\.stream) == [stream])
        #expect(pair.dialer.received[stream] == [5])
        #expect(pair.listener.connection.outboundStreamCount == 1)
        #expect(pair.dialer.connection.outboundStreamCount == 0)
    }

    @Test func `a stream of ours that the peer never answers is reset at its deadline`() throws {
        var pair = established()
        pair.now = Instant.zero + .seconds(1)
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        #expect(pair.dialer.connection.nextDeadline == Instant.zero + .seconds(11))
        pair.dialer.connection.handleDeadline(
            now: Instant.zero + .seconds(11), into: &pair.dialer.effects)
        #expect(
            pair.dialer.effects.events
                == [.reset(stream, code: StreamResetCode.negotiationFailed)])
        #expect(pair.dialer.connection.streamCount == 0)
    }

    @Test func `a negotiation that succeeded has no deadline`() throws {
        var pair = established()
        let before = pair.dialer.connection.nextDeadline
        _ = try pair.dialerOpens(["/echo/1.0.0"])
        #expect(pair.dialer.connection.nextDeadline == Instant.zero + .seconds(10))
        pair.run()
        #expect(pair.dialer.connection.nextDeadline == before)
        #expect(pair.listener.connection.nextDeadline == before)
    }

    @Test func `a stream that is reset by either side is gone on both`() throws {
        var pair = established()
        let first = try pair.dialerOpens(["/echo/1.0.0"])
        let second = try pair.dialerOpens(["/echo/1.0.0"])
        pair.run()
        pair.dialer.connection.reset(first, code: 17, now: pair.now, into: &pair.dialer.effects)
        pair.listener.connection.reset(second, code: 18, now: pair.now, into: &pair.listener.effects)
        pair.run()
        #expect(pair.listener.events.last == .reset(first, code: 17))
        #expect(pair.dialer.events.last == .reset(second, code: 18))
        #expect(pair.dialer.connection.streamCount == 0)
        #expect(throws: ConnectionError.yamux(.unknownStream(first))) {
            try pair.dialerWrites([1], to: first)
        }
    }

    @Test func `a stream that is reset while its protocol is negotiated leaves no trace`() throws {
        var pair = established()
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        pair.dialer.connection.reset(stream, code: 0, now: pair.now, into: &pair.dialer.effects)
        let count = pair.dialer.events.count
        pair.run()
        #expect(pair.dialer.events.count == count)
        #expect(pair.listener.connection.streamCount == 0)
        #expect(pair.dialer.connection.nextDeadline == Instant.zero + .seconds(30))
    }

    @Test func `close says goodbye to the peer, whose socket end is then no error`() throws {
        var pair = established()
        _ = try pair.dialerOpens(["/echo/1.0.0"])
        pair.run()
        pair.dialer.connection.close(code: 0, now: pair.now, into: &pair.dialer.effects)
        #expect(pair.dialer.effects.events == [.closed(nil)])
        pair.run()
        #expect(pair.listener.events.last == .goAway(code: 0))
        pair.listener.connection.receiveEnd(now: pair.now, into: &pair.listener.effects)
        #expect(pair.listener.effects.events == [.closed(nil)])
    }

    @Test func `what cannot be proposed is refused before anything is sent`() {
        var pair = established()
        #expect(throws: ConnectionError.noProposals) { _ = try pair.dialerOpens([]) }
        #expect(throws: ConnectionError.badProtocolID("", byteLimit: 1023)) {
            _ = try pair.dialerOpens([""])
        }
        #expect(throws: ConnectionError.badProtocolID("/a\n", byteLimit: 1023)) {
            _ = try pair.dialerOpens(["/b", "/a\n"])
        }
        #expect(pair.dialer.effects.outbound.isEmpty)
        #expect(pair.dialer.connection.streamCount == 0)
    }

    @Test func `keepalives measure the round trip and keep both ends open`() {
        var pair = established()
        pair.advance(to: Instant.zero + .seconds(30))
        pair.run()
        #expect(pair.dialer.events.contains { if case .roundTrip = $0 { true } else { false } })
        #expect(pair.dialer.connection.roundTrip == .zero)
        #expect(pair.dialer.closing == nil)
        #expect(pair.listener.closing == nil)
    }
}
