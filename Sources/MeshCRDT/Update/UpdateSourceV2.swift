/// The fields of the second format, in nine columns and a rest.
///
/// Source: Yjs 13.6 `UpdateDecoderV2`.
struct UpdateSourceV2: UpdateSource {
    static var format: UpdateFormat { .v2 }

    var rest: ByteReader
    var scratch: [UInt8] = []
    let limits: DocumentLimits
    private var keyClocks: ClockColumn
    private var clients: NumberColumn
    private var leftClocks: ClockColumn
    private var rightClocks: ClockColumn
    private var infos: ByteColumn
    private var texts: TextColumn
    private var parentInfos: ByteColumn
    private var typeKinds: NumberColumn
    private var lengths: NumberColumn
    /// Keys of formats and names of XML nodes so far; a number below the count means one of them.
    private var keys: [WireBytes] = []
    /// The end of the keys in the scratch, which stay.
    private var scratchFloor = 0

    init(_ update: [UInt8], limits: DocumentLimits) throws(UpdateError) {
        rest = ByteReader(update)
        self.limits = limits
        // The feature flag, which Yjs reads and ignores.
        _ = try rest.varUint()
        keyClocks = ClockColumn(ColumnCursor(try rest.varBytes()))
        clients = NumberColumn(ColumnCursor(try rest.varBytes()))
        leftClocks = ClockColumn(ColumnCursor(try rest.varBytes()))
        rightClocks = ClockColumn(ColumnCursor(try rest.varBytes()))
        infos = ByteColumn(ColumnCursor(try rest.varBytes()))
        texts = try TextColumn(try rest.varBytes(), update)
        parentInfos = ByteColumn(ColumnCursor(try rest.varBytes()))
        typeKinds = NumberColumn(ColumnCursor(try rest.varBytes()))
        lengths = NumberColumn(ColumnCursor(try rest.varBytes()))
    }

    /// Run-length encoding lets a few bytes stand for any number of structs; `DocumentLimits.structCount` bounds it.
    static func structCountLimit(of rest: ByteReader) -> UInt64 { .max }

    @inline(__always)
    mutating func discardScratch() {
        if scratch.count > scratchFloor { scratch.removeSubrange(scratchFloor...) }
    }

    @inline(__always)
    mutating func info() throws(UpdateError) -> UInt8 { try infos.next(rest.bytes) }

    @inline(__always)
    mutating func client() throws(UpdateError) -> ClientID { try clients.next(rest.bytes) }

    @inline(__always)
    mutating func leftID() throws(UpdateError) -> ID {
        ID(client: try clients.next(rest.bytes), clock: try leftClocks.next(rest.bytes))
    }

    @inline(__always)
    mutating func rightID() throws(UpdateError) -> ID {
        ID(client: try clients.next(rest.bytes), clock: try rightClocks.next(rest.bytes))
    }

    @inline(__always)
    mutating func isParentRoot() throws(UpdateError) -> Bool { try parentInfos.next(rest.bytes) == 1 }

    @inline(__always)
    mutating func string() throws(UpdateError) -> (WireBytes, UInt64) {
        try texts.next(rest.bytes, scratch: &scratch)
    }

    @inline(__always)
    mutating func length() throws(UpdateError) -> UInt64 { try lengths.next(rest.bytes) }

    mutating func texts(_ count: UInt64) throws(UpdateError) -> WireBytes {
        var joined: [UInt8] = []
        for _ in 0..<count {
            let (text, length) = try string()
            // Not even an empty JSON text is empty.
            guard length > 0 else { throw .malformed(.json, offset: text.start) }
            let source = text.isScratch ? scratch : rest.bytes
            try joined.appendCanonicalText(source, text.range, limits: limits)
        }
        let lower = scratch.count
        scratch.append(contentsOf: joined)
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func embed() throws(UpdateError) -> WireBytes { try values(1) }

    mutating func format() throws(UpdateError) -> WireBytes {
        let key = try key()
        let lower = scratch.count
        appendName(key)
        try appendValue()
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func type() throws(UpdateError) -> WireBytes {
        let kind = try typeKind(typeKinds.next(rest.bytes), offset: rest.offset)
        let name = kind.hasName ? try key() : nil
        let lower = scratch.count
        scratch.append(kind.rawValue)
        if let name { appendName(name) }
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func document() throws(UpdateError) -> WireBytes {
        let guid = try name()
        let bytes = [UInt8]((guid.isScratch ? scratch : rest.bytes)[guid.range])
        let lower = scratch.count
        try appendDocument(guid: bytes)
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    private mutating func key() throws(UpdateError) -> WireBytes {
        let number = Int(try keyClocks.next(rest.bytes))
        if number < keys.count { return keys[number] }
        let key = try name()
        if key.isScratch { scratchFloor = scratch.count }
        keys.append(key)
        return key
    }

    private mutating func name() throws(UpdateError) -> WireBytes {
        let start = rest.offset
        let (name, _) = try string()
        try limits.check(.nameByteCount, UInt64(name.count), limits.nameByteCount, offset: start)
        return name
    }

    private mutating func appendName(_ name: WireBytes) {
        scratch.appendVarUint(UInt64(name.count))
        if name.isScratch {
            for place in name.range { scratch.append(scratch[place]) }
        } else {
            scratch.append(contentsOf: rest.bytes[name.range])
        }
    }
}
