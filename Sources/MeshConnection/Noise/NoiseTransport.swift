import MeshCore
import MeshCrypto

/// The two ciphers of an established Noise session, with libp2p's framing.
///
/// A frame is a two-byte big-endian length and a ciphertext of at most 65,535 bytes. Each direction counts its
/// frames in the nonce. Source: libp2p/specs noise/README.md, "Wire format".
public struct NoiseTransport {
    /// The longest ciphertext of a frame.
    public static let maximumMessageByteCount = 65_535
    /// The longest plaintext of a frame: the tag takes 16 bytes.
    public static let maximumPlaintextByteCount = maximumMessageByteCount - ChaChaPolyKey.tagByteCount

    private let sendKey: ChaChaPolyKey
    private let receiveKey: ChaChaPolyKey
    private var sendNonce: UInt64 = 0
    private var receiveNonce: UInt64 = 0

    /// Creates the transport of two keys.
    public init(sendKey: Bytes32, receiveKey: Bytes32) {
        self.sendKey = ChaChaPolyKey(sendKey)
        self.receiveKey = ChaChaPolyKey(receiveKey)
    }

    /// Appends `plaintext` to `output` as frames; nothing when it is empty.
    public mutating func seal(_ plaintext: RawSpan, appendingTo output: inout [UInt8]) throws(NoiseError) {
        var offset = 0
        while offset < plaintext.byteCount {
            let end = min(offset + Self.maximumPlaintextByteCount, plaintext.byteCount)
            output.appendBigEndian(UInt16(end - offset + ChaChaPolyKey.tagByteCount))
            try sealMessage(plaintext.extracting(offset..<end), appendingTo: &output)
            offset = end
        }
    }

    /// Appends `plaintext` to `output` as one ciphertext without a frame.
    public mutating func sealMessage(
        _ plaintext: RawSpan, appendingTo output: inout [UInt8]
    ) throws(NoiseError) {
        guard sendNonce < .max else { throw .nonceExhausted }
        sendKey.seal(plaintext, nonce: sendNonce, additionalData: RawSpan(), appendingTo: &output)
        sendNonce += 1
    }

    /// Appends the plaintext of one ciphertext to `output`, which stays as it is when this throws.
    public mutating func openMessage(
        _ ciphertext: RawSpan, appendingTo output: inout [UInt8]
    ) throws(NoiseError) {
        guard receiveNonce < .max else { throw .nonceExhausted }
        do throws(CryptoError) {
            try receiveKey.open(
                ciphertext, nonce: receiveNonce, additionalData: RawSpan(), appendingTo: &output)
        } catch {
            throw NoiseError(error)
        }
        receiveNonce += 1
    }
}
