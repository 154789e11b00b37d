/// The fields of the first format, one after the other.
///
/// Source: Yjs 13.6 `UpdateDecoderV1`.
struct UpdateSourceV1: UpdateSource {
    static var format: UpdateFormat { .v1 }

    var rest: ByteReader
    var scratch: [UInt8] = []
    let limits: DocumentLimits

    init(_ update: [UInt8], limits: DocumentLimits) {
        rest = ByteReader(update)
        self.limits = limits
    }

    /// A struct takes a byte for its kind and one for its length at least.
    static func structCountLimit(of rest: ByteReader) -> UInt64 {
        UInt64(rest.remaining) / 2
    }

    @inline(__always)
    mutating func discardScratch() {
        if !scratch.isEmpty { scratch.removeAll(keepingCapacity: true) }
    }

    @inline(__always)
    mutating func info() throws(UpdateError) -> UInt8 { try rest.byte() }

    @inline(__always)
    mutating func client() throws(UpdateError) -> ClientID { try rest.varUint() }

    @inline(__always)
    mutating func leftID() throws(UpdateError) -> ID {
        let client = try rest.varUint()
        let start = rest.offset
        let clock = try rest.varUint()
        guard clock < UInt64(Clock.max) else { throw .malformed(.clock, offset: start) }
        return ID(client: client, clock: Clock(truncatingIfNeeded: clock))
    }

    @inline(__always)
    mutating func rightID() throws(UpdateError) -> ID { try leftID() }

    @inline(__always)
    mutating func isParentRoot() throws(UpdateError) -> Bool { try rest.varUint() == 1 }

    @inline(__always)
    mutating func string() throws(UpdateError) -> (WireBytes, UInt64) {
        let (range, utf16Count) = try rest.varString()
        return (WireBytes(range), UInt64(utf16Count))
    }

    @inline(__always)
    mutating func length() throws(UpdateError) -> UInt64 { try rest.varUint() }

    mutating func texts(_ count: UInt64) throws(UpdateError) -> WireBytes {
        let start = rest.offset
        guard count <= UInt64(rest.remaining) else { throw .truncated(offset: start) }
        var isCanonical = true
        for _ in 0..<count {
            let before = rest.offset
            let range = try rest.varString().range
            let isNextCanonical = try rest.bytes.isCanonicalText(range, limits: limits)
            isCanonical = isCanonical && isNextCanonical && !rest.isPadded(from: before, to: range.lowerBound)
        }
        if isCanonical { return WireBytes(start..<rest.offset) }
        var again = ByteReader(rest.bytes, range: start..<rest.offset)
        let lower = scratch.count
        for _ in 0..<count {
            let range = try again.varString().range
            try scratch.appendCanonicalText(rest.bytes, range, limits: limits)
        }
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func embed() throws(UpdateError) -> WireBytes {
        let lower = scratch.count
        try scratch.appendValue(json: rest.bytes, rest.varString().range, limits: limits)
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func format() throws(UpdateError) -> WireBytes {
        let lower = scratch.count
        let key = try name()
        scratch.appendVarBytes(rest.bytes, key)
        try scratch.appendValue(json: rest.bytes, rest.varString().range, limits: limits)
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func type() throws(UpdateError) -> WireBytes {
        let start = rest.offset
        let kind = try typeKind(rest.varUint(), offset: start)
        var isCanonical = rest.offset == start + 1
        var name = start..<start
        if kind.hasName {
            let before = rest.offset
            name = try self.name()
            isCanonical = isCanonical && !rest.isPadded(from: before, to: name.lowerBound)
        }
        if isCanonical { return WireBytes(start..<rest.offset) }
        let lower = scratch.count
        scratch.append(kind.rawValue)
        if kind.hasName { scratch.appendVarBytes(rest.bytes, name) }
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    mutating func document() throws(UpdateError) -> WireBytes {
        let lower = scratch.count
        let guid = try name()
        try appendDocument(guid: rest.copy(guid))
        return WireBytes(lower..<scratch.count, isScratch: true)
    }

    private mutating func name() throws(UpdateError) -> Range<Int> {
        let start = rest.offset
        let range = try rest.varString().range
        try limits.check(.nameByteCount, UInt64(range.count), limits.nameByteCount, offset: start)
        return range
    }
}

extension ByteReader {
    /// Whether a number that lies in `start..<end` has bytes that lib0 would not have written.
    func isPadded(from start: Int, to end: Int) -> Bool {
        end - start > 1 && bytes[end - 1] == 0
    }
}

extension [UInt8] {
    /// Appends the value that the JSON text in `range` stands for; what documents hold most without making the value.
    mutating func appendValue(
        json bytes: [UInt8], _ range: Range<Int>, limits: DocumentLimits
    ) throws(UpdateError) {
        if appendPlainValue(json: bytes, range) { return }
        let value = try JSONText.parse(bytes, range, depthLimit: limits.valueDepth)
        AnyCodec.append(value, to: &self)
    }

    /// Whether Yjs would write the JSON text in `range` in the same bytes.
    func isCanonicalText(
        _ range: Range<Int>, limits: DocumentLimits
    ) throws(UpdateError) -> Bool {
        if JSONText.isUndefined(self, range) { return true }
        return try JSONText.isCanonical(self, range, depthLimit: limits.valueDepth)
    }

    /// Appends the JSON text in `range` as `JSON.stringify` writes it, with its byte count in front.
    mutating func appendCanonicalText(
        _ bytes: [UInt8], _ range: Range<Int>, limits: DocumentLimits
    ) throws(UpdateError) {
        if try bytes.isCanonicalText(range, limits: limits) {
            appendVarBytes(bytes, range)
        } else {
            var text: [UInt8] = []
            JSONText.append(try JSONText.parse(bytes, range, depthLimit: limits.valueDepth), to: &text)
            appendVarBytes(text)
        }
    }

    /// Appends null, true, false, a text without escapes or a small number; false when the JSON is something else.
    private mutating func appendPlainValue(json bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let first = bytes[range].first else { return false }
        switch first {
        case UInt8(ascii: "n") where bytes[range].elementsEqual("null".utf8): append(AnyCodec.Tag.null)
        case UInt8(ascii: "t") where bytes[range].elementsEqual("true".utf8): append(AnyCodec.Tag.isTrue)
        case UInt8(ascii: "f") where bytes[range].elementsEqual("false".utf8): append(AnyCodec.Tag.isFalse)
        case UInt8(ascii: "\""):
            guard range.count >= 2, bytes[range.upperBound - 1] == first else { return false }
            let text = range.lowerBound + 1..<range.upperBound - 1
            for place in text {
                let byte = bytes[place]
                if byte < 0x20 || byte == UInt8(ascii: "\\") || byte == first { return false }
            }
            append(AnyCodec.Tag.string)
            appendVarBytes(bytes, text)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // Nine digits stay below 2^31; a leading zero is not JSON.
            guard range.count <= 9, range.count == 1 || first != UInt8(ascii: "0") else { return false }
            var number: UInt64 = 0
            for place in range {
                let digit = bytes[place] &- UInt8(ascii: "0")
                guard digit <= 9 else { return false }
                number = number * 10 + UInt64(digit)
            }
            append(AnyCodec.Tag.integer)
            appendVarInt(magnitude: number, isNegative: false)
        default: return false
        }
        return true
    }
}
