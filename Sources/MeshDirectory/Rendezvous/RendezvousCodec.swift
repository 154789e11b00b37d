import MeshCore

extension RendezvousMessage {
    private enum Kind {
        static let register: UInt64 = 0
        static let registerResponse: UInt64 = 1
        static let unregister: UInt64 = 2
        static let discover: UInt64 = 3
        static let discoverResponse: UInt64 = 4
    }

    /// The protobuf of the message, without its length prefix.
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .register(let registration):
            writer.varint(1, Kind.register)
            writer.message(2) { inner in registration.encode(to: &inner) }
        case .registerResponse(let status, let statusText, let ttlSeconds):
            writer.varint(1, Kind.registerResponse)
            writer.message(3) { inner in
                inner.varint(1, status.rawValue)
                if !statusText.isEmpty { inner.text(2, statusText) }
                if let ttlSeconds { inner.varint(3, ttlSeconds) }
            }
        case .unregister(let namespace):
            writer.varint(1, Kind.unregister)
            writer.message(4) { inner in inner.bytes(1, namespace.utf8) }
        case .discover(let namespace, let limit, let cookie):
            writer.varint(1, Kind.discover)
            writer.message(5) { inner in
                if let namespace { inner.bytes(1, namespace.utf8) }
                if let limit { inner.varint(2, limit) }
                if !cookie.isEmpty { inner.bytes(3, cookie) }
            }
        case .discoverResponse(let discovery):
            writer.varint(1, Kind.discoverResponse)
            writer.message(6) { inner in discovery.encode(to: &inner) }
        }
        return writer.bytes
    }

    /// Reads a message.
    ///
    /// A body other than the one of its type is skipped; an absent body counts as empty.
    public init(decoding message: RawSpan) throws(RendezvousError) {
        var kind: UInt64 = Kind.register
        var bodies: [Int: Range<Int>] = [:]
        do throws(ProtobufError) {
            var reader = ProtobufReader()
            while let field = try reader.next(in: message) {
                switch field.number {
                case 1: kind = try field.varint()
                case 2...6: bodies[field.number] = try field.range()
                default: break
                }
            }
        } catch {
            throw .malformed(error)
        }
        guard let number = Self.bodyNumber(ofKind: kind) else { throw .unknownType(kind) }
        do throws(ProtobufError) {
            self = try Self.decode(number: number, message.extracting(bodies[number] ?? 0..<0))
        } catch {
            throw .malformed(error)
        }
    }

    private static func bodyNumber(ofKind kind: UInt64) -> Int? {
        kind <= Kind.discoverResponse ? Int(kind) + 2 : nil
    }

    private static func decode(number: Int, _ body: RawSpan) throws(ProtobufError) -> RendezvousMessage {
        switch number {
        case 2: .register(try RendezvousRegistration(decoding: body))
        case 3: try decodeRegisterResponse(body)
        case 4: try decodeUnregister(body)
        case 5: try decodeDiscover(body)
        default: .discoverResponse(try RendezvousDiscovery(decoding: body))
        }
    }

    private static func decodeRegisterResponse(_ body: RawSpan) throws(ProtobufError) -> RendezvousMessage {
        var status = RendezvousStatus.ok
        var statusText = ""
        var ttlSeconds: UInt64?
        var reader = ProtobufReader()
        while let field = try reader.next(in: body) {
            switch field.number {
            case 1: status = RendezvousStatus(rawValue: try field.varint())
            case 2: statusText = try field.text(of: body, limit: RendezvousLimits.statusTextByteCount)
            case 3: ttlSeconds = try field.varint()
            default: break
            }
        }
        return .registerResponse(status: status, statusText: statusText, ttlSeconds: ttlSeconds)
    }

    private static func decodeUnregister(_ body: RawSpan) throws(ProtobufError) -> RendezvousMessage {
        var namespace = RendezvousNamespace("")
        var reader = ProtobufReader()
        while let field = try reader.next(in: body) {
            if field.number == 1 { namespace = try RendezvousNamespace(field, of: body) }
        }
        return .unregister(namespace)
    }

    private static func decodeDiscover(_ body: RawSpan) throws(ProtobufError) -> RendezvousMessage {
        var namespace: RendezvousNamespace?
        var limit: UInt64?
        var cookie: [UInt8] = []
        var reader = ProtobufReader()
        while let field = try reader.next(in: body) {
            switch field.number {
            case 1: namespace = try RendezvousNamespace(field, of: body)
            case 2: limit = try field.varint()
            case 3: cookie = try field.bytes(of: body, limit: RendezvousLimits.cookieByteCount)
            default: break
            }
        }
        return .discover(namespace: namespace, limit: limit, cookie: cookie)
    }
}

extension RendezvousNamespace {
    fileprivate init(_ field: ProtobufField, of message: RawSpan) throws(ProtobufError) {
        self.init(try field.text(of: message, limit: RendezvousLimits.namespaceByteCount))
    }
}

extension RendezvousRegistration {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        writer.bytes(1, namespace.utf8)
        writer.bytes(2, signedPeerRecord)
        if let ttlSeconds { writer.varint(3, ttlSeconds) }
    }

    fileprivate init(decoding body: RawSpan) throws(ProtobufError) {
        self.init(namespace: "", signedPeerRecord: [])
        var reader = ProtobufReader()
        while let field = try reader.next(in: body) {
            switch field.number {
            case 1: namespace = try RendezvousNamespace(field, of: body)
            case 2: signedPeerRecord = try field.bytes(of: body)
            case 3: ttlSeconds = try field.varint()
            default: break
            }
        }
    }
}

extension RendezvousDiscovery {
    fileprivate func encode(to writer: inout ProtobufWriter) {
        for registration in registrations {
            writer.message(1) { inner in registration.encode(to: &inner) }
        }
        if !cookie.isEmpty { writer.bytes(2, cookie) }
        writer.varint(3, status.rawValue)
        if !statusText.isEmpty { writer.text(4, statusText) }
    }

    fileprivate init(decoding body: RawSpan) throws(ProtobufError) {
        self.init()
        var reader = ProtobufReader()
        while let field = try reader.next(in: body) {
            switch field.number {
            case 1:
                guard registrations.count < RendezvousLimits.registrationCount else {
                    throw .tooManyValues(field: 1, limit: RendezvousLimits.registrationCount)
                }
                let range = try field.range()
                registrations.append(try RendezvousRegistration(decoding: body.extracting(range)))
            case 2: cookie = try field.bytes(of: body, limit: RendezvousLimits.cookieByteCount)
            case 3: status = RendezvousStatus(rawValue: try field.varint())
            case 4: statusText = try field.text(of: body, limit: RendezvousLimits.statusTextByteCount)
            default: break
            }
        }
    }
}
