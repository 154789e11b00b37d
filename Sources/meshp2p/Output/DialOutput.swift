import MeshNode

/// What a dial found out about a peer and the way to it.
struct DialOutput: CommandOutput {
    let report: DialReport

    var json: [any Encodable] {
        let attempts = report.attempts.map { WithNulls($0, ["error": $0.error]) }
        return [
            WithNulls(
                report,
                [
                    "did": report.did, "name": report.name, "observedAddress": report.observedAddress,
                    "muxer": report.muxer,
                    "roundTripMilliseconds": report.roundTripMilliseconds,
                ], replacing: [("attempts", attempts)])
        ]
    }

    func lines(_ layout: Layout) -> [String] {
        var lines = [title(layout), layout.row("found through", TerminalText.escaped(report.foundThrough))]
        lines += tried(layout)
        lines.append(layout.row("secured", secured))
        // Datagram sessions know no identify.
        if report.transport != "noise-udp" { lines += agent(layout) }
        if let trips = report.roundTripMilliseconds {
            lines.append(layout.row("round trip", Self.text(trips)))
        }
        lines.append(layout.row("path", "\(report.path), \(report.transport)"))
        if layout.isVerbose {
            lines.append(layout.row("protocols", ""))
            lines += report.protocols.map { "    " + TerminalText.escaped($0) }
        }
        return lines
    }

    private func title(_ layout: Layout) -> String {
        var parts = [layout.style.bold(layout.id(report.peer))]
        if let name = report.name { parts.append(TerminalText.quoted(name, limit: 40)) }
        if let did = report.did { parts.append(layout.id(did)) }
        return parts.joined(separator: "  ")
    }

    private func tried(_ layout: Layout) -> [String] {
        let table = AttemptTable(attempts: report.attempts, peer: report.peer).lines(layout, indent: 18)
        guard let first = table.first else {
            let address = layout.address(report.address, peer: report.peer, width: layout.rowTextWidth - 17)
            return [layout.row("connection", "was open already, \(address)")]
        }
        return [layout.row("tried", String(first.dropFirst(18)))] + table.dropFirst()
    }

    private var secured: String {
        var text = Self.securities[report.security] ?? TerminalText.escaped(report.security)
        if let muxer = report.muxer {
            let name = muxer.split(separator: "/").first.map(String.init) ?? muxer
            text += "; " + TerminalText.escaped(name, limit: 24)
        }
        if report.muxerNegotiatedEarly { text += " (negotiated early)" }
        guard !report.attempts.isEmpty else { return text }
        return text + "; \(Quantity.milliseconds(report.connectMilliseconds)) in all"
    }

    private static let securities = ["/noise": "Noise XX", "noise": "Noise, a datagram session"]

    private func agent(_ layout: Layout) -> [String] {
        let agent = report.agent.isEmpty ? "(says nothing)" : TerminalText.escaped(report.agent, limit: 40)
        var lines = [layout.row("agent", "\(agent)   \(Quantity.count(report.protocols.count, "protocol"))")]
        if let observed = report.observedAddress {
            lines.append(layout.row("sees us as", layout.address(observed, width: layout.rowTextWidth)))
        }
        return lines
    }

    private static func text(_ trips: DialReport.RoundTrips) -> String {
        func number(_ value: Double) -> String { Quantity.fixed(value, digits: value < 1 ? 2 : 1) }
        return "\(Quantity.count(trips.count, "ping")): min \(number(trips.min))  "
            + "median \(number(trips.median))  max \(number(trips.max)) ms"
    }
}
