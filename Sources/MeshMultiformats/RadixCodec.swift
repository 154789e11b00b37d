/// Encodes bytes as one big number in a base that is no power of two; leading zero bytes become leading zeros.
///
/// Source: the base58 of Bitcoin, as multibase takes it for base36 and base58. Time is quadratic in the length;
/// several digits are handled at once, so that a peer id takes half a microsecond.
struct RadixCodec: Sendable {
    private let digits: [UInt8]
    private let values: [UInt8]
    private let base: UInt64
    /// As many digits as fit 32 bits, and the base to their number.
    private let chunkDigitCount: Int
    private let chunkBase: UInt64
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
        base = UInt64(digits.count)
        var count = 0
        var power: UInt64 = 1
        while power * base <= UInt64(UInt32.max) {
            power *= base
            count += 1
        }
        chunkDigitCount = count
        chunkBase = power
    }

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        let zeroCount = bytes.prefix { $0 == 0 }.count
        // The number in base `chunkBase`, least significant first.
        var limbs: [UInt32] = []
        limbs.reserveCapacity(bytes.count / 3 + 1)
        var word: UInt64 = 0
        for index in zeroCount..<bytes.count {
            word = word << 8 | UInt64(bytes[index])
            // Words end where the bytes end, so the first one may be shorter.
            guard (bytes.count - index - 1).isMultiple(of: 4) else { continue }
            for limb in limbs.indices {
                let value = UInt64(limbs[limb]) << 32 | word
                limbs[limb] = UInt32(truncatingIfNeeded: value % chunkBase)
                word = value / chunkBase
            }
            while word > 0 {
                limbs.append(UInt32(truncatingIfNeeded: word % chunkBase))
                word /= chunkBase
            }
        }
        return text(limbs, zeroCount: zeroCount)
    }

    /// The digits of a number behind `zeroCount` zeros.
    private func text(_ limbs: [UInt32], zeroCount: Int) -> [UInt8] {
        // Least significant first, then turned round.
        var text: [UInt8] = []
        text.reserveCapacity(zeroCount + limbs.count * chunkDigitCount)
        for limb in limbs {
            var rest = UInt64(limb)
            for _ in 0..<chunkDigitCount {
                text.append(digits[Int(rest % base)])
                rest /= base
            }
        }
        while text.last == digits[0] { text.removeLast() }
        for _ in 0..<zeroCount { text.append(digits[0]) }
        text.reverse()
        return text
    }

    func decode(_ text: [UInt8]) throws(MultibaseError) -> [UInt8] {
        let zeroCount = text.prefix { $0 == digits[0] }.count
        // The number in base 2^32, least significant first.
        var limbs: [UInt32] = []
        limbs.reserveCapacity(text.count / 5 + 1)
        var chunk: UInt64 = 0
        var factor: UInt64 = 1
        for offset in zeroCount..<text.count {
            let value = values[Int(text[offset])]
            guard value != Self.noValue else { throw .invalidDigit(text[offset], offset: offset) }
            chunk = chunk * base + UInt64(value)
            factor *= base
            // Chunks end where the text ends, so the first one may be shorter.
            guard (text.count - offset - 1).isMultiple(of: chunkDigitCount) else { continue }
            for limb in limbs.indices {
                let value = UInt64(limbs[limb]) * factor + chunk
                limbs[limb] = UInt32(truncatingIfNeeded: value)
                chunk = value >> 32
            }
            if chunk > 0 { limbs.append(UInt32(truncatingIfNeeded: chunk)) }
            chunk = 0
            factor = 1
        }
        return bytes(limbs, zeroCount: zeroCount)
    }

    /// The bytes of a number behind `zeroCount` zeros.
    private func bytes(_ limbs: [UInt32], zeroCount: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: zeroCount)
        bytes.reserveCapacity(zeroCount + limbs.count * 4)
        var isLeading = true
        for limb in limbs.reversed() {
            for shift in [24, 16, 8, 0] as [UInt32] {
                let byte = UInt8(truncatingIfNeeded: limb >> shift)
                if isLeading && byte == 0 { continue }
                isLeading = false
                bytes.append(byte)
            }
        }
        return bytes
    }
}
