/// The limits of heartbeats, which are part of the protocol.
///
/// Source: Specs/registry.md, "Heartbeats".
public enum HeartbeatLimits {
    /// The protocol id.
    public static let protocolID = "/meshp2p/heartbeat/1.0.0"
    /// The longest heartbeat: a mesh record of 8,192 bytes, its own fields and its own envelope.
    public static let envelopeByteCount = 10_240
    /// The longest answer.
    public static let responseByteCount = 1_024
    /// The longest status text in an answer.
    public static let statusTextByteCount = 512
    /// The most members and the most bots: within what every JSON reader holds exactly.
    public static let count: UInt64 = 1_000_000_000
    /// The least time between two heartbeats, in seconds.
    public static let minimumIntervalSeconds: UInt64 = 1
    /// The greatest time between two heartbeats, in seconds.
    public static let maximumIntervalSeconds: UInt64 = 3_600
    /// The time between two heartbeats when nobody says otherwise, in seconds.
    public static let defaultIntervalSeconds: UInt64 = 30
    /// After this many intervals without a heartbeat a mesh is shown as offline.
    public static let missedIntervals: UInt64 = 3
    /// How far the two clocks may differ, in seconds.
    public static let clockSkewSeconds: UInt64 = 600
    /// The signature domain of the envelope.
    public static let domain = "meshp2p-heartbeat"
    /// The payload type of the envelope.
    public static let payloadType = Array("/meshp2p/heartbeat/1".utf8)
}
