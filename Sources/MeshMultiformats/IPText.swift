/// The text forms of IP addresses.
enum IPText {
    /// Four decimal numbers without leading zeros.
    static func parseIP4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for part in text.split(separator: 0x2e, maxSplits: 4, omittingEmptySubsequences: false) {
            guard part.count <= 3, let value = decimal(part, maximum: 255), bytes.count < 4 else {
                return nil
            }
            bytes.append(UInt8(truncatingIfNeeded: value))
        }
        return bytes.count == 4 ? bytes : nil
    }

    /// Decimal digits without leading zeros, up to `maximum`.
    static func decimal(_ text: ArraySlice<UInt8>, maximum: UInt64) -> UInt64? {
        guard !text.isEmpty, text.count <= 20, text.count == 1 || text.first != 0x30 else { return nil }
        var value: UInt64 = 0
        for digit in text {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(digit - 0x30))
            guard !overflow, !sumOverflow else { return nil }
            value = sum
        }
        return value <= maximum ? value : nil
    }

    /// Any form of RFC 4291, section 2.2; a zone is not part of it.
    static func parseIP6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count <= 45 else { return nil }
        var head: [UInt8] = []
        var tail: [UInt8]?
        var rest = text
        if rest.starts(with: [0x3a, 0x3a]) {
            tail = []
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x3a) ?? rest.endIndex
            guard let group = group(rest[..<end], isLast: end == rest.endIndex) else { return nil }
            if tail == nil { head += group } else { tail? += group }
            guard head.count + (tail?.count ?? 0) <= 16 else { return nil }
            guard end < rest.endIndex else { break }
            rest = rest[(end + 1)...]
            if rest.first == 0x3a {
                guard tail == nil else { return nil }
                tail = []
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        guard let tail else { return head.count == 16 ? head : nil }
        let gap = 16 - head.count - tail.count
        // RFC 4291: "::" stands for one or more groups.
        return gap >= 2 ? head + [UInt8](repeating: 0, count: gap) + tail : nil
    }

    /// One group of up to four hexadecimal digits, or an IPv4 address at the end.
    private static func group(_ text: ArraySlice<UInt8>, isLast: Bool) -> [UInt8]? {
        if isLast && text.contains(0x2e) { return parseIP4(text) }
        guard (1...4).contains(text.count) else { return nil }
        var value: UInt16 = 0
        for digit in text {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt16(digit - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt16((digit & 0xdf) - 0x41 + 10)
            default: return nil
            }
        }
        return [UInt8(value >> 8), UInt8(value & 0xff)]
    }

    /// The four numbers of `bytes`, which has four bytes.
    static func ip4(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    /// The canonical text of 16 bytes (RFC 5952); IPv4-mapped addresses end in their IPv4 form.
    static func ip6(_ bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
            return "::ffff:" + ip4(bytes[12..<16])
        }
        let zeros = longestZeroRun(groups)
        guard zeros.count >= 2 else { return hex(groups[...]) }
        return hex(groups[..<zeros.lowerBound]) + "::" + hex(groups[zeros.upperBound...])
    }

    private static func hex(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// The first of the longest runs of zero groups.
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        return longest
    }
}
