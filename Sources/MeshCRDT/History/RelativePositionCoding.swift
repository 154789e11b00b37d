extension RelativePosition {
    /// The bytes of the position, as Yjs writes them: of its parts only the most exact one.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = []
        if let item {
            out.append(Part.item.rawValue)
            out.appendID(item)
        } else if let rootName {
            out.append(Part.rootName.rawValue)
            out.appendVarString(rootName)
        } else if let type {
            out.append(Part.type.rawValue)
            out.appendID(type)
        } else {
            // Nothing can be meant by it; an empty name is the root that Yjs takes when it is given none.
            out.append(Part.rootName.rawValue)
            out.appendVarString("")
        }
        out.appendVarInt(Int64(association))
        return out
    }

    /// Decodes a position; bytes after the end are ignored, as Yjs does.
    ///
    /// A position without association, as Yjs wrote it before 13.5, belongs to what is behind it.
    public init(
        decoding bytes: [UInt8], limits: DocumentLimits = DocumentLimits()
    ) throws(UpdateError) {
        var reader = ByteReader(bytes)
        self.init()
        guard let part = Part(rawValue: try reader.byte()) else { throw .malformed(.value, offset: 0) }
        switch part {
        case .item: item = try reader.id()
        case .type: type = try reader.id()
        case .rootName:
            let start = reader.offset
            let range = try reader.varString().range
            try limits.check(.nameByteCount, UInt64(range.count), limits.nameByteCount, offset: start)
            rootName = reader.string(range)
        }
        guard !reader.isAtEnd else { return }
        let (magnitude, isNegative) = try reader.varInt()
        association = isNegative ? -Int(magnitude) : Int(magnitude)
    }

    /// What the bytes start with.
    ///
    /// Source: Yjs 13.6 `writeRelativePosition`.
    private enum Part: UInt8 {
        case item = 0
        case rootName = 1
        case type = 2
    }

    // MARK: JSON

    /// The position as a plain object with `type`, `tname`, `item` and `assoc`, as Yjs makes it.
    public var json: AnyValue {
        var fields = AnyFields()
        if let type { fields["type"] = Self.json(type) }
        if let rootName, !rootName.utf8.isEmpty { fields["tname"] = .string(rootName) }
        if let item { fields["item"] = Self.json(item) }
        fields["assoc"] = .number(Double(association))
        return .object(fields)
    }

    /// Reads what ``json`` makes; nil when it is no such object or names nothing.
    public init?(json: AnyValue) {
        guard case .object(let fields) = json else { return nil }
        self.init()
        do throws(NoPosition) {
            item = try Self.id(fields["item"])
            type = try Self.id(fields["type"])
            switch fields["tname"] ?? .null {
            case .string(let name): rootName = name
            case .null, .undefined: break
            case .bool, .number, .bigInt, .binary, .array, .object: return nil
            }
            association = try Self.integer(fields["assoc"] ?? .number(0), in: -(1 << 53)...(1 << 53))
        } catch {
            return nil
        }
        if item == nil, type == nil, rootName == nil { return nil }
    }

    private struct NoPosition: Error {}

    private static func json(_ id: ID) -> AnyValue {
        ["client": .number(Double(id.client)), "clock": .number(Double(id.clock))]
    }

    private static func id(_ value: AnyValue?) throws(NoPosition) -> ID? {
        switch value ?? .null {
        case .null, .undefined: return nil
        case .object(let fields):
            guard let client = fields["client"], let clock = fields["clock"] else { throw NoPosition() }
            return ID(
                client: ClientID(try integer(client, in: 0...(1 << 53) - 1)),
                clock: Clock(try integer(clock, in: 0...Int(Clock.max))))
        case .bool, .number, .bigInt, .string, .binary, .array: throw NoPosition()
        }
    }

    private static func integer(_ value: AnyValue, in range: ClosedRange<Int>) throws(NoPosition) -> Int {
        guard case .number(let number) = value, let integer = Int(exactly: number), range.contains(integer)
        else { throw NoPosition() }
        return integer
    }
}

extension ByteReader {
    /// A client and a clock.
    fileprivate mutating func id() throws(UpdateError) -> ID {
        let client = try varUint()
        let start = offset
        guard let clock = Clock(exactly: try varUint()) else { throw .malformed(.clock, offset: start) }
        return ID(client: client, clock: clock)
    }
}

extension [UInt8] {
    fileprivate mutating func appendID(_ id: ID) {
        appendVarUint(id.client)
        appendVarUint(UInt64(id.clock))
    }
}
