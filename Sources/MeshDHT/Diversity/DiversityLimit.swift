/// How many peers of one address group may be in the routing table.
///
/// A group is an IPv4 /16 or an IPv6 /32: what one operator gets cheaply. Identities cost nothing, addresses in
/// many networks do.
public enum DiversityLimit: Hashable, Sendable {
    /// No limit: for networks whose members are known, or share one network.
    case unlimited
    /// At most so many peers of one group in the whole table, and in one bucket.
    case limited(perTable: Int, perBucket: Int)
}
