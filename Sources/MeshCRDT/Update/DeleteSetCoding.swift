/// Reads the deletions at the end of an update one by one, without allocating.
///
/// In v2 a clock is the distance from the end of the range before, and a length is stored less one.
/// Source: Yjs 13.6 `readDeleteSet`, `DSDecoderV2`.
struct DeleteSetReader: Sendable {
    private let format: UpdateFormat
    private let limits: DocumentLimits
    private var clientsLeft: UInt64
    private var rangesLeft: UInt64 = 0
    private var rangeCount: UInt64 = 0
    private var client: ClientID = 0
    private var position: UInt64 = 0

    init(
        from reader: inout ByteReader, format: UpdateFormat, limits: DocumentLimits
    ) throws(UpdateError) {
        self.format = format
        self.limits = limits
        let start = reader.offset
        clientsLeft = try reader.varUint()
        guard clientsLeft > 0 else { return }
        // A client takes its number and a count at least.
        guard clientsLeft <= UInt64(reader.end - reader.offset) / 2 else { throw .truncated(offset: start) }
        try limits.check(.clientCount, clientsLeft, limits.clientCount, offset: start)
    }

    /// Reads the next deletion; false after the last one.
    mutating func next(
        from reader: inout ByteReader, into deletion: inout IDRange
    ) throws(UpdateError) -> Bool {
        while rangesLeft == 0 {
            guard clientsLeft > 0 else { return false }
            clientsLeft -= 1
            client = try reader.varUint()
            position = 0
            let start = reader.offset
            rangesLeft = try reader.varUint()
            guard rangesLeft <= UInt64(reader.end - reader.offset) / 2 else {
                throw .truncated(offset: start)
            }
            rangeCount += rangesLeft
            try limits.check(.structCount, rangeCount, limits.structCount, offset: start)
        }
        rangesLeft -= 1
        let start = reader.offset
        let clock: UInt64
        let length: UInt64
        switch format {
        case .v1:
            clock = try reader.varUint()
            length = try reader.varUint()
        case .v2:
            clock = try position + reader.varUint()
            length = try reader.varUint() + 1
        }
        guard length > 0 else { throw .malformed(.emptyStruct, offset: start) }
        guard clock <= UInt64(Clock.max), clock + length <= UInt64(Clock.max) else {
            throw .malformed(.clock, offset: start)
        }
        position = clock + length
        deletion = IDRange(client: client, clock: Clock(clock), length: UInt32(length))
        return true
    }
}

extension DocumentLimits {
    /// Throws when `value` is above `limit`.
    @inline(__always)
    func check(_ name: Name, _ value: UInt64, _ limit: Int, offset: Int) throws(UpdateError) {
        if value > UInt64(clamping: limit) {
            throw .limitExceeded(name, value: value, limit: UInt64(clamping: limit), offset: offset)
        }
    }
}

extension DeleteSet {
    /// Decodes a delete set as it stands alone, for example in a snapshot.
    ///
    /// Bytes after the end are ignored, as Yjs does. Throws `.truncated`, `.malformed` or `.limitExceeded`.
    public init(
        decoding bytes: [UInt8], format: UpdateFormat = .v1, limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader, format: format, limits: limits)
    }

    /// The bytes of the set.
    public func encoded(_ format: UpdateFormat = .v1) -> [UInt8] {
        var out: [UInt8] = []
        append(to: &out, format: format)
        return out
    }

    init(
        from reader: inout ByteReader, format: UpdateFormat, limits: DocumentLimits
    ) throws(UpdateError) {
        var deletions = try DeleteSetReader(from: &reader, format: format, limits: limits)
        var builder = DeleteSetBuilder()
        var deletion = IDRange(client: 0, clock: 0, length: 0)
        while try deletions.next(from: &reader, into: &deletion) { builder.append(deletion) }
        self = builder.build()
    }

    func append(to out: inout [UInt8], format: UpdateFormat) {
        out.appendVarUint(UInt64(entries.count))
        for entry in entries {
            Self.append(entry.client, entry.ranges, to: &out, format: format)
        }
    }

    /// Appends the ranges of one client; in v2 they must ascend without overlap.
    static func append(
        _ client: ClientID, _ ranges: [ClockRange], to out: inout [UInt8], format: UpdateFormat
    ) {
        out.appendVarUint(client)
        out.appendVarUint(UInt64(ranges.count))
        var position: Clock = 0
        for range in ranges {
            switch format {
            case .v1:
                out.appendVarUint(UInt64(range.clock))
                out.appendVarUint(UInt64(range.length))
            case .v2:
                out.appendVarUint(UInt64(range.clock - position))
                out.appendVarUint(UInt64(range.length - 1))
                position = range.end
            }
        }
    }
}
