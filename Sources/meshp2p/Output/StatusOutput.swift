import MeshNode

/// Who the node is and how it is doing.
struct StatusOutput: CommandOutput {
    let report: StatusReport

    var json: [any Encodable] {
        [WithNulls(report, ["name": report.name, "api": report.api])]
    }

    func lines(_ layout: Layout) -> [String] {
        let name =
            report.name.map { "mesh \(TerminalText.quoted($0, limit: 40))" } ?? "node without a mesh name"
        var lines = ["\(layout.style.bold(name))   \(layout.id(report.did))"]
        lines.append(layout.row("peer", TerminalText.escaped(report.peer)))
        lines += rows(
            "listening",
            report.addresses.map { layout.address($0, peer: report.peer, width: layout.rowTextWidth) }, layout
        )
        lines.append(
            layout.row(
                "directory",
                "\(Quantity.count(report.routingTable.peers, "peer")) in the table, \(report.kadMode) of "
                    + TerminalText.escaped(report.kadProtocol, limit: 60)))
        lines.append(
            layout.row(
                "holds",
                "\(Quantity.count(report.records, "value")), \(Quantity.count(report.providers, "provider record"))"
            ))
        lines += connections(layout)
        lines += datagrams(layout)
        if report.registry { lines.append(layout.row("registry", "serves rendezvous and takes heartbeats")) }
        lines.append(layout.row("api", report.api.map { TerminalText.escaped($0) } ?? "off"))
        lines.append(
            layout.row(
                "running",
                "\(Quantity.duration(seconds: report.uptimeSeconds)), \(Quantity.bytes(report.memoryBytes)) of memory"
            ))
        return lines
    }

    private func rows(_ label: String, _ texts: [String], _ layout: Layout) -> [String] {
        guard let first = texts.first else { return [layout.row(label, "nowhere")] }
        return [layout.row(label, first)] + texts.dropFirst().map { layout.row("", $0) }
    }

    private func connections(_ layout: Layout) -> [String] {
        let shown =
            layout.isVerbose ? report.connections : Array(report.connections.prefix(Self.shownConnections))
        var lines = [layout.row("connections", "\(report.connections.count)")]
        lines += shown.map {
            "    \(layout.id($0.peer))  \($0.direction.padded(to: 8))  \($0.path)  "
                + layout.address($0.address, peer: $0.peer, width: max(layout.width - 40, 16))
        }
        if shown.count < report.connections.count {
            lines.append("    and \(report.connections.count - shown.count) more (`-v` shows all)")
        }
        return lines
    }

    private func datagrams(_ layout: Layout) -> [String] {
        guard let datagrams = report.datagrams else { return [] }
        let sessions = Quantity.count(datagrams.sessions, "session")
        let text = "\(sessions), \(datagrams.received) received, \(datagrams.sent) sent"
        guard !datagrams.drops.isEmpty else { return [layout.row("datagrams", text)] }
        let reasons = datagrams.drops.sorted { $0.key < $1.key }.map {
            TerminalText.escaped($0.key, limit: 24) + " \($0.value)"
        }
        return [
            layout.row("datagrams", text), layout.row("", "dropped: \(reasons.joined(separator: ", "))"),
        ]
    }

    private static let shownConnections = 8
}
