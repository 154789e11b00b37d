import MeshCore
import MeshMultiformats

/// Where peers can be dialled: a bounded table that forgets what was used longest ago.
struct AddressBook: Sendable {
    /// Peers that are kept.
    static let maximumPeerCount = 8192
    /// Addresses kept of one peer.
    ///
    /// Source: go-libp2p's identify keeps at most 64 of signed records; most have
    /// fewer than ten.
    static let maximumAddressCount = 16

    private struct Entry: Sendable {
        var addresses: [Multiaddr]
        var usedAt: UInt64
    }

    private var entries: [PeerID: Entry] = [:]
    private var clock: UInt64 = 0

    /// The addresses of `peer`, those added last first.
    mutating func addresses(of peer: PeerID) -> [Multiaddr] {
        guard let index = entries.index(forKey: peer) else { return [] }
        clock += 1
        entries.values[index].usedAt = clock
        return entries.values[index].addresses
    }

    /// Adds addresses that someone named; they go behind those that are known already.
    mutating func learn(_ addresses: [Multiaddr], of peer: PeerID) {
        merge(addresses, of: peer) { known, new in known + new }
    }

    /// Sets the addresses that the peer itself confirmed; what it no longer names is dropped.
    mutating func confirm(_ addresses: [Multiaddr], of peer: PeerID) {
        guard !addresses.isEmpty else { return }
        merge(addresses, of: peer) { _, new in new }
    }

    /// Moves an address that answered to the front.
    mutating func succeeded(_ address: Multiaddr, of peer: PeerID) {
        merge([address], of: peer) { known, new in new + known }
    }

    private mutating func merge(
        _ addresses: [Multiaddr], of peer: PeerID, _ combine: ([Multiaddr], [Multiaddr]) -> [Multiaddr]
    ) {
        guard !addresses.isEmpty else { return }
        clock += 1
        var merged: [Multiaddr] = []
        for address in combine(entries[peer]?.addresses ?? [], addresses.map(\.withoutPeer))
        where !merged.contains(address) && merged.count < Self.maximumAddressCount {
            merged.append(address)
        }
        entries[peer] = Entry(addresses: merged, usedAt: clock)
        evict()
    }

    /// Drops the older half at the limit, so that the cost per insertion stays constant on average.
    private mutating func evict() {
        guard entries.count > Self.maximumPeerCount else { return }
        let median = entries.values.map(\.usedAt).sorted()[entries.count / 2]
        entries = entries.filter { $0.value.usedAt >= median }
    }
}
