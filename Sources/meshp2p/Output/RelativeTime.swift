#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Times as people say them; JSON keeps ISO 8601.
enum RelativeTime {
    /// `2 min ago`, `in 3 h`, or the text itself (escaped) when it is no ISO 8601 time.
    static func text(_ iso8601: String, now: Date = Date()) -> String {
        guard let date = parse(iso8601) else { return TerminalText.escaped(iso8601, limit: 32) }
        let seconds = date.timeIntervalSince(now)
        if seconds > 0 { return "in \(Quantity.duration(seconds: seconds))" }
        return -seconds < 1 ? "now" : "\(Quantity.duration(seconds: -seconds)) ago"
    }

    private static func parse(_ text: String) -> Date? {
        if let date = try? Date(text, strategy: .iso8601) { return date }
        return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
