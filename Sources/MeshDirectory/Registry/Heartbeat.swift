import MeshCore

/// What a mesh says of its own health, and what a registry shows.
public enum MeshStatus: UInt64, Hashable, Sendable, CaseIterable {
    /// Everything works.
    case online = 1
    /// The mesh serves, but not everything works.
    case degraded = 2
    /// The mesh stopped, or was not heard of for three intervals.
    case offline = 3

    /// The word in the HTTP listing.
    public var name: String {
        switch self {
        case .online: "online"
        case .degraded: "degraded"
        case .offline: "offline"
        }
    }

    /// The status of a word in the HTTP listing.
    public init?(name: String) {
        guard let status = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = status
    }
}

/// What a mesh tells a registry, again and again.
///
/// Schema: Specs/proto/heartbeat.proto.
public struct Heartbeat: Hashable, Sendable {
    /// The envelope of the mesh's record.
    public var meshRecord: [UInt8]
    /// The mesh's health.
    public var status: MeshStatus
    /// How many people are members.
    public var memberCount: UInt64
    /// How many bots it has.
    public var botCount: UInt64
    /// Whether the registry may show the mesh to others.
    public var isPublic: Bool
    /// Seconds until the next heartbeat.
    public var intervalSeconds: UInt64
    /// Higher than in every heartbeat of this mesh before.
    public var sequence: UInt64
    /// When the heartbeat was made, by the mesh's clock.
    public var issued: UnixTime

    /// Creates a heartbeat; nothing is checked.
    public init(
        meshRecord: [UInt8], status: MeshStatus, memberCount: UInt64, botCount: UInt64, isPublic: Bool,
        intervalSeconds: UInt64 = HeartbeatLimits.defaultIntervalSeconds, sequence: UInt64, issued: UnixTime
    ) {
        self.meshRecord = meshRecord
        self.status = status
        self.memberCount = memberCount
        self.botCount = botCount
        self.isPublic = isPublic
        self.intervalSeconds = intervalSeconds
        self.sequence = sequence
        self.issued = issued
    }

    /// Seconds after which a registry shows the mesh as offline unless it hears from it.
    public var ttlSeconds: UInt64 { intervalSeconds * HeartbeatLimits.missedIntervals }

    /// Checks the fields that need neither a key nor a clock.
    func checkFields() throws(HeartbeatError) {
        guard meshRecord.count <= MeshRecordLimits.envelopeByteCount else {
            throw .tooLarge(byteCount: meshRecord.count, limit: MeshRecordLimits.envelopeByteCount)
        }
        for count in [memberCount, botCount] {
            guard count <= HeartbeatLimits.count else { throw .badCount(count) }
        }
        let limits = HeartbeatLimits.minimumIntervalSeconds...HeartbeatLimits.maximumIntervalSeconds
        guard limits.contains(intervalSeconds) else { throw .badInterval(seconds: intervalSeconds) }
    }
}
