import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The log on standard error, one line an event, with everything that peers said escaped.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice
    private let label: String

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let pairs = values.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.text($0.value))" }
        let message = TerminalText.escaped("\(event.message)", limit: Self.messageLimit)
        let line = "\(Date().formatted(.iso8601)) \(event.level) \(label): \(message)\(pairs.joined())\n"
        // A log without a reader is no reason to stop.
        try? Console.write(Array(line.utf8), to: STDERR_FILENO)
    }

    private static func text(_ value: Logger.Metadata.Value) -> String {
        let text = TerminalText.escaped("\(value)", limit: valueLimit)
        return text.contains(" ") ? "'\(text)'" : text
    }

    private static let messageLimit = 1000
    private static let valueLimit = 300
}
