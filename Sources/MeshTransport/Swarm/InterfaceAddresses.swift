import MeshMultiformats
import NIOCore

/// The addresses of this machine, for listeners that are bound to all of them.
enum InterfaceAddresses {
    /// Replaces `/ip4/0.0.0.0` and `/ip6/::` by the addresses of the interfaces, loopback last.
    static func expand(_ addresses: [Multiaddr]) -> [Multiaddr] {
        var expanded: [Multiaddr] = []
        for address in addresses {
            guard let (host, port) = address.tcpEndpoint, let unspecified = unspecifiedFamily(host) else {
                expanded.append(address)
                continue
            }
            expanded += interfaces(unspecified, port: port)
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

    private static func interfaces(_ family: NIOBSDSocket.ProtocolFamily, port: UInt16) -> [Multiaddr] {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { device in
            guard var address = device.address, address.protocol == family else { return nil }
            address.port = Int(port)
            guard let multiaddr = address.tcpMultiaddr, !multiaddr.description.hasPrefix("/ip6zone") else {
                return nil
            }
            return multiaddr
        }
    }
}
