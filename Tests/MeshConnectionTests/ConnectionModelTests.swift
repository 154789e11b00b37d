import MeshCore
import Testing

@testable import MeshConnection

/// Random calls on both ends of a connection, compared with what a pipe would do.
@Suite struct ConnectionModelTests {
    /// What one end did to one direction of a stream.
    private struct Written {
        var bytes: [UInt8] = []
        var isFinished = false
    }

    private struct Key: Hashable {
        var stream: StreamID
        var isFromDialer: Bool
    }

    private struct Model {
        var pair: ConnectionTestPair
        var rng: SeededGenerator
        var written: [Key: Written] = [:]
        var reset: Set<StreamID> = []

        init(seed: UInt64, early: Bool) {
            rng = SeededGenerator(seed: seed)
            var configuration = ConnectionConfiguration()
            configuration.negotiatesEarlyMuxer = early
            let key = seed.isMultiple(of: 3) ? PresharedKey(Bytes32(seed, 1, 2, 3)) : nil
            pair = ConnectionTestPair(
                chunking: .random, seed: seed, dialerKey: key, listenerKey: key,
                dialerProtocols: ["/a", "/b"], listenerProtocols: ["/a", "/b"],
                dialerConfiguration: configuration, listenerConfiguration: configuration)
            pair.run()
        }

        func end(_ isDialer: Bool) -> ConnectionTestEnd { isDialer ? pair.dialer : pair.listener }

        mutating func change(
            _ isDialer: Bool, _ body: (inout ConnectionTestEnd, Instant) throws -> Void
        ) rethrows {
            if isDialer {
                try body(&pair.dialer, pair.now)
            } else {
                try body(&pair.listener, pair.now)
            }
        }

        /// The streams that `isDialer`'s end knows, in order.
        func streams(_ isDialer: Bool) -> [StreamID] {
            written.keys.filter { $0.isFromDialer == isDialer && !reset.contains($0.stream) }.map(\.stream)
                .sorted { $0.value < $1.value }
        }

        /// Learns the streams that the other end opened.
        mutating func learn() {
            for isDialer in [true, false] {
                for (stream, _) in end(isDialer).opened where !reset.contains(stream) {
                    written[Key(stream: stream, isFromDialer: isDialer), default: Written()].bytes += []
                }
            }
        }

        mutating func step() throws {
            let isDialer = Bool.random(using: &rng)
            let choice = Int.random(in: 0..<12, using: &rng)
            let streams = streams(isDialer)
            switch choice {
            case 0: try open(isDialer)
            case 1...5:
                guard let stream = streams.randomElement(using: &rng) else { return try open(isDialer) }
                try write(isDialer, stream)
            case 6:
                guard let stream = streams.randomElement(using: &rng) else { return }
                written[Key(stream: stream, isFromDialer: isDialer)]?.isFinished = true
                change(isDialer) { end, now in
                    end.connection.finish(stream, now: now, into: &end.effects)
                }
            case 7:
                guard let stream = streams.randomElement(using: &rng), Int.random(in: 0..<4, using: &rng) == 0
                else { return }
                reset.insert(stream)
                change(isDialer) { end, now in
                    end.connection.reset(stream, code: 5, now: now, into: &end.effects)
                }
            case 8: pair.run()
            default:
                change(isDialer) { end, now in end.drain(now: now) }
                pair.carry(fromDialer: isDialer)
            }
            learn()
        }

        private mutating func open(_ isDialer: Bool) throws {
            let proposals = [["/a"], ["/a"], ["/x", "/b"], ["/x"]].randomElement(using: &rng) ?? []
            var opened: StreamID?
            try change(isDialer) { end, now in
                opened = try end.connection.openStream(proposals, now: now, into: &end.effects)
            }
            guard let opened else { return }
            if proposals == ["/x"] {
                reset.insert(opened)
            } else {
                written[Key(stream: opened, isFromDialer: isDialer)] = Written()
            }
        }

        private mutating func write(_ isDialer: Bool, _ stream: StreamID) throws {
            let key = Key(stream: stream, isFromDialer: isDialer)
            let bytes = ConnectionTestPair.pattern(Int.random(in: 0...3000, using: &rng))
            let isFinished = written[key]?.isFinished ?? true
            do {
                try change(isDialer) { end, now in
                    try end.connection.write(bytes.span.bytes, to: stream, now: now, into: &end.effects)
                }
                #expect(!isFinished)
                written[key]?.bytes += bytes
            } catch ConnectionError.yamux(.streamFinished), ConnectionError.yamux(.unknownStream) {
                #expect(isFinished)
            }
        }

        /// Ends everything that is still open.
        mutating func finishAll() {
            for _ in 0..<3 {
                pair.run()
                learn()
                for isDialer in [true, false] {
                    for stream in streams(isDialer) {
                        written[Key(stream: stream, isFromDialer: isDialer)]?.isFinished = true
                        change(isDialer) { end, now in
                            end.connection.finish(stream, now: now, into: &end.effects)
                        }
                    }
                }
            }
            pair.run()
        }
    }

    @Test(arguments: 0..<60) func `both ends see what the other wrote, whatever is called when`(
        seed: UInt64
    ) throws {
        var model = Model(seed: seed, early: seed.isMultiple(of: 2))
        for _ in 0..<300 { try model.step() }
        model.finishAll()
        let label: Comment = "seed \(seed)"
        for (key, written) in model.written where !model.reset.contains(key.stream) {
            let other = model.end(!key.isFromDialer)
            #expect(other.received[key.stream, default: []] == written.bytes, label)
            #expect(other.count { $0 == .end(key.stream) } == 1, label)
            #expect(other.count { $0 == .finished(key.stream) } == 1, label)
        }
        for isDialer in [true, false] {
            let end = model.end(isDialer)
            #expect(end.closing == nil, label)
            #expect(end.connection.streamCount == 0, label)
            expectOrder(of: end.events, label)
        }
    }

    /// Every stream tells of its opening first and of its end last.
    private func expectOrder(of events: [ConnectionEvent], _ label: Comment) {
        var known: Set<StreamID> = []
        var gone: Set<StreamID> = []
        for event in events {
            switch event {
            case .streamOpened(let stream, _), .streamNegotiated(let stream, _):
                #expect(known.insert(stream).inserted && !gone.contains(stream), label)
            case .data(let stream, _), .end(let stream), .writable(let stream):
                #expect(known.contains(stream) && !gone.contains(stream), label)
            case .finished(let stream), .reset(let stream, _), .streamRefused(let stream):
                #expect(gone.insert(stream).inserted, label)
            default: continue
            }
        }
    }
}
