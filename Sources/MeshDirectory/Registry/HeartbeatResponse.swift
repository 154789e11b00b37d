import MeshCore

/// The status of a registry's answer, by its number on the wire.
public struct HeartbeatStatus: RawRepresentable, Hashable, Sendable {
    /// The number; a registry may send one that this node does not know.
    public let rawValue: UInt64

    /// Creates the status of a number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The heartbeat was taken.
    public static let ok = HeartbeatStatus(rawValue: 0)
    /// Not an envelope of a heartbeat, or a field outside its limits.
    public static let malformed = HeartbeatStatus(rawValue: 100)
    /// The signature is wrong.
    public static let badSignature = HeartbeatStatus(rawValue: 101)
    /// The mesh record is not valid, or of another key.
    public static let badRecord = HeartbeatStatus(rawValue: 102)
    /// A heartbeat with this sequence or a higher one was taken before.
    public static let staleSequence = HeartbeatStatus(rawValue: 103)
    /// A mesh record with a higher sequence was taken before.
    public static let staleRecord = HeartbeatStatus(rawValue: 104)
    /// The clocks differ too much.
    public static let clockSkew = HeartbeatStatus(rawValue: 105)
    /// The interval is outside its limits.
    public static let invalidInterval = HeartbeatStatus(rawValue: 106)
    /// The sender did not sign it.
    public static let notAuthorized = HeartbeatStatus(rawValue: 200)
    /// Too soon after the one before.
    public static let tooSoon = HeartbeatStatus(rawValue: 300)
    /// The registry has no room.
    public static let unavailable = HeartbeatStatus(rawValue: 400)
}

extension HeartbeatStatus: CustomStringConvertible {
    /// The name in the specification.
    public var description: String {
        switch self {
        case .ok: "OK"
        case .malformed: "E_MALFORMED"
        case .badSignature: "E_BAD_SIGNATURE"
        case .badRecord: "E_BAD_RECORD"
        case .staleSequence: "E_STALE_SEQUENCE"
        case .staleRecord: "E_STALE_RECORD"
        case .clockSkew: "E_CLOCK_SKEW"
        case .invalidInterval: "E_INVALID_INTERVAL"
        case .notAuthorized: "E_NOT_AUTHORIZED"
        case .tooSoon: "E_TOO_SOON"
        case .unavailable: "E_UNAVAILABLE"
        default: "status \(rawValue)"
        }
    }
}

/// A registry's answer to a heartbeat.
public struct HeartbeatResponse: Hashable, Sendable {
    /// Whether the heartbeat was taken.
    public var status: HeartbeatStatus
    /// For people: what was wrong, and what to do.
    public var statusText: String
    /// Seconds after which the registry shows the mesh as offline unless it hears from it.
    public var ttlSeconds: UInt64
    /// The registry's clock.
    public var time: UnixTime
    /// The highest sequence that the registry has taken from this mesh.
    public var sequence: UInt64

    /// Creates an answer.
    public init(
        status: HeartbeatStatus, statusText: String = "", ttlSeconds: UInt64 = 0, time: UnixTime,
        sequence: UInt64
    ) {
        self.status = status
        self.statusText = statusText
        self.ttlSeconds = ttlSeconds
        self.time = time
        self.sequence = sequence
    }

    /// The protobuf of the answer, without its length prefix; a long text is cut.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, status.rawValue)
        if !statusText.isEmpty { writer.text(2, Self.cut(statusText)) }
        writer.varint(3, ttlSeconds)
        writer.varint(4, time.seconds)
        writer.varint(5, sequence)
        return writer.bytes
    }

    /// Reads an answer.
    public init(decoding message: RawSpan) throws(HeartbeatError) {
        guard message.byteCount <= HeartbeatLimits.responseByteCount else {
            throw .tooLarge(byteCount: message.byteCount, limit: HeartbeatLimits.responseByteCount)
        }
        self.init(status: .ok, time: UnixTime(seconds: 0), sequence: 0)
        do throws(ProtobufError) {
            var reader = ProtobufReader()
            while let field = try reader.next(in: message) {
                switch field.number {
                case 1: status = HeartbeatStatus(rawValue: try field.varint())
                case 2: statusText = try field.text(of: message, limit: HeartbeatLimits.statusTextByteCount)
                case 3: ttlSeconds = try field.varint()
                case 4: time = UnixTime(seconds: try field.varint())
                case 5: sequence = try field.varint()
                default: break
                }
            }
        } catch {
            throw .malformed(error)
        }
    }

    /// Throws what the registry refused; does nothing when it took the heartbeat.
    public func check() throws(HeartbeatError) {
        guard status == .ok else { throw .refused(status, statusText: statusText, sequence: sequence) }
    }

    private static func cut(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var byteCount = 0
        for scalar in text.unicodeScalars {
            byteCount += UTF8.width(scalar)
            guard byteCount <= HeartbeatLimits.statusTextByteCount else { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
