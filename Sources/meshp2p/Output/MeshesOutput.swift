import MeshNode

/// The meshes that registries list: one JSON object a line.
struct MeshesOutput: CommandOutput {
    let report: MeshesReport

    var json: [any Encodable] {
        report.meshes.map {
            WithNulls(
                $0,
                [
                    "status": $0.status, "memberCount": $0.memberCount, "botCount": $0.botCount,
                    "lastSeen": $0.lastSeen,
                ])
        }
    }

    func lines(_ layout: Layout) -> [String] {
        let registries = Quantity.count(report.registries.count, "registry", "registries")
        guard !report.meshes.isEmpty else { return ["no mesh is listed (\(registries) answered)"] }
        let names = report.meshes.map { TerminalText.escaped($0.name, limit: 24) }
        let column = names.map(\.count).max() ?? 0
        let lines = zip(report.meshes, names).map { mesh, name in
            line(mesh, name: name.padded(to: column), layout)
        }
        let total = Quantity.count(report.meshes.count, "mesh", "meshes")
        return lines + [layout.style.dim("\(total), \(registries) answered")]
    }

    private func line(_ mesh: ListedMesh, name: String, _ layout: Layout) -> String {
        var parts = [layout.style.bold(name), layout.id(mesh.did), layout.id(mesh.peer)]
        if let status = mesh.status {
            let text = TerminalText.escaped(status, limit: 10).padded(to: 8)
            parts.append(status == "online" ? layout.style.good(text) : text)
        }
        if let lastSeen = mesh.lastSeen { parts.append("seen \(RelativeTime.text(lastSeen))") }
        if layout.isVerbose {
            if let members = mesh.memberCount { parts.append(Quantity.count(members, "member")) }
            if let bots = mesh.botCount { parts.append(Quantity.count(bots, "bot")) }
            parts += mesh.capabilities.map { TerminalText.escaped($0, limit: 32) }
        }
        return parts.joined(separator: "  ")
    }
}
