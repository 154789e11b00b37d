import MeshCore
import MeshMultiformats

/// The limits of one resolution; go-libp2p swarm.go `ResolveDNSAddr` bounds the same quantities.
public struct DNSAddrLimits: Hashable, Sendable {
    /// How often an answer may point to another name.
    public var maximumDepth = 4
    /// Addresses that come out.
    public var maximumAddresses = 32
    /// Names that are looked up.
    public var maximumQueries = 16
    /// Texts that are read of one answer; the bootstrap names of IPFS have about 10.
    public var maximumTexts = 100

    /// Creates the default limits.
    public init() {}
}

/// What a resolution asks of its driver, in order.
public enum DNSAddrEffect: Hashable, Sendable {
    /// Look the TXT records of the name up, and report them under the number.
    case lookUp(Int, name: String)
    /// The resolution is over.
    case finished(DNSAddrResult)
}

/// What came out of a resolution.
public struct DNSAddrResult: Hashable, Sendable {
    /// The addresses, without `/dnsaddr`, each once.
    public var addresses: [Multiaddr]
    /// The names that could not be looked up, with the causes.
    public var failures: [DNSAddrFailure]
    /// Whether a limit left something out.
    public var isTruncated: Bool
}

/// A name that could not be looked up.
public struct DNSAddrFailure: Hashable, Sendable {
    /// The name that was asked for, with its `_dnsaddr.` prefix.
    public var name: String
    /// Why.
    public var reason: String
}

/// Resolves `/dnsaddr` addresses over TXT records, bounded.
///
/// Source: libp2p/specs addressing/README.md.
///
/// `/dnsaddr/NAME/REST` asks for the TXT records of `_dnsaddr.NAME`; each text `dnsaddr=ADDRESS` is an answer
/// when ADDRESS ends with REST (in practice: names the same peer). Answers may be `/dnsaddr` again. Other
/// addresses pass through unchanged. A name is asked once for each REST, so loops end.
public struct DNSAddrResolution: Sendable {
    private struct Query: Hashable, Sendable {
        var name: String
        /// The components that an answer must end with.
        var suffix: [Multiaddr.Component]
    }

    private struct OpenQuery: Sendable {
        var query: Query
        var depth: Int
    }

    private let limits: DNSAddrLimits
    private var open: [Int: OpenQuery] = [:]
    private var asked: Set<Query> = []
    private var known: Set<Multiaddr> = []
    private var result = DNSAddrResult(addresses: [], failures: [], isTruncated: false)
    /// Whether the resolution is over.
    public private(set) var isFinished = false

    /// Creates a resolution that has not started.
    public init(limits: DNSAddrLimits = DNSAddrLimits()) {
        self.limits = limits
    }

    /// Starts with these addresses.
    public mutating func start(_ addresses: [Multiaddr], into effects: inout [DNSAddrEffect]) {
        for address in addresses { take(address, depth: 0, into: &effects) }
        finishIfDone(into: &effects)
    }

    /// Takes the TXT records of a lookup, one text for each record.
    public mutating func answer(_ number: Int, texts: [String], into effects: inout [DNSAddrEffect]) {
        guard let query = open.removeValue(forKey: number) else { return }
        if texts.count > limits.maximumTexts { result.isTruncated = true }
        for text in texts.prefix(limits.maximumTexts) {
            // Other texts under the name, and answers that this node cannot read, are not errors.
            guard text.utf8.count <= Multiaddr.maximumTextByteCount, text.hasPrefix("dnsaddr="),
                let address = try? Multiaddr(String(text.dropFirst("dnsaddr=".count))),
                address.components.suffix(query.query.suffix.count).elementsEqual(query.query.suffix)
            else { continue }
            take(address, depth: query.depth + 1, into: &effects)
        }
        finishIfDone(into: &effects)
    }

    /// Notes that a lookup failed.
    public mutating func fail(_ number: Int, reason: String, into effects: inout [DNSAddrEffect]) {
        guard let query = open.removeValue(forKey: number) else { return }
        result.failures.append(DNSAddrFailure(name: query.query.name, reason: reason))
        finishIfDone(into: &effects)
    }

    private mutating func take(_ address: Multiaddr, depth: Int, into effects: inout [DNSAddrEffect]) {
        guard let name = address.dnsaddrName else {
            guard !known.contains(address) else { return }
            guard result.addresses.count < limits.maximumAddresses else {
                result.isTruncated = true
                return
            }
            known.insert(address)
            result.addresses.append(address)
            return
        }
        let query = Query(name: "_dnsaddr.\(name)", suffix: Array(address.components.dropFirst()))
        guard !asked.contains(query) else { return }
        guard depth < limits.maximumDepth, asked.count < limits.maximumQueries else {
            result.isTruncated = true
            return
        }
        open[asked.count] = OpenQuery(query: query, depth: depth)
        effects.append(.lookUp(asked.count, name: query.name))
        asked.insert(query)
    }

    private mutating func finishIfDone(into effects: inout [DNSAddrEffect]) {
        guard !isFinished, open.isEmpty else { return }
        isFinished = true
        effects.append(.finished(result))
    }
}
