/// Merges updates: always the struct with the highest client and the lowest clock comes next.
///
/// Where Yjs sorts all updates anew after each step, a queue keeps the same order in O(log n); only updates whose turn it
/// is are open.
struct UpdateMerge<Reader: UpdateReading, Writer: UpdateWriting> {
    private let updates: [[UInt8]]
    private let limits: DocumentLimits
    private var queue: MergeQueue
    /// The readers that are at work, by the slot that the queue knows.
    private var slots: [MergeInput<Reader>] = []
    private var freeSlots: [Int] = []
    private var output = MergeOutput<Writer>()

    static func merge(_ updates: [[UInt8]], limits: DocumentLimits) throws(UpdateError) -> [UInt8] {
        if updates.count == 1 {
            var reader = try Reader(updates[0], limits: limits)
            try reader.validateRest()
            return updates[0]
        }
        var merge = UpdateMerge(updates, limits: limits)
        return try merge.run()
    }

    private init(_ updates: [[UInt8]], limits: DocumentLimits) {
        self.updates = updates
        self.limits = limits
        queue = MergeQueue(capacity: updates.count)
    }

    private mutating func run() throws(UpdateError) -> [UInt8] {
        for index in updates.indices {
            var input = try MergeInput(reader: Reader(updates[index], limits: limits))
            try input.advance()
            if input.hasStruct {
                queue.append(MergeQueue.Entry(input.wire, update: index, slot: -1))
            } else {
                try output.readDeletions(&input.reader)
            }
        }
        queue.start()
        while let entry = queue.popFirst() {
            let slot = entry.slot >= 0 ? Int(entry.slot) : try open(Int(entry.update))
            try output.step(&slots[slot])
            if slots[slot].hasStruct {
                queue.pushFirst(
                    MergeQueue.Entry(slots[slot].wire, update: Int(entry.update), slot: slot))
            } else {
                try output.readDeletions(&slots[slot].reader)
                queue.dropFirst()
                freeSlots.append(slot)
            }
        }
        return output.finish()
    }

    private mutating func open(_ update: Int) throws(UpdateError) -> Int {
        var input = try MergeInput(reader: Reader(updates[update], limits: limits))
        try input.advance()
        if let free = freeSlots.popLast() {
            slots[free] = input
            return free
        }
        slots.append(input)
        return slots.count - 1
    }
}

/// A reader whose next struct is known; gaps are left out.
struct MergeInput<Reader: UpdateReading> {
    var reader: Reader
    private(set) var wire = WireStruct()
    private(set) var hasStruct = false

    init(reader: Reader) {
        self.reader = reader
    }

    @inline(__always)
    mutating func advance() throws(UpdateError) {
        repeat {
            hasStruct = try reader.next(&wire)
        } while hasStruct && wire.kind == .skip
    }
}

/// What merged updates become.
///
/// It follows Yjs step by step, so that the bytes are the same: of structs that two updates have, the one that comes first
/// is kept and the other is cut or left out; gaps become skips; collected ranges that follow each other in two updates are
/// joined, items are not. Source: Yjs 13.6 `mergeUpdatesV2`.
struct MergeOutput<Writer: UpdateWriting> {
    /// The struct that came last.
    ///
    /// Items are written at once; collected ranges and gaps wait, since they may still change.
    private struct Last {
        var client: ClientID
        var clock: Clock
        var length: UInt32
        var kind: ContentKind

        @inline(__always) var end: Clock { clock &+ length }
    }

    private var transcoder = UpdateTranscoder<Writer>()
    private var last: Last?
    private var deletions = DeleteSetBuilder()

    /// Takes structs from `input` as long as they follow each other.
    @inline(__always)
    mutating func step<Reader: UpdateReading>(_ input: inout MergeInput<Reader>) throws(UpdateError) {
        let client = input.wire.client
        if let last {
            var hasSkipped = false
            while input.hasStruct, input.wire.end <= last.end, input.wire.client >= last.client {
                try input.advance()
                hasSkipped = true
            }
            guard input.hasStruct, input.wire.client == client,
                !hasSkipped || input.wire.clock <= last.end
            else {
                // Another update may have what comes before.
                return
            }
            if client != last.client {
                try take(&input, offset: 0)
            } else if last.end < input.wire.clock {
                leaveGap(until: input.wire, after: last)
            } else {
                try takeOverlapping(&input, last)
            }
        } else {
            try take(&input, offset: 0)
        }
        while input.hasStruct, input.wire.client == client, input.wire.clock == last?.end {
            try take(&input, offset: 0)
        }
    }

    /// Adds the deletions at the end of an update.
    @inline(__always)
    mutating func readDeletions<Reader: UpdateReading>(_ reader: inout Reader) throws(UpdateError) {
        var deletion = IDRange(client: 0, clock: 0, length: 0)
        while try reader.nextDeletion(&deletion) { deletions.append(deletion) }
    }

    mutating func finish() -> [UInt8] {
        writeLast()
        return transcoder.finish(deletions.build())
    }

    /// Makes the next struct of `input`, without its first units, the last one.
    @inline(__always)
    private mutating func take<Reader: UpdateReading>(
        _ input: inout MergeInput<Reader>, offset: UInt32
    ) throws(UpdateError) {
        writeLast()
        let wire = input.wire
        last = Last(
            client: wire.client, clock: wire.clock + offset, length: wire.length - offset, kind: wire.kind)
        if wire.kind != .gc {
            transcoder.write(
                wire, offset: offset, input: input.reader.input, scratch: input.reader.scratch)
        }
        try input.advance()
    }

    private mutating func leaveGap(until wire: WireStruct, after last: Last) {
        if last.kind == .skip {
            self.last?.length = wire.end - last.clock
        } else {
            writeLast()
            self.last = Last(
                client: wire.client, clock: last.end, length: wire.clock - last.end, kind: .skip)
        }
    }

    private mutating func takeOverlapping<Reader: UpdateReading>(
        _ input: inout MergeInput<Reader>, _ last: Last
    ) throws(UpdateError) {
        let overlap = last.end - input.wire.clock
        switch last.kind {
        case .skip:
            // The struct says more than the gap.
            self.last?.length = last.length - min(overlap, last.length)
            try take(&input, offset: 0)
        case .gc where input.wire.kind == .gc:
            self.last?.length = input.wire.end - last.clock
        default:
            try take(&input, offset: overlap)
        }
    }

    @inline(__always)
    private mutating func writeLast() {
        guard let last, last.kind == .gc || last.kind == .skip, last.length > 0 else { return }
        var wire = WireStruct()
        wire.kind = last.kind
        wire.client = last.client
        wire.clock = last.clock
        wire.length = last.length
        transcoder.write(wire, input: [], scratch: [])
    }
}
