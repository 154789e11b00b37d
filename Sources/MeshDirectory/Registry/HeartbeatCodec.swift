import MeshCore

extension Heartbeat {
    /// The protobuf of the heartbeat: what its envelope carries.
    var payload: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, meshRecord)
        writer.varint(2, status.rawValue)
        writer.varint(3, memberCount)
        writer.varint(4, botCount)
        writer.varint(5, isPublic ? 1 : 0)
        writer.varint(6, intervalSeconds)
        writer.varint(7, sequence)
        writer.varint(8, issued.seconds)
        return writer.bytes
    }

    /// Reads a payload and checks its fields; the record inside is not opened.
    init(payload message: RawSpan) throws(HeartbeatError) {
        var meshRecord: [UInt8]?
        var numbers = HeartbeatNumbers()
        var reader = ProtobufReader()
        while let field = try Self.next(&reader, message) {
            switch field.number {
            case 1:
                guard meshRecord == nil else { throw .repeatedField(1) }
                meshRecord = try Self.record(field, message)
            case 2...8: try numbers.take(field)
            default: break
            }
        }
        guard let meshRecord else { throw .malformed(.missingField(1)) }
        let rawStatus = numbers[2]
        guard let status = MeshStatus(rawValue: rawStatus) else { throw .badStatus(rawStatus) }
        self.init(
            meshRecord: meshRecord, status: status, memberCount: numbers[3], botCount: numbers[4],
            isPublic: numbers[5] != 0, intervalSeconds: numbers[6], sequence: numbers[7],
            issued: UnixTime(seconds: numbers[8]))
        try checkFields()
    }

    private static func next(
        _ reader: inout ProtobufReader, _ message: RawSpan
    ) throws(HeartbeatError) -> ProtobufField? {
        do throws(ProtobufError) { return try reader.next(in: message) } catch { throw .malformed(error) }
    }

    private static func record(
        _ field: ProtobufField, _ message: RawSpan
    ) throws(HeartbeatError) -> [UInt8] {
        do throws(ProtobufError) {
            return try field.bytes(of: message, limit: MeshRecordLimits.envelopeByteCount)
        } catch {
            throw .malformed(error)
        }
    }
}

/// The numbers of a message whose fields must not be repeated; an absent one is zero, as in proto3.
private struct HeartbeatNumbers {
    private var values: [UInt64?] = Array(repeating: nil, count: 9)

    subscript(_ field: Int) -> UInt64 { values[field] ?? 0 }

    mutating func take(_ field: ProtobufField) throws(HeartbeatError) {
        guard values[field.number] == nil else { throw .repeatedField(field.number) }
        do throws(ProtobufError) { values[field.number] = try field.varint() } catch {
            throw .malformed(error)
        }
    }
}
