import MeshCore
import MeshMultiformats

extension MeshRecord {
    /// The protobuf of the record: what the envelope carries.
    ///
    /// Schema: Specs/proto/mesh_record.proto.
    var payload: [UInt8] {
        var writer = ProtobufWriter()
        writer.text(1, did)
        writer.text(2, name.text)
        writer.bytes(3, peerID.multihash)
        for address in addresses { writer.bytes(4, address.bytes) }
        for capability in capabilities { writer.text(5, capability.text) }
        writer.text(6, version)
        writer.varint(7, sequence)
        writer.varint(8, issued.seconds)
        writer.varint(9, expires.seconds)
        return writer.bytes
    }

    /// Reads a payload and checks every field by itself; the key that signed it is not known here.
    init(payload message: RawSpan) throws(MeshRecordError) {
        var draft = MeshRecordDraft()
        var reader = ProtobufReader()
        while let field = try Self.malformed({ () throws(ProtobufError) in try reader.next(in: message) }) {
            try draft.take(field, of: message)
        }
        self = try draft.record()
        try checkFields()
    }

    /// Runs `body`, reporting its error as that of a record.
    static func malformed<Value>(
        _ body: () throws(ProtobufError) -> Value
    ) throws(MeshRecordError) -> Value {
        do throws(ProtobufError) { return try body() } catch { throw .malformed(error) }
    }
}

/// The fields of a record while its payload is being read.
private struct MeshRecordDraft {
    var did: String?
    var name: MeshName?
    var peerID: PeerID?
    var addresses: [Multiaddr] = []
    var addressCount = 0
    var capabilities: [MeshCapability] = []
    var version: String?
    var sequence: UInt64?
    var issued: UInt64?
    var expires: UInt64?

    mutating func take(_ field: ProtobufField, of message: RawSpan) throws(MeshRecordError) {
        switch field.number {
        case 1: try set(\.did, field, try text(field, message, limit: MeshRecordLimits.didByteCount))
        case 2: try set(\.name, field, try name(field, message))
        case 3: try set(\.peerID, field, try peerID(field, message))
        case 4: try addAddress(field, message)
        case 5: try addCapability(field, message)
        case 6: try set(\.version, field, try text(field, message, limit: MeshRecordLimits.versionByteCount))
        case 7: try set(\.sequence, field, try number(field))
        case 8: try set(\.issued, field, try number(field))
        case 9: try set(\.expires, field, try number(field))
        default: break
        }
    }

    /// Proto3 leaves out numbers that are zero; the other fields cannot be empty.
    func record() throws(MeshRecordError) -> MeshRecord {
        guard let did else { throw .malformed(.missingField(1)) }
        guard let name else { throw .malformed(.missingField(2)) }
        guard let peerID else { throw .malformed(.missingField(3)) }
        guard let version else { throw .malformed(.missingField(6)) }
        return MeshRecord(
            did: did, name: name, peerID: peerID, addresses: addresses, capabilities: capabilities,
            version: version, sequence: sequence ?? 0, issued: UnixTime(seconds: issued ?? 0),
            expires: UnixTime(seconds: expires ?? 0))
    }

    private mutating func set<Value>(
        _ path: WritableKeyPath<MeshRecordDraft, Value?>, _ field: ProtobufField, _ value: Value
    ) throws(MeshRecordError) {
        guard self[keyPath: path] == nil else { throw .repeatedField(field.number) }
        self[keyPath: path] = value
    }

    private func number(_ field: ProtobufField) throws(MeshRecordError) -> UInt64 {
        try MeshRecord.malformed { () throws(ProtobufError) in try field.varint() }
    }

    private func text(
        _ field: ProtobufField, _ message: RawSpan, limit: Int
    ) throws(MeshRecordError) -> String {
        do throws(ProtobufError) {
            return try field.text(of: message, limit: limit)
        } catch {
            throw .malformed(error)
        }
    }

    private func name(_ field: ProtobufField, _ message: RawSpan) throws(MeshRecordError) -> MeshName {
        let text = try text(field, message, limit: MeshName.maximumByteCount)
        do throws(DirectoryNameError) { return try MeshName(text) } catch { throw .badName(error) }
    }

    private func peerID(_ field: ProtobufField, _ message: RawSpan) throws(MeshRecordError) -> PeerID {
        let range: Range<Int>
        do throws(ProtobufError) {
            range = try field.range(limit: MeshRecordLimits.peerIDByteCount)
        } catch {
            throw .malformed(error)
        }
        do { return try PeerID(multihash: message.extracting(range)) } catch { throw .badPeerID }
    }

    private mutating func addAddress(_ field: ProtobufField, _ message: RawSpan) throws(MeshRecordError) {
        let range: Range<Int>
        do throws(ProtobufError) {
            range = try field.range(limit: MeshRecordLimits.addressByteCount)
        } catch {
            throw .malformed(error)
        }
        addressCount += 1
        guard addressCount <= MeshRecordLimits.addressCount else {
            throw .malformed(.tooManyValues(field: 4, limit: MeshRecordLimits.addressCount))
        }
        // A protocol of the future must not make the record useless, so what cannot be parsed is left out.
        do { addresses.append(try Multiaddr(bytes: message.extracting(range))) } catch {}
    }

    private mutating func addCapability(_ field: ProtobufField, _ message: RawSpan) throws(MeshRecordError) {
        guard capabilities.count < MeshRecordLimits.capabilityCount else {
            throw .malformed(.tooManyValues(field: 5, limit: MeshRecordLimits.capabilityCount))
        }
        let text = try text(field, message, limit: MeshCapability.maximumByteCount)
        do throws(DirectoryNameError) {
            capabilities.append(try MeshCapability(text))
        } catch {
            throw .badCapability(error)
        }
    }
}
