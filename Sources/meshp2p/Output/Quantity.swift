/// Numbers with their units, for people.
enum Quantity {
    /// `0.07 ms`, `3.1 ms`, `12 ms`, `1.3 s`.
    static func milliseconds(_ value: Double) -> String {
        guard value.isFinite, value >= 0 else { return "?" }
        if value >= 1000 { return "\(fixed(value / 1000, digits: 1)) s" }
        return "\(fixed(value, digits: value < 1 ? 2 : value < 10 ? 1 : 0)) ms"
    }

    /// `1 peer`, `2 peers`.
    static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    /// `512 B`, `1.5 KiB`, `28.4 MiB`.
    static func bytes(_ count: Int) -> String {
        let value = Double(count)
        if value < 1024 { return "\(count) B" }
        if value < 1024 * 1024 { return "\(fixed(value / 1024, digits: 1)) KiB" }
        if value < 1024 * 1024 * 1024 { return "\(fixed(value / 1_048_576, digits: 1)) MiB" }
        return "\(fixed(value / 1_073_741_824, digits: 1)) GiB"
    }

    /// `4 s`, `2 min`, `3 h`, `5 days`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        let seconds = max(0, seconds)
        if seconds < 60 { return "\(fixed(seconds, digits: 0)) s" }
        if seconds < 3600 { return "\(fixed((seconds / 60).rounded(.down), digits: 0)) min" }
        if seconds < 172_800 { return "\(fixed((seconds / 3600).rounded(.down), digits: 0)) h" }
        return "\(fixed((seconds / 86_400).rounded(.down), digits: 0)) days"
    }

    /// A number with a fixed count of decimals; whole numbers beyond 15 digits are not expected here.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "?" }
        let scale = [1.0, 10, 100, 1000][min(max(digits, 0), 3)]
        let scaled = Int64((abs(value) * scale).rounded())
        let whole = scaled / Int64(scale)
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let rest = String(scaled % Int64(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: max(0, digits - rest.count)) + rest
    }
}
