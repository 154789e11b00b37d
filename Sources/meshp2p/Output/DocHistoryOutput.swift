import MeshCRDT

/// What clients wrote, out of a decoded update.
struct DocHistory: Sendable {
    /// The sum of one client's work.
    struct Client: Sendable {
        var client: ClientID
        /// The clock behind its last unit.
        var clock: Clock
        var structs: Int
        var units: Int
        var deleted: Int
    }

    /// One struct of a client.
    struct Change: Sendable {
        var clock: Clock
        var length: UInt32
        var kind: String
        /// The root that it lies in; nil in nested types.
        var root: String?
        /// The type that holds it, where the struct says it.
        var parent: ID?
        var key: String?
        var content: DocJSON?
        /// How many of its units are deleted.
        var deleted: Int
    }

    private let structs: [DecodedStruct]
    private let roots: [(name: String, key: String?)?]
    /// How many units of each struct are deleted.
    private let deleted: [Int]

    init(_ update: DecodedUpdate) {
        structs = update.structs
        let places = DocPlaces(update.structs)
        roots = places.places.map { place in
            guard case .root(let number, let key) = place else { return nil }
            return (places.names[number], key)
        }
        // An update has the structs of a client one after the other, with ascending clocks.
        var ranges: [ClockRange] = []
        var first = 0
        var last: ID?
        deleted = update.structs.map { item in
            if last?.client != item.id.client || (last?.clock ?? 0) > item.id.clock {
                ranges = update.deleteSet.ranges(of: item.id.client)
                first = 0
            }
            last = item.id
            return Self.deleted(item, ranges, &first)
        }
    }

    /// The clients, ascending.
    var clients: [Client] {
        var found: [ClientID: Client] = [:]
        for (index, item) in structs.enumerated() where !item.content.isGap {
            let id = item.id.client
            var client = found[id] ?? Client(client: id, clock: 0, structs: 0, units: 0, deleted: 0)
            client.clock = max(client.clock, item.id.clock &+ item.length)
            client.structs += 1
            client.units += Int(item.length)
            client.deleted += deleted[index]
            found[id] = client
        }
        return found.values.sorted { $0.client < $1.client }
    }

    /// What `client` wrote, in the order of its clock.
    func changes(of client: ClientID) -> [Change] {
        structs.indices.filter { structs[$0].id.client == client && !structs[$0].content.isGap }
            .sorted { structs[$0].id.clock < structs[$1].id.clock }
            .map { index in
                let item = structs[index]
                var parent: ID?
                if case .item(let id) = item.parent { parent = id }
                return Change(
                    clock: item.id.clock, length: item.length, kind: item.content.name,
                    root: roots[index]?.name, parent: parent, key: roots[index]?.key ?? item.key,
                    content: item.content.json, deleted: deleted[index])
            }
    }

    /// How many units of a struct are deleted: all when its content is gone.
    ///
    /// The ranges before `first` end before the struct; it moves on with the structs, which ascend.
    private static func deleted(_ item: DecodedStruct, _ ranges: [ClockRange], _ first: inout Int) -> Int {
        guard !item.content.isGone else { return Int(item.length) }
        let (start, end) = (item.id.clock, item.id.clock &+ item.length)
        while first < ranges.count, ranges[first].end <= start { first += 1 }
        var units = 0
        for range in ranges[first...] {
            guard range.clock < end else { break }
            units += Int(min(end, range.end)) - Int(max(start, range.clock))
        }
        return units
    }
}

/// The clients of a file.
struct DocClientsOutput: DocOutput {
    private let clients: [DocHistory.Client]
    private let path: String

    init(_ history: DocHistory, _ path: String) {
        clients = history.clients
        self.path = path
    }

    var json: DocJSON {
        var json = DocJSON()
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.key("clients")
            json.array { json in
                for client in clients {
                    json.object { json in
                        json.member("client", client.client)
                        json.member("clock", client.clock)
                        json.member("structs", client.structs)
                        json.member("units", client.units)
                        json.member("deleted", client.deleted)
                    }
                }
            }
        }
        return json
    }

    func lines(_ layout: Layout) -> [String] {
        let head = "\(Quantity.count(clients.count, "client")) in \(FileBytes.name(path))"
        return [layout.style.bold(head)]
            + clients.map { client in
                let written =
                    "\(Quantity.count(client.units, "unit")) in \(Quantity.count(client.structs, "struct"))"
                return "  \("\(client.client)".padded(to: 18))\(written), \(client.deleted) deleted"
            }
    }
}

/// What one client wrote.
struct DocHistoryOutput: DocOutput {
    private let changes: [DocHistory.Change]
    private let client: ClientID
    private let path: String

    init(_ changes: [DocHistory.Change], _ client: ClientID, _ path: String) {
        self.changes = changes
        self.client = client
        self.path = path
    }

    var json: DocJSON {
        var json = DocJSON()
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.member("client", client)
            json.member("clock", changes.last.map { $0.clock &+ $0.length } ?? 0)
            json.key("changes")
            json.array { json in for change in changes { json.change(change) } }
        }
        return json
    }

    func lines(_ layout: Layout) -> [String] {
        let head = "client \(client), \(Quantity.count(changes.count, "struct"))"
        let shown = layout.isVerbose ? changes : Array(changes.prefix(Self.shownChanges))
        var lines = ["\(layout.style.bold(head))   \(layout.style.dim(FileBytes.name(path)))"]
        lines += shown.map { change in
            let number = "\(change.clock)".padded(to: 10)
            let isPart = change.deleted > 0 && change.deleted < change.length
            let mark =
                change.content == nil || change.deleted == 0 ? "" : isPart ? "partly deleted  " : "deleted  "
            let content = change.content?.text ?? Quantity.count(Int(change.length), "unit")
            return "  \(number)\(change.kind.padded(to: 10))\(Self.place(of: change).padded(to: 20))\(mark)"
                + TerminalText.escaped(content, limit: layout.isVerbose ? .max : 36)
        }
        if shown.count < changes.count {
            lines.append("  and \(changes.count - shown.count) more (`-v` shows all)")
        }
        return lines
    }

    private static func place(of change: DocHistory.Change) -> String {
        let key = change.key.map { "[\(TerminalText.quoted($0, limit: 12))]" } ?? ""
        let holder =
            change.root.map { TerminalText.escaped($0, limit: 16) }
            ?? change.parent.map { "\($0.client):\($0.clock)" } ?? "…"
        return holder + key + " "
    }

    private static let shownChanges = 40
}

extension DocJSON {
    fileprivate mutating func change(_ change: DocHistory.Change) {
        object { json in
            json.member("clock", change.clock)
            json.member("length", change.length)
            json.key("kind")
            json.string(change.kind)
            if let root = change.root {
                json.key("root")
                json.string(root)
            }
            if let parent = change.parent {
                json.key("parent")
                json.array { json in
                    json.integer(parent.client)
                    json.integer(parent.clock)
                }
            }
            if let key = change.key {
                json.key("key")
                json.string(key)
            }
            if let content = change.content {
                json.key("content")
                json.raw(content)
            }
            json.member("deleted", change.deleted)
        }
    }
}

extension DecodedStruct.Content {
    /// Whether it only stands for what the update does not have.
    fileprivate var isGap: Bool {
        if case .skip = self { true } else { false }
    }

    /// Whether it was deleted so that nothing is left of it.
    fileprivate var isGone: Bool {
        switch self {
        case .gc, .deleted: true
        case .skip, .json, .binary, .string, .embed, .format, .type, .any, .document: false
        }
    }

    /// The kind as Yjs names it.
    fileprivate var name: String {
        switch self {
        case .gc: "gc"
        case .skip: "skip"
        case .deleted: "deleted"
        case .json: "json"
        case .binary: "binary"
        case .string: "string"
        case .embed: "embed"
        case .format: "format"
        case .type: "type"
        case .any: "any"
        case .document: "document"
        }
    }

    /// The content as JSON; nil when it is gone.
    fileprivate var json: DocJSON? {
        var json = DocJSON()
        switch self {
        case .gc, .skip, .deleted: return nil
        case .json(let values), .any(let values):
            json.array { json in for value in values { json.value(value) } }
        case .binary(let bytes): json.value(.binary(bytes))
        case .string(let text): json.string(text)
        case .embed(let value): json.value(value)
        case .format(let key, let value): json.tagged(key) { $0.value(value) }
        case .type(let kind, let name): json.string("\(kind)" + (name.map { " \($0)" } ?? ""))
        case .document(let guid, _): json.tagged("$doc") { $0.string(guid) }
        }
        return json
    }
}
