import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct ConnectionHandshakeTests {
    private static func configuration(early: Bool) -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration()
        configuration.negotiatesEarlyMuxer = early
        return configuration
    }

    private func pair(
        _ chunking: ConnectionTestChunking = .whole, early: (Bool, Bool) = (true, true)
    ) -> ConnectionTestPair {
        ConnectionTestPair(
            chunking: chunking, expectedPeer: ConnectionTestPair.listenerIdentity.peerID,
            dialerConfiguration: Self.configuration(early: early.0),
            listenerConfiguration: Self.configuration(early: early.1))
    }

    @Test(
        arguments: ConnectionTestChunking.allCases,
        [(true, true), (true, false), (false, true), (false, false)])
    func `two connections are established in any chunking, with the muxer early or not`(
        chunking: ConnectionTestChunking, early: (Bool, Bool)
    ) throws {
        var pair = pair(chunking, early: early)
        pair.run()
        let dialer = try #require(pair.dialer.info)
        let listener = try #require(pair.listener.info)
        #expect(dialer.peer == ConnectionTestPair.listenerIdentity.peerID)
        #expect(listener.peer == ConnectionTestPair.dialerIdentity.peerID)
        #expect(listener.publicKey.peerID == listener.peer)
        #expect(dialer.earlyMuxer == (early.0 && early.1))
        #expect(listener.earlyMuxer == dialer.earlyMuxer)
        #expect(dialer.security == "/noise")
        #expect(dialer.muxer == "/yamux/1.0.0")
        #expect(pair.dialer.count { if case .secured = $0 { true } else { false } } == 1)
        #expect(pair.dialer.connection.stage == .open)
    }

    @Test func `a dialer sends everything up to Noise message 1 in one flush`() {
        let pair = pair()
        let first = pair.dialer.effects.outbound
        let negotiation = Multistream.encodedHeader + Multistream.encode("/noise")
        #expect(first.starts(with: negotiation + [0, 32]))
        #expect(first.count == negotiation.count + 34)
    }

    @Test func `message 3 and a first request leave in one flush, after one round trip`() throws {
        var pair = pair()
        pair.dialer.drain(now: .zero)
        pair.carry(fromDialer: true)
        pair.listener.drain(now: .zero)
        pair.carry(fromDialer: false)
        let stream = try pair.dialerOpens(["/echo/1.0.0"])
        try pair.dialerWrites([1, 2, 3], to: stream)
        pair.dialer.drain(now: .zero)
        #expect(pair.dialer.isEstablished)
        pair.carry(fromDialer: true)
        pair.listener.drain(now: .zero)
        #expect(pair.listener.received[stream] == [1, 2, 3])
        #expect(pair.listener.opened.map(\.protocolID) == ["/echo/1.0.0"])
    }

    @Test(arguments: ConnectionTestChunking.allCases)
    func `a wrong peer learns nothing about the dialer`(chunking: ConnectionTestChunking) throws {
        let expected = ConnectionTestPair.identity(99).peerID
        var pair = ConnectionTestPair(chunking: chunking, expectedPeer: expected)
        let first = pair.dialer.effects.outbound
        pair.run()
        let actual = ConnectionTestPair.listenerIdentity.peerID
        #expect(pair.dialer.closing == .some(.noise(.wrongPeer(expected: expected, actual: actual))))
        #expect(pair.dialer.transcript == first, "nothing was sent after the first flush")
        #expect(!pair.dialer.events.contains { if case .secured = $0 { true } else { false } })
        #expect(pair.listener.closing == nil)

        var rng = SeededGenerator(seed: 7)
        var effects = ConnectionEffects()
        _ = Connection(
            role: .dialer, identity: ConnectionTestPair.identity(50), expectedPeer: expected, protocols: [],
            now: .zero, using: &rng, into: &effects)
        #expect(effects.outbound == first, "the first flush is the same for every identity")
    }

    @Test func `a silent peer is given up at the handshake deadline`() {
        for role in [ConnectionRole.dialer, .listener] {
            var rng = SeededGenerator(seed: 1)
            var effects = ConnectionEffects()
            var connection = Connection(
                role: role, identity: ConnectionTestPair.dialerIdentity, protocols: [],
                now: Instant.zero + .seconds(5), using: &rng, into: &effects)
            let deadline = Instant.zero + .seconds(15)
            #expect(connection.nextDeadline == deadline)
            connection.handleDeadline(now: Instant.zero + .seconds(14), into: &effects)
            #expect(effects.events.isEmpty)
            connection.handleDeadline(now: deadline, into: &effects)
            let error = ConnectionError.handshakeTimeout(.securityNegotiation, limit: .seconds(10))
            #expect(effects.events == [.closed(error)])
            #expect(connection.nextDeadline == nil)
            #expect(connection.stage == nil)
        }
    }

    @Test(arguments: [true, false]) func `a peer that trickles bytes does not move the deadline`(early: Bool)
    {
        var pair = pair(early: (early, early))
        let deadline = Instant.zero + .seconds(10)
        pair.dialer.drain(now: .zero)
        let bytes = pair.dialer.outbox
        for (index, byte) in bytes.dropLast().enumerated() {
            let now = Instant.zero + .milliseconds(index * 100)
            pair.listener.connection.receive(
                [byte].span.bytes, now: now, using: &pair.rng, into: &pair.listener.effects)
            #expect(pair.listener.connection.nextDeadline == deadline)
        }
        pair.listener.connection.handleDeadline(now: deadline, into: &pair.listener.effects)
        #expect(
            pair.listener.effects.events
                == [.closed(.handshakeTimeout(.securityHandshake, limit: .seconds(10)))])
    }

    @Test func `the end of the socket names how far the connection was`() {
        var pair = pair(early: (false, false))
        pair.dialer.connection.receiveEnd(now: .zero, into: &pair.dialer.effects)
        #expect(pair.dialer.effects.events == [.closed(.endOfStream(during: .securityNegotiation))])

        pair = self.pair(early: (false, false))
        pair.dialer.drain(now: .zero)
        pair.carry(fromDialer: true)
        pair.listener.connection.receiveEnd(now: .zero, into: &pair.listener.effects)
        #expect(pair.listener.effects.events == [.closed(.endOfStream(during: .securityHandshake))])

        pair = self.pair(early: (false, false))
        pair.dialer.drain(now: .zero)
        pair.carry(fromDialer: true)
        pair.listener.drain(now: .zero)
        pair.carry(fromDialer: false)
        pair.dialer.connection.receiveEnd(now: .zero, into: &pair.dialer.effects)
        #expect(pair.dialer.effects.events.last == .closed(.endOfStream(during: .muxerNegotiation)))

        pair = self.pair()
        pair.run()
        pair.dialer.connection.receiveEnd(now: .zero, into: &pair.dialer.effects)
        #expect(pair.dialer.effects.events == [.closed(.endOfStream(during: .open))])
    }

    @Test func `a peer without Noise is refused with the protocol's name`() {
        var rng = SeededGenerator(seed: 1)
        var effects = ConnectionEffects()
        var connection = Connection(
            role: .dialer, identity: ConnectionTestPair.dialerIdentity, protocols: [], now: .zero,
            using: &rng, into: &effects)
        let answer = Multistream.encodedHeader + Multistream.encode("na")
        connection.receive(answer.span.bytes, now: .zero, using: &rng, into: &effects)
        #expect(effects.events == [.closed(.refused(["/noise"], during: .securityNegotiation))])
    }

    @Test func `a peer without our muxer is refused with the muxer's name`() throws {
        var pair = pair()
        pair.run()
        let info = try #require(pair.dialer.info)
        let channel = NoiseChannel(NoiseTransport(sendKey: .zero, receiveKey: .zero))
        var output: [UInt8] = []
        var selection = MuxerSelection(
            role: .dialer, channel: channel, info: info, configuration: ConnectionConfiguration(),
            into: &output)
        #expect(output == Multistream.encodedHeader + Multistream.encode("/yamux/1.0.0"))
        let answer = Multistream.encodedHeader + Multistream.encode("na")
        var offset = 0
        #expect(throws: ConnectionError.refused(["/yamux/1.0.0"], during: .muxerNegotiation)) {
            _ = try selection.receive(answer.span.bytes, at: &offset, into: &output)
        }
    }

    @Test func `a closed connection takes nothing and says nothing`() throws {
        var pair = pair()
        pair.dialer.connection.close(code: 0, now: .zero, into: &pair.dialer.effects)
        #expect(pair.dialer.effects.events == [.closed(nil)])
        pair.dialer.effects.removeAll()
        pair.dialer.connection.close(code: 0, now: .zero, into: &pair.dialer.effects)
        pair.dialer.connection.receiveEnd(now: .zero, into: &pair.dialer.effects)
        pair.dialer.connection.handleDeadline(now: .distantFuture, into: &pair.dialer.effects)
        pair.dialer.connection.receive(
            ([1, 2, 3] as [UInt8]).span.bytes, now: .zero, using: &pair.rng, into: &pair.dialer.effects)
        #expect(pair.dialer.effects.events.isEmpty)
        #expect(pair.dialer.effects.outbound.isEmpty)
        #expect(throws: ConnectionError.notOpen) { _ = try pair.dialerOpens(["/a"]) }
        #expect(throws: ConnectionError.notOpen) { try pair.dialerWrites([1], to: StreamID(1)) }
    }

    @Test func `streams cannot be opened before the connection is established`() {
        var pair = pair()
        #expect(throws: ConnectionError.notOpen) { _ = try pair.dialerOpens(["/a"]) }
        #expect(pair.dialer.connection.streamCount == 0)
    }
}
