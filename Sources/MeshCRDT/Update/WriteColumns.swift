/// A column of numbers that stores a run of equal ones once, with the sign as the mark of a run.
///
/// Source: lib0 `UintOptRleEncoder`.
struct NumberColumnWriter: Sendable {
    private(set) var bytes: [UInt8] = []
    private var value: UInt64 = 0
    private var count: UInt64 = 0

    @inline(__always)
    mutating func append(_ next: UInt64) {
        if next == value {
            count += 1
        } else {
            Self.append(value, count, to: &bytes)
            value = next
            count = 1
        }
    }

    /// Appends the finished column to `out` with its byte count in front, and starts over.
    mutating func finish(to out: inout [UInt8]) {
        out.appendVarUint(UInt64(finishedByteCount))
        finishBare(to: &out)
    }

    /// Appends the finished column to `out` as it is, and starts over.
    mutating func finishBare(to out: inout [UInt8]) {
        out.move(from: &bytes)
        Self.append(value, count, to: &out)
        value = 0
        count = 0
    }

    /// How many bytes the column has now.
    @inline(__always)
    var finishedByteCount: Int {
        guard count > 0 else { return bytes.count }
        return bytes.count + WireNumber.signedWidth(value) + (count > 1 ? WireNumber.width(count - 2) : 0)
    }

    @inline(__always)
    private static func append(_ value: UInt64, _ count: UInt64, to bytes: inout [UInt8]) {
        guard count > 0 else { return }
        bytes.append(addingCapacity: 2 * WireNumber.largestWidth) { output in
            output.appendVarInt(magnitude: value, isNegative: count > 1)
            if count > 1 { output.appendVarUint(count - 2) }
        }
    }
}

/// A column of clocks as distances, with the lowest bit as the mark of a run of equal ones.
///
/// Source: lib0 `IntDiffOptRleEncoder`.
struct ClockColumnWriter: Sendable {
    private(set) var bytes: [UInt8] = []
    private var value: Int64 = 0
    private var distance: Int64 = 0
    private var count: UInt64 = 0

    @inline(__always)
    mutating func append(_ clock: Clock) {
        let next = Int64(clock)
        if next - value == distance {
            count += 1
        } else {
            Self.append(distance, count, to: &bytes)
            distance = next - value
            count = 1
        }
        value = next
    }

    mutating func finish(to out: inout [UInt8]) {
        var byteCount = bytes.count
        if count > 0 {
            byteCount += WireNumber.signedWidth(Self.marked(distance, count).magnitude)
            byteCount += count > 1 ? WireNumber.width(count - 2) : 0
        }
        out.appendVarUint(UInt64(byteCount))
        out.move(from: &bytes)
        Self.append(distance, count, to: &out)
        (value, distance, count) = (0, 0, 0)
    }

    @inline(__always)
    private static func marked(_ distance: Int64, _ count: UInt64) -> Int64 {
        distance * 2 + (count > 1 ? 1 : 0)
    }

    @inline(__always)
    private static func append(_ distance: Int64, _ count: UInt64, to bytes: inout [UInt8]) {
        guard count > 0 else { return }
        let marked = marked(distance, count)
        bytes.append(addingCapacity: 2 * WireNumber.largestWidth) { output in
            output.appendVarInt(magnitude: marked.magnitude, isNegative: marked < 0)
            if count > 1 { output.appendVarUint(count - 2) }
        }
    }
}

/// A column of bytes, each with the number of times that it comes; the last without.
///
/// Source: lib0 `RleEncoder`.
struct ByteColumnWriter: Sendable {
    private(set) var bytes: [UInt8] = []
    private var value: UInt8 = 0
    private var count: UInt64 = 0

    @inline(__always)
    mutating func append(_ next: UInt8) {
        if count > 0, next == value {
            count += 1
        } else {
            if count > 0 { flush() }
            value = next
            count = 1
        }
    }

    private mutating func flush() {
        bytes.append(addingCapacity: 1 + WireNumber.largestWidth) { output in
            output.append(value)
            output.appendVarUint(count - 1)
        }
    }

    mutating func finish(to out: inout [UInt8]) {
        out.appendVarUint(UInt64(bytes.count + (count > 0 ? 1 : 0)))
        out.move(from: &bytes)
        if count > 0 { out.append(value) }
        count = 0
    }
}

/// A column of texts, joined, with their lengths in UTF-16 units behind.
///
/// Source: lib0 `StringEncoder`.
struct TextColumnWriter: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths = NumberColumnWriter()

    @inline(__always)
    mutating func append(_ source: [UInt8], _ range: Range<Int>, length: UInt32?) {
        if range.count == 1 {
            bytes.append(source[range.lowerBound])
        } else {
            bytes.append(contentsOf: source[range])
        }
        lengths.append(length.map { UInt64($0) } ?? UInt64(UTF16Text.utf16Count(source, range)))
    }

    mutating func appendCut(_ source: [UInt8], _ range: Range<Int>, length: UInt32) {
        bytes.append(contentsOf: [0xef, 0xbf, 0xbd])
        append(source, range, length: length)
    }

    mutating func finish(to out: inout [UInt8]) {
        let byteCount = UInt64(bytes.count)
        out.appendVarUint(byteCount + UInt64(WireNumber.width(byteCount) + lengths.finishedByteCount))
        out.appendVarUint(byteCount)
        out.move(from: &bytes)
        lengths.finishBare(to: &out)
    }
}

extension [UInt8] {
    /// Appends `bytes` and empties them, for less where there are none.
    @inline(__always)
    mutating func move(from bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(contentsOf: bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// How many bytes numbers take.
enum WireNumber {
    /// The most bytes that a number of 64 bits takes.
    static var largestWidth: Int { 10 }

    @inline(__always)
    static func width(_ number: UInt64) -> Int {
        number < 0x80 ? 1 : (63 - number.leadingZeroBitCount) / 7 + 1
    }

    @inline(__always)
    static func signedWidth(_ magnitude: UInt64) -> Int {
        magnitude < 0x40 ? 1 : 1 + width(magnitude >> 6)
    }
}
