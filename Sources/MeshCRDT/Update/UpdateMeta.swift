/// From which clock to which an update names each of its clients, gaps in between included.
public struct UpdateMeta: Hashable, Sendable {
    /// The clocks of one client.
    public struct Entry: Hashable, Sendable {
        /// The client.
        public let client: ClientID
        /// The clock of its first struct in the update.
        public internal(set) var from: Clock
        /// The clock behind its last.
        public internal(set) var to: Clock
    }

    /// The clients in the order of the update.
    public private(set) var entries: [Entry] = []

    /// Source: Yjs 13.6 `parseUpdateMetaV2`; a client that comes twice counts by its last part, as there.
    init<Reader: UpdateReading>(of reader: inout Reader) throws(UpdateError) {
        var places: [ClientID: Int] = [:]
        var wire = WireStruct()
        var client: ClientID?
        var place = 0
        while try reader.next(&wire) {
            if wire.client != client {
                client = wire.client
                let entry = Entry(client: wire.client, from: wire.clock, to: wire.clock)
                if let known = places[wire.client] {
                    place = known
                    entries[place] = entry
                } else {
                    place = entries.count
                    places[wire.client] = place
                    entries.append(entry)
                }
            }
            entries[place].to = wire.end
        }
        try reader.validateRest()
    }
}
