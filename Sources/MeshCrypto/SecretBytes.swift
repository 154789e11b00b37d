import CSodium
import MeshCore

/// Secret bytes in one heap block, which is wiped when the owner goes away.
///
/// `@unchecked Sendable`: the block is written only inside `init`, before the value can be shared, and freed in
/// `deinit`, when nobody shares it any more. Between them it is only read.
struct SecretBytes: ~Copyable, @unchecked Sendable {
    let pointer: UnsafeMutablePointer<UInt8>
    let byteCount: Int

    /// Takes `byteCount` zero bytes and lets `fill` write them.
    init(byteCount: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        self.byteCount = byteCount
        pointer = .allocate(capacity: byteCount)
        pointer.initialize(repeating: 0, count: byteCount)
        fill(pointer)
    }

    init(_ bytes: Bytes32) {
        self.init(byteCount: 32) { pointer in
            bytes.withPointer { source in pointer.update(from: source, count: 32) }
        }
    }

    deinit {
        sodium_memzero(pointer, byteCount)
        pointer.deallocate()
    }
}

/// libsodium's process-wide start.
enum Sodium {
    /// Runs `sodium_init` once, which chooses the fastest implementations for this processor.
    ///
    /// Its failure (no system randomness) needs no handling: every function used here is deterministic, and
    /// works with the portable implementations then.
    static let isReady: Bool = sodium_init() >= 0

    /// Makes sure that ``isReady`` has been computed.
    @inline(__always)
    static func prepare() { _ = isReady }
}
