/// What the store knows of one writer.
struct ClientState {
    let id: ClientID
    /// The clock that its next unit will have.
    var nextClock: Clock = 0
    var structs = ClockIndex()
    /// The last transaction that added to it, and its clock before that.
    var touchedIn: UInt32 = 0
    var clockBefore: Clock = 0
}

/// The writers of a document, numbered in the order in which they appeared.
struct ClientTable: ~Copyable {
    private var clients = Arena<ClientState>()
    private var numbers: [ClientID: ClientIndex] = [:]
    private var lastID = ClientID.max
    private var lastIndex = ClientIndex.none

    var count: Int { clients.count }

    @inline(__always)
    subscript(index: ClientIndex) -> ClientState {
        _read { yield clients[index] }
        _modify { yield &clients[index] }
    }

    /// The number of a client, or none when it never wrote here.
    @inline(__always)
    func find(_ id: ClientID) -> ClientIndex {
        id == lastID ? lastIndex : numbers[id] ?? .none
    }

    /// The number of a client, made when it is new.
    @inline(__always)
    mutating func index(of id: ClientID) -> ClientIndex {
        if id == lastID { return lastIndex }
        lastID = id
        if let index = numbers[id] {
            lastIndex = index
        } else {
            lastIndex = clients.append(ClientState(id: id))
            numbers[id] = lastIndex
        }
        return lastIndex
    }

    /// The clock that a client's next unit will have.
    func state(of id: ClientID) -> Clock {
        let index = find(id)
        return index.isNone ? 0 : clients[index].nextClock
    }

    /// The numbers of the clients that wrote something, highest client id first: the order of the wire.
    func descending() -> [ClientIndex] {
        (0..<clients.count).map { ClientIndex($0) }.filter { clients[$0].nextClock > 0 }
            .sorted { clients[$0].id > clients[$1].id }
    }
}
