import MeshCore
import MeshCrypto

/// The chaining key, the handshake hash and the cipher of a running handshake.
///
/// Source: Noise specification revision 34, section 5.2.
struct NoiseSymmetricState {
    private var chainingKey: Bytes32
    private(set) var hash: Bytes32
    private var key: ChaChaPolyKey?
    private var nonce: UInt64 = 0

    /// The number of bytes that sealing adds now: 0 before the first key.
    var tagByteCount: Int { key == nil ? 0 : ChaChaPolyKey.tagByteCount }

    init(protocolName: String) {
        let name = Array(protocolName.utf8)
        let padded = name + [UInt8](repeating: 0, count: max(0, 32 - name.count))
        hash = Bytes32(padded) ?? SHA256.hash(name)
        chainingKey = hash
    }

    mutating func mixHash(_ data: RawSpan) {
        var input: [UInt8] = []
        input.reserveCapacity(32 + data.byteCount)
        hash.withBytes { input.append(contentsOf: $0) }
        input.append(data)
        hash = SHA256.hash(input)
    }

    mutating func mixHash(_ key: Bytes32) {
        let bytes = key.bytes
        mixHash(bytes.span.bytes)
    }

    mutating func mixKey(_ secret: Bytes32) {
        let input = secret.bytes
        let (newChainingKey, newKey) = HKDF.expand2(chainingKey: chainingKey, input: input.span.bytes)
        chainingKey = newChainingKey
        key = ChaChaPolyKey(newKey)
        nonce = 0
    }

    /// Appends `plaintext`, sealed once there is a key.
    mutating func encryptAndHash(_ plaintext: RawSpan, appendingTo output: inout [UInt8]) {
        let start = output.count
        if let key {
            let additionalData = hash.bytes
            key.seal(plaintext, nonce: nonce, additionalData: additionalData.span.bytes, appendingTo: &output)
            nonce += 1
        } else {
            output.append(plaintext)
        }
        mixHash(output.span.bytes.extracting(start..<output.count))
    }

    /// Appends the plaintext of `ciphertext`.
    mutating func decryptAndHash(
        _ ciphertext: RawSpan, appendingTo output: inout [UInt8]
    ) throws(NoiseError) {
        if let key {
            let additionalData = hash.bytes
            do throws(CryptoError) {
                try key.open(
                    ciphertext, nonce: nonce, additionalData: additionalData.span.bytes,
                    appendingTo: &output)
            } catch {
                throw NoiseError(error)
            }
            nonce += 1
        } else {
            output.append(ciphertext)
        }
        mixHash(ciphertext)
    }

    /// The transport keys: the initiator's sending key first.
    func split() -> (Bytes32, Bytes32) {
        HKDF.expand2(chainingKey: chainingKey, input: RawSpan())
    }
}
