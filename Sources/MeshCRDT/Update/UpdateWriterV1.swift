/// Writes updates of the first format.
///
/// Source: Yjs 13.6 `UpdateEncoderV1`.
struct UpdateWriterV1: UpdateWriting {
    static var format: UpdateFormat { .v1 }

    private var out: [UInt8] = []
    private var frames: ClientFrames

    init() {
        frames = ClientFrames(in: &out)
    }

    @inline(__always)
    mutating func beginClient(_ client: ClientID, clock: Clock, structCount: Int = 1) {
        frames.begin(structCount: structCount, in: &out)
        out.appendVarUint(client)
        out.appendVarUint(UInt64(clock))
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
    mutating func info(_ info: UInt8) {
        frames.countStruct()
        out.append(info)
    }

    @inline(__always)
    mutating func leftID(_ id: ID) {
        out.appendVarUint(id.client)
        out.appendVarUint(UInt64(id.clock))
    }

    @inline(__always)
    mutating func rightID(_ id: ID) { leftID(id) }

    @inline(__always)
    mutating func parentInfo(isRoot: Bool) { out.append(isRoot ? 1 : 0) }

    @inline(__always)
    mutating func string(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32?) {
        out.appendVarUint(UInt64(range.count))
        out.appendBytes(bytes, range)
    }

    mutating func cutString(_ bytes: [UInt8], _ range: Range<Int>, length: UInt32) {
        out.appendVarUint(UInt64(range.count + 3))
        out.append(contentsOf: [0xef, 0xbf, 0xbd])
        out.append(contentsOf: bytes[range])
    }

    @inline(__always)
    mutating func length(_ length: UInt32) { out.appendVarUint(UInt64(length)) }

    @inline(__always)
    mutating func skipLength(_ length: UInt32) { out.appendVarUint(UInt64(length)) }

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

extension [UInt8] {
    /// Appends the part of `bytes` in `range`, which mostly is a byte or a few.
    @inline(__always)
    mutating func appendBytes(_ bytes: [UInt8], _ range: Range<Int>) {
        if range.count == 1 {
            append(bytes[range.lowerBound])
        } else {
            append(contentsOf: bytes[range])
        }
    }
}
