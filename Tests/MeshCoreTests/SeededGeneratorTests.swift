import MeshCore
import Testing

struct SeededGeneratorTests {
    /// Vigna's splitmix64.c with the seed 1234567.
    @Test func `the sequence is that of SplitMix64`() {
        var rng = SeededGenerator(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in rng.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func `random bytes have the length that was asked for`() {
        var rng = SeededGenerator(seed: 1)
        for count in 0..<20 {
            var bytes: [UInt8] = [1]
            bytes.appendRandom(count, using: &rng)
            #expect(bytes.count == count + 1)
        }
        var same = SeededGenerator(seed: 1)
        var other = SeededGenerator(seed: 1)
        var left: [UInt8] = []
        var right: [UInt8] = []
        left.appendRandom(33, using: &same)
        right.appendRandom(33, using: &other)
        #expect(left == right)
    }
}
