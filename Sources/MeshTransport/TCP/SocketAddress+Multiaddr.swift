import CResolv
import MeshMultiformats
import NIOCore

extension SocketAddress {
    /// The multiaddr `/ip4/…/tcp/…` or `/ip6/…/tcp/…` of the address, nil for other families.
    var tcpMultiaddr: Multiaddr? {
        guard let host = ipAddress, let port else { return nil }
        switch self {
        case .v4: return try? Multiaddr("/ip4/\(host)/tcp/\(port)")
        case .v6(let address):
            let scope = address.address.sin6_scope_id
            let bare = host.prefix { $0 != "%" }
            return try? Multiaddr((scope == 0 ? "" : "/ip6zone/\(scope)") + "/ip6/\(bare)/tcp/\(port)")
        case .unixDomainSocket: return nil
        }
    }
}
