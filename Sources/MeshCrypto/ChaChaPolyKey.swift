import CSodium
import MeshCore

/// A ChaCha20-Poly1305 key (RFC 8439) with the nonce form of Noise: four zero bytes and a little-endian counter.
///
/// Messages below ``bulkByteCount`` go to libsodium (0.38 against 0.79 us for 64 bytes), longer ones to libcrypto
/// (3.0 against 1.3 GB/s), whose contexts are made at the first long message and then kept. Both give the same
/// bytes. The key belongs to one direction of one connection and is not shared between threads.
public final class ChaChaPolyKey {
    /// The number of bytes that sealing adds.
    public static let tagByteCount = 16
    /// The length from which libcrypto is faster.
    public static let bulkByteCount = 4096
    /// libcrypto counts in `Int32`; beyond this libsodium takes over.
    private static let bulkLimit = 1 << 30

    /// Which library does the work; the length decides unless a test or a benchmark asks.
    package enum Backend: String, CaseIterable {
        case sodium = "libsodium"
        case openSSL = "libcrypto"
    }

    private let key: SecretBytes
    private lazy var sealer = BulkCipher(key: key.pointer, direction: .seal)
    private lazy var opener = BulkCipher(key: key.pointer, direction: .open)

    /// Creates the key of 32 bytes.
    public init(_ key: Bytes32) {
        Sodium.prepare()
        self.key = SecretBytes(key)
    }

    /// Appends the ciphertext and the tag of `plaintext` to `output`.
    ///
    /// A nonce must never be used twice with one key.
    public func seal(
        _ plaintext: RawSpan, nonce: UInt64, additionalData: RawSpan, appendingTo output: inout [UInt8]
    ) {
        seal(
            plaintext, nonce: nonce, additionalData: additionalData,
            backend: Self.backend(forByteCount: plaintext.byteCount), appendingTo: &output)
    }

    /// Appends the plaintext of `ciphertext` to `output`, which stays as it is when this throws.
    public func open(
        _ ciphertext: RawSpan, nonce: UInt64, additionalData: RawSpan, appendingTo output: inout [UInt8]
    ) throws(CryptoError) {
        try open(
            ciphertext, nonce: nonce, additionalData: additionalData,
            backend: Self.backend(forByteCount: ciphertext.byteCount - Self.tagByteCount),
            appendingTo: &output)
    }

    private static func backend(forByteCount count: Int) -> Backend {
        count >= bulkByteCount && count <= bulkLimit ? .openSSL : .sodium
    }

    package func seal(
        _ plaintext: RawSpan, nonce: UInt64, additionalData: RawSpan, backend: Backend,
        appendingTo output: inout [UInt8]
    ) {
        let byteCount = plaintext.byteCount + Self.tagByteCount
        let nonce = Nonce(nonce)
        output.append(addingCapacity: byteCount) { span in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                guard let target = buffer.baseAddress else { return }
                plaintext.withUnsafeBytes { plaintext in
                    additionalData.withUnsafeBytes { data in
                        if backend == .openSSL, let sealer,
                            sealer.seal(plaintext, nonce: nonce, additionalData: data, to: target)
                        {
                            return
                        }
                        sodiumSeal(plaintext, nonce: nonce, additionalData: data, to: target)
                    }
                }
                initializedCount = byteCount
            }
        }
    }

    package func open(
        _ ciphertext: RawSpan, nonce: UInt64, additionalData: RawSpan, backend: Backend,
        appendingTo output: inout [UInt8]
    ) throws(CryptoError) {
        let byteCount = ciphertext.byteCount - Self.tagByteCount
        guard byteCount >= 0 else {
            throw .ciphertextTooShort(byteCount: ciphertext.byteCount, minimum: Self.tagByteCount)
        }
        let nonce = Nonce(nonce)
        var isAuthentic = false
        output.append(addingCapacity: byteCount) { span in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                isAuthentic = ciphertext.withUnsafeBytes { ciphertext in
                    additionalData.withUnsafeBytes { data in
                        if backend == .openSSL, let opener, let target = buffer.baseAddress {
                            return opener.open(ciphertext, nonce: nonce, additionalData: data, to: target)
                        }
                        return sodiumOpen(
                            ciphertext, nonce: nonce, additionalData: data, to: buffer.baseAddress)
                    }
                }
                if isAuthentic { initializedCount = byteCount }
            }
        }
        guard isAuthentic else { throw .authenticationFailed(byteCount: ciphertext.byteCount) }
    }

    private func sodiumSeal(
        _ plaintext: UnsafeRawBufferPointer, nonce: Nonce, additionalData: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<UInt8>
    ) {
        nonce.withPointer { nonce in
            _ = crypto_aead_chacha20poly1305_ietf_encrypt(
                target, nil, plaintext.bytePointer, UInt64(plaintext.count), additionalData.bytePointer,
                UInt64(additionalData.count), nil, nonce, key.pointer)
        }
    }

    /// Verifies only, when `target` is nil: the plaintext is empty then.
    private func sodiumOpen(
        _ ciphertext: UnsafeRawBufferPointer, nonce: Nonce, additionalData: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        guard let source = ciphertext.bytePointer else { return false }
        return nonce.withPointer { nonce in
            crypto_aead_chacha20poly1305_ietf_decrypt(
                target, nil, nil, source, UInt64(ciphertext.count), additionalData.bytePointer,
                UInt64(additionalData.count), nonce, key.pointer) == 0
        }
    }
}

/// The twelve bytes of a Noise nonce.
///
/// Source: Noise specification revision 34, section 12.3: "32 bits of zeros followed by little-endian encoding".
struct Nonce {
    private let words: (UInt32, UInt32, UInt32)

    init(_ counter: UInt64) {
        words = (
            0, UInt32(truncatingIfNeeded: counter).littleEndian,
            UInt32(truncatingIfNeeded: counter >> 32).littleEndian
        )
    }

    @inline(__always)
    func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafePointer(to: words) { pointer in
            body(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self))
        }
    }
}
