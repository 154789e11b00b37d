import MeshCore

extension UnixTime {
    /// The last second that RFC 3339 can write: 9999-12-31T23:59:59Z.
    static let lastRFC3339 = UnixTime(seconds: 253_402_300_799)

    /// The time as RFC 3339 writes it in UTC, such as `2026-11-21T08:00:00Z`; saturates at the year 9999.
    public var rfc3339: String {
        let clamped = min(seconds, Self.lastRFC3339.seconds)
        let date = Self.civilDate(days: Int(clamped / 86_400))
        let second = Int(clamped % 86_400)
        return [
            Self.padded(date.year, to: 4), "-", Self.padded(date.month, to: 2), "-",
            Self.padded(date.day, to: 2), "T", Self.padded(second / 3_600, to: 2), ":",
            Self.padded(second / 60 % 60, to: 2), ":", Self.padded(second % 60, to: 2), "Z",
        ].joined()
    }

    /// The Gregorian date of a day since 1970.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func civilDate(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int, to width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
