/// lib0's encoding of plain values ("any"): one byte for the kind, then the value.
///
/// | byte | value | what follows |
/// |---|---|---|
/// | 127 | undefined | |
/// | 126 | null | |
/// | 125 | an integer of up to 31 bits | signed number |
/// | 124 | a number that 32 bits hold exactly | float, big endian |
/// | 123 | any other number | double, big endian |
/// | 122 | a big integer | 64 bits, big endian |
/// | 121, 120 | false, true | |
/// | 119 | a text | byte count, UTF-8 |
/// | 118 | an object | number of fields, then key and value of each |
/// | 117 | an array | number of values, the values |
/// | 116 | bytes | byte count, bytes |
///
/// A key `__proto__` is lost when an object is read, as it is in JavaScript. Source: lib0 0.2.117, `encoding.writeAny` and
/// `decoding.readAny`.
enum AnyCodec {
    /// The first byte of a value.
    enum Tag {
        static let binary: UInt8 = 116
        static let array: UInt8 = 117
        static let object: UInt8 = 118
        static let string: UInt8 = 119
        static let isTrue: UInt8 = 120
        static let isFalse: UInt8 = 121
        static let bigInt: UInt8 = 122
        static let float64: UInt8 = 123
        static let float32: UInt8 = 124
        static let integer: UInt8 = 125
        static let null: UInt8 = 126
        static let undefined: UInt8 = 127
    }

    /// The largest magnitude of a number that is written as an integer.
    ///
    /// Source: lib0, `binary.BITS31`.
    static let largestInteger: UInt64 = 0x7fff_ffff

    /// For how many elements memory is taken before they are read: nested counts may each claim all the bytes that follow.
    static let trustedCount = 256

    /// The key under which JavaScript keeps an object's prototype.
    static let prototypeKey = "__proto__"

    /// Appends `value`.
    static func append(_ value: AnyValue, to output: inout [UInt8]) {
        switch value {
        case .undefined: output.append(Tag.undefined)
        case .null: output.append(Tag.null)
        case .bool(let value): output.append(value ? Tag.isTrue : Tag.isFalse)
        case .number(let value): append(number: value, to: &output)
        case .bigInt(let value):
            output.append(Tag.bigInt)
            appendBigEndian(UInt64(bitPattern: value), byteCount: 8, to: &output)
        case .string(let value):
            output.append(Tag.string)
            output.appendVarString(value)
        case .binary(let value):
            output.append(Tag.binary)
            output.appendVarBytes(value)
        case .array(let values):
            output.append(Tag.array)
            output.appendVarUint(UInt64(values.count))
            for value in values {
                append(value, to: &output)
            }
        case .object(let fields):
            output.append(Tag.object)
            output.appendVarUint(UInt64(fields.count))
            for (key, value) in fields {
                output.appendVarString(key)
                append(value, to: &output)
            }
        }
    }

    /// Appends `number` in the shortest of its three forms that is exact.
    static func append(number: Double, to output: inout [UInt8]) {
        let magnitude = number.magnitude
        let float = Float(number)
        if magnitude <= Double(largestInteger), magnitude == Double(UInt64(magnitude)) {
            output.append(Tag.integer)
            output.appendVarInt(magnitude: UInt64(magnitude), isNegative: number.sign == .minus)
        } else if Double(float) == number {
            output.append(Tag.float32)
            appendBigEndian(UInt64(float.bitPattern), byteCount: 4, to: &output)
        } else {
            output.append(Tag.float64)
            let quiet: UInt64 = number.isNaN ? 1 << 51 : 0
            appendBigEndian(number.bitPattern | quiet, byteCount: 8, to: &output)
        }
    }

    /// Reads one value with at most `depthLimit` arrays and objects around its innermost.
    static func decode(
        _ reader: inout ByteReader, depthLimit: Int
    ) throws(UpdateError) -> AnyValue {
        try decode(&reader, depth: 0, depthLimit: depthLimit)
    }

    /// Fails when a value at `depth`, which starts at `offset`, lies too deep to hold others.
    static func checkDepth(_ depth: Int, limit: Int, offset: Int) throws(UpdateError) {
        guard depth < limit else {
            throw .limitExceeded(
                .valueDepth, value: UInt64(depth) + 1, limit: UInt64(Swift.max(limit, 0)), offset: offset)
        }
    }

    /// Reads the number of elements of an array or object, each of which takes at least `elementByteCount` bytes.
    static func count(
        _ reader: inout ByteReader, elementByteCount: Int
    ) throws(UpdateError) -> Int {
        let start = reader.offset
        let count = try reader.varUint()
        guard count <= UInt64(reader.remaining / elementByteCount) else { throw .truncated(offset: start) }
        return Int(count)
    }

    private static func decode(
        _ reader: inout ByteReader, depth: Int, depthLimit: Int
    ) throws(UpdateError) -> AnyValue {
        let start = reader.offset
        switch try reader.byte() {
        case Tag.undefined: return .undefined
        case Tag.null: return .null
        case Tag.isTrue: return .bool(true)
        case Tag.isFalse: return .bool(false)
        case Tag.integer:
            let (magnitude, isNegative) = try reader.varInt()
            return .number(isNegative ? -Double(magnitude) : Double(magnitude))
        case Tag.float32: return .number(Double(Float(bitPattern: try reader.bigEndian32())))
        case Tag.float64: return .number(Double(bitPattern: try reader.bigEndian64()))
        case Tag.bigInt: return .bigInt(Int64(bitPattern: try reader.bigEndian64()))
        case Tag.string: return .string(reader.string(try reader.varString().range))
        case Tag.binary: return .binary(reader.copy(try reader.varBytes()))
        case Tag.array:
            try checkDepth(depth, limit: depthLimit, offset: start)
            return .array(try decodeArray(&reader, depth: depth + 1, depthLimit: depthLimit))
        case Tag.object:
            try checkDepth(depth, limit: depthLimit, offset: start)
            return .object(try decodeObject(&reader, depth: depth + 1, depthLimit: depthLimit))
        default:
            throw .malformed(.value, offset: start)
        }
    }

    private static func decodeArray(
        _ reader: inout ByteReader, depth: Int, depthLimit: Int
    ) throws(UpdateError) -> [AnyValue] {
        let count = try count(&reader, elementByteCount: 1)
        var values: [AnyValue] = []
        values.reserveCapacity(Swift.min(count, trustedCount))
        for _ in 0..<count {
            values.append(try decode(&reader, depth: depth, depthLimit: depthLimit))
        }
        return values
    }

    private static func decodeObject(
        _ reader: inout ByteReader, depth: Int, depthLimit: Int
    ) throws(UpdateError) -> AnyFields {
        let count = try count(&reader, elementByteCount: 2)
        var assigned: [(key: String, value: AnyValue)] = []
        assigned.reserveCapacity(Swift.min(count, trustedCount))
        for _ in 0..<count {
            let key = reader.string(try reader.varString().range)
            let value = try decode(&reader, depth: depth, depthLimit: depthLimit)
            if key != prototypeKey {
                assigned.append((key, value))
            }
        }
        return AnyFields(assigned)
    }

    private static func appendBigEndian(_ number: UInt64, byteCount: Int, to output: inout [UInt8]) {
        for place in 1...byteCount {
            output.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * (byteCount - place))))
        }
    }
}
