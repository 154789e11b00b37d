/// Somebody's wish to be told; ends when it is cancelled.
public final class Subscription {
    private var action: (() -> Void)?

    init(_ cancel: @escaping () -> Void) {
        action = cancel
    }

    /// Ends it; a second call does nothing.
    public func cancel() {
        action?()
        action = nil
    }
}

/// Listeners to one kind of event, in the order in which they came.
struct Listeners<Event> {
    private var bodies: [(number: Int, body: (Event) -> Void)] = []
    private var nextNumber = 0

    var isEmpty: Bool { bodies.isEmpty }

    mutating func add(_ body: @escaping (Event) -> Void) -> Int {
        nextNumber += 1
        bodies.append((nextNumber, body))
        return nextNumber
    }

    mutating func remove(_ number: Int) {
        bodies.removeAll { $0.number == number }
    }

    /// Tells those who listen now; one that cancels itself or others meanwhile is not told any more next time.
    func send(_ event: Event) {
        for listener in bodies { listener.body(event) }
    }
}
