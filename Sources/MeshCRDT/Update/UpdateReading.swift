/// Reads an update struct by struct, then deletion by deletion, and validates every byte on the way.
///
/// A reader is a value and cheap to copy: to refuse an update before it changes anything, read a copy to the end first.
protocol UpdateReading: Sendable {
    /// The format of the updates that it reads.
    static var format: UpdateFormat { get }

    /// Starts to read `update`. Throws when it is too large or its first bytes are wrong.
    init(_ update: [UInt8], limits: DocumentLimits) throws(UpdateError)

    /// The update.
    var input: [UInt8] { get }

    /// Content of the last struct that does not lie in the update as the store keeps it; the next `next` overwrites it.
    var scratch: [UInt8] { get }

    /// Reads the next struct; false after the last one.
    mutating func next(_ wire: inout WireStruct) throws(UpdateError) -> Bool

    /// Reads the next deletion, as it stands in the update; false after the last one. To be called after the last struct.
    mutating func nextDeletion(_ deletion: inout IDRange) throws(UpdateError) -> Bool
}

extension UpdateReading {
    /// Reads all deletions, which follow the last struct.
    mutating func readDeleteSet() throws(UpdateError) -> DeleteSet {
        var builder = DeleteSetBuilder()
        var deletion = IDRange(client: 0, clock: 0, length: 0)
        while try nextDeletion(&deletion) { builder.append(deletion) }
        return builder.build()
    }

    /// Reads to the end, so that what is wrong with the rest is thrown.
    mutating func validateRest() throws(UpdateError) {
        var wire = WireStruct()
        while try next(&wire) {}
        var deletion = IDRange(client: 0, clock: 0, length: 0)
        while try nextDeletion(&deletion) {}
    }

    /// The buffer in which `bytes` lie.
    @inline(__always)
    func buffer(of bytes: WireBytes) -> [UInt8] {
        bytes.isScratch ? scratch : input
    }
}

/// Reads updates of the first format.
typealias UpdateReaderV1 = UpdateReader<UpdateSourceV1>
/// Reads updates of the second format.
typealias UpdateReaderV2 = UpdateReader<UpdateSourceV2>

/// The order of things in an update, the same in both formats; where each field lies is the source's matter.
///
/// An update is a number of clients; for each one a number of structs, the client, the clock of the first struct and the
/// structs; then the deletions. Source: Yjs 13.6 `writeClientsStructs`, `readClientsStructRefs`, `Item.write`.
struct UpdateReader<Source: UpdateSource>: UpdateReading {
    private(set) var source: Source
    private var clientsLeft: UInt64
    private var structsLeft: UInt64 = 0
    private var structCount: UInt64 = 0
    private var client: ClientID = 0
    private var clock: UInt64 = 0
    private var deletions: DeleteSetReader?

    static var format: UpdateFormat { Source.format }

    var input: [UInt8] { source.rest.bytes }
    var scratch: [UInt8] { source.scratch }

    init(_ update: [UInt8], limits: DocumentLimits) throws(UpdateError) {
        try limits.check(.updateByteCount, UInt64(update.count), limits.updateByteCount, offset: 0)
        source = try Source(update, limits: limits)
        let start = source.rest.offset
        clientsLeft = try source.rest.varUint()
        // A client takes a number of structs and a clock at least.
        guard clientsLeft <= UInt64(source.rest.remaining) / 2 else { throw .truncated(offset: start) }
        try limits.check(.clientCount, clientsLeft, limits.clientCount, offset: start)
    }

    @inline(__always)
    mutating func next(_ wire: inout WireStruct) throws(UpdateError) -> Bool {
        while structsLeft == 0 {
            guard clientsLeft > 0 else { return false }
            try openClient()
        }
        structsLeft -= 1
        let start = source.rest.offset
        source.discardScratch()
        let info = try source.info()
        wire.client = client
        wire.clock = Clock(truncatingIfNeeded: clock)
        wire.origin = nil
        wire.rightOrigin = nil
        wire.parent = .inherited
        wire.key = nil
        wire.content = WireBytes()
        let length: UInt64
        if info & 0x1f == 0 {
            wire.kind = .gc
            length = try source.length()
        } else if info == 10 {
            wire.kind = .skip
            length = try source.rest.varUint()
        } else {
            length = try readItem(info, start: start, &wire)
        }
        guard length > 0 else { throw .malformed(.emptyStruct, offset: start) }
        clock += length
        guard clock <= UInt64(Clock.max) else { throw .malformed(.clock, offset: start) }
        wire.length = UInt32(truncatingIfNeeded: length)
        return true
    }

    mutating func nextDeletion(_ deletion: inout IDRange) throws(UpdateError) -> Bool {
        precondition(clientsLeft == 0 && structsLeft == 0, "the deletions follow the last struct")
        if deletions == nil {
            deletions = try DeleteSetReader(from: &source.rest, format: Source.format, limits: source.limits)
        }
        return try deletions?.next(from: &source.rest, into: &deletion) ?? false
    }

    private mutating func openClient() throws(UpdateError) {
        clientsLeft -= 1
        var start = source.rest.offset
        structsLeft = try source.rest.varUint()
        guard structsLeft <= Source.structCountLimit(of: source.rest) else { throw .truncated(offset: start) }
        structCount += structsLeft
        try source.limits.check(.structCount, structCount, source.limits.structCount, offset: start)
        start = source.rest.offset
        client = try source.client()
        start = source.rest.offset
        clock = try source.rest.varUint()
        guard clock <= UInt64(Clock.max) else { throw .malformed(.clock, offset: start) }
    }

    @inline(__always)
    private mutating func readItem(
        _ info: UInt8, start: Int, _ wire: inout WireStruct
    ) throws(UpdateError) -> UInt64 {
        guard let kind = ContentKind(rawValue: info & 0x1f), kind != .skip else {
            throw .malformed(.contentKind, offset: start)
        }
        wire.kind = kind
        if info & WireInfo.hasOrigin != 0 {
            let id = try source.leftID()
            try check(id, start)
            wire.origin = id
        }
        if info & WireInfo.hasRightOrigin != 0 {
            let id = try source.rightID()
            try check(id, start)
            wire.rightOrigin = id
        }
        if info & (WireInfo.hasOrigin | WireInfo.hasRightOrigin) == 0 {
            try readParent(info, start: start, &wire)
        }
        switch kind {
        case .string:
            let (bytes, length) = try source.string()
            wire.content = bytes
            return length
        case .deleted: return try source.length()
        default: return try readOtherContent(kind, &wire)
        }
    }

    private mutating func readOtherContent(
        _ kind: ContentKind, _ wire: inout WireStruct
    ) throws(UpdateError) -> UInt64 {
        switch kind {
        case .any:
            let length = try source.length()
            wire.content = try source.values(length)
            return length
        case .json:
            let length = try source.length()
            wire.content = try source.texts(length)
            return length
        case .binary: wire.content = WireBytes(try source.rest.varBytes())
        case .embed: wire.content = try source.embed()
        case .format: wire.content = try source.format()
        case .type: wire.content = try source.type()
        case .document: wire.content = try source.document()
        case .gc, .deleted, .string, .skip: preconditionFailure("read by the caller")
        }
        return 1
    }

    @inline(__always)
    private mutating func readParent(
        _ info: UInt8, start: Int, _ wire: inout WireStruct
    ) throws(UpdateError) {
        if try source.isParentRoot() {
            wire.parent = .root(try name())
        } else {
            let id = try source.leftID()
            try check(id, start)
            wire.parent = .item(id)
        }
        if info & WireInfo.hasKey != 0 { wire.key = try name() }
    }

    /// Refuses what its own client had not written yet.
    @inline(__always)
    private func check(_ id: ID, _ start: Int) throws(UpdateError) {
        if id.client == client, UInt64(id.clock) >= clock { throw .malformed(.reference, offset: start) }
    }

    @inline(__always)
    private mutating func name() throws(UpdateError) -> WireBytes {
        let start = source.rest.offset
        let (bytes, _) = try source.string()
        try source.limits.check(
            .nameByteCount, UInt64(bytes.count), source.limits.nameByteCount, offset: start)
        return bytes
    }
}

/// The bits of a struct's first byte above the kind of content.
///
/// Source: Yjs 13.6 `Item.write`.
enum WireInfo {
    static let hasOrigin: UInt8 = 0x80
    static let hasRightOrigin: UInt8 = 0x40
    static let hasKey: UInt8 = 0x20
}
