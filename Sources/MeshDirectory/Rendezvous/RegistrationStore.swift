import MeshCore
import MeshMultiformats

/// Ascending numbers: those of the registrations of one namespace, or of all.
struct AscendingNumbers: Sendable {
    private(set) var values: ArraySlice<UInt64> = []

    /// Appends a number higher than all before.
    mutating func append(_ value: UInt64) {
        values.append(value)
    }

    /// Removes a number: at once when it is the first, as when registrations expire in their order.
    ///
    /// O(n) otherwise, to move what follows.
    mutating func remove(_ value: UInt64) {
        guard values.first != value else {
            values.removeFirst()
            return
        }
        let index = firstIndex(after: value) - 1
        if index >= values.startIndex, values[index] == value { values.remove(at: index) }
    }

    /// The index of the first number above `value`, or the end.
    func firstIndex(after value: UInt64) -> Int {
        var low = values.startIndex
        var high = values.endIndex
        while low < high {
            let middle = (low + high) / 2
            if values[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The registrations of a rendezvous point, numbered in the order in which they came.
struct RegistrationStore: Sendable {
    /// Who registered where.
    struct Key: Hashable, Sendable {
        var peer: PeerID
        var namespace: RendezvousNamespace
    }

    /// One registration.
    struct Entry: Sendable {
        var key: Key
        var signedPeerRecord: [UInt8]
        var form: PeerRecord.Form
        var deadline: Instant
    }

    private var entries: [UInt64: Entry] = [:]
    private var numbers: [Key: UInt64] = [:]
    private var all = AscendingNumbers()
    private var byNamespace: [RendezvousNamespace: AscendingNumbers] = [:]
    private var countByPeer: [PeerID: Int] = [:]
    private var timers = TimerTable<UInt64>()
    /// The number of the newest registration ever, zero before the first.
    private(set) var lastNumber: UInt64 = 0
    /// The bytes of all signed peer records.
    private(set) var recordByteCount = 0

    /// The number of registrations.
    var count: Int { entries.count }

    /// When the next registration expires.
    var nextDeadline: Instant? { timers.nextDeadline }

    /// The number of registrations of `peer`.
    func count(of peer: PeerID) -> Int { countByPeer[peer] ?? 0 }

    /// The registration of `key`.
    func entry(_ key: Key) -> Entry? { numbers[key].flatMap { entries[$0] } }

    /// The registration numbered `number`.
    func entry(numbered number: UInt64) -> Entry? { entries[number] }

    /// The numbers of the registrations of a namespace, or of all.
    func numbers(in namespace: RendezvousNamespace?) -> AscendingNumbers {
        guard let namespace else { return all }
        return byNamespace[namespace] ?? AscendingNumbers()
    }

    /// Adds a registration with the next number, instead of the one with the same key.
    mutating func insert(_ entry: Entry) {
        remove(entry.key)
        lastNumber += 1
        entries[lastNumber] = entry
        numbers[entry.key] = lastNumber
        all.append(lastNumber)
        byNamespace[entry.key.namespace, default: AscendingNumbers()].append(lastNumber)
        countByPeer[entry.key.peer, default: 0] += 1
        recordByteCount += entry.signedPeerRecord.count
        timers.set(lastNumber, at: entry.deadline)
    }

    /// Removes the registration of `key`; tells whether there was one.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        guard let number = numbers.removeValue(forKey: key) else { return false }
        guard let entry = entries.removeValue(forKey: number) else { return false }
        all.remove(number)
        byNamespace[key.namespace]?.remove(number)
        if byNamespace[key.namespace]?.values.isEmpty == true { byNamespace[key.namespace] = nil }
        let rest = (countByPeer[key.peer] ?? 1) - 1
        countByPeer[key.peer] = rest > 0 ? rest : nil
        recordByteCount -= entry.signedPeerRecord.count
        timers.cancel(number)
        return true
    }

    /// Removes and returns one registration that has expired.
    mutating func removeExpired(now: Instant) -> Key? {
        guard let number = timers.popExpired(now: now), let entry = entries[number] else { return nil }
        remove(entry.key)
        return entry.key
    }
}
