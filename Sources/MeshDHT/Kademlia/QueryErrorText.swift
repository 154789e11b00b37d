import MeshCore

extension QueryError: CustomStringConvertible {
    /// What happened and what to do about it.
    public var description: String {
        switch self {
        case .routingTableEmpty:
            "no peer of the network is known; connect to a bootstrap peer first"
        case .notFound(let answered, let failed):
            "not found: \(answered) peers answered without it and \(failed) failed"
        case .unreachable(let failed):
            "none of the \(failed) peers that were asked answered; check the connection to the network"
        case .timedOut(let limit): "nothing was found within \(limit.components.seconds) s"
        case .tooManyQueries(let limit):
            "\(limit) queries are running already (setting maximumQueries); try again when some have ended"
        case .invalidKey(let byteCount, let limit): "a key of \(byteCount) bytes; it must have 1 to \(limit)"
        case .invalidRecord(let error): "the record cannot be stored: \(error)"
        case .outdatedRecord: "a better value of this key is stored already; publish a newer one"
        case .storeFull:
            "the store of this node is full of records that may not be removed (settings maximumRecords, "
                + "maximumRecordByteCount and maximumProviders)"
        case .cancelled: "the query was cancelled"
        }
    }
}

extension RecordError: CustomStringConvertible {
    /// What is wrong with the record.
    public var description: String {
        switch self {
        case .malformedNamespace: "the key begins with / but has no namespace between two slashes"
        case .unknownNamespace(let name):
            "no validator is known for the namespace /\(name.unicodeScalars.map { $0.escaped(asASCII: true) }.joined())"
        case .plainKeyRefused: "this network takes no keys without a namespace"
        case .valueTooLong(let byteCount, let limit):
            "a value of \(byteCount) bytes exceeds the limit of \(limit) bytes"
        case .emptyValue: "the value is empty"
        case .malformedKey: "the key does not have the form of its namespace"
        case .malformedValue: "the value does not have the form of its namespace"
        case .keyMismatch: "the value belongs to another key"
        case .noAddresses:
            "this node has no address at which others could reach what it provides; let it listen on one"
        case .badSignature: "a signature in the value is not valid"
        case .expired(let time): "the value was valid until \(RecordTime.text(time))"
        case .fromTheFuture(let time): "the value is dated \(RecordTime.text(time)), which lies ahead"
        }
    }
}

extension KadMessageError: CustomStringConvertible {
    /// What is wrong with the bytes.
    public var description: String {
        switch self {
        case .malformed(let error): "the bytes are no Kademlia message (\(error))"
        case .unknownKind(let kind): "message type \(kind) is none of 0 to 5"
        }
    }
}
