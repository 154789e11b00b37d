import CSodium
import MeshCore

/// HMAC-SHA256 (RFC 2104) with a 32-byte key.
public enum HMACSHA256 {
    /// The authentication code of `message` under `key`.
    public static func code(of message: RawSpan, key: Bytes32) -> Bytes32 {
        code(of: message, then: nil, key: key)
    }

    /// The code of `message` and, behind it, `counter`: the shape of every step of ``HKDF``.
    static func code(of message: RawSpan, then counter: UInt8?, key: Bytes32) -> Bytes32 {
        var state = crypto_auth_hmacsha256_state()
        key.withPointer { key in _ = crypto_auth_hmacsha256_init(&state, key, 32) }
        message.withUnsafeBytes { bytes in
            guard let base = bytes.bytePointer else { return }
            _ = crypto_auth_hmacsha256_update(&state, base, UInt64(bytes.count))
        }
        if var counter { _ = crypto_auth_hmacsha256_update(&state, &counter, 1) }
        let code = Bytes32(filledBy: { code in _ = crypto_auth_hmacsha256_final(&state, code) })
        sodium_memzero(&state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        return code
    }
}

/// HKDF (RFC 5869) over HMAC-SHA256 with an empty info, as the Noise framework calls it.
///
/// Source: Noise specification revision 34, section 4.3.
public enum HKDF {
    /// Two outputs for the chaining key and the input key material.
    public static func expand2(chainingKey: Bytes32, input: RawSpan) -> (Bytes32, Bytes32) {
        let key = HMACSHA256.code(of: input, key: chainingKey)
        let first = step(key, after: nil, counter: 1)
        return (first, step(key, after: first, counter: 2))
    }

    /// Three outputs, for patterns with a pre-shared key.
    public static func expand3(chainingKey: Bytes32, input: RawSpan) -> (Bytes32, Bytes32, Bytes32) {
        let key = HMACSHA256.code(of: input, key: chainingKey)
        let first = step(key, after: nil, counter: 1)
        let second = step(key, after: first, counter: 2)
        return (first, second, step(key, after: second, counter: 3))
    }

    private static func step(_ key: Bytes32, after previous: Bytes32?, counter: UInt8) -> Bytes32 {
        guard let previous else { return HMACSHA256.code(of: RawSpan(), then: counter, key: key) }
        return previous.withBytes { bytes in
            HMACSHA256.code(of: RawSpan(_unsafeBytes: bytes), then: counter, key: key)
        }
    }
}
