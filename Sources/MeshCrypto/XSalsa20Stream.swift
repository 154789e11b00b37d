import CSodium
import MeshCore

/// The XSalsa20 keystream of one direction of a private network's connection.
///
/// The stream continues over calls of any length, as if all bytes had come in one. It hides bytes and does not
/// authenticate them. Source: libp2p/specs pnet/Private-Networks-PSK-V1.md.
public struct XSalsa20Stream: Sendable {
    /// The number of bytes of a nonce.
    public static let nonceByteCount = 24
    private static let blockByteCount = 64

    private let key: Key
    /// Bytes already covered by the stream.
    private var position: UInt64 = 0

    /// Creates the stream of a key and a 24-byte nonce, or nil when the nonce has another length.
    public init?(key: Bytes32, nonce: [UInt8]) {
        guard nonce.count == Self.nonceByteCount else { return nil }
        Sodium.prepare()
        self.key = Key(key, nonce: nonce)
    }

    /// Encrypts or decrypts all of `bytes` in place.
    public mutating func apply(to bytes: inout [UInt8]) {
        apply(to: &bytes, in: 0..<bytes.count)
    }

    /// Encrypts or decrypts the bytes of `range` in place; traps when the range is out of bounds.
    public mutating func apply(to bytes: inout [UInt8], in range: Range<Int>) {
        bytes.withUnsafeMutableBufferPointer { buffer in
            apply(to: UnsafeMutableBufferPointer(rebasing: buffer[range]))
        }
    }

    private mutating func apply(to bytes: UnsafeMutableBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        let lead = Int(position % UInt64(Self.blockByteCount))
        let head = lead == 0 ? 0 : min(Self.blockByteCount - lead, bytes.count)
        if head > 0 { applyBlock(to: base, count: head, skipping: lead) }
        if bytes.count > head {
            let block = (position + UInt64(head)) / UInt64(Self.blockByteCount)
            key.apply(base + head, count: bytes.count - head, block: block)
        }
        position += UInt64(bytes.count)
    }

    /// Covers `count` bytes from the middle of the block that the stream stands in.
    private func applyBlock(to bytes: UnsafeMutablePointer<UInt8>, count: Int, skipping lead: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.blockByteCount) { block in
            guard let base = block.baseAddress else { return }
            base.initialize(repeating: 0, count: Self.blockByteCount)
            key.apply(base, count: Self.blockByteCount, block: position / UInt64(Self.blockByteCount))
            for index in 0..<count { bytes[index] ^= base[lead + index] }
            sodium_memzero(base, Self.blockByteCount)
        }
    }
}

extension XSalsa20Stream {
    /// The Salsa20 key that XSalsa20 derives once from the key and the nonce's first 16 bytes, and the rest.
    private final class Key: Sendable {
        private let subkey: SecretBytes
        private let nonce: UInt64

        init(_ key: Bytes32, nonce: [UInt8]) {
            subkey = SecretBytes(byteCount: 32) { subkey in
                nonce.withUnsafeBufferPointer { nonce in
                    guard let base = nonce.baseAddress else { return }
                    key.withPointer { key in _ = crypto_core_hsalsa20(subkey, base, key, nil) }
                }
            }
            self.nonce = nonce.span.bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self)
        }

        func apply(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, block: UInt64) {
            withUnsafePointer(to: nonce) { nonce in
                _ = crypto_stream_salsa20_xor_ic(
                    bytes, bytes, UInt64(count), UnsafeRawPointer(nonce).assumingMemoryBound(to: UInt8.self),
                    block, subkey.pointer)
            }
        }
    }
}
