import MeshNode

/// The meshes that a lookup found.
struct MeshLines {
    let meshes: [MeshEntry]
    let kind: FindKind
    let key: String

    /// A head that says what is certain, then each mesh.
    func lines(_ layout: Layout) -> [String] {
        [head] + meshes.flatMap { lines(of: $0, layout) }
    }

    private var head: String {
        let name = TerminalText.quoted(key, limit: 60)
        switch (kind, meshes.count) {
        case (.skill, let count):
            return "\(Quantity.count(count, "mesh", "meshes")) \(count == 1 ? "offers" : "offer") \(name):"
        case (_, 1):
            return key.hasPrefix("did:") ? "the mesh \(name):" : "1 mesh claims the name \(name):"
        case (_, let count):
            return "\(count) meshes claim the name \(name); a name is not an identity, compare the DID:"
        }
    }

    private func lines(of mesh: MeshEntry, _ layout: Layout) -> [String] {
        let offers = mesh.capabilities.map { TerminalText.escaped($0, limit: 32) }.joined(separator: ", ")
        let head =
            "  \(layout.style.bold(layout.id(mesh.did)))  \(layout.id(mesh.peer))  "
            + TerminalText.quoted(mesh.name, limit: 32)
        let age = "signed \(RelativeTime.text(mesh.issued)), ends \(RelativeTime.text(mesh.expires))"
        var lines = [head, "    " + layout.style.dim(offers.isEmpty ? age : "\(offers)   \(age)")]
        lines += mesh.addresses.map { "    " + layout.address($0, peer: mesh.peer, width: layout.width - 4) }
        return lines
    }
}
