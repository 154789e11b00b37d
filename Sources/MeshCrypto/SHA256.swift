import COpenSSL
import CSodium
import MeshCore

/// SHA-256 (FIPS 180-4).
///
/// What fits one block goes to libsodium, which starts faster (0.17 against 0.31 us for 40 bytes: libcrypto looks
/// its algorithm up each time); everything else to libcrypto, which is three times as fast at long messages.
public enum SHA256 {
    /// The longest message that is padded into a single 64-byte block.
    private static let oneBlockByteCount = 55

    /// The digest of `bytes`.
    public static func hash(_ bytes: RawSpan) -> Bytes32 {
        Bytes32(filledBy: { digest in
            bytes.withUnsafeBytes { message in
                if message.count <= oneBlockByteCount {
                    _ = crypto_hash_sha256(digest, message.bytePointer, UInt64(message.count))
                } else {
                    _ = COpenSSL.SHA256(message.bytePointer, message.count, digest)
                }
            }
        })
    }

    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 {
        hash(bytes.span.bytes)
    }
}
