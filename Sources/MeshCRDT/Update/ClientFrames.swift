/// The counts that stand in front of what they count: of clients, and of each client's structs.
///
/// Room for a count is left by a guess; where the count needs more or fewer bytes, what follows moves once.
struct ClientFrames: Sendable {
    private var clientCount: UInt64 = 0
    private var structCount: UInt64 = 0
    private var countStart = 0
    private var countWidth = 0

    /// Leaves room for the number of clients at the start of `bytes`.
    init(in bytes: inout [UInt8]) {
        bytes.append(0)
    }

    @inline(__always)
    mutating func begin(structCount guess: Int, in bytes: inout [UInt8]) {
        close(in: &bytes)
        clientCount += 1
        countStart = bytes.count
        countWidth = Self.width(UInt64(guess))
        for _ in 0..<countWidth { bytes.append(0) }
    }

    @inline(__always)
    mutating func countStruct() { structCount += 1 }

    /// Fills in all counts.
    @inline(__always)
    mutating func finish(in bytes: inout [UInt8]) {
        close(in: &bytes)
        Self.fill(clientCount, at: 0, width: 1, in: &bytes)
    }

    private mutating func close(in bytes: inout [UInt8]) {
        guard clientCount > 0 else { return }
        Self.fill(structCount, at: countStart, width: countWidth, in: &bytes)
        structCount = 0
    }

    @inline(__always)
    private static func fill(_ count: UInt64, at start: Int, width: Int, in bytes: inout [UInt8]) {
        let needed = Self.width(count)
        if needed != width {
            bytes.replaceSubrange(start..<start + width, with: repeatElement(0, count: needed))
        }
        var rest = count
        for place in start..<start + needed - 1 {
            bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
        }
        bytes[start + needed - 1] = UInt8(truncatingIfNeeded: rest)
    }

    @inline(__always)
    private static func width(_ number: UInt64) -> Int {
        number < 0x80 ? 1 : (63 - number.leadingZeroBitCount) / 7 + 1
    }
}
