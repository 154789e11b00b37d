import MeshCore
import MeshMultiformats

/// What a mesh reports in its heartbeats, without what each one adds.
public struct HeartbeatReport: Hashable, Sendable {
    /// The mesh's health.
    public var status: MeshStatus
    /// How many people are members.
    public var memberCount: UInt64
    /// How many bots it has.
    public var botCount: UInt64
    /// Whether registries may show the mesh to others.
    public var isPublic: Bool
    /// Seconds until the next heartbeat.
    public var intervalSeconds: UInt64

    /// Creates a report.
    public init(
        status: MeshStatus = .online, memberCount: UInt64 = 0, botCount: UInt64 = 0, isPublic: Bool = true,
        intervalSeconds: UInt64 = HeartbeatLimits.defaultIntervalSeconds
    ) {
        self.status = status
        self.memberCount = memberCount
        self.botCount = botCount
        self.isPublic = isPublic
        self.intervalSeconds = intervalSeconds
    }
}

/// Makes the successive heartbeats of one mesh, each with a higher sequence, for all its registries.
public struct HeartbeatIssuer: Sendable {
    /// The sequence of the last heartbeat, zero before the first.
    public private(set) var lastSequence: UInt64

    /// Creates an issuer that continues after `lastSequence`; zero continues from the clock.
    public init(lastSequence: UInt64 = 0) {
        self.lastSequence = lastSequence
    }

    /// Signs the next heartbeat.
    public mutating func issue(
        _ report: HeartbeatReport, record: SignedMeshRecord, by key: IdentityKey, at time: UnixTime
    ) throws(HeartbeatError) -> SignedHeartbeat {
        let (milliseconds, overflow) = time.seconds.multipliedReportingOverflow(by: 1_000)
        let following = lastSequence < .max ? lastSequence + 1 : .max
        let sequence = overflow ? following : max(following, milliseconds)
        let heartbeat = Heartbeat(
            meshRecord: record.envelope, status: report.status, memberCount: report.memberCount,
            botCount: report.botCount, isPublic: report.isPublic, intervalSeconds: report.intervalSeconds,
            sequence: sequence, issued: time)
        let signed = try SignedHeartbeat(signing: heartbeat, with: key)
        lastSequence = sequence
        return signed
    }

    /// Learns from an answer: after a refusal for a stale sequence the next heartbeat is above the registry's.
    ///
    /// A registry could name the highest number there is, so only a sequence within a day of the clock is believed.
    public mutating func learn(from response: HeartbeatResponse, at time: UnixTime) {
        guard response.status == .staleSequence else { return }
        let (bound, overflow) = time.adding(seconds: 86_400).seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow, response.sequence <= bound else { return }
        lastSequence = max(lastSequence, response.sequence)
    }
}
