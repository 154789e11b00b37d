/// An update taken apart, for tools that show what is in it.
public struct DecodedUpdate: Equatable, Sendable {
    /// The structs in the order of the update.
    public private(set) var structs: [DecodedStruct] = []
    /// The deletions, sorted and merged.
    public private(set) var deleteSet = DeleteSet()

    init<Reader: UpdateReading>(of reader: inout Reader, limits: DocumentLimits) throws(UpdateError) {
        var wire = WireStruct()
        while try reader.next(&wire) {
            structs.append(try DecodedStruct(wire, reader, limits: limits))
        }
        deleteSet = try reader.readDeleteSet()
    }
}

/// One struct of an update.
public struct DecodedStruct: Equatable, Sendable {
    /// What an update says of the type that holds a struct.
    public enum Parent: Hashable, Sendable {
        /// It is that of the neighbour that the struct names.
        case inherited
        /// The root type of this name.
        case root(String)
        /// The nested type that this unit holds.
        case item(ID)
    }

    /// What a struct holds.
    public enum Content: Equatable, Sendable {
        case gc
        case skip
        case deleted
        case json([AnyValue])
        case binary([UInt8])
        case string(String)
        case embed(AnyValue)
        case format(key: String, value: AnyValue)
        case type(TypeKind, name: String?)
        case any([AnyValue])
        case document(guid: String, options: AnyValue)
    }

    /// Its first unit.
    public let id: ID
    /// The number of its units.
    public let length: UInt32
    /// The unit left of it when it was written.
    public let origin: ID?
    /// The unit right of it when it was written.
    public let rightOrigin: ID?
    /// The type that holds it.
    public let parent: Parent
    /// The key under which a map or an element's attributes hold it.
    public let key: String?
    /// What it holds.
    public let content: Content

    init<Reader: UpdateReading>(
        _ wire: WireStruct, _ reader: Reader, limits: DocumentLimits
    ) throws(UpdateError) {
        func string(_ bytes: WireBytes) -> String {
            String(decoding: reader.buffer(of: bytes)[bytes.range], as: UTF8.self)
        }
        id = wire.id
        length = wire.length
        origin = wire.origin
        rightOrigin = wire.rightOrigin
        parent =
            switch wire.parent {
            case .inherited: .inherited
            case .root(let name): .root(string(name))
            case .item(let id): .item(id)
            }
        key = wire.key.map(string)
        content = try Self.content(wire, reader.buffer(of: wire.content), limits: limits)
    }

    private static func content(
        _ wire: WireStruct, _ bytes: [UInt8], limits: DocumentLimits
    ) throws(UpdateError) -> Content {
        var reader = ByteReader(bytes, range: wire.content.range)
        switch wire.kind {
        case .gc: return .gc
        case .skip: return .skip
        case .deleted: return .deleted
        case .binary: return .binary([UInt8](bytes[wire.content.range]))
        case .string: return .string(reader.string(wire.content.range))
        case .embed: return .embed(try AnyCodec.decode(&reader, depthLimit: limits.valueDepth))
        case .format:
            let key = reader.string(try reader.varString().range)
            return .format(key: key, value: try AnyCodec.decode(&reader, depthLimit: limits.valueDepth))
        case .document:
            let guid = reader.string(try reader.varString().range)
            return .document(guid: guid, options: try AnyCodec.decode(&reader, depthLimit: limits.valueDepth))
        case .type:
            let kind = TypeKind(rawValue: try reader.byte()) ?? .undefined
            return .type(kind, name: kind.hasName ? reader.string(try reader.varString().range) : nil)
        case .any, .json:
            return try values(wire, &reader, limits: limits)
        }
    }

    private static func values(
        _ wire: WireStruct, _ reader: inout ByteReader, limits: DocumentLimits
    ) throws(UpdateError) -> Content {
        var values: [AnyValue] = []
        for _ in 0..<wire.length {
            if wire.kind == .any {
                values.append(try AnyCodec.decode(&reader, depthLimit: limits.valueDepth))
            } else {
                let text = try reader.varString().range
                let isUndefined = JSONText.isUndefined(reader.bytes, text)
                values.append(
                    isUndefined
                        ? .undefined
                        : try JSONText.parse(reader.bytes, text, depthLimit: limits.valueDepth))
            }
        }
        return wire.kind == .any ? .any(values) : .json(values)
    }
}
