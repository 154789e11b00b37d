/// Who a node is, from its key alone.
struct IdentityOutput: CommandOutput, Encodable {
    var ok = true
    var peer: String
    var did: String
    var home: String
    /// Whether the key was made just now; nil when that was not the question.
    var created: Bool?

    init(_ identity: NodeHome.Identity, home: String, created: Bool? = nil) {
        peer = identity.peer
        did = identity.did
        self.home = home
        self.created = created
    }

    var json: [any Encodable] { [self] }

    func lines(_ layout: Layout) -> [String] {
        var lines: [String] = []
        if let created {
            lines.append(created ? "a new identity in \(home)" : "there is an identity already in \(home)")
        }
        // Ids are shown whole: this command exists to copy them.
        lines += [layout.row("peer", peer), layout.row("did", did)]
        if created == nil { lines.append(layout.row("home", home)) }
        if created != nil { lines.append("next: `meshp2p run --name NAME`") }
        return lines
    }
}
