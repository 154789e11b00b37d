/// Writes updates of the first format.
///
/// Source: Yjs 13.6 `UpdateEncoderV1`.
struct UpdateWriterV1: UpdateWriting {
    static var format: UpdateFormat { .v1 }

    /// Up to which length a text is copied byte by byte.
    private static var shortByteCount: Int { 16 }

    private var out: [UInt8] = []
    private var frames: ClientFrames

    init() {
        frames = ClientFrames(in: &out)
    }

    mutating func beginClient(_ client: ClientID, clock: Clock, structCount: Int = 1) {
        frames.begin(structCount: structCount, in: &out)
        out.append(addingCapacity: 2 * WireNumber.largestWidth) { output in
            output.appendVarUint(client)
            output.appendVarUint(UInt64(clock))
        }
    }

    mutating func finish(_ deleteSet: DeleteSet) -> [UInt8] {
        frames.finish(in: &out)
        deleteSet.append(to: &out, format: .v1)
        var finished: [UInt8] = []
        swap(&finished, &out)
        frames = ClientFrames(in: &out)
        return finished
    }

    @inline(__always)
    mutating func head(_ info: UInt8, origin: ID?, rightOrigin: ID?) {
        frames.countStruct()
        out.append(addingCapacity: 1 + 4 * WireNumber.largestWidth) { output in
            output.append(info)
            if let origin { output.append(origin) }
            if let rightOrigin { output.append(rightOrigin) }
        }
    }

    mutating func parentIsRoot() { out.append(1) }

    mutating func parentItem(_ id: ID) {
        out.append(addingCapacity: 1 + 2 * WireNumber.largestWidth) { output in
            output.append(0)
            output.append(id)
        }
    }

    @inline(__always)
    mutating func string(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32?) {
        guard range.count <= Self.shortByteCount else {
            out.appendVarBytes(bytes, range)
            return
        }
        out.append(addingCapacity: 1 + Self.shortByteCount) { output in
            output.append(UInt8(truncatingIfNeeded: range.count))
            for place in range { output.append(bytes[place]) }
        }
    }

    mutating func cutString(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32) {
        out.appendVarUint(UInt64(range.count + 3))
        out.append(contentsOf: [0xef, 0xbf, 0xbd])
        out.append(contentsOf: bytes[range])
    }

    @inline(__always)
    mutating func length(_ length: UInt32) {
        out.append(addingCapacity: WireNumber.largestWidth) { $0.appendVarUint(UInt64(length)) }
    }

    mutating func skipLength(_ length: UInt32) { self.length(length) }

    mutating func typeKind(_ kind: UInt8) { out.append(kind) }

    mutating func key(_ bytes: [UInt8], _ range: Range<Int>) {
        out.appendVarBytes(bytes, range)
    }

    mutating func binary(_ bytes: [UInt8], _ range: Range<Int>) {
        out.appendVarBytes(bytes, range)
    }

    mutating func values(_ bytes: [UInt8], _ range: Range<Int>) {
        out.append(contentsOf: bytes[range])
    }

    mutating func value(_ bytes: [UInt8], _ range: Range<Int>) {
        if appendPlainJSON(bytes, range) { return }
        var reader = ByteReader(bytes, range: range)
        var text: [UInt8] = []
        do throws(UpdateError) {
            JSONText.append(try AnyCodec.decode(&reader, depthLimit: .max), to: &text)
        } catch {
            preconditionFailure("content is validated before it is kept")
        }
        out.appendVarBytes(text)
    }

    /// Appends what documents hold most without making the value: null, true, false and texts without escapes.
    private mutating func appendPlainJSON(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        switch bytes[range.lowerBound] {
        case AnyCodec.Tag.null: out.appendVarString("null")
        case AnyCodec.Tag.isTrue: out.appendVarString("true")
        case AnyCodec.Tag.isFalse: out.appendVarString("false")
        case AnyCodec.Tag.string:
            let text = CanonicalContent.name(bytes, range.lowerBound + 1..<range.upperBound)
            for place in text {
                let byte = bytes[place]
                if byte < 0x20 || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") { return false }
            }
            out.appendVarUint(UInt64(text.count + 2))
            out.append(UInt8(ascii: "\""))
            out.append(contentsOf: bytes[text])
            out.append(UInt8(ascii: "\""))
        default: return false
        }
        return true
    }
}

extension OutputSpan<UInt8> {
    /// Appends an unsigned number as lib0 writes it; there must be room for `WireNumber.largestWidth` bytes.
    @inline(__always)
    mutating func appendVarUint(_ number: UInt64) {
        var rest = number
        while rest > 0x7f {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number as lib0 writes it, the sign of zero included.
    @inline(__always)
    mutating func appendVarInt(magnitude: UInt64, isNegative: Bool) {
        let first = UInt8(truncatingIfNeeded: magnitude & 0x3f) | (isNegative ? 0x40 : 0)
        guard magnitude > 0x3f else {
            append(first)
            return
        }
        append(first | 0x80)
        appendVarUint(magnitude >> 6)
    }

    @inline(__always)
    mutating func append(_ id: ID) {
        appendVarUint(id.client)
        appendVarUint(UInt64(id.clock))
    }
}
