import MeshDHT

/// The failures of DHT queries in words.
enum QueryFailure {
    /// A lookup of `what`, a noun such as `peer 12D3…`, ended with `outcome`.
    static func failure(_ outcome: QueryOutcome, looking what: String) -> MeshFailure {
        guard case .failed(let error) = outcome else {
            return MeshFailure(.notFound, "no \(what) was found")
        }
        switch error {
        case .notFound(let answered, let failed):
            return MeshFailure(
                .notFound, "no \(what) was found: \(answered) peers answered, \(failed) did not",
                next: "check the key, or ask again later; `--trace` shows who was asked")
        case .unreachable(let failed):
            return MeshFailure(.unreachable, "no peer answered; \(failed) were asked", next: bootstrapAdvice)
        default:
            return general(error)
        }
    }

    /// A store under `key` ended with `outcome`.
    static func failure(_ outcome: QueryOutcome, storing key: String) -> MeshFailure {
        guard case .failed(let error) = outcome else {
            return MeshFailure(.internal, "the query ended with \(outcome)")
        }
        switch error {
        case .invalidRecord(let reason):
            return MeshFailure(.badArgument, "the value cannot be stored under \(key): \(reason)")
        case .outdatedRecord:
            return MeshFailure(.refused, "a newer value of \(key) is stored already")
        default:
            return general(error)
        }
    }

    /// None of the closest nodes took a value that may be too long for the datagrams over which they are asked.
    static func untaken(byteCount: Int, attempted: Int) -> MeshFailure {
        MeshFailure(
            .refused,
            "none of \(attempted) nodes took the value of \(byteCount) bytes; datagrams carry messages of at most "
                + "\(DatagramCarrier.maximumByteCount) bytes, longer ones need nodes that listen for streams (/tcp)",
            next: "store a shorter value, or have nodes of the network listen on /tcp too")
    }

    private static let bootstrapAdvice = "name a peer of the network with --bootstrap MULTIADDR"

    private static func general(_ error: QueryError) -> MeshFailure {
        switch error {
        case .routingTableEmpty:
            MeshFailure(.noPeers, "no peer of the network is known", next: bootstrapAdvice)
        case .notFound: MeshFailure(.notFound, "nothing was found")
        case .unreachable(let failed): MeshFailure(.unreachable, "none of \(failed) peers answered")
        case .timedOut(let duration):
            MeshFailure(.timedOut, "no result within \(duration.wholeSeconds) s", next: "try again later")
        case .tooManyQueries(let limit):
            MeshFailure(.limit, "\(limit) lookups are running already", next: "try again when they are done")
        case .invalidKey(let count, let limit):
            MeshFailure(.badArgument, "a key has 1 to \(limit) bytes, this one has \(count)")
        case .invalidRecord(let reason): MeshFailure(.badArgument, "the value is not valid: \(reason)")
        case .outdatedRecord: MeshFailure(.refused, "a newer value is stored already")
        case .storeFull: MeshFailure(.limit, "this node's record store is full")
        case .cancelled: MeshFailure(.stopping, "the lookup was cancelled")
        }
    }
}
