import MeshCore
import Testing

@testable import MeshConnection

@Suite struct ConnectionHostileTests {
    private static func configuration(early: Bool) -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration()
        configuration.negotiatesEarlyMuxer = early
        return configuration
    }

    private static let request: [UInt8] = Array("a request".utf8)

    private static func pair(early: Bool) -> ConnectionTestPair {
        let configuration = configuration(early: early)
        return ConnectionTestPair(
            expectedPeer: ConnectionTestPair.listenerIdentity.peerID, dialerConfiguration: configuration,
            listenerConfiguration: configuration)
    }

    /// Connects and sends one request and one answer.
    private static func exchange(_ pair: inout ConnectionTestPair) {
        pair.run()
        guard let stream = try? pair.dialerOpens(["/echo/1.0.0"]) else { return }
        try? pair.dialerWrites(request, to: stream)
        pair.run()
        try? pair.listenerWrites(request, to: stream)
        pair.run()
    }

    @Test(arguments: [true, false], [true, false])
    func `one changed byte anywhere ends the connection with an error`(early: Bool, fromDialer: Bool) {
        var untouched = Self.pair(early: early)
        Self.exchange(&untouched)
        let transcript = fromDialer ? untouched.dialer.transcript : untouched.listener.transcript
        #expect(untouched.dialer.closing == nil)
        #expect(transcript.count > 200)
        for position in transcript.indices {
            for mask in [UInt8(0x01), 0x80] {
                var pair = Self.pair(early: early)
                pair.tamper = { isFromDialer, offset, chunk in
                    guard isFromDialer == fromDialer, chunk.indices.contains(position - offset) else {
                        return
                    }
                    chunk[position - offset] ^= mask
                }
                Self.exchange(&pair)
                let label: Comment = "byte \(position) mask \(mask)"
                // A longer length makes the receiver wait: then the end of the socket is the error.
                pair.dialer.connection.receiveEnd(now: pair.now, into: &pair.dialer.effects)
                pair.listener.connection.receiveEnd(now: pair.now, into: &pair.listener.effects)
                pair.dialer.drain(now: pair.now)
                pair.listener.drain(now: pair.now)
                let victim = fromDialer ? pair.listener : pair.dialer
                #expect(victim.closing != nil, label)
                #expect(victim.closing != .some(nil), label)
                #expect(victim.count { if case .closed = $0 { true } else { false } } == 1, label)
                for bytes in victim.received.values { #expect(Self.request.starts(with: bytes), label) }
                let isComplete = pair.dialer.received.count == 1 && pair.listener.received.count == 1
                #expect(!isComplete, label)
            }
        }
    }

    @Test(arguments: 0..<100) func `garbage instead of a handshake never traps`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        for role in [ConnectionRole.dialer, .listener] {
            var effects = ConnectionEffects()
            var connection = Connection(
                role: role, identity: ConnectionTestPair.dialerIdentity, protocols: ["/a"], now: .zero,
                using: &rng, into: &effects)
            var bytes: [UInt8] = []
            if seed.isMultiple(of: 2) { bytes += Multistream.encodedHeader }
            if seed.isMultiple(of: 4) { bytes += Multistream.encode("/noise") }
            bytes.appendRandom(Int.random(in: 0...5000, using: &rng), using: &rng)
            while !bytes.isEmpty {
                let chunk = Array(bytes.prefix(Int.random(in: 1...300, using: &rng)))
                bytes.removeFirst(chunk.count)
                connection.receive(chunk.span.bytes, now: .zero, using: &rng, into: &effects)
            }
            connection.receiveEnd(now: .zero, into: &effects)
            let closings = effects.events.filter { if case .closed(.some) = $0 { true } else { false } }
            #expect(closings.count == 1, "seed \(seed)")
            #expect(effects.events.count == 1, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<100) func `garbage inside the secured channel never traps`(seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        var dialer = try ConnectionRawDialer(
            seed: seed, muxers: seed.isMultiple(of: 2) ? ["/yamux/1.0.0"] : [])
        for _ in 0..<40 {
            var plaintext: [UInt8] = []
            let stream = UInt32.random(in: 0...9, using: &rng)
            switch Int.random(in: 0...3, using: &rng) {
            case 0: plaintext.appendRandom(Int.random(in: 1...80, using: &rng), using: &rng)
            case 1:
                var body: [UInt8] = Multistream.encodedHeader
                body.appendRandom(Int.random(in: 0...30, using: &rng), using: &rng)
                plaintext = ConnectionRawDialer.data(stream, body, flags: .random(in: 0...15, using: &rng))
            case 2:
                let body = Multistream.encodedHeader + Multistream.encode("/echo/1.0.0") + [1, 2, 3]
                plaintext = ConnectionRawDialer.data(stream | 1, body, flags: 1)
            default:
                plaintext = ConnectionRawDialer.data(stream, [], flags: .random(in: 0...15, using: &rng))
                plaintext[1] = UInt8.random(in: 0...4, using: &rng)
            }
            try dialer.send(plaintext)
            let streamCount = dialer.listener.connection.streamCount
            #expect(streamCount <= 512, "seed \(seed)")
        }
        dialer.listener.expectAtMostOneClosing("seed \(seed)")
    }

    @Test func `an oversize message on a stream costs the peer that stream only`() throws {
        var dialer = try ConnectionRawDialer()
        try dialer.send(
            ConnectionRawDialer.data(1, Multistream.encodedHeader + [0x81, 0x08], flags: 1))
        #expect(dialer.listener.connection.streamCount == 0)
        let answers = try dialer.answers()
        #expect(answers.suffix(12) == [0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0x10, 1], "a reset with the code")
        let request = Multistream.encodedHeader + Multistream.encode("/echo/1.0.0")
        try dialer.send(ConnectionRawDialer.data(3, request, flags: 1))
        #expect(dialer.listener.opened.map(\.stream) == [StreamID(3)])
        #expect(dialer.listener.closing == nil)
        #expect(!dialer.listener.events.contains { if case .reset = $0 { true } else { false } })
    }

    @Test func `a stream without a proposal is dropped at its deadline, unseen by the driver`() throws {
        var dialer = try ConnectionRawDialer()
        let count = dialer.listener.events.count
        dialer.now = Instant.zero + .seconds(2)
        try dialer.send(ConnectionRawDialer.data(1, Multistream.encodedHeader, flags: 1))
        #expect(dialer.listener.connection.streamCount == 1)
        #expect(dialer.listener.connection.nextDeadline == Instant.zero + .seconds(12))
        dialer.advance(to: Instant.zero + .seconds(12))
        #expect(dialer.listener.connection.streamCount == 0)
        #expect(dialer.listener.events.count == count)
    }

    @Test func `a stream that ends before its proposal is dropped, unseen by the driver`() throws {
        var dialer = try ConnectionRawDialer()
        let count = dialer.listener.events.count
        try dialer.send(ConnectionRawDialer.data(1, Multistream.encodedHeader, flags: 1 | 4))
        try dialer.send(ConnectionRawDialer.data(3, [], flags: 1) + ConnectionRawDialer.data(3, [], flags: 8))
        #expect(dialer.listener.connection.streamCount == 0)
        #expect(dialer.listener.events.count == count)
    }

    @Test func `endless proposals on a stream end with a reset`() throws {
        var dialer = try ConnectionRawDialer()
        var body = Multistream.encodedHeader
        for index in 0...Multistream.maximumProposalCount { body += Multistream.encode("/x/\(index)") }
        try dialer.send(ConnectionRawDialer.data(1, body, flags: 1))
        #expect(dialer.listener.connection.streamCount == 0)
        #expect(dialer.listener.closing == nil)
    }

    @Test func `many bad streams in one read are dropped in linear time`() throws {
        var dialer = try ConnectionRawDialer()
        var plaintext: [UInt8] = []
        for index in 0..<200 {
            plaintext += ConnectionRawDialer.data(UInt32(2 * index + 1), [0xff], flags: 1)
        }
        try dialer.send(plaintext)
        #expect(dialer.listener.connection.streamCount == 0)
        #expect(dialer.listener.closing == nil)
    }

    @Test func `a muxer that we do not speak is answered na, then refused by silence`() throws {
        var dialer = try ConnectionRawDialer(muxers: [])
        try dialer.send(Multistream.encodedHeader + Multistream.encode("/mplex/6.7.0"))
        _ = try dialer.answers()
        #expect(!dialer.listener.isEstablished)
        try dialer.send(
            Multistream.encode("/yamux/1.0.0")
                + ConnectionRawDialer.data(
                    1, Multistream.encodedHeader + Multistream.encode("/echo/1.0.0") + [7], flags: 1))
        #expect(dialer.listener.isEstablished)
        #expect(dialer.listener.received[StreamID(1)] == [7], "pipelined behind the muxer's proposal")
    }

    @Test func `the bytes of a negotiation are given back to the peer's window`() throws {
        var dialer = try ConnectionRawDialer()
        let request = Multistream.encodedHeader + Multistream.encode("/echo/1.0.0")
        let half = YamuxConfiguration.initialWindow / 2
        let rest = [UInt8](repeating: 7, count: half - request.count)
        try dialer.send(ConnectionRawDialer.data(1, request, flags: 1))
        _ = try dialer.answers()
        try dialer.send(ConnectionRawDialer.data(1, Array(rest.dropLast())))
        #expect(try dialer.answers().isEmpty)
        try dialer.send(ConnectionRawDialer.data(1, [7]))
        #expect(try dialer.answers().starts(with: [0, 1, 0, 0, 0, 0, 0, 1]), "a window update")
    }

    @Test func `what came before bytes that do not authenticate is delivered`() throws {
        var dialer = try ConnectionRawDialer()
        let request = Multistream.encodedHeader + Multistream.encode("/echo/1.0.0") + [7]
        let forged = [0, 17] + [UInt8](repeating: 0, count: 17)
        try dialer.send(ConnectionRawDialer.data(1, request, flags: 1), then: forged)
        #expect(dialer.listener.received[StreamID(1)] == [7])
        #expect(dialer.listener.closing == .some(.noise(.notAuthentic(byteCount: 17))))
    }
}

extension ConnectionTestEnd {
    fileprivate func expectAtMostOneClosing(_ label: Comment) {
        let closings = count { if case .closed = $0 { true } else { false } }
        #expect(closings <= 1, label)
    }
}
