import MeshCRDT
import MeshCore
import Testing

/// Edits between the two halves of a character beyond the Basic Multilingual Plane.
@Suite struct SurrogatePairTests {
    /// A text as JavaScript's strings see it; a cut pair becomes U+FFFD on both sides, as in Yjs.
    private struct Model {
        var units: [UInt16] = []

        mutating func cut(_ place: Int) {
            guard place > 0, place < units.count, UTF16.isLeadSurrogate(units[place - 1]),
                UTF16.isTrailSurrogate(units[place])
            else { return }
            units[place - 1] = 0xFFFD
            units[place] = 0xFFFD
        }

        var text: String { String(decoding: units, as: UTF16.self) }
    }

    @Test(arguments: [UInt64](1...40))
    func `a cut pair becomes two replacement characters here and at a peer`(_ seed: UInt64) throws {
        var rng = SeededGenerator(seed: seed)
        var model = Model()
        let document = Document(clientID: 1)
        let peer = Document(clientID: 2)
        let subscription = document.onUpdate(.v2) { try? peer.apply($0.update, format: .v2) }
        defer { subscription.cancel() }
        let text = document.text("text")
        let words = ["😀", "a", "👍🏽", "漢", "é", "abcdefgh", "😀😀😀"]
        for step in 0..<60 {
            let place = Int.random(in: 0...model.units.count, using: &rng)
            model.cut(place)
            if place == model.units.count || Int.random(in: 0..<3, using: &rng) > 0 {
                let word = words[Int.random(in: words.indices, using: &rng)]
                model.units.insert(contentsOf: word.utf16, at: place)
                try text.insert(word, at: place)
            } else {
                let length = Int.random(in: 1...min(4, model.units.count - place), using: &rng)
                model.cut(place + length)
                model.units.removeSubrange(place..<(place + length))
                try text.delete(at: place, length: length)
            }
            try document.checkInvariants()
            try #require(text.string == model.text, "seed \(seed), step \(step)")
            try #require(peer.text("text").string == model.text, "seed \(seed), step \(step), peer")
        }
    }
}
