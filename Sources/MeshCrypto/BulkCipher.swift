import COpenSSL

/// A kept libcrypto context for one direction of ChaCha20-Poly1305.
///
/// The key is set once; every message sets only the nonce, which saves the key schedule and the context's
/// allocation. At most 2^31 - 1 bytes a message.
final class BulkCipher {
    /// What the context is for; libcrypto binds it when the key is set.
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    private static let tagByteCount = 16
    private let context: OpaquePointer

    /// Creates the context of a 32-byte key, or gives nil when libcrypto cannot.
    init?(key: UnsafePointer<UInt8>, direction: Direction) {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        guard EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), nil, key, nil, direction.rawValue) == 1
        else {
            EVP_CIPHER_CTX_free(context)
            return nil
        }
        self.context = context
    }

    deinit {
        // Frees and wipes the key that the context holds.
        EVP_CIPHER_CTX_free(context)
    }

    /// Writes the ciphertext and its tag to `target`, under `key` from now on; false when libcrypto failed.
    ///
    /// Without a key the one before is used. The target may be where the plaintext lies.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, nonce: Nonce, additionalData: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<UInt8>, key: UnsafePointer<UInt8>? = nil
    ) -> Bool {
        guard start(key: key, nonce: nonce, additionalData: additionalData, direction: .seal) else {
            return false
        }
        var count: Int32 = 0
        guard
            EVP_EncryptUpdate(context, target, &count, plaintext.bytePointer, Int32(plaintext.count)) == 1,
            EVP_EncryptFinal_ex(context, target + Int(count), &count) == 1
        else { return false }
        return EVP_CIPHER_CTX_ctrl(
            context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagByteCount), target + plaintext.count) == 1
    }

    /// Writes the plaintext of `ciphertext` (with its tag) to `target`; false when it does not authenticate.
    func open(
        _ ciphertext: UnsafeRawBufferPointer, nonce: Nonce, additionalData: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<UInt8>, key: UnsafePointer<UInt8>? = nil
    ) -> Bool {
        let byteCount = ciphertext.count - Self.tagByteCount
        guard byteCount >= 0, let source = ciphertext.bytePointer,
            start(key: key, nonce: nonce, additionalData: additionalData, direction: .open)
        else { return false }
        // libcrypto only reads the tag, although the parameter is declared mutable.
        let tag = UnsafeMutablePointer(mutating: source + byteCount)
        var count: Int32 = 0
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagByteCount), tag) == 1
            && EVP_DecryptUpdate(context, target, &count, source, Int32(byteCount)) == 1
            && EVP_DecryptFinal_ex(context, target + Int(count), &count) == 1
    }

    private func start(
        key: UnsafePointer<UInt8>?, nonce: Nonce, additionalData: UnsafeRawBufferPointer,
        direction: Direction
    ) -> Bool {
        let isSet = nonce.withPointer { nonce in
            EVP_CipherInit_ex(context, nil, nil, key, nonce, direction.rawValue) == 1
        }
        guard isSet, !additionalData.isEmpty else { return isSet }
        var count: Int32 = 0
        return EVP_CipherUpdate(
            context, nil, &count, additionalData.bytePointer, Int32(clamping: additionalData.count)) == 1
    }
}
