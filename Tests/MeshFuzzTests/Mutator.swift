import MeshCore

/// Changes inputs at random, the same way for the same seed.
struct Mutator {
    private var rng: SeededGenerator
    private let corpus: [[UInt8]]
    /// The longest input that it makes.
    private let byteLimit = 4096

    init(seed: UInt64, corpus: [[UInt8]]) {
        rng = SeededGenerator(seed: seed)
        self.corpus = corpus
    }

    /// `input` after one to eight changes.
    mutating func mutate(_ input: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...8, using: &rng) { change(&bytes) }
        return Array(bytes.prefix(byteLimit))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let interesting: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
        guard let place = bytes.indices.randomElement(using: &rng) else {
            return bytes.appendRandom(8, using: &rng)
        }
        let end = min(place + Int.random(in: 1...16, using: &rng), bytes.count)
        switch Int.random(in: 0..<7, using: &rng) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
        case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &rng)
        case 2: bytes[place] = interesting.randomElement(using: &rng) ?? 0
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.removeSubrange(place..<end)
        case 5: bytes.insert(interesting.randomElement(using: &rng) ?? 0, at: place)
        default:
            let other = corpus.randomElement(using: &rng) ?? []
            bytes.replaceSubrange(place..., with: other.suffix(from: min(place, other.count)))
        }
    }
}
