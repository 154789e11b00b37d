import CSodium
import MeshCore

/// SipHash-2-4 with a 128-bit result: a keyed function for short inputs, 40 ns for 64 bytes.
///
/// For values that only their maker checks again, such as cookies. Source: Aumasson and Bernstein 2012, and the
/// reference implementation's 128-bit variant, which libsodium calls `siphashx24`.
public struct SipHash: Sendable {
    /// The two halves of a result, its first eight bytes as big-endian number first.
    @frozen
    public struct Code: Hashable, Sendable {
        /// Bytes 0 to 7.
        public let high: UInt64
        /// Bytes 8 to 15.
        public let low: UInt64

        /// Creates a code of its halves.
        @inlinable
        public init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }

        /// Whether both are the same, in a time that does not depend on where they differ.
        @inlinable
        public func equalsInConstantTime(_ other: Code) -> Bool {
            (high ^ other.high) | (low ^ other.low) == 0
        }
    }

    private let key: (UInt64, UInt64)

    /// Takes the first 16 bytes of `secret` as key.
    public init(_ secret: Bytes32) {
        Sodium.prepare()
        key = (secret.word0.bigEndian, secret.word1.bigEndian)
    }

    /// The code of `words`, each as eight big-endian bytes.
    public func code<let count: Int>(of words: InlineArray<count, UInt64>) -> Code {
        var input = words
        for index in input.indices { input[index] = input[index].bigEndian }
        var result = (UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &result) { result in
            withUnsafeBytes(of: &input) { input in
                withUnsafeBytes(of: key) { key in
                    guard let target = result.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        let keyPointer = key.bytePointer
                    else { return }
                    _ = crypto_shorthash_siphashx24(
                        target, input.bytePointer, UInt64(input.count), keyPointer)
                }
            }
        }
        return Code(high: result.0.bigEndian, low: result.1.bigEndian)
    }
}
