import MeshCRDT

/// State vectors and delete sets as the recordings write them: JSON objects, clients ascending.
enum ClockTables {
    /// `{"client": clock, …}`.
    static func text(_ vector: StateVector) -> String {
        let entries = vector.entries.sorted { $0.client < $1.client }
        return object(entries.map { ($0.client, .number(Double($0.clock))) })
    }

    /// `{"client": [[clock, length], …], …}`.
    static func text(_ set: DeleteSet) -> String {
        let entries = set.entries.sorted { $0.client < $1.client }
        return object(
            entries.map { entry in
                let ranges = entry.ranges.map { range in
                    OrderedJSON.array([.number(Double(range.clock)), .number(Double(range.length))])
                }
                return (entry.client, .array(ranges))
            })
    }

    /// A recorded object, its clients ascending.
    static func text(_ recorded: OrderedJSON) -> String {
        object(recorded.members.map { (ClientID($0.key) ?? 0, $0.value) }.sorted { $0.0 < $1.0 })
    }

    private static func object(_ members: [(ClientID, OrderedJSON)]) -> String {
        OrderedJSON.object(members.map { (String($0.0), $0.1) }).description
    }
}
