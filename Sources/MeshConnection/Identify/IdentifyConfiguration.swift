/// The names and limits of the identify protocol.
public enum IdentifyConfiguration {
    /// The opener reads one message.
    public static let protocolID = "/ipfs/id/1.0.0"
    /// The opener writes one message.
    public static let pushProtocolID = "/ipfs/id/push/1.0.0"

    /// The longest part that is sent, in bytes: what rust-libp2p accepts (`MAX_MESSAGE_SIZE_BYTES`).
    public static let maximumSentPartByteCount = 4096
    /// The longest part that is accepted, in bytes: what go-libp2p sends with a signed record (id.go
    /// `signedIDSize`).
    public static let maximumPartByteCount = 8192
    /// The parts that one message may have, both ways.
    ///
    /// Source: go-libp2p id.go `maxMessages`.
    public static let maximumPartCount = 10
    /// The addresses that are kept of one message; further ones are skipped.
    ///
    /// A full part holds about 200.
    public static let maximumAddressCount = 256
    /// The protocols that are kept of one message; further ones are skipped.
    ///
    /// go-libp2p with all services has about 25.
    public static let maximumProtocolCount = 512
    /// The longest protocol id that is kept, in bytes: what multistream-select can negotiate in go-libp2p.
    public static let maximumProtocolByteCount = 1024
    /// The bytes that are kept of a version text.
    public static let maximumVersionByteCount = 256
    /// How long a message may take.
    ///
    /// Source: go-libp2p id.go `Timeout`.
    public static let timeout: Duration = .seconds(5)
    /// Pushes that are sent at the same time.
    ///
    /// Source: go-libp2p id.go `maxPushConcurrency`.
    public static let maximumPushConcurrency = 32
}
