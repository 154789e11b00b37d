import ArgumentParser
import Logging

/// How a command answers.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print one JSON object instead of text; failures too.")
    var json = false

    @Flag(name: .shortAndLong, help: "Show ids and addresses whole, and more details.")
    var verbose = false

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp(
            "Write a log to standard error.", valueName: "level"))
    var logLevel: LogLevel?

    var console: Console { Console(isJSON: json, isVerbose: verbose) }

    /// The log of one command; `level` counts unless the person named one.
    func logger(default level: Logger.Level) -> Logger {
        let level = logLevel?.level ?? level
        var logger = Logger(label: "meshp2p", factory: { StandardErrorLog(label: $0) })
        logger.logLevel = level
        return logger
    }
}

/// A level of the log.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .notice }
}
