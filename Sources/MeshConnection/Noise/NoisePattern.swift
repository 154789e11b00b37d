/// A handshake pattern of the Noise framework, for Curve25519, ChaCha20-Poly1305 and SHA-256.
///
/// Source: Noise specification revision 34, section 7. libp2p uses ``xx``.
public struct NoisePattern: Hashable, Sendable {
    /// What a message carries or mixes in.
    public enum Token: Hashable, Sendable {
        /// The sender's ephemeral key, in the clear.
        case e
        /// The sender's static key, sealed once a key exists.
        case s
        /// The secret of both ephemeral keys.
        case ee
        /// The secret of the initiator's ephemeral and the responder's static key.
        case es
        /// The secret of the initiator's static and the responder's ephemeral key.
        case se
        /// The secret of both static keys.
        case ss
    }

    /// The name as it enters the handshake hash.
    public let protocolName: String
    /// Whether the initiator knows the responder's static key before the first message.
    public let responderIsKnown: Bool
    /// The messages, the initiator's first.
    public let messages: [[Token]]

    /// Both sides send their static keys; the responder first.
    public static let xx = NoisePattern(
        protocolName: "Noise_XX_25519_ChaChaPoly_SHA256", responderIsKnown: false,
        messages: [[.e], [.e, .ee, .s, .es], [.s, .se]])

    /// The initiator knows the responder and sends its static key in the first message.
    public static let ik = NoisePattern(
        protocolName: "Noise_IK_25519_ChaChaPoly_SHA256", responderIsKnown: true,
        messages: [[.e, .es, .s, .ss], [.e, .ee, .se]])

    /// The initiator sends its static key in the clear, the responder sealed.
    public static let ix = NoisePattern(
        protocolName: "Noise_IX_25519_ChaChaPoly_SHA256", responderIsKnown: false,
        messages: [[.e, .s], [.e, .ee, .se, .s, .es]])
}
