import COpenSSL
import MeshCore

/// A public key that libcrypto decoded from a DER SubjectPublicKeyInfo (RFC 5280).
///
/// A context that verified makes later digests fail silently, so each verification takes its own.
struct SubjectPublicKey: ~Copyable {
    private let key: OpaquePointer

    /// Decodes all of `der`, or gives nil.
    init?(der: RawSpan) {
        let decoded = der.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let start = bytes.bytePointer else { return nil }
            var cursor: UnsafePointer<UInt8>? = start
            let end = start + bytes.count
            guard let key = d2i_PUBKEY(nil, &cursor, bytes.count) else { return nil }
            guard cursor == end else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        // Errors stay in a queue of the thread; nobody reads it, and it must not grow or mislead.
        ERR_clear_error()
        guard let decoded else { return nil }
        key = decoded
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// The size of the key's modulus or field.
    var bitCount: Int { Int(EVP_PKEY_get_bits(key)) }

    /// Whether the key is an RSA key.
    var isRSA: Bool { EVP_PKEY_is_a(key, "RSA") == 1 }

    /// The affine coordinates of an elliptic-curve point, `byteCount` bytes each.
    func coordinates(byteCount: Int) -> [UInt8]? {
        guard let x = coordinate(OSSL_PKEY_PARAM_EC_PUB_X, byteCount: byteCount),
            let y = coordinate(OSSL_PKEY_PARAM_EC_PUB_Y, byteCount: byteCount)
        else { return nil }
        return x + y
    }

    private func coordinate(_ name: String, byteCount: Int) -> [UInt8]? {
        var number: OpaquePointer?
        defer { BN_free(number) }
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1 else {
            ERR_clear_error()
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        return BN_bn2binpad(number, &bytes, Int32(byteCount)) == byteCount ? bytes : nil
    }

    /// Whether `signature` is that of the SHA-256 digest of `message`, in the key type's default form.
    func verifySHA256(signature: RawSpan, of message: RawSpan) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        return signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { message in
                EVP_DigestVerify(
                    context, signature.bytePointer, signature.count, message.bytePointer, message.count) == 1
            }
        }
    }
}
