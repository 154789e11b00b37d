import MeshCore
import MeshMultiformats

/// One address in the order of dialing.
public struct RankedAddress: Hashable, Sendable {
    /// The address.
    public var address: Multiaddr
    /// How long after the attempt before it this one starts; zero for the first.
    public var delay: Duration
    /// How long the attempt may take.
    public var timeout: Duration

    /// Creates a place in the order.
    public init(address: Multiaddr, delay: Duration, timeout: Duration) {
        self.address = address
        self.delay = delay
        self.timeout = timeout
    }
}

/// Puts the addresses of a peer into the order in which they should be dialed: happy eyeballs.
///
/// Classes, in this order:
/// 1. loopback: answers or refuses at once;
/// 2. near: private addresses in a network of this node, and all private ones when the node does not know its
///    own;
/// 3. Internet: public addresses and names;
/// 4. far: private addresses of other networks, which most likely belong to somebody else here;
/// 5. relayed.
///
/// Within a class IPv6 comes first and the families alternate (RFC 8305, section 4), otherwise the given
/// order stays. Each attempt starts 30 ms after the one before in the classes 1, 2 and 4 and 250 ms in class
/// 3; the first relay starts 500 ms after the last direct address. Deviation from go-libp2p, which starts the
/// private and the public sequence at the same time: in the order above a dial in one network opens one
/// socket and not two.
public struct AddressRanker: Sendable {
    private enum Class: Int, Comparable {
        case loopback, near, internet, far, relayed

        static func < (left: Class, right: Class) -> Bool { left.rawValue < right.rawValue }
    }

    private let configuration: DialConfiguration
    private let localNetworks: [Network]

    /// Creates a ranker for a node with these addresses of its own; loopback and public ones do not matter.
    public init(configuration: DialConfiguration = DialConfiguration(), localAddresses: [Multiaddr] = []) {
        self.configuration = configuration
        localNetworks = localAddresses.compactMap { $0.isPrivate ? Network($0) : nil }
    }

    /// The addresses in the order of dialing, each once.
    ///
    /// Bare peer ids and listen-only addresses (`0.0.0.0`, `::`) are left out.
    public func rank(_ addresses: [Multiaddr]) -> [RankedAddress] {
        var seen: Set<Multiaddr> = []
        let usable = addresses.filter { address in
            !address.withoutPeer.isEmpty && !address.isUnspecified
                && seen.insert(address.withoutPeer).inserted
        }
        let classified = usable.map { (address: $0, kind: kind(of: $0)) }
        var ranked: [RankedAddress] = []
        var previous: Class?
        for kind in [Class.loopback, .near, .internet, .far, .relayed] {
            let members = classified.filter { $0.kind == kind }.map(\.address)
            for address in Self.alternatingFamilies(members) {
                ranked.append(
                    RankedAddress(
                        address: address, delay: delay(of: kind, after: previous),
                        timeout: isLocal(kind) ? configuration.localTimeout : configuration.publicTimeout))
                previous = kind
            }
        }
        return ranked
    }

    private func kind(of address: Multiaddr) -> Class {
        if address.isRelayed { return .relayed }
        switch address.scope {
        case .loopback: return .loopback
        case .private:
            guard !localNetworks.isEmpty else { return .near }
            return Network(address).map(localNetworks.contains) == true ? .near : .far
        case .public, .reserved, .unspecified, nil: return .internet
        }
    }

    private func isLocal(_ kind: Class) -> Bool {
        switch kind {
        case .loopback, .near, .far: true
        case .internet, .relayed: false
        }
    }

    private func delay(of kind: Class, after previous: Class?) -> Duration {
        guard let previous else { return .zero }
        if kind == .relayed, previous != .relayed { return configuration.relayDelay }
        return isLocal(previous) ? configuration.localStagger : configuration.publicStagger
    }

    /// IPv6, IPv4, IPv6, IPv4… each family in its given order; names count as IPv4 unless they say IPv6.
    private static func alternatingFamilies(_ addresses: [Multiaddr]) -> [Multiaddr] {
        let first = addresses.filter(prefersIP6)
        let second = addresses.filter { !prefersIP6($0) }
        var merged: [Multiaddr] = []
        for index in 0..<max(first.count, second.count) {
            if index < first.count { merged.append(first[index]) }
            if index < second.count { merged.append(second[index]) }
        }
        return merged
    }

    private static func prefersIP6(_ address: Multiaddr) -> Bool {
        switch address.host {
        case .ip6, .dns(_, family: .ip6): true
        case .ip4, .dns(_, family: .any), .dns(_, family: .ip4), nil: false
        }
    }
}

/// The network of a private address: an IPv4 /16, since the real mask is not known, or an IPv6 /64.
private struct Network: Hashable, Sendable {
    private let prefix: [UInt8]

    init?(_ address: Multiaddr) {
        switch address.host {
        case .ip4(let number): prefix = [UInt8(number >> 24), UInt8(number >> 16 & 0xff)]
        case .ip6(let bytes, _): prefix = Array(bytes.prefix(8))
        case .dns, nil: return nil
        }
    }
}
