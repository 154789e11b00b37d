import MeshCore
import Testing

@testable import MeshSimulator

/// The event queue against a sorted list.
@Suite struct EngineQueueTests {
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `events come in the order of time, and of scheduling within one tick`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        var queue = EventQueue()
        var model: [(time: UInt64, payload: UInt64)] = []
        var now: UInt64 = 0
        // Spans of few ticks, of a window, an epoch and several epochs.
        let spans: [UInt64] = [3, 1 << 12, 1 << 17, 1 << 29, 1 << 33]
        for payload in 0..<UInt64(20_000) {
            let time = now + rng.next(upperBound: spans[Int(rng.next(upperBound: UInt64(spans.count)))])
            queue.schedule(payload, at: time)
            model.append((time, payload))
            guard rng.next(upperBound: UInt64(3)) == 0 else { continue }
            now += rng.next(upperBound: spans[Int(rng.next(upperBound: UInt64(4)))])
            let due = model.filter { $0.time <= now }.sorted { ($0.time, $0.payload) < ($1.time, $1.payload) }
            model.removeAll { $0.time <= now }
            var taken: [EventQueue.Due] = []
            while let event = queue.next(notAfter: now) { taken.append(event) }
            #expect(
                taken == due.map { EventQueue.Due(time: $0.time, payload: $0.payload) },
                "seed \(seed), time \(now)")
        }
        var rest = 0
        while queue.next(notAfter: .max) != nil { rest += 1 }
        #expect(rest == model.count && queue.count == 0, "seed \(seed)")
    }

    @Test func `what is scheduled while events are taken comes in its turn`() {
        var queue = EventQueue()
        for payload in 0..<UInt64(3) { queue.schedule(payload, at: 10) }
        #expect(queue.next(notAfter: 10)?.payload == 0)
        queue.schedule(3, at: 10)
        queue.schedule(4, at: 9)
        queue.schedule(5, at: 11)
        var order: [UInt64] = []
        while let event = queue.next(notAfter: 20) { order.append(event.payload) }
        // 4 is late: it counts as scheduled for the time that has been reached.
        #expect(order == [1, 2, 3, 4, 5])
    }

    @Test func `places of events are used again`() {
        var queue = EventQueue()
        for round in 0..<UInt64(1000) {
            for offset in 0..<UInt64(10) { queue.schedule(offset, at: round * 100 + offset) }
            while queue.next(notAfter: round * 100 + 50) != nil {}
        }
        #expect(queue.peakCount == 10)
    }

    @Test func `an empty queue has nothing, however late it is`() {
        var queue = EventQueue()
        #expect(queue.next(notAfter: .max) == nil)
        queue.schedule(7, at: 1 << 40)
        #expect(queue.next(notAfter: 1 << 39) == nil)
        #expect(queue.next(notAfter: 1 << 40) == EventQueue.Due(time: 1 << 40, payload: 7))
    }
}
