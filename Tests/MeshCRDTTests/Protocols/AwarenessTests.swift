import MeshCore
import Testing

@testable import MeshCRDT

@Suite struct AwarenessTests {
    private let own: ClientID = 1
    private let other: ClientID = 2

    private func seconds(_ seconds: UInt64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    private func update(_ client: ClientID, _ clock: Clock, _ state: AnyValue?) -> [UInt8] {
        AwarenessUpdate([AwarenessUpdate.Entry(client: client, clock: clock, state: state)]).encode()
    }

    @Test func `a peer that removes the own state is answered with a higher clock`() throws {
        var awareness = Awareness(clientID: own, now: .zero)
        _ = try awareness.setLocalState(["name": "a"], now: .zero)
        for clock: Clock in [1, 5] {
            let change = try awareness.apply(update(own, clock, nil), from: "p", now: seconds(1))
            #expect(change.announced == [own])
            #expect(change.removed.isEmpty)
            #expect(!change.isVisible)
            #expect(awareness.localState == ["name": "a"])
            #expect(awareness.clock(of: own) == clock + 1)
        }
        #expect(try awareness.apply(update(own, 4, nil), from: "p", now: seconds(2)).isEmpty)
    }

    @Test func `a clock at its end stays there instead of starting anew`() throws {
        var awareness = Awareness(clientID: own, now: .zero)
        #expect(try awareness.apply(update(own, .max, nil), from: "p", now: .zero).announced == [own])
        #expect(awareness.clock(of: own) == .max)
        _ = try awareness.setLocalState(["a": 1], now: .zero)
        #expect(awareness.clock(of: own) == .max)
        #expect(awareness.localState == ["a": 1])
        #expect(throws: UpdateError.malformed(.clock, offset: 2)) {
            try AwarenessUpdate(decoding: [1, 2, 0x80, 0x80, 0x80, 0x80, 0x10, 2, 0x7b, 0x7d])
        }
    }

    @Test func `the own state is renewed after 15 seconds and others leave after 30`() throws {
        var awareness = Awareness(clientID: own, now: seconds(0))
        _ = try awareness.apply(update(other, 1, ["a": 1]), from: "p", now: seconds(2))
        #expect(awareness.nextTick == seconds(15))
        #expect(awareness.tick(now: Instant(nanoseconds: 14_999_999_999)) == [])
        let renewal = awareness.tick(now: seconds(15))
        #expect(renewal.map(\.updated) == [[own]])
        #expect(renewal.map(\.isVisible) == [false])
        #expect(awareness.clock(of: own) == 1)
        #expect(awareness.nextTick == seconds(30))
        _ = awareness.tick(now: seconds(31))
        #expect(awareness.nextTick == seconds(32))
        let timeout = awareness.tick(now: seconds(32))
        #expect(timeout.map(\.removed) == [[other]])
        #expect(timeout.map(\.origin) == [.timeout])
        #expect(awareness.clock(of: other) == 1)
        _ = try awareness.setLocalState(nil, now: seconds(33))
        #expect(awareness.nextTick == nil)
        #expect(awareness.tick(now: seconds(99)) == [])
    }

    @Test func `a client too many pushes out the one that left first, or is refused`() throws {
        var limits = ProtocolLimits()
        limits.clientCount = 3
        var awareness = Awareness(clientID: own, limits: limits, now: .zero)
        _ = try awareness.apply(update(2, 1, ["a": 1]), from: "p", now: seconds(1))
        _ = try awareness.apply(update(3, 1, ["a": 1]), from: "p", now: seconds(2))
        let before = awareness
        #expect(throws: UpdateError.limitExceeded(.clientCount, value: 4, limit: 3, offset: 0)) {
            try awareness.apply(update(4, 1, ["a": 1]), from: "p", now: seconds(3))
        }
        #expect(awareness == before)
        #expect(try awareness.apply(update(5, 7, nil), from: "p", now: seconds(3)).isEmpty)
        #expect(awareness.clock(of: 5) == nil)
        _ = awareness.remove([3], origin: .timeout, now: seconds(4))
        _ = awareness.remove([2], origin: .timeout, now: seconds(5))
        #expect(try awareness.apply(update(4, 1, ["a": 1]), from: "p", now: seconds(6)).added == [4])
        #expect(awareness.clock(of: 3) == nil)
        #expect(awareness.clock(of: 2) == 1)
        #expect(awareness.clientCount == 3)
    }

    @Test func `an update with one entry too large counts for nothing`() throws {
        var limits = ProtocolLimits()
        limits.stateByteCount = 10
        limits.awarenessByteCount = 22
        var awareness = Awareness(clientID: own, limits: limits, now: .zero)
        let small = AwarenessUpdate.Entry(client: 2, clock: 1, state: ["abcd": 1])
        let large = AwarenessUpdate.Entry(client: 3, clock: 1, state: ["abcde": 1])
        let before = awareness
        #expect(throws: UpdateError.self) {
            try awareness.apply(AwarenessUpdate([small, large]).encode(), from: "p", now: .zero)
        }
        #expect(throws: UpdateError.limitExceeded(.stateByteCount, value: 11, limit: 10, offset: 0)) {
            try awareness.apply(AwarenessUpdate([small, large]), from: "p", now: .zero)
        }
        #expect(awareness == before)
        // 2 bytes are the own state's.
        let third = AwarenessUpdate.Entry(client: 3, clock: 1, state: ["abcd": 1])
        #expect(try awareness.apply(AwarenessUpdate([small, third]), from: "p", now: .zero).added == [2, 3])
        #expect(throws: UpdateError.limitExceeded(.awarenessByteCount, value: 27, limit: 22, offset: 0)) {
            try awareness.setLocalState(["a": 1], now: .zero)
        }
        #expect(throws: UpdateError.limitExceeded(.stateByteCount, value: 11, limit: 10, offset: 0)) {
            try awareness.setLocalState(["abcde": 1], now: .zero)
        }
        #expect(awareness.localState == [:])
        _ = awareness.remove([2], origin: .peer("p"), now: .zero)
        #expect(try awareness.setLocalState(["a": 1], now: .zero).changed == [own])
    }

    @Test func `malformed updates are refused`() {
        let good: [UInt8] = [1, 2, 1, 2, 0x7b, 0x7d]
        #expect(throws: Never.self) { try AwarenessUpdate(decoding: good) }
        for end in 0..<good.count {
            #expect(throws: UpdateError.truncated(offset: end < 5 ? 0 : 3)) {
                try AwarenessUpdate(decoding: [UInt8](good[..<end]))
            }
        }
        #expect(throws: UpdateError.malformed(.trailingBytes, offset: 6)) {
            try AwarenessUpdate(decoding: good + [0])
        }
        #expect(throws: UpdateError.malformed(.json, offset: 5)) {
            try AwarenessUpdate(decoding: [1, 2, 1, 2, 0x7b, 0x78])
        }
        #expect(throws: UpdateError.malformed(.text, offset: 4)) {
            try AwarenessUpdate(decoding: [1, 2, 1, 2, 0x7b, 0xff])
        }
        #expect(throws: UpdateError.limitExceeded(.clientCount, value: 4097, limit: 4096, offset: 0)) {
            try AwarenessUpdate(decoding: [0x81, 0x20])
        }
        #expect(throws: UpdateError.truncated(offset: 0)) { try AwarenessUpdate(decoding: [0x80, 0x20]) }
        let deep = [UInt8]("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0".utf8)
        #expect(throws: UpdateError.limitExceeded(.valueDepth, value: 33, limit: 32, offset: 36)) {
            try AwarenessUpdate(decoding: [1, 2, 1, UInt8(deep.count)] + deep)
        }
    }

    @Test(arguments: 0..<20) func `damaged updates throw or come back, and keep the limits`(seed: Int) throws
    {
        var rng = SeededGenerator(seed: UInt64(seed))
        var limits = ProtocolLimits()
        limits.clientCount = 8
        limits.awarenessByteCount = 100
        var awareness = Awareness(clientID: own, limits: limits, now: .zero)
        for second in 0..<200 {
            let entries = (0..<Int.random(in: 0...4, using: &rng)).map { _ in
                AwarenessUpdate.Entry(
                    client: ClientID.random(in: 0...20, using: &rng),
                    clock: Clock.random(in: 0...9, using: &rng),
                    state: Bool.random(using: &rng) ? ["name": [1, "é"]] : nil)
            }
            var bytes = AwarenessUpdate(entries).encode()
            if Bool.random(using: &rng) {
                bytes[Int.random(in: 0..<bytes.count, using: &rng)] = UInt8(truncatingIfNeeded: rng.next())
            }
            if let update = try? AwarenessUpdate(decoding: bytes, limits: limits) {
                #expect(try AwarenessUpdate(decoding: update.encode()).encode() == update.encode())
            }
            let before = awareness
            let change = try? awareness.apply(bytes, from: "p", now: seconds(UInt64(second)))
            if change == nil { #expect(awareness == before) }
            let size = awareness.states.map(\.state.json.utf8.count).reduce(0, +)
            #expect(size <= 100 + 2, "\(second)")
            #expect(awareness.clientCount <= 8)
            #expect(awareness.localState != nil)
        }
    }

    @Test func `a field of the own state is set, and of no state is not`() throws {
        var awareness = Awareness(clientID: own, now: .zero)
        #expect(try awareness.setLocalField("a", 1, now: .zero).changed == [own])
        #expect(try awareness.setLocalField("a", 1, now: .zero).changed == [])
        #expect(awareness.localState == ["a": 1])
        _ = try awareness.setLocalState(nil, now: .zero)
        #expect(try awareness.setLocalField("a", 1, now: .zero).isEmpty)
        #expect(awareness.localState == nil)
        #expect(try awareness.setLocalState(["a": 1], now: .zero).added == [own])
    }
}
