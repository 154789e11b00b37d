/// What lookups are expected to cost in a network of random identities.
public enum LookupTheory {
    /// The expected number of referrals until the closest node is known.
    ///
    /// A node knows k of the peers that share one bit more with the target than it does itself. The closest of k random
    /// ones shares log2 k + γ/ln 2 - 1/2 bits more than any of them must. So each hop wins b = 1 + log2 k + 0.33 bits, until
    /// within the smallest subtree everybody knows everybody: there are log2(n/k) bits to win, and the answer of the
    /// last hop is one more. Source of the form c·log n: Cai and Devroye, "A probabilistic analysis of Kademlia networks"
    /// (arXiv 1402.1191); of the constant, the mean of the maximum of k geometric variables.
    public static func hops(nodes: Int, replication: Int) -> Double {
        let count = Double(max(nodes, 1))
        let size = Double(max(replication, 1))
        let logarithm = ElementaryFunctions.log(2)
        let bits = 1 + ElementaryFunctions.log(size) / logarithm + 0.33
        return 1 + max(ElementaryFunctions.log(count / size) / logarithm, 0) / bits
    }
}
