/// A forward-only reader of JSON text (RFC 8259) that builds no tree: the traces have a quarter of a million patches.
struct JSONCursor {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads an object; `member` is called with each key and must read or skip its value.
    mutating func object(
        _ member: (String, inout JSONCursor) throws(TraceError) -> Void
    ) throws(TraceError) {
        try expect(UInt8(ascii: "{"), "an object")
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"), "a colon")
            try member(key, &self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// Reads an array; `element` is called before each element and must read or skip it.
    mutating func array(_ element: (inout JSONCursor) throws(TraceError) -> Void) throws(TraceError) {
        try expect(UInt8(ascii: "["), "an array")
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the end of the array")
    }

    /// Reads a string; half a surrogate pair becomes U+FFFD.
    mutating func string() throws(TraceError) -> String {
        try expect(UInt8(ascii: "\""), "a string")
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            if bytes[offset] == UInt8(ascii: "\\") { return try escapedString(from: start) }
            offset += 1
        }
        guard offset < bytes.count else { throw .unexpected(expected: "the end of a string", offset: offset) }
        offset += 1
        return bytes[start..<(offset - 1)].withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a whole number of at most 15 digits.
    mutating func integer() throws(TraceError) -> Int {
        skipSpace()
        let start = offset
        let isNegative = take(UInt8(ascii: "-"))
        var value = 0
        let digits = offset
        while offset < bytes.count, bytes[offset] &- 0x30 < 10, offset - digits < 15 {
            value = value * 10 + Int(bytes[offset] &- 0x30)
            offset += 1
        }
        guard offset > digits, !isNumberPart(at: offset) else {
            throw .unexpected(expected: "a whole number", offset: start)
        }
        return isNegative ? -value : value
    }

    /// Passes over one value of any kind, with at most 64 levels.
    mutating func skipValue(depth: Int = 64) throws(TraceError) {
        skipSpace()
        guard offset < bytes.count, depth > 0 else { throw .unexpected(expected: "a value", offset: offset) }
        switch bytes[offset] {
        case UInt8(ascii: "{"):
            try object { (_, inner) throws(TraceError) in try inner.skipValue(depth: depth - 1) }
        case UInt8(ascii: "["):
            try array { (inner) throws(TraceError) in try inner.skipValue(depth: depth - 1) }
        case UInt8(ascii: "\""): _ = try string()
        default:
            let start = offset
            while offset < bytes.count, isNumberPart(at: offset) || isLetter(at: offset) { offset += 1 }
            guard offset > start else { throw .unexpected(expected: "a value", offset: offset) }
        }
    }

    /// Demands that only white space is left.
    mutating func end() throws(TraceError) {
        skipSpace()
        guard offset == bytes.count else { throw .unexpected(expected: "the end", offset: offset) }
    }

    /// Demands `byte` after white space.
    mutating func expect(_ byte: UInt8, _ expected: String) throws(TraceError) {
        guard take(byte) else { throw .unexpected(expected: expected, offset: offset) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0a, 0x0d, 0x09: offset += 1
            default: return
            }
        }
    }

    private func isNumberPart(at offset: Int) -> Bool {
        guard offset < bytes.count else { return false }
        return switch bytes[offset] {
        case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
            UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private func isLetter(at offset: Int) -> Bool { (bytes[offset] | 0x20) &- 0x61 < 26 }
}

extension JSONCursor {
    /// Reads the rest of a string that has escapes, from its first byte on.
    private mutating func escapedString(from start: Int) throws(TraceError) -> String {
        var units: [UInt16] = []
        var plain = start
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            guard bytes[offset] == UInt8(ascii: "\\") else {
                offset += 1
                continue
            }
            units += String(decoding: bytes[plain..<offset], as: UTF8.self).utf16
            offset += 1
            units.append(try escape())
            plain = offset
        }
        guard offset < bytes.count else { throw .unexpected(expected: "the end of a string", offset: offset) }
        units += String(decoding: bytes[plain..<offset], as: UTF8.self).utf16
        offset += 1
        return String(decoding: units, as: UTF16.self)
    }

    private mutating func escape() throws(TraceError) -> UInt16 {
        guard offset < bytes.count else { throw .unexpected(expected: "an escape", offset: offset) }
        offset += 1
        switch bytes[offset - 1] {
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(bytes[offset - 1])
        case UInt8(ascii: "u"):
            guard offset + 4 <= bytes.count,
                let unit = UInt16(String(decoding: bytes[offset..<(offset + 4)], as: UTF8.self), radix: 16)
            else { throw .unexpected(expected: "four hexadecimal digits", offset: offset) }
            offset += 4
            return unit
        default: throw .unexpected(expected: "an escape", offset: offset - 1)
        }
    }
}
