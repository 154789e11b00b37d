import Foundation
import MeshCore
import Testing

@testable import MeshConnection

/// Two sessions back to back under random operations and chunkings, against a model of their streams.
@Suite struct YamuxModelTests {
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `what goes in comes out, in order and within the windows`(seed: UInt64) throws {
        var model = YamuxModel(seed: seed)
        for _ in 0..<400 { try model.step() }
        try model.settle()
        model.check()
    }
}

/// Which of the two ends.
private enum Side: Int, Hashable, CaseIterable {
    case dialer = 0
    case listener = 1

    var other: Side { self == .dialer ? .listener : .dialer }
}

/// What the model knows of one direction of a stream.
private struct Direction {
    var written: [UInt8] = []
    var isFinished = false
}

private struct YamuxModel {
    /// Bytes without a short period; every write takes a part of them.
    static let pattern: [UInt8] = {
        var generator = SeededGenerator(seed: 4)
        var bytes: [UInt8] = []
        bytes.appendRandom(301_000, using: &generator)
        return bytes
    }()

    let seed: UInt64
    var generator: SeededGenerator
    var ends: [YamuxEnd]
    /// Bytes on their way to each end.
    var wire: [[UInt8]] = [[], []]
    var monitor = YamuxWireMonitor()
    /// All streams in the order of their opening, and what was written by each side.
    var streams: [StreamID] = []
    var directions: [StreamID: [Direction]] = [:]
    var resets: Set<StreamID> = []

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        var configuration = YamuxConfiguration()
        configuration.maximumStreamBufferedBytes = 400_000
        configuration.maximumStreamReceiveWindow = 2 << 20
        ends = [YamuxEnd(.dialer, configuration), YamuxEnd(.listener, configuration)]
    }

    mutating func random(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

    mutating func step() throws {
        let side: Side = random(2) == 0 ? .dialer : .listener
        advanceTime(by: .microseconds(random(3000)))
        switch random(20) {
        case 0, 1: try open(side)
        case 2...6: write(side)
        case 7: finish(side)
        case 8: if random(6) == 0 { reset(side) }
        case 9...12: consume(side)
        default: deliver(to: side, upTo: random(200_000))
        }
        try send(side)
    }

    mutating func advanceTime(by duration: Duration) {
        for index in ends.indices { ends[index].now = ends[index].now + duration }
    }

    mutating func open(_ side: Side) throws {
        guard ends[side.rawValue].session.outboundStreamCount < 8 else { return }
        let stream = try ends[side.rawValue].open()
        streams.append(stream)
        directions[stream] = [Direction(), Direction()]
    }

    /// A stream that `side` knows to be open.
    mutating func pick(_ side: Side) -> StreamID? {
        let known = streams.filter { ends[side.rawValue].session.streams.slot(of: $0.value) != nil }
        return known.isEmpty ? nil : known[random(known.count)]
    }

    mutating func write(_ side: Side) {
        guard let stream = pick(side), let direction = directions[stream]?[side.rawValue] else { return }
        let count = random([10, 1000, 30_000, 300_000][random(4)])
        let bytes = Array(Self.pattern[random(1000)...].prefix(count))
        do throws(YamuxError) {
            try ends[side.rawValue].write(bytes, to: stream)
            #expect(!direction.isFinished, "seed \(seed)")
            directions[stream]?[side.rawValue].written += bytes
        } catch {
            switch error {
            case .sendBufferFull: break
            case .streamFinished: #expect(direction.isFinished, "seed \(seed)")
            default: Issue.record("seed \(seed): \(error)")
            }
        }
    }

    mutating func finish(_ side: Side) {
        guard let stream = pick(side) else { return }
        ends[side.rawValue].finish(stream)
        directions[stream]?[side.rawValue].isFinished = true
    }

    mutating func reset(_ side: Side) {
        guard let stream = pick(side) else { return }
        ends[side.rawValue].reset(stream, code: 5)
        resets.insert(stream)
    }

    mutating func consume(_ side: Side) {
        guard let stream = pick(side) else { return }
        let held = ends[side.rawValue].unconsumed[stream, default: 0]
        guard held > 0 else { return }
        ends[side.rawValue].consume(1 + random(held), from: stream)
    }

    mutating func deliver(to side: Side, upTo count: Int) {
        let chunk = wire[side.rawValue].prefix(count)
        ends[side.rawValue].receive(chunk)
        wire[side.rawValue].removeFirst(chunk.count)
    }

    mutating func send(_ side: Side) throws {
        let frames = ends[side.rawValue].takeFrames()
        monitor.check(try yamuxHeaders(frames), from: side.rawValue, seed: seed)
        wire[side.other.rawValue] += frames
    }

    /// Finishes all streams, and delivers and consumes everything.
    mutating func settle() throws {
        for side in Side.allCases {
            for stream in streams {
                ends[side.rawValue].finish(stream)
                directions[stream]?[side.rawValue].isFinished = true
            }
            try send(side)
        }
        while wire.contains(where: { !$0.isEmpty }) {
            for side in Side.allCases {
                deliver(to: side, upTo: .max)
                for stream in streams {
                    ends[side.rawValue].consume(
                        ends[side.rawValue].unconsumed[stream, default: 0], from: stream)
                    ends[side.rawValue].finish(stream)
                }
                try send(side)
            }
        }
    }

    func check() {
        for side in Side.allCases {
            let end = ends[side.rawValue]
            #expect(end.closingError == nil, "seed \(seed)")
            #expect(end.session.streamCount == 0, "seed \(seed)")
            #expect(end.session.totalReceiveWindow == 0, "seed \(seed)")
            #expect(end.session.awaitedCount == 0 && end.session.owedCount == 0, "seed \(seed)")
            for stream in streams {
                check(stream, at: end, from: side.other)
            }
        }
    }

    private func check(_ stream: StreamID, at end: YamuxEnd, from writer: Side) {
        let received = Data(end.received[stream] ?? [])
        let written = Data(directions[stream]?[writer.rawValue].written ?? [])
        let isReset = resets.contains(stream)
        #expect(received == (isReset ? written.prefix(received.count) : written), "seed \(seed)")
        guard !isReset else { return }
        #expect(end.events.filter { $0 == .end(stream) }.count == 1, "seed \(seed)")
        #expect(end.events.filter { $0 == .finished(stream) }.count == 1, "seed \(seed)")
    }
}

/// Checks from the frames alone that neither side sends beyond what the other granted.
private struct YamuxWireMonitor {
    var granted: [[UInt32: Int]] = [[:], [:]]
    var sent: [[UInt32: Int]] = [[:], [:]]

    mutating func check(_ headers: [YamuxHeader], from side: Int, seed: UInt64) {
        for header in headers {
            switch header.kind {
            case .windowUpdate where !header.flags.contains(.reset):
                granted[1 - side][header.stream, default: 0] += Int(header.length)
            case .data:
                #expect(header.length <= 65536, "seed \(seed)")
                sent[side][header.stream, default: 0] += Int(header.length)
                let window = YamuxConfiguration.initialWindow + granted[side][header.stream, default: 0]
                #expect(sent[side][header.stream, default: 0] <= window, "seed \(seed)")
            case .windowUpdate, .ping, .goAway:
                break
            }
        }
    }
}
