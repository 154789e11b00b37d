import MeshCRDT

/// Which root each struct of an update lies in: most structs only name their neighbours.
struct DocPlaces {
    /// Where a struct lies.
    enum Place {
        /// Directly in the root of that number, under a key of its map or in its list.
        case root(Int, key: String?)
        /// In a nested type, or in what the update does not say.
        case elsewhere
    }

    /// The names of the roots, by their numbers.
    private(set) var names: [String] = []
    /// The place of every struct.
    private(set) var places: [Place] = []

    private var found: [Place?]
    private var numbers: [[UInt8]: Int] = [:]
    /// Indexes of the structs of each client, in the order of their clocks.
    private var byClient: [ClientID: [Int]] = [:]

    /// Looks at all structs of an update.
    init(_ structs: [DecodedStruct]) {
        found = [Place?](repeating: nil, count: structs.count)
        for index in structs.indices { byClient[structs[index].id.client, default: []].append(index) }
        for index in structs.indices { places.append(place(of: index, in: structs)) }
    }

    /// Follows the neighbours that a struct inherits its parent from, without recursion.
    private mutating func place(of start: Int, in structs: [DecodedStruct]) -> Place {
        var chain: [Int] = []
        var index = start
        var place = Place.elsewhere
        while true {
            if let known = found[index] {
                place = known
                break
            }
            chain.append(index)
            let item = structs[index]
            if case .root(let name) = item.parent {
                place = .root(number(of: name), key: item.key)
                break
            }
            guard case .inherited = item.parent, let neighbour = item.origin ?? item.rightOrigin,
                let next = find(neighbour, in: structs), chain.count <= structs.count
            else { break }
            index = next
        }
        for member in chain { found[member] = place }
        return place
    }

    private mutating func number(of name: String) -> Int {
        if let number = numbers[Array(name.utf8)] { return number }
        numbers[Array(name.utf8)] = names.count
        names.append(name)
        return names.count - 1
    }

    private func find(_ id: ID, in structs: [DecodedStruct]) -> Int? {
        guard let list = byClient[id.client] else { return nil }
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if structs[list[middle]].id.clock <= id.clock { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? list[low - 1] : nil
    }
}
