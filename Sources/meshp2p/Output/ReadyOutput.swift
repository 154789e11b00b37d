import MeshNode

/// That a node can be used now, and under which addresses.
struct ReadyOutput: CommandOutput {
    struct Event: Encodable {
        var event = "ready"
        var peer: String
        var did: String
        var addresses: [String]
        var api: String?
    }

    let status: StatusReport
    let api: String?
    let startMilliseconds: Double
    let home: String

    var json: [any Encodable] {
        let event = Event(peer: status.peer, did: status.did, addresses: status.addresses, api: api)
        return [WithNulls(event, ["api": api])]
    }

    func lines(_ layout: Layout) -> [String] {
        let name =
            status.name.map { "mesh \(TerminalText.quoted($0, limit: 40))" } ?? "node without a mesh name"
        let role = status.registry ? "registry peer, " : ""
        var lines = ["\(role)\(layout.style.bold(name))   \(layout.id(status.did))"]
        lines.append(layout.row("peer", status.peer))
        for (index, address) in status.addresses.enumerated() {
            lines.append(layout.row(index == 0 ? "listening" : "", shown(address, layout)))
        }
        lines.append(layout.row("directory", directory))
        lines.append(layout.row("api", api ?? "off"))
        if let address = status.addresses.first {
            lines += ["Others join with:", "  meshp2p run --bootstrap \(address)"]
        }
        lines.append(layout.style.dim("Ctrl-C stops. Home: \(TerminalText.escaped(home, limit: 256))"))
        return lines
    }

    private func shown(_ address: String, _ layout: Layout) -> String {
        layout.address(address, peer: status.peer, width: layout.rowTextWidth)
    }

    private var directory: String {
        let time = Quantity.milliseconds(startMilliseconds)
        guard status.routingTable.peers > 0 else { return "nobody else yet   \(time)" }
        return "joined, \(Quantity.count(status.routingTable.peers, "peer")) in the table   \(time)"
    }
}
