import MeshCore
import MeshMultiformats

/// One search in the directory: collects claimants, checks their records, orders the meshes that hold.
///
/// The driver asks the DHT for the providers of ``MeshQuery/providerKey``, calls ``addClaimant(_:)`` for each, gets the
/// values under the keys that it returns, and reports every one with ``take(value:of:at:)``. In a search for one
/// peer that peer is the only claimant. Source: Specs/directory.md, "Searching".
public struct MeshSearch: Sendable {
    /// The most claimants whose records are fetched.
    public static let defaultClaimantLimit = 64

    /// What became of one claimant.
    public enum Outcome: Hashable, Sendable {
        /// Its record is not here yet.
        case waiting
        /// Its record holds what is searched.
        case found(SignedMeshRecord)
        /// No record was to be had.
        case missing
        /// The record is not valid.
        case invalid(MeshRecordError)
        /// The record is valid, and does not have what is searched.
        case unfounded
    }

    /// What is searched.
    public let query: MeshQuery
    /// The most claimants whose records are fetched.
    public let claimantLimit: Int
    /// The claimants in the order in which they came.
    public private(set) var claimants: [PeerID] = []
    /// The number of claimants beyond the limit, or more: repeated ones are counted each time.
    public private(set) var droppedClaimantCount = 0
    private var outcomes: [PeerID: Outcome] = [:]

    /// Starts a search.
    public init(_ query: MeshQuery, claimantLimit: Int = MeshSearch.defaultClaimantLimit) {
        self.query = query
        self.claimantLimit = max(1, claimantLimit)
    }

    /// Takes a claimant; returns the DHT key of its record to fetch, or nil when that is not wanted.
    public mutating func addClaimant(_ peer: PeerID) -> [UInt8]? {
        guard outcomes[peer] == nil else { return nil }
        if case .peer(let wanted) = query, wanted != peer { return nil }
        guard claimants.count < claimantLimit else {
            droppedClaimantCount += 1
            return nil
        }
        claimants.append(peer)
        outcomes[peer] = .waiting
        return MeshRecordKey.bytes(for: peer)
    }

    /// Takes the value found under the key of a claimant, nil when there is none; returns what became of it.
    ///
    /// Of several values of one claimant the best that holds counts.
    @discardableResult
    public mutating func take(value: [UInt8]?, of peer: PeerID, at time: UnixTime) -> Outcome? {
        guard let before = outcomes[peer] else { return nil }
        let outcome = judge(value, of: peer, at: time)
        if case .found(let known) = before {
            guard case .found(let new) = outcome else { return before }
            let values = [known.envelope, new.envelope]
            let isNewBetter = MeshRecordValidator.select(key: new.dhtKey, values: values) == 1
            outcomes[peer] = isNewBetter ? outcome : before
        } else {
            outcomes[peer] = outcome
        }
        return outcomes[peer]
    }

    /// What became of each claimant, in the order in which they came.
    public var claims: [(peer: PeerID, outcome: Outcome)] {
        claimants.map { peer in (peer, outcomes[peer] ?? .waiting) }
    }

    /// Whether nothing is awaited any more.
    public var isComplete: Bool {
        !claimants.contains { peer in outcomes[peer] == .waiting }
    }

    /// The meshes that hold, ordered by DID.
    public var meshes: [SignedMeshRecord] {
        var found: [SignedMeshRecord] = []
        for peer in claimants {
            if case .found(let signed) = outcomes[peer] { found.append(signed) }
        }
        return found.sorted { left, right in
            left.record.did.utf8.lexicographicallyPrecedes(right.record.did.utf8)
        }
    }

    private func judge(_ value: [UInt8]?, of peer: PeerID, at time: UnixTime) -> Outcome {
        guard let value else { return .missing }
        do throws(MeshRecordError) {
            let key = MeshRecordKey.bytes(for: peer)
            let signed = try MeshRecordValidator.validate(key: key, value: value, at: time)
            return query.matches(signed.record) ? .found(signed) : .unfounded
        } catch {
            return .invalid(error)
        }
    }
}
