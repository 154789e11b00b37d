import MeshCore
import MeshCrypto
import MeshMultiformats

/// Takes an input apart, first byte first; what is asked for beyond its end is zero or empty.
struct FuzzInput {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isEmpty: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        position += 1
        return bytes[position - 1]
    }

    /// Up to `count` bytes.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(position + max(count, 0), bytes.count)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    mutating func rest() -> [UInt8] { take(bytes.count) }

    /// The rest in pieces, whose sizes the next byte decides: as a socket might deliver them.
    mutating func chunks() -> [[UInt8]] {
        let size = Int(byte() & 0x1F)
        let all = rest()
        guard size > 0 else { return all.isEmpty ? [] : [all] }
        return stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
    }
}

/// Keys that are the same in every run.
enum FuzzKeys {
    static let own = key(1)
    static let peer = key(2)

    private static func key(_ seed: UInt64) -> IdentityKey {
        var rng = SeededGenerator(seed: seed)
        return IdentityKey(using: &rng)
    }
}
