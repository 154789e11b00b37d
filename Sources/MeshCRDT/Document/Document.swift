/// A document that many can change at once and that ends the same for everybody who has the same updates.
///
/// Its shared types are reached by name: ``text(_:)``, ``array(_:)``, ``map(_:)``, ``xmlFragment(_:)``. Changes are made
/// through them, alone or grouped by ``transact(origin:_:)``; every group becomes an update that ``onUpdate(_:_:)`` hands
/// out and that any other Yjs document, here or elsewhere, can ``apply(_:format:origin:)`` in any order and any number of
/// times. A document belongs to one task at a time.
///
/// Source: Yjs 13.6 `Doc`.
public final class Document {
    /// The name of the document among others.
    public let guid: String
    /// The collection that the document belongs to.
    public internal(set) var collectionID: String?
    /// Whether the content of what was deleted is dropped.
    public var collectsGarbage: Bool
    /// What the application keeps with the document.
    public let metadata: AnyValue
    /// Whether a nested document is loaded as soon as its parent is.
    public let autoLoad: Bool
    /// Whether a provider should load the document.
    public internal(set) var shouldLoad: Bool
    /// Whether ``destroy()`` was called.
    public internal(set) var isDestroyed = false

    var store: Store
    let garbageFilter: ((IDRange) -> Bool)?
    let nextClientID: (() -> ClientID)?
    /// The transaction whose changes are being made.
    var current: Transaction?
    /// Transactions whose observers were not all called yet.
    var unfinished: [Transaction] = []
    var listeners = DocumentListeners()
    var observers = TypeObservers()
    var nested = NestedDocuments()
    /// The item and the document that hold this nested one.
    weak var parentDocument: Document?
    var parentItem = ItemIndex.none

    /// Creates an empty document whose local changes are written as `clientID`.
    ///
    /// The id must be below 2^53 and no other living copy of the document may use it: draw at least 32 random bits.
    public init(clientID: ClientID, options: DocumentOptions = DocumentOptions()) {
        precondition(clientID < 1 << 53, "a client id has at most 53 bits")
        guid = options.guid
        collectionID = options.collectionID
        collectsGarbage = options.collectsGarbage
        garbageFilter = options.garbageFilter
        metadata = options.metadata
        autoLoad = options.autoLoad
        shouldLoad = options.shouldLoad
        nextClientID = options.nextClientID
        store = Store(clientID: clientID, limits: options.limits)
    }

    /// The client that local changes are written as.
    public var clientID: ClientID {
        get { store.clients[store.ownClient].id }
        set {
            precondition(newValue < 1 << 53, "a client id has at most 53 bits")
            store.ownClient = store.clients.index(of: newValue)
        }
    }

    /// The bounds on what updates may bring in.
    public var limits: DocumentLimits {
        get { store.limits }
        set { store.limits = newValue }
    }

    // MARK: State

    /// The first missing clock of every client.
    public var stateVector: StateVector {
        StateVector(
            (0..<store.clients.count).lazy.map { number in
                let client = self.store.clients[ClientIndex(number)]
                return (client: client.id, clock: client.nextClock)
            })
    }

    /// All deleted units.
    public var deleteSet: DeleteSet { store.deleteSet() }

    /// Bytes of what waits for other updates.
    public var pendingByteCount: Int { store.pending.byteCount }

    /// The names of the roots, in the order in which they were first mentioned.
    public var rootNames: [String] {
        store.rootOrder.map { store.keys.string(store.branches[$0].name) }
    }

    // MARK: Updates

    /// Takes in an update, whatever it has that is new.
    ///
    /// Throws when the bytes are malformed or beyond the limits; the document is then as before.
    public func apply(
        _ update: [UInt8], format: UpdateFormat = .v1, origin: AnyHashable? = nil
    ) throws(UpdateError) {
        try mutate(origin: origin, isLocal: false) { (store: inout Store) throws(UpdateError) in
            try store.apply(update, format: format)
        }
    }

    /// Everything that a document of state `since` lacks, as one update.
    public func encodeStateAsUpdate(
        _ format: UpdateFormat = .v1, since: StateVector = StateVector()
    ) -> [UInt8] {
        store.encodeState(format, since: since)
    }
}
