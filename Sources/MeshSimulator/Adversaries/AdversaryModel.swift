/// What the hostile nodes of a simulation do.
///
/// All of them join as honest nodes do.
public enum AdversaryModel: Hashable, Sendable {
    /// Everybody is honest.
    case none
    /// A share of the nodes answers every question with the k of their own that are closest to the target, holds
    /// no record and claims to have stored what it is given.
    case colluding(share: Double)
    /// So many nodes ground their identities until they were closer to one key than anybody else; they name each
    /// other and deny the record.
    case sybil(count: Int)
    /// A share of the nodes takes its place in the tables and then never answers lookups.
    case silent(share: Double)
    /// A share of the nodes keeps the first value it saw of a key: it serves that, and pushes it to the others.
    case replay(share: Double)
    /// A share of the nodes colludes, and fresh nodes bootstrap from one of these.
    case eclipse(share: Double)

    /// Whether a share of the nodes is hostile, and which.
    public var share: Double {
        switch self {
        case .none, .sybil: 0
        case .colluding(let share), .silent(let share), .replay(let share), .eclipse(let share): share
        }
    }
}

extension AdversaryModel: CustomStringConvertible {
    /// The model as the command line spells it.
    public var description: String {
        switch self {
        case .none: "none"
        case .colluding(let share): "colluding:\(share)"
        case .sybil(let count): "sybil:\(count)"
        case .silent(let share): "silent:\(share)"
        case .replay(let share): "replay:\(share)"
        case .eclipse(let share): "eclipse:\(share)"
        }
    }
}

extension AdversaryModel {
    /// The shares of hostile nodes that are accepted.
    public static let shares = 0.01...0.9
    /// The numbers of sybils that are accepted.
    ///
    /// Their identities are found by hashing: 1,000 of them at 10^6 nodes take 10^9 hashes.
    public static let sybilCounts = 1...1000

    /// Parses `none`, or a kind, a colon and a number: `colluding:0.2`, `sybil:60`.
    public init(parsing text: String) throws(ScenarioError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let number = parts.count == 2 ? parts[1] : nil
        switch parts.first {
        case "none" where number == nil: self = .none
        case "colluding": self = .colluding(share: try Self.share(number, or: 0.2))
        case "silent": self = .silent(share: try Self.share(number, or: 0.2))
        case "replay": self = .replay(share: try Self.share(number, or: 0.2))
        case "eclipse": self = .eclipse(share: try Self.share(number, or: 0.2))
        case "sybil":
            let text = number ?? "60"
            guard let count = Int(text), Self.sybilCounts.contains(count) else {
                throw .outOfRange(
                    parameter: "adversary sybil", value: String(text), accepted: Self.sybilCounts)
            }
            self = .sybil(count: count)
        default: throw .unknownName(parameter: "adversary", value: text, accepted: Self.forms)
        }
    }

    private static func share(_ text: Substring?, or usual: Double) throws(ScenarioError) -> Double {
        guard let text else { return usual }
        guard let share = Double(text), shares.contains(share) else {
            throw .outOfRange(parameter: "the share of hostile nodes", value: String(text), accepted: shares)
        }
        return share
    }

    private static let forms =
        "none, colluding:SHARE, sybil:COUNT, silent:SHARE, replay:SHARE or eclipse:SHARE"
}
