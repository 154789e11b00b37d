import MeshCore

/// The contents of a document: all items, their lists, maps and clocks, and the transaction under way.
///
/// It is one value without any reference inside, owned by its ``Document``. Everything that changes a document ends here:
/// local insertions and deletions, and the structs of updates. It knows neither observers nor encodings.
struct Store: ~Copyable {
    var items = ItemArena()
    var clients = ClientTable()
    var branches = Arena<Branch>()
    var entries = Arena<MapEntry>()
    var keys = KeyTable()
    var content = ContentArena()
    var sequence = SequenceIndex()
    /// Entries of maps with many keys, by branch and key.
    var entryNumbers: [UInt64: EntryIndex] = [:]
    /// The roots by name, in the order in which they were named.
    var roots: [KeyIndex: BranchIndex] = [:]
    var rootOrder: [BranchIndex] = []
    /// What an undo wrote instead of an item.
    var redone: [ItemIndex: ID] = [:]
    /// The nested documents, by the item that holds them.
    var documents: [ItemIndex: Document] = [:]
    /// Where values lie in long runs, as far as they were looked up.
    var runOffsets = RunOffsets()
    /// The marker that a copied object in a format marker came from.
    var formatOrigins: [ID: ID] = [:]
    var formatCache = FormatCache()
    /// How many format markers came or went.
    var formatChangeCount: UInt64 = 0

    var transaction = TransactionState(number: 1)
    var lastTransaction: UInt32 = 1
    var cursor = Cursor()
    var scan = ConflictScan()
    var pending = PendingQueue()
    var staging = Staging()
    var writers = Writers()

    /// The client that local changes are written as.
    var ownClient: ClientIndex
    var limits: DocumentLimits

    init(clientID: ClientID, limits: DocumentLimits) {
        self.limits = limits
        ownClient = clients.index(of: clientID)
    }

    // MARK: Transactions

    /// Notes that a client is about to write.
    @inline(__always)
    mutating func touch(_ client: ClientIndex) {
        guard clients[client].touchedIn != transaction.number else { return }
        clients[client].touchedIn = transaction.number
        let clock = clients[client].nextClock
        clients[client].clockBefore = clock
        transaction.writers.append(TransactionState.Writer(client: client, clockBefore: clock))
    }

    /// The clock of a client before the transaction under way.
    @inline(__always)
    func clockBefore(_ client: ClientIndex) -> Clock {
        clients[client].touchedIn == transaction.number
            ? clients[client].clockBefore : clients[client].nextClock
    }

    /// Notes that a list (key none) or a key changed, unless its type is as new as the change.
    @inline(__always)
    mutating func noteChange(_ branch: BranchIndex, key: KeyIndex) {
        if key.isNone {
            guard branches[branch].changedIn != transaction.number else { return }
        }
        let holder = branches[branch].item
        if !holder.isNone {
            let item = items[holder]
            guard item.clock < clockBefore(item.client), !item.isDeleted else { return }
        }
        if key.isNone { branches[branch].changedIn = transaction.number }
        transaction.changes.append(TransactionState.Change(branch: branch, key: key))
    }

    // MARK: Roots

    /// The root of a name, made when it is new; a root that had no kind yet takes this one.
    mutating func root(_ name: KeyIndex, kind: TypeKind) -> BranchIndex {
        if let branch = roots[name] {
            if branches[branch].kind == .undefined { branches[branch].kind = kind }
            return branch
        }
        let branch = branches.append(Branch(kind: kind, name: name, item: .none, depth: 0))
        roots[name] = branch
        rootOrder.append(branch)
        return branch
    }

    // MARK: Identifiers

    @inline(__always)
    func id(of item: ItemIndex) -> ID {
        ID(client: clients[items[item].client].id, clock: items[item].clock)
    }

    @inline(__always)
    func lastID(of item: ItemIndex) -> ID {
        ID(client: clients[items[item].client].id, clock: items[item].lastClock)
    }

    /// The item that holds a unit, or none when the store does not have it.
    func item(containing id: ID) -> ItemIndex {
        let client = clients.find(id.client)
        guard !client.isNone, id.clock < clients[client].nextClock else { return .none }
        return item(client, id.clock)
    }

    /// The item that holds a unit which the store has.
    @inline(__always)
    func item(_ client: ClientIndex, _ clock: Clock) -> ItemIndex {
        clients[client].structs[clients[client].structs.position(of: clock)].item
    }
}

/// The place of the last lookup in a list, from which the next one often is near.
struct Cursor {
    var branch = BranchIndex.none
    var item = ItemIndex.none
    /// Visible units before the item.
    var index: UInt32 = 0
}

/// Marks for one walk over conflicting items: which were seen, and in what order.
struct ConflictScan {
    private var marks: ContiguousArray<UInt32> = []
    private(set) var next: UInt32 = 1
    /// The item that was placed last; none when it is not an item of its own any more.
    var lastPlaced = ItemIndex.none

    /// Starts a walk and returns the number of its first step.
    mutating func start(itemCount: Int) -> UInt32 {
        if marks.count < itemCount {
            marks.append(contentsOf: repeatElement(0, count: max(itemCount - marks.count, marks.count)))
        }
        if next > .max - UInt32(truncatingIfNeeded: itemCount) - 1 {
            for index in marks.indices { marks[index] = 0 }
            next = 1
        }
        return next
    }

    @inline(__always)
    mutating func mark(_ item: ItemIndex) {
        marks[item.int] = next
        next += 1
    }

    /// Whether the item was seen at step `step` or later.
    @inline(__always)
    func isMarked(_ item: ItemIndex, since step: UInt32) -> Bool {
        marks[item.int] >= step
    }
}
