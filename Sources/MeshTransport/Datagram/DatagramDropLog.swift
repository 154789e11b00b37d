import Logging
import MeshConnection
import NIOCore

/// Says now and then how many datagrams were dropped, and why: one line however many there were.
struct DatagramDropLog {
    /// The time between two lines.
    static let interval: TimeAmount = .seconds(10)

    private let logger: Logger
    private var reported = DatagramCounters()
    private var reportedTotal: UInt64 = 0

    init(logger: Logger) {
        self.logger = logger
    }

    /// Writes a line when something was dropped since the last one.
    mutating func report(_ counters: DatagramCounters, _ sockets: DatagramSocketCounters) {
        defer {
            reported = counters
            reportedTotal = sockets.total
        }
        let unsent = sockets.total - reportedTotal
        let dropped = counters.dropCount - reported.dropCount
        guard dropped > 0 || unsent > 0 else { return }
        var reasons = DatagramCounters.Drop.allCases.compactMap { reason -> String? in
            let count = counters.drops(reason) - reported.drops(reason)
            return count > 0 ? "\(count) \(reason.words)" : nil
        }
        if unsent > 0 { reasons.append("\(unsent) not sent, last error \(sockets.lastErrorCode)") }
        logger.notice("datagrams dropped: \(reasons.joined(separator: ", "))")
    }
}

extension DatagramCounters.Drop {
    /// The reason as a log line says it behind a number.
    public var words: String {
        switch self {
        case .malformed: "not of this protocol"
        case .version: "of another version"
        case .notMember: "from outside the private network"
        case .rate: "handshakes over a rate"
        case .badHandshake: "handshakes that fail their checks"
        case .unknownHandshake: "answers to no handshake of ours"
        case .unknownSession: "for no session"
        case .notAuthentic: "not authentic"
        case .replayed: "received before"
        case .badFrame: "with a bad frame"
        case .unknownRequest: "responses to no request"
        case .requestRate: "requests over the rate of a session"
        case .badReset: "resets that prove nothing"
        case .incomplete: "requests with missing parts"
        case .deferred: "responses to an address that was not validated"
        }
    }
}
