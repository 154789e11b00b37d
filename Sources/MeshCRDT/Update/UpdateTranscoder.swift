/// Writes structs that come one by one, without knowing before which clients there are.
struct UpdateTranscoder<Writer: UpdateWriting> {
    private var writer = Writer()
    private var client: ClientID = 0
    private var nextClock: Clock?

    /// Appends a struct without its first `offset` units.
    @inline(__always)
    mutating func write(_ wire: WireStruct, offset: UInt32 = 0, input: [UInt8], scratch: [UInt8]) {
        if wire.client != client || wire.clock + offset != nextClock {
            client = wire.client
            writer.beginClient(client, clock: wire.clock + offset, structCount: 1)
        }
        nextClock = wire.end
        writer.write(wire, offset: offset, input: input, scratch: scratch)
    }

    mutating func finish(_ deleteSet: DeleteSet) -> [UInt8] {
        nextClock = nil
        return writer.finish(deleteSet)
    }

    /// Writes all that `reader` reads.
    static func convert<Reader: UpdateReading>(_ reader: inout Reader) throws(UpdateError) -> [UInt8] {
        var output = UpdateTranscoder()
        var wire = WireStruct()
        while try reader.next(&wire) {
            output.write(wire, input: reader.input, scratch: reader.scratch)
        }
        return output.finish(try DeleteSet(asReadFrom: &reader, for: Writer.format))
    }

    /// Writes what of each client is not below `stateVector`.
    ///
    /// Source: Yjs 13.6 `diffUpdateV2`.
    static func diff<Reader: UpdateReading>(
        _ reader: inout Reader, since stateVector: StateVector
    ) throws(UpdateError) -> [UInt8] {
        var output = UpdateTranscoder()
        var wire = WireStruct()
        var client: ClientID?
        var known: Clock = 0
        var isWriting = false
        while try reader.next(&wire) {
            if wire.client != client {
                client = wire.client
                known = stateVector[wire.client]
                isWriting = false
            }
            if isWriting {
                output.write(wire, input: reader.input, scratch: reader.scratch)
            } else if wire.kind != .skip, wire.end > known {
                // What comes first is cut where the known part ends; a gap is left out there.
                let offset = known > wire.clock ? known - wire.clock : 0
                output.write(wire, offset: offset, input: reader.input, scratch: reader.scratch)
                isWriting = true
            }
        }
        return output.finish(try DeleteSet(asReadFrom: &reader, for: Writer.format))
    }
}

extension DeleteSet {
    /// Reads the deletions of an update to be written again as they are: clients from the highest down, ranges as they came.
    ///
    /// Ranges that v2 cannot express, since they do not ascend, are sorted and merged.
    init<Reader: UpdateReading>(
        asReadFrom reader: inout Reader, for format: UpdateFormat
    ) throws(UpdateError) {
        var deletions: [(range: IDRange, place: Int)] = []
        var isAscending = true
        var deletion = IDRange(client: 0, clock: 0, length: 0)
        while try reader.nextDeletion(&deletion) { deletions.append((deletion, deletions.count)) }
        deletions.sort {
            $0.range.client == $1.range.client
                ? $0.place < $1.place : $0.range.client > $1.range.client
        }
        for (range, _) in deletions {
            if let last = entries.last, last.client == range.client {
                let end = last.ranges.last?.end ?? 0
                isAscending = isAscending && range.clock >= end
                entries[entries.count - 1].ranges.append(range.clocks)
            } else {
                entries.append(Entry(client: range.client, ranges: [range.clocks]))
            }
        }
        if format == .v2, !isAscending { self = DeleteSet(deletions.map(\.range)) }
    }
}

extension StateVector {
    /// Reads the structs of an update and notes what of each client starts at clock 0, up to the first gap.
    ///
    /// Source: Yjs 13.6 `encodeStateVectorFromUpdateV2`.
    init<Reader: UpdateReading>(of reader: inout Reader) throws(UpdateError) {
        var pairs: [(client: ClientID, clock: Clock)] = []
        var wire = WireStruct()
        var client: ClientID?
        var end: Clock = 0
        var isCounting = false
        while try reader.next(&wire) {
            if wire.client != client {
                if let client, end > 0 { pairs.append((client, end)) }
                client = wire.client
                end = 0
                isCounting = wire.clock == 0
            }
            isCounting = isCounting && wire.kind != .skip
            if isCounting { end = wire.end }
        }
        if let client, end > 0 { pairs.append((client, end)) }
        try reader.validateRest()
        self.init(pairs)
    }
}
