import MeshCore
import MeshSimulator
import Testing

@Suite struct PlaceIndexTests {
    @Test(arguments: [1, 2, 19, 20, 21, 500]) func `the closest are those of a full sort`(count: Int) {
        let seed: UInt64 = 8128
        var rng = SeededGenerator(seed: seed)
        let places = (0..<count).map { _ in Bytes32.random(using: &rng) }
        let index = PlaceIndex(places.enumerated().map { ($0.element, NodeIndex(UInt32($0.offset))) })
        for round in 0..<50 {
            // Half of the targets lie on a node, where the prefixes are deep.
            let target = round % 2 == 0 ? places[round % count] : Bytes32.random(using: &rng)
            let expected = places.indices.sorted { places[$0] ^ target < places[$1] ^ target }
            for wanted in [0, 1, 20] {
                let found = index.closest(to: target, count: wanted).map { Int($0.value) }
                #expect(found == Array(expected.prefix(wanted)), "seed \(seed), round \(round)")
            }
        }
    }

    @Test func `nodes come and go`() {
        let seed: UInt64 = 496
        var rng = SeededGenerator(seed: seed)
        let places = (0..<200).map { _ in Bytes32.random(using: &rng) }
        var index = PlaceIndex([])
        for (node, place) in places.enumerated() { index.insert(NodeIndex(UInt32(node)), at: place) }
        for place in places.prefix(100) {
            let outcomes = (index.remove(at: place), index.remove(at: place))
            #expect(outcomes == (true, false), "seed \(seed)")
        }
        #expect(index.count == 100)
        let expected = PlaceIndex(
            places.enumerated().dropFirst(100).map { ($0.element, NodeIndex(UInt32($0.offset))) })
        let target = Bytes32.random(using: &rng)
        #expect(
            index.closest(to: target, count: 20) == expected.closest(to: target, count: 20), "seed \(seed)")
    }
}
