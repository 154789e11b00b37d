import MeshCore

/// Times of records as RFC 3339 text, which go-libp2p writes into `Record.timeReceived`.
enum RecordTime {
    private static let secondsPerDay: UInt64 = 86_400

    /// `time` in UTC, such as `2024-11-23T12:34:56Z`.
    static func text(_ time: UnixTime) -> String {
        // Civil date from days since the epoch (H. Hinnant, "chrono-compatible low-level date algorithms");
        // years beyond 9999 have no RFC 3339 form and are shown as the last second of 9999.
        let seconds = min(time.seconds, 253_402_300_799)
        let days = seconds / secondsPerDay + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = seconds % secondsPerDay
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        return "\(date)T\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))Z"
    }

    /// The time that `text` names, without its fraction of a second, or nil when it is not RFC 3339.
    static func parse(_ text: RawSpan) -> UnixTime? {
        guard text.byteCount >= 20,
            let year = number(text, 0, 4), let month = number(text, 5, 2), let day = number(text, 8, 2),
            let hour = number(text, 11, 2), let minute = number(text, 14, 2),
            let second = number(text, 17, 2),
            year >= 1970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second <= 60, text.byte(at: 10) | 0x20 == UInt8(ascii: "t")
        else { return nil }
        var index = 19
        if text.byte(at: index) == UInt8(ascii: ".") {
            index += 1
            while index < text.byteCount, (0x30...0x39).contains(text.byte(at: index)) { index += 1 }
        }
        guard let offset = offsetSeconds(text, at: index) else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return UInt64(exactly: seconds).map(UnixTime.init(seconds:))
    }

    private static func offsetSeconds(_ text: RawSpan, at index: Int) -> Int? {
        guard index < text.byteCount else { return nil }
        switch text.byte(at: index) {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return index + 1 == text.byteCount ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard index + 6 == text.byteCount, let hour = number(text, index + 1, 2),
                let minute = number(text, index + 4, 2)
            else { return nil }
            let offset = hour * 3600 + minute * 60
            return text.byte(at: index) == UInt8(ascii: "-") ? -offset : offset
        default: return nil
        }
    }

    private static func number(_ text: RawSpan, _ offset: Int, _ digits: Int) -> Int? {
        var value = 0
        for index in offset..<offset + digits {
            let byte = text.byte(at: index)
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func padded(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
