/// Writes an update struct by struct.
///
/// The structs of a client follow its `beginClient`, in the order of their clocks; clients come in the order in which they
/// are to be written, which in Yjs is from the highest down.
protocol UpdateWriting: Sendable {
    /// The format that it writes.
    static var format: UpdateFormat { get }

    init()

    /// Starts the structs of `client`, the first of which has `clock`.
    ///
    /// `structCount` says how many there will be; a wrong number only costs time.
    mutating func beginClient(_ client: ClientID, clock: Clock, structCount: Int)

    /// Appends the deletions, and returns the update and starts over.
    ///
    /// Each client's ranges must ascend without overlap.
    mutating func finish(_ deleteSet: DeleteSet) -> [UInt8]

    /// The first byte of a struct and its neighbours.
    mutating func head(_ info: UInt8, origin: ID?, rightOrigin: ID?)
    /// Says that the name of a root follows.
    mutating func parentIsRoot()
    mutating func parentItem(_ id: ID)
    /// A text; `length` is its length in UTF-16 units where that is known.
    mutating func string(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32?)
    /// A text whose first character lost its first half: U+FFFD stands in front of what is in `range`.
    mutating func cutString(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32)
    mutating func length(_ length: UInt32)
    mutating func skipLength(_ length: UInt32)
    mutating func typeKind(_ kind: UInt8)
    /// A key of a format or a name of an XML node.
    mutating func key(_ bytes: [UInt8], _ range: Range<Int>)
    /// Bytes with their count in front.
    mutating func binary(_ bytes: [UInt8], _ range: Range<Int>)
    /// Values that both formats keep in the "any" encoding.
    mutating func values(_ bytes: [UInt8], _ range: Range<Int>)
    /// One value that v1 keeps as JSON.
    mutating func value(_ bytes: [UInt8], _ range: Range<Int>)
}

extension UpdateWriting {
    /// Appends a struct without its first `offset` units.
    ///
    /// The ranges of `wire` lie in `input`, or in `scratch` where they say so. A key is written only where the struct names
    /// no neighbour, but its presence always is. The content must be canonical (see ``WireStruct``). Source: Yjs 13.6
    /// `Item.write`, `GC.write`, `Skip.write`.
    @inline(__always)
    mutating func write(_ wire: WireStruct, offset: UInt32 = 0, input: [UInt8], scratch: [UInt8]) {
        switch wire.kind {
        case .gc:
            head(0, origin: nil, rightOrigin: nil)
            length(wire.length - offset)
        case .skip:
            head(ContentKind.skip.rawValue, origin: nil, rightOrigin: nil)
            skipLength(wire.length - offset)
        case .string:
            head(wire, offset: offset, input: input, scratch: scratch)
            let bytes = wire.content.isScratch ? scratch : input
            if offset == 0 {
                string(bytes, wire.content.range, length: wire.length)
            } else {
                stringTail(bytes, wire.content.range, offset: offset, length: wire.length)
            }
        case .deleted:
            head(wire, offset: offset, input: input, scratch: scratch)
            length(wire.length - offset)
        case .json, .binary, .embed, .format, .type, .any, .document:
            head(wire, offset: offset, input: input, scratch: scratch)
            content(wire, wire.content.isScratch ? scratch : input, offset: offset)
        }
    }

    /// Appends a struct that holds a nested type; `name` is that of an XML element or hook.
    mutating func writeType(
        _ wire: WireStruct, kind: TypeKind, name: WireBytes, input: [UInt8], scratch: [UInt8]
    ) {
        head(wire, offset: 0, input: input, scratch: scratch)
        typeKind(kind.rawValue)
        if kind.hasName { key(name.isScratch ? scratch : input, name.range) }
    }

    @inline(__always)
    private mutating func head(_ wire: WireStruct, offset: UInt32, input: [UInt8], scratch: [UInt8]) {
        let origin = offset == 0 ? wire.origin : ID(client: wire.client, clock: wire.clock + offset - 1)
        var flags = wire.kind.rawValue
        if origin != nil { flags |= WireInfo.hasOrigin }
        if wire.rightOrigin != nil { flags |= WireInfo.hasRightOrigin }
        if wire.key != nil { flags |= WireInfo.hasKey }
        head(flags, origin: origin, rightOrigin: wire.rightOrigin)
        if origin == nil, wire.rightOrigin == nil { parent(wire, input: input, scratch: scratch) }
    }

    private mutating func parent(_ wire: WireStruct, input: [UInt8], scratch: [UInt8]) {
        switch wire.parent {
        case .root(let name):
            parentIsRoot()
            string(name.isScratch ? scratch : input, name.range, length: nil)
        case .item(let id): parentItem(id)
        case .inherited: preconditionFailure("a struct without neighbours names its parent")
        }
        if let key = wire.key { string(key.isScratch ? scratch : input, key.range, length: nil) }
    }

    private mutating func stringTail(_ bytes: [UInt8], _ range: Range<Int>, offset: UInt32, length: UInt32) {
        let cut = UTF16Text.byteOffset(in: bytes, range, ofUTF16: Int(offset))
        if cut.cutsPair {
            cutString(bytes, cut.offset + 4..<range.upperBound, length: length - offset)
        } else {
            string(bytes, cut.offset..<range.upperBound, length: length - offset)
        }
    }

    private mutating func content(_ wire: WireStruct, _ bytes: [UInt8], offset: UInt32) {
        let range = wire.content.range
        switch wire.kind {
        case .any:
            length(wire.length - offset)
            values(bytes, CanonicalContent.valuesStart(bytes, range, offset: offset)..<range.upperBound)
        case .json:
            length(wire.length - offset)
            var start = CanonicalContent.textsStart(bytes, range, offset: offset)
            while start < range.upperBound {
                let text = CanonicalContent.name(bytes, start..<range.upperBound)
                string(bytes, text, length: nil)
                start = text.upperBound
            }
        case .binary: binary(bytes, range)
        case .embed: value(bytes, range)
        case .format:
            let name = CanonicalContent.name(bytes, range)
            key(bytes, name)
            value(bytes, name.upperBound..<range.upperBound)
        case .type:
            typeKind(bytes[range.lowerBound])
            if range.count > 1 {
                key(bytes, CanonicalContent.name(bytes, range.lowerBound + 1..<range.upperBound))
            }
        case .document:
            let guid = CanonicalContent.name(bytes, range)
            string(bytes, guid, length: nil)
            values(bytes, guid.upperBound..<range.upperBound)
        case .gc, .deleted, .string, .skip: preconditionFailure("written by the caller")
        }
    }
}

/// Finding one's way in content that is known to be canonical.
enum CanonicalContent {
    /// The text at the start of `range` that has its byte count in front.
    @inline(__always)
    static func name(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var count = 0
        var shift = 0
        var place = range.lowerBound
        while bytes[place] >= 0x80 {
            count |= Int(bytes[place] & 0x7f) << shift
            shift += 7
            place += 1
        }
        count |= Int(bytes[place]) << shift
        return place + 1..<place + 1 + count
    }

    /// Where the value with number `offset` starts.
    static func valuesStart(_ bytes: [UInt8], _ range: Range<Int>, offset: UInt32) -> Int {
        guard offset > 0 else { return range.lowerBound }
        var reader = ByteReader(bytes, range: range)
        do throws(UpdateError) {
            for _ in 0..<offset { _ = try AnyCodec.skip(&reader, depthLimit: .max) }
        } catch {
            preconditionFailure("content is validated before it is kept")
        }
        return reader.offset
    }

    /// Where the text with number `offset` starts.
    static func textsStart(_ bytes: [UInt8], _ range: Range<Int>, offset: UInt32) -> Int {
        var start = range.lowerBound
        for _ in 0..<offset { start = name(bytes, start..<range.upperBound).upperBound }
        return start
    }
}
