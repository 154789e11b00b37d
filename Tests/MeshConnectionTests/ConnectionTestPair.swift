import Foundation
import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

/// How bytes are cut on their way between two connections.
enum ConnectionTestChunking: Sendable, CaseIterable {
    case whole
    case bytewise
    case random

    /// The length of the next chunk of `count` bytes.
    func next(of count: Int, using rng: inout SeededGenerator) -> Int {
        switch self {
        case .whole: count
        case .bytewise: 1
        case .random: Int.random(in: 1...min(count, 90), using: &rng)
        }
    }
}

/// One end of a connection under test: what it sent, what it told.
struct ConnectionTestEnd {
    var connection: Connection
    var effects = ConnectionEffects()
    var events: [ConnectionEvent] = []
    var received: [StreamID: [UInt8]] = [:]
    /// Bytes for the other end.
    var outbox: [UInt8] = []
    /// Everything that was ever sent.
    var transcript: [UInt8] = []

    mutating func drain(now: Instant) {
        // One buffer may serve many connections: nothing of one may stay for the next.
        #expect(effects.muxed.frames.isEmpty && effects.muxed.events.isEmpty && effects.unveiled.isEmpty)
        // Consuming sends window updates, so that draining may bring more to drain.
        while !effects.outbound.isEmpty || !effects.events.isEmpty {
            outbox += effects.outbound
            transcript += effects.outbound
            let batch = effects.events
            var consumed: [(StreamID, Int)] = []
            for case .data(let stream, let range) in batch {
                received[stream, default: []] += effects.arena[range]
                consumed.append((stream, range.count))
            }
            events += batch
            effects.removeAll()
            for (stream, count) in consumed {
                connection.consumed(count, from: stream, now: now, into: &effects)
            }
        }
    }

    var closing: ConnectionError?? {
        for case .closed(let error) in events { return .some(error) }
        return nil
    }

    var isEstablished: Bool { info != nil }

    var info: ConnectionInfo? {
        for case .established(let info) in events { return info }
        return nil
    }

    var opened: [(stream: StreamID, protocolID: String)] {
        events.compactMap { event in
            if case .streamOpened(let stream, let protocolID) = event { (stream, protocolID) } else { nil }
        }
    }

    func count(_ isWanted: (ConnectionEvent) -> Bool) -> Int { events.count(where: isWanted) }
}

/// A dialer and a listener, wired back to back in memory.
struct ConnectionTestPair {
    var dialer: ConnectionTestEnd
    var listener: ConnectionTestEnd
    let chunking: ConnectionTestChunking
    var now = Instant.zero
    var rng: SeededGenerator
    /// Changes bytes on their way to the listener or from it: the offset in the transcript, and the chunk.
    var tamper: (@Sendable (_ isFromDialer: Bool, _ offset: Int, _ chunk: inout [UInt8]) -> Void)?
    private var delivered = (fromDialer: 0, fromListener: 0)

    static let dialerIdentity = identity(1)
    static let listenerIdentity = identity(2)

    static func identity(_ seed: UInt64) -> ConnectionIdentity {
        var rng = SeededGenerator(seed: seed)
        return ConnectionIdentity(IdentityKey(using: &rng), using: &rng)
    }

    init(
        chunking: ConnectionTestChunking = .whole, seed: UInt64 = 7, expectedPeer: PeerID? = nil,
        dialerKey: PresharedKey? = nil, listenerKey: PresharedKey? = nil,
        dialerProtocols: [String] = ["/echo/1.0.0"], listenerProtocols: [String] = ["/echo/1.0.0"],
        dialerConfiguration: ConnectionConfiguration = ConnectionConfiguration(),
        listenerConfiguration: ConnectionConfiguration = ConnectionConfiguration()
    ) {
        self.chunking = chunking
        var rng = SeededGenerator(seed: seed)
        var effects = ConnectionEffects()
        let dialing = Connection(
            role: .dialer, identity: Self.dialerIdentity, expectedPeer: expectedPeer,
            presharedKey: dialerKey, protocols: dialerProtocols, configuration: dialerConfiguration,
            now: now, using: &rng, into: &effects)
        dialer = ConnectionTestEnd(connection: dialing, effects: effects)
        effects = ConnectionEffects()
        let listening = Connection(
            role: .listener, identity: Self.listenerIdentity, presharedKey: listenerKey,
            protocols: listenerProtocols, configuration: listenerConfiguration, now: now, using: &rng,
            into: &effects)
        listener = ConnectionTestEnd(connection: listening, effects: effects)
        self.rng = rng
    }

    /// Carries bytes both ways until both ends are silent; true when something was carried.
    @discardableResult
    mutating func run() -> Bool {
        var didCarry = false
        while true {
            dialer.drain(now: now)
            listener.drain(now: now)
            guard !dialer.outbox.isEmpty || !listener.outbox.isEmpty else { return didCarry }
            didCarry = true
            carry(fromDialer: true)
            carry(fromDialer: false)
        }
    }

    /// Carries what one end has sent.
    mutating func carry(fromDialer: Bool) {
        var bytes: [UInt8] = []
        if fromDialer { swap(&bytes, &dialer.outbox) } else { swap(&bytes, &listener.outbox) }
        var start = 0
        while start < bytes.count {
            let end = start + chunking.next(of: bytes.count - start, using: &rng)
            var chunk = Array(bytes[start..<end])
            if fromDialer {
                tamper?(true, delivered.fromDialer, &chunk)
                delivered.fromDialer += end - start
                listener.connection.receive(
                    chunk.span.bytes, now: now, using: &rng, into: &listener.effects)
            } else {
                tamper?(false, delivered.fromListener, &chunk)
                delivered.fromListener += end - start
                dialer.connection.receive(chunk.span.bytes, now: now, using: &rng, into: &dialer.effects)
            }
            start = end
        }
    }

    mutating func dialerOpens(_ protocols: [String]) throws -> StreamID {
        try dialer.connection.openStream(protocols, now: now, into: &dialer.effects)
    }

    mutating func dialerWrites(_ bytes: [UInt8], to stream: StreamID) throws {
        try dialer.connection.write(bytes.span.bytes, to: stream, now: now, into: &dialer.effects)
    }

    mutating func listenerWrites(_ bytes: [UInt8], to stream: StreamID) throws {
        try listener.connection.write(bytes.span.bytes, to: stream, now: now, into: &listener.effects)
    }

    /// Lets the time come to `instant` and both ends do what is due.
    mutating func advance(to instant: Instant) {
        now = instant
        if let deadline = dialer.connection.nextDeadline, deadline <= now {
            dialer.connection.handleDeadline(now: now, into: &dialer.effects)
        }
        if let deadline = listener.connection.nextDeadline, deadline <= now {
            listener.connection.handleDeadline(now: now, into: &listener.effects)
        }
        dialer.drain(now: now)
        listener.drain(now: now)
    }
}

extension ConnectionTestPair {
    /// `count` bytes that show where they belong.
    static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }
}

/// The vectors of this module, read from `Specs/vectors`.
enum ConnectionTestVectors {
    static func data(_ path: String, file: String = #filePath) throws -> Data {
        let root = URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Data(contentsOf: root.appending(path: "Specs/vectors/" + path))
    }
}
