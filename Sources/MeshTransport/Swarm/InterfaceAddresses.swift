import MeshMultiformats
import NIOCore

/// The addresses of this machine, for listeners that are bound to all of them.
enum InterfaceAddresses {
    /// Replaces `/ip4/0.0.0.0` and `/ip6/::` by the addresses of the interfaces, loopback last.
    static func expand(_ addresses: [Multiaddr]) -> [Multiaddr] {
        var expanded: [Multiaddr] = []
        for address in addresses {
            guard let host = address.host, let unspecified = unspecifiedFamily(host) else {
                expanded.append(address)
                continue
            }
            let rest = address.components.dropFirst().map(\.description).joined()
            expanded += interfaces(unspecified).compactMap { try? Multiaddr($0 + rest) }
        }
        return expanded.filter { !$0.isLoopback } + expanded.filter(\.isLoopback)
    }

    private static func unspecifiedFamily(_ host: Multiaddr.Host) -> NIOBSDSocket.ProtocolFamily? {
        switch host {
        case .ip4(0): .inet
        case .ip6(let bytes, _) where bytes.allSatisfy { $0 == 0 }: .inet6
        default: nil
        }
    }

    /// The interfaces' addresses as `/ip4/…` and `/ip6/…`, without those that mean something on one link only.
    private static func interfaces(_ family: NIOBSDSocket.ProtocolFamily) -> [String] {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { device in
            guard let address = device.address, address.protocol == family, let host = address.ipAddress
            else { return nil }
            if case .v6(let address) = address, address.address.sin6_scope_id != 0 { return nil }
            return family == .inet ? "/ip4/\(host)" : "/ip6/\(host)"
        }
    }
}
