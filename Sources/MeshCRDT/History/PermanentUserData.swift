/// Which user wrote and deleted what, kept in the document itself: it outlives the client ids of one session.
///
/// A map, by default the root "users", has a map for each user with the client ids that the user wrote as (`ids`) and what the
/// user deleted (`ds`, delete sets in v1). It works until it is released. Source: Yjs 13.6 `PermanentUserData`, which calls
/// it experimental.
///
/// Deviation: what a transaction deleted is written right after all transactions that follow from it, not from a timer.
public final class PermanentUserData {
    /// The map of users.
    public let users: SharedMap

    private struct User {
        let name: String
        var deletions = DeleteSet()
    }

    /// A user whose deletions are written down here.
    private struct Mapping {
        let name: String
        /// The map of the user that was in force at last.
        var branch: BranchIndex
        let filter: (Transaction, DeleteSet) -> Bool
    }

    private let document: Document
    private var known: [User] = []
    private var numbers: [ByteKey: Int] = [:]
    private var clients: [ClientID: Int] = [:]
    private var mappings: [Mapping] = []
    private var subscriptions: [Subscription] = []

    /// Starts to read the users of a document; `users` is the root "users" when it is not given.
    public init(_ document: Document, users: SharedMap? = nil) {
        self.document = document
        self.users = users ?? document.map("users")
        readAll()
        subscriptions.append(document.onTransaction(.afterObservers) { [weak self] in self?.read($0) })
        subscriptions.append(document.onAfterAllTransactions { [weak self] in self?.write(after: $0) })
    }

    deinit {
        for subscription in subscriptions { subscription.cancel() }
    }

    // MARK: Questions

    /// The user who writes as a client, or nil.
    public func user(of client: ClientID) -> String? {
        clients[client].map { known[$0].name }
    }

    /// The user who deleted a unit, or nil.
    public func user(deleting id: ID) -> String? {
        known.first { $0.deletions.contains(id) }?.name
    }

    // MARK: Writing

    /// Notes that a user writes as a client, and from now on what local transactions delete.
    ///
    /// `filter` may leave a transaction out.
    public func setUserMapping(
        client: ClientID, user: String,
        filter: @escaping (Transaction, DeleteSet) -> Bool = { _, _ in true }
    ) throws(DocumentError) {
        let map: SharedMap
        if let found = userMap(user) {
            map = found
        } else {
            let new = NewType.map([(key: "ids", value: .type(.array())), (key: "ds", value: .type(.array()))])
            guard case .type(.map(let made)) = try users.set(user, .type(new)) else { return }
            map = made
        }
        try list("ids", of: map.branch)?.append([.any(.number(Double(client)))])
        mappings.append(Mapping(name: user, branch: map.branch, filter: filter))
    }

    private func userMap(_ name: String) -> SharedMap? {
        guard case .type(.map(let map))? = users.get(name) else { return nil }
        return map
    }

    private func list(_ key: String, of branch: BranchIndex) -> SharedArray? {
        guard case .type(.array(let list))? = document.value(of: key, in: branch) else { return nil }
        return list
    }

    private func write(after transactions: [Transaction]) {
        for index in mappings.indices {
            // A limit of the document may refuse it; who deleted what is then not known.
            do throws(DocumentError) {
                try moveToNewMap(index)
                for transaction in transactions where transaction.isLocal {
                    let deletions = transaction.deleteSet
                    guard !deletions.isEmpty, mappings[index].filter(transaction, deletions) else { continue }
                    try list("ds", of: mappings[index].branch)?.append([.binary(deletions.encoded())])
                }
            } catch {
                continue
            }
        }
    }

    /// Repeats what is known of a user in the map that somebody else has put in place of the user's map.
    private func moveToNewMap(_ index: Int) throws(DocumentError) {
        let name = mappings[index].name
        guard let map = userMap(name), map.branch != mappings[index].branch else { return }
        mappings[index].branch = map.branch
        guard let number = numbers[ByteKey(string: name)] else { return }
        let ids = clients.filter { $0.value == number }.keys.sorted()
        if let list = list("ids", of: map.branch) {
            for id in ids { try list.append([.any(.number(Double(id)))]) }
        }
        let deletions = known[number].deletions
        if !deletions.isEmpty { try list("ds", of: map.branch)?.append([.binary(deletions.encoded())]) }
    }

    // MARK: Reading

    private func readAll() {
        for (name, value) in users.entries {
            guard case .type(.map(let map)) = value else { continue }
            for value in list("ids", of: map.branch)?.values ?? [] { note(value, of: name) }
            for value in list("ds", of: map.branch)?.values ?? [] { note(value, of: name) }
        }
    }

    /// Reads what a transaction has added.
    private func read(_ transaction: Transaction) {
        guard UndoScope([users.branch]).includes(transaction) else { return }
        for writer in transaction.state.writers where writer.clockAfter > writer.clockBefore {
            let structs = document.store.clients[writer.client].structs
            var position: ClockIndex.Position? = structs.position(of: writer.clockBefore)
            while let current = position {
                let item = structs[current].item
                if let name = userName(of: item) {
                    var values: [SharedValue] = []
                    document.appendValues(of: item, to: &values)
                    for value in values { note(value, of: name) }
                }
                position = structs.next(current)
            }
        }
    }

    /// The user in whose lists an item is, or nil.
    private func userName(of index: ItemIndex) -> String? {
        let item = document.store.items[index]
        guard item.kind == .any || item.kind == .binary, !item.isInMap,
            let (list, key) = holder(of: item.parent), key == "ids" || key == "ds",
            let (map, name) = holder(of: list), map == users.branch
        else { return nil }
        return name
    }

    /// The map that holds a type, and the key.
    private func holder(of branch: BranchIndex) -> (BranchIndex, String)? {
        guard !branch.isNone, !document.store.branches[branch].isRoot,
            !document.store.branches[branch].isCollected
        else { return nil }
        let item = document.store.items[document.store.branches[branch].item]
        guard item.isInMap else { return nil }
        return (item.parent, document.store.keys.string(document.store.key(of: item)))
    }

    private func note(_ value: SharedValue, of name: String) {
        let key = ByteKey(string: name)
        let number = numbers[key] ?? known.count
        if number == known.count {
            numbers[key] = number
            known.append(User(name: name))
        }
        switch value {
        case .any(.number(let client)):
            if let client = ClientID(exactly: client) { clients[client] = number }
        case .binary(let bytes):
            // Others may write what they like; what is not a delete set tells nothing.
            guard let deletions = try? DeleteSet(decoding: bytes, limits: document.limits) else { return }
            known[number].deletions.formUnion(deletions)
        case .any, .type, .document:
            break
        }
    }
}
