import MeshCore
import MeshCrypto

/// Hides every byte of a connection from those who do not have the network's key.
///
/// Each side sends a random nonce of 24 bytes in the clear and then its bytes under the XSalsa20 stream of the key
/// and that nonce. Nothing is authenticated here: a wrong key shows as bytes that are no multistream-select header.
///
/// | State of a direction | Input | Output | Next state |
/// |---|---|---|---|
/// | sending, from the start | bytes | bytes under our stream | the same |
/// | awaitingNonce(n bytes) | fewer than the missing bytes | | awaitingNonce(more) |
/// | awaitingNonce | the rest of the nonce, bytes | the bytes under the peer's stream | receiving |
/// | receiving | bytes | bytes under the peer's stream | receiving |
///
/// Source: libp2p/specs pnet/Private-Networks-PSK-V1.md, "Algorithm".
struct PrivateNetworkCipher {
    private enum Receiver {
        case awaitingNonce([UInt8])
        case receiving(XSalsa20Stream)
    }

    private let key: PresharedKey
    private var sender: XSalsa20Stream?
    private var receiver = Receiver.awaitingNonce([])

    /// Creates the cipher and appends our nonce to `output`.
    init(key: PresharedKey, using rng: inout some RandomNumberGenerator, into output: inout [UInt8]) {
        self.key = key
        var nonce: [UInt8] = []
        nonce.appendRandom(XSalsa20Stream.nonceByteCount, using: &rng)
        output += nonce
        sender = XSalsa20Stream(key: key.key, nonce: nonce)
    }

    /// Hides the bytes of `output` from `start` on, in place.
    mutating func seal(_ output: inout [UInt8], from start: Int) {
        guard start < output.count else { return }
        sender?.apply(to: &output, in: start..<output.count)
    }

    /// Appends the plain form of received bytes to `output`.
    mutating func open(_ bytes: RawSpan, appendingTo output: inout [UInt8]) {
        var offset = 0
        if case .awaitingNonce(var nonce) = receiver {
            offset = min(XSalsa20Stream.nonceByteCount - nonce.count, bytes.byteCount)
            nonce.append(bytes.extracting(0..<offset))
            receiver = .awaitingNonce(nonce)
            if let stream = XSalsa20Stream(key: key.key, nonce: nonce) { receiver = .receiving(stream) }
        }
        guard case .receiving(var stream) = receiver, offset < bytes.byteCount else { return }
        let start = output.count
        output.append(bytes.extracting(offset..<bytes.byteCount))
        stream.apply(to: &output, in: start..<output.count)
        receiver = .receiving(stream)
    }
}
