import MeshSimulator
import Testing

@Suite struct NodeIndexTests {
    @Test func `nodes are ordered by creation`() {
        #expect([NodeIndex(3), NodeIndex(1), NodeIndex(2)].sorted().map(\.value) == [1, 2, 3])
    }
}
