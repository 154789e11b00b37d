import MeshNode

/// What a lookup found, and its way when that was asked for.
struct FindOutput: CommandOutput {
    let report: FindReport

    var json: [any Encodable] {
        guard let trace = report.trace else { return [report] }
        return [
            WithNulls(
                report, replacing: [("trace", trace.map { WithNulls($0, ["address": $0.address]) })])
        ]
    }

    func lines(_ layout: Layout) -> [String] {
        var lines: [String] = []
        if let trace = report.trace { lines += TraceLines(steps: trace).lines(layout) }
        lines += found(layout)
        let asked = report.messages == 0 ? "known here, nobody was asked" : cost
        return lines + [layout.style.dim(asked)]
    }

    private var cost: String {
        "\(Quantity.count(report.hops, "hop")), \(Quantity.count(report.messages, "message")), "
            + Quantity.milliseconds(report.milliseconds)
    }

    private func found(_ layout: Layout) -> [String] {
        switch report.kind {
        case .peer: peer(layout)
        case .value: value(layout)
        case .providers: providers(layout)
        case .mesh, .skill:
            MeshLines(meshes: report.meshes ?? [], kind: report.kind, key: report.key).lines(layout)
        }
    }

    private func peer(_ layout: Layout) -> [String] {
        guard let peer = report.peer else { return [] }
        return Self.lines(of: peer, layout)
    }

    private func value(_ layout: Layout) -> [String] {
        let value = report.value ?? ""
        guard let bytes = Base64Text.decode(value) else { return [value] }
        let text = String(decoding: bytes, as: UTF8.self)
        if Array(text.utf8) == bytes, TerminalText.isPrintable(text) {
            return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        return ["\(bytes.count) bytes, base64 (`--raw` writes them as they are):", value]
    }

    private func providers(_ layout: Layout) -> [String] {
        let providers = report.providers ?? []
        let head = Quantity.count(providers.count, "provider")
        return ["\(head) of \(TerminalText.quoted(report.key, limit: 60))"]
            + providers.flatMap { Self.lines(of: $0, layout).map { "  " + $0 } }
    }

    private static func lines(of peer: PeerEntry, _ layout: Layout) -> [String] {
        // Somebody who looks a peer up wants to copy its addresses: they are whole.
        [layout.style.bold(layout.id(peer.id))]
            + (peer.addresses.isEmpty ? ["  no address known"] : [])
            + peer.addresses.map { "  " + Shortened.address($0, peer: nil, width: .max) }
    }
}
