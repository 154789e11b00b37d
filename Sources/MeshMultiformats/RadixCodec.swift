/// Encodes bytes as one big number in a base that is no power of two; leading zero bytes become leading zeros.
///
/// Source: the base58 of Bitcoin, as multibase takes it for base36 and base58. Time is quadratic in the length.
struct RadixCodec: Sendable {
    private let digits: [UInt8]
    private let values: [UInt8]
    private static let noValue: UInt8 = 0xff

    /// Creates the codec of an alphabet; with `foldsCase`, decoding takes ASCII letters of either case.
    init(alphabet: StaticString, foldsCase: Bool = false) {
        let digits = alphabet.withUTF8Buffer { Array($0) }
        var values = [UInt8](repeating: Self.noValue, count: 256)
        for (value, digit) in digits.enumerated() {
            values[Int(digit)] = UInt8(value)
            let isLetter = (0x41...0x5a).contains(digit & 0xdf)
            if foldsCase && isLetter { values[Int(digit ^ 0x20)] = UInt8(value) }
        }
        self.digits = digits
        self.values = values
    }

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        let zeroCount = bytes.prefix { $0 == 0 }.count
        // Digits with the least significant first.
        var number: [UInt8] = []
        number.reserveCapacity(bytes.count * 8 / 5 + 1)
        let base = UInt32(digits.count)
        for byte in bytes[zeroCount...] {
            var carry = UInt32(byte)
            for index in number.indices {
                carry += UInt32(number[index]) << 8
                number[index] = UInt8(truncatingIfNeeded: carry % base)
                carry /= base
            }
            while carry > 0 {
                number.append(UInt8(truncatingIfNeeded: carry % base))
                carry /= base
            }
        }
        var text = [UInt8](repeating: digits[0], count: zeroCount)
        text.reserveCapacity(zeroCount + number.count)
        for value in number.reversed() { text.append(digits[Int(value)]) }
        return text
    }

    func decode(_ text: some RandomAccessCollection<UInt8>) throws(MultibaseError) -> [UInt8] {
        var zeroCount = 0
        var isLeading = true
        // Bytes with the least significant first.
        var number: [UInt8] = []
        number.reserveCapacity(text.count)
        let base = UInt32(digits.count)
        for (offset, digit) in text.enumerated() {
            let value = values[Int(digit)]
            guard value != Self.noValue else { throw .invalidDigit(digit, offset: offset) }
            if isLeading && value == 0 {
                zeroCount += 1
                continue
            }
            isLeading = false
            var carry = UInt32(value)
            for index in number.indices {
                carry += UInt32(number[index]) * base
                number[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { number.append(UInt8(truncatingIfNeeded: carry)) }
        }
        var bytes = [UInt8](repeating: 0, count: zeroCount)
        bytes.append(contentsOf: number.reversed())
        return bytes
    }
}
