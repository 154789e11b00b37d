/// Checking encoded values without making them, and bringing them into the form that lib0 writes.
extension AnyCodec {
    /// Validates one value and passes over it; true when it is in the very bytes that lib0 writes for it.
    ///
    /// False also for an object of more than `CanonicalKeys.capacity` keys, which `appendCanonical` then looks at. Takes no
    /// memory.
    static func skip(_ reader: inout ByteReader, depthLimit: Int) throws(UpdateError) -> Bool {
        try skip(&reader, depth: 0, depthLimit: depthLimit)
    }

    /// Reads one value and appends it as lib0 writes it after reading it.
    static func appendCanonical(
        from reader: inout ByteReader, depthLimit: Int, to output: inout [UInt8]
    ) throws(UpdateError) {
        try appendCanonical(from: &reader, depth: 0, depthLimit: depthLimit, to: &output)
    }

    private static func skip(
        _ reader: inout ByteReader, depth: Int, depthLimit: Int
    ) throws(UpdateError) -> Bool {
        let start = reader.offset
        switch try reader.byte() {
        case Tag.undefined, Tag.null, Tag.isTrue, Tag.isFalse:
            return true
        case Tag.integer:
            let (magnitude, _) = try reader.varInt()
            return magnitude <= largestInteger && !reader.isPadded(since: start + 1)
        case Tag.float32:
            let number = Float(bitPattern: try reader.bigEndian32())
            return !number.isNaN && !isInteger(Double(number))
        case Tag.float64:
            let number = Double(bitPattern: try reader.bigEndian64())
            return number.isNaN
                ? !number.isSignalingNaN : !isInteger(number) && Double(Float(number)) != number
        case Tag.bigInt:
            try reader.skip(8)
            return true
        case Tag.string:
            let count = try reader.varUint()
            let isCanonical = !reader.isPadded(since: start + 1)
            guard count <= UInt64(reader.remaining) else { throw .truncated(offset: start + 1) }
            let range = try reader.take(Int(count))
            guard UTF16Text.validate(reader.bytes, range) != nil else {
                throw .malformed(.text, offset: range.lowerBound)
            }
            return isCanonical
        case Tag.binary:
            let count = try reader.varUint()
            let isCanonical = !reader.isPadded(since: start + 1)
            guard count <= UInt64(reader.remaining) else { throw .truncated(offset: start + 1) }
            try reader.skip(Int(count))
            return isCanonical
        case Tag.array:
            try checkDepth(depth, limit: depthLimit, offset: start)
            return try skipArray(&reader, depth: depth + 1, depthLimit: depthLimit)
        case Tag.object:
            try checkDepth(depth, limit: depthLimit, offset: start)
            return try skipObject(&reader, depth: depth + 1, depthLimit: depthLimit)
        default:
            throw .malformed(.value, offset: start)
        }
    }

    private static func skipArray(
        _ reader: inout ByteReader, depth: Int, depthLimit: Int
    ) throws(UpdateError) -> Bool {
        let start = reader.offset
        let count = try count(&reader, elementByteCount: 1)
        var isCanonical = !reader.isPadded(since: start)
        for _ in 0..<count {
            isCanonical = try skip(&reader, depth: depth, depthLimit: depthLimit) && isCanonical
        }
        return isCanonical
    }

    private static func skipObject(
        _ reader: inout ByteReader, depth: Int, depthLimit: Int
    ) throws(UpdateError) -> Bool {
        var start = reader.offset
        let count = try count(&reader, elementByteCount: 2)
        var isCanonical = !reader.isPadded(since: start) && count <= CanonicalKeys.capacity
        var keys = CanonicalKeys()
        for _ in 0..<count {
            start = reader.offset
            let byteCount = try reader.varUint()
            if reader.isPadded(since: start) { isCanonical = false }
            guard byteCount <= UInt64(reader.remaining) else { throw .truncated(offset: start) }
            let key = try reader.take(Int(byteCount))
            guard UTF16Text.validate(reader.bytes, key) != nil else {
                throw .malformed(.text, offset: key.lowerBound)
            }
            if isCanonical {
                isCanonical = keys.accepts(key, in: reader.bytes) && !isPrototype(key, in: reader.bytes)
            }
            isCanonical = try skip(&reader, depth: depth, depthLimit: depthLimit) && isCanonical
        }
        return isCanonical
    }

    private static func appendCanonical(
        from reader: inout ByteReader, depth: Int, depthLimit: Int, to output: inout [UInt8]
    ) throws(UpdateError) {
        let start = reader.offset
        guard let tag = reader.peek(), tag == Tag.array || tag == Tag.object else {
            append(try decode(&reader, depthLimit: 0), to: &output)
            return
        }
        try checkDepth(depth, limit: depthLimit, offset: start)
        try reader.skip(1)
        output.append(tag)
        if tag == Tag.array {
            let count = try count(&reader, elementByteCount: 1)
            output.appendVarUint(UInt64(count))
            for _ in 0..<count {
                try appendCanonical(from: &reader, depth: depth + 1, depthLimit: depthLimit, to: &output)
            }
        } else {
            try appendCanonicalObject(from: &reader, depth: depth + 1, depthLimit: depthLimit, to: &output)
        }
    }

    /// Appends the fields of an object in the order in which they came, and sorts them where that is not JavaScript's.
    private static func appendCanonicalObject(
        from reader: inout ByteReader, depth: Int, depthLimit: Int, to output: inout [UInt8]
    ) throws(UpdateError) {
        let count = try count(&reader, elementByteCount: 2)
        var members = EncodedMembers(count: count)
        let start = output.count
        output.appendVarUint(UInt64(count))
        for _ in 0..<count {
            let (key, _) = try reader.varString()
            let keyStart = output.count
            output.appendVarBytes(reader.bytes, key)
            let valueStart = output.count
            try appendCanonical(from: &reader, depth: depth, depthLimit: depthLimit, to: &output)
            members.append(
                key: (valueStart - key.count)..<valueStart, start: keyStart, end: output.count,
                isDropped: isPrototype(key, in: reader.bytes))
        }
        members.order(in: &output, from: start)
    }

    @inline(__always)
    private static func isInteger(_ number: Double) -> Bool {
        let magnitude = number.magnitude
        return magnitude <= Double(largestInteger) && magnitude == Double(UInt64(magnitude))
    }

    @inline(__always)
    private static func isPrototype(_ key: Range<Int>, in bytes: [UInt8]) -> Bool {
        key.count == prototypeKey.utf8.count && bytes[key.lowerBound] == 0x5f
            && bytes[key].elementsEqual(prototypeKey.utf8)
    }
}
