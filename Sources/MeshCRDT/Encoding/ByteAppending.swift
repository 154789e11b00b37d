/// The numbers and byte strings of lib0, written. Source: lib0 0.2.117, `encoding`.
extension [UInt8] {
    /// Appends an unsigned number, seven bits a byte, the lowest first.
    @inline(__always)
    mutating func appendVarUint(_ number: UInt64) {
        var rest = number
        while rest > 0x7f {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number: six bits and the sign in the first byte, seven bits in each that follows.
    ///
    /// The sign of zero is written too: -0 is the byte 0x40.
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

    /// Appends `number` as lib0 writes an integer that is not -0.
    @inline(__always)
    mutating func appendVarInt(_ number: Int64) {
        appendVarInt(magnitude: number.magnitude, isNegative: number < 0)
    }

    /// Appends `bytes` with their count in front.
    @inline(__always)
    mutating func appendVarBytes(_ bytes: [UInt8]) {
        appendVarUint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    /// Appends the part of `bytes` in `range` with its count in front.
    @inline(__always)
    mutating func appendVarBytes(_ bytes: [UInt8], _ range: Range<Int>) {
        appendVarUint(UInt64(range.count))
        append(contentsOf: bytes[range])
    }

    /// Appends the UTF-8 of `text` with its byte count in front.
    @inline(__always)
    mutating func appendVarString(_ text: String) {
        let utf8 = text.utf8
        appendVarUint(UInt64(utf8.count))
        append(contentsOf: utf8)
    }
}
