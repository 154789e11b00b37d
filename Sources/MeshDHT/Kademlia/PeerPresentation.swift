import MeshMultiformats

extension Kademlia {
    /// Whether all addresses of `peer` may be handed out as they are, so that no answer has to look at them again.
    func isPresentable(_ peer: KadPeer) -> Bool {
        let count = Int(peer.storage.addressCount)
        guard count > 0, count <= configuration.maximumAddressesPerPeer else { return false }
        switch configuration.addressScope {
        case .all: return true
        case .publicOnly: return peer.addresses.allSatisfy { $0.isPublicIP || $0.isRelayed }
        }
    }
}
