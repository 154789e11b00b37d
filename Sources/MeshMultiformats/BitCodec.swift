/// Encodes bytes in groups of bits: the bases that are powers of two (RFC 4648).
struct BitCodec: Sendable {
    private let digits: [UInt8]
    private let values: [UInt8]
    private let bitCount: UInt32
    private static let noValue: UInt8 = 0xff

    /// Creates the codec of an alphabet of 2^`bitCount` digits.
    init(alphabet: StaticString, bitCount: UInt32, foldsCase: Bool = false) {
        let digits = alphabet.withUTF8Buffer { Array($0) }
        var values = [UInt8](repeating: Self.noValue, count: 256)
        for (value, digit) in digits.enumerated() {
            values[Int(digit)] = UInt8(value)
            let isLetter = (0x41...0x5a).contains(digit & 0xdf)
            if foldsCase && isLetter { values[Int(digit ^ 0x20)] = UInt8(value) }
        }
        self.digits = digits
        self.values = values
        self.bitCount = bitCount
    }

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 8 / Int(bitCount) + 1)
        let mask = (UInt32(1) << bitCount) - 1
        var bits: UInt32 = 0
        var pending: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            pending += 8
            while pending >= bitCount {
                pending -= bitCount
                text.append(digits[Int(bits >> pending & mask)])
            }
            bits &= (1 << pending) - 1
        }
        if pending > 0 { text.append(digits[Int(bits << (bitCount - pending) & mask)]) }
        return text
    }

    /// Decodes digits without padding; refuses a last digit that no encoder writes.
    func decode(_ text: some Collection<UInt8>) throws(MultibaseError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * Int(bitCount) / 8)
        var bits: UInt32 = 0
        var pending: UInt32 = 0
        for (offset, digit) in text.enumerated() {
            let value = values[Int(digit)]
            guard value != Self.noValue else { throw .invalidDigit(digit, offset: offset) }
            bits = bits << bitCount | UInt32(value)
            pending += bitCount
            guard pending >= 8 else { continue }
            pending -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> pending))
            bits &= (1 << pending) - 1
        }
        guard pending < bitCount, bits == 0 else { throw .notCanonical }
        return bytes
    }
}
