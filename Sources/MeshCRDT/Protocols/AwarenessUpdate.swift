/// What some clients announce about themselves: for each a clock and a state, or null for a client that left.
///
/// | part | form |
/// |---|---|
/// | number of entries | number |
/// | for each: client, clock | number, number |
/// | state | text: JSON as `JSON.stringify` writes it |
///
/// Source: y-protocols 1.0.7, `awareness.encodeAwarenessUpdate`.
public struct AwarenessUpdate: Hashable, Sendable {
    /// What one client announces.
    public struct Entry: Hashable, Sendable {
        /// The client.
        public var client: ClientID
        /// Higher than in all that the client announced before, unless it says that the client left.
        public var clock: Clock
        /// Any JSON value; nil for a client that left.
        public var state: AnyValue?
        /// The size of the state's JSON as it came.
        var byteCount = 0

        /// Creates an announcement.
        public init(client: ClientID, clock: Clock, state: AnyValue?) {
            self.client = client
            self.clock = clock
            self.state = state
        }
    }

    /// The announcements, in order; a client may occur twice.
    public var entries: [Entry]

    /// Creates an update of `entries`.
    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// Reads an update; clocks end at 2^32 - 1, as in yrs.
    ///
    /// Throws when it is malformed or has more, or larger, states than `limits` allow.
    public init(decoding bytes: [UInt8], limits: ProtocolLimits = ProtocolLimits()) throws(UpdateError) {
        var reader = ByteReader(bytes)
        let count = try reader.varUint()
        guard count <= UInt64(limits.clientCount) else {
            throw .limitExceeded(.clientCount, value: count, limit: UInt64(limits.clientCount), offset: 0)
        }
        // A client, a clock, and a byte count with at least one byte of JSON.
        guard count <= UInt64(reader.remaining / 4) else { throw .truncated(offset: 0) }
        entries = []
        entries.reserveCapacity(Int(count))
        var byteCount = 0
        for _ in 0..<count {
            let entry = try Entry(from: &reader, limits: limits)
            byteCount += entry.byteCount
            try limits.check(
                .awarenessByteCount, byteCount, limit: limits.awarenessByteCount, offset: reader.offset)
            entries.append(entry)
        }
        guard reader.isAtEnd else { throw .malformed(.trailingBytes, offset: reader.offset) }
    }

    /// The bytes of the update.
    public func encode() -> [UInt8] {
        var output: [UInt8] = []
        var text: [UInt8] = []
        output.appendVarUint(UInt64(entries.count))
        for entry in entries {
            output.appendVarUint(entry.client)
            output.appendVarUint(UInt64(entry.clock))
            text.removeAll(keepingCapacity: true)
            JSONText.append(entry.state ?? .null, to: &text)
            output.appendVarBytes(text)
        }
        return output
    }

    /// An encoded update with each state replaced by what `modify` returns for it; null means that the client left.
    ///
    /// For a server that vouches for names: it sets them itself before it passes an update on.
    public static func modify(
        _ bytes: [UInt8], limits: ProtocolLimits = ProtocolLimits(),
        _ modify: (ClientID, AnyValue) -> AnyValue
    ) throws(UpdateError) -> [UInt8] {
        var update = try AwarenessUpdate(decoding: bytes, limits: limits)
        for place in update.entries.indices {
            let entry = update.entries[place]
            update.entries[place].state = Entry.state(modify(entry.client, entry.state ?? .null))
        }
        return update.encode()
    }
}

extension AwarenessUpdate.Entry {
    init(from reader: inout ByteReader, limits: ProtocolLimits) throws(UpdateError) {
        client = try reader.varUint()
        let start = reader.offset
        guard let clock = Clock(exactly: try reader.varUint()) else {
            throw .malformed(.clock, offset: start)
        }
        self.clock = clock
        let (text, _) = try reader.varString()
        try limits.check(
            .stateByteCount, text.count, limit: limits.stateByteCount, offset: text.lowerBound)
        let value = try JSONText.parse(reader.bytes, text, depthLimit: limits.valueDepth)
        state = Self.state(value)
        byteCount = text.count
    }

    /// A value as a state: null stands for none.
    static func state(_ value: AnyValue) -> AnyValue? {
        value == .null || value == .undefined ? nil : value
    }
}
