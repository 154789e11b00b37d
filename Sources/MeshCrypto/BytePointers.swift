import MeshCore

extension Bytes32 {
    /// The 32 bytes that `fill` writes to zeroed memory.
    init(filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutablePointer(to: &words) { pointer in
            fill(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt8.self))
        }
        self.init(words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// Calls `body` with the first of the 32 bytes in order.
    func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafePointer(to: (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)) {
            pointer in
            body(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self))
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The first byte, or nil when there is none.
    @inline(__always)
    var bytePointer: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
