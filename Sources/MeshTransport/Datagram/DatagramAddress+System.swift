import CDatagram
import MeshConnection
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Addresses as the system's calls and NIO know them.
extension DatagramAddress {
    /// Takes an address of the system's calls.
    init(_ system: mesh_datagram_address) {
        if system.is_ip6 == 0 {
            self.init(ip4: UInt32(truncatingIfNeeded: system.low), port: system.port)
        } else {
            self.init(ip6: (system.high, system.low), port: system.port, scope: system.scope)
        }
    }

    /// The address for the system's calls.
    var system: mesh_datagram_address {
        var system = mesh_datagram_address()
        if let ip4 {
            system.low = UInt64(ip4)
        } else {
            (system.high, system.low) = ip6
            system.is_ip6 = 1
            system.scope = scope
        }
        system.port = port
        return system
    }

    /// Whether it stands for every address of this host, for listening only.
    var isUnspecified: Bool { isIP6 ? ip6 == (0, 0) : ip4 == 0 }

    /// Takes an address of NIO's, nil when it is of another family.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address):
            let socket = address.address
            self.init(
                ip4: UInt32(bigEndian: socket.sin_addr.s_addr), port: UInt16(bigEndian: socket.sin_port))
        case .v6(let address):
            let socket = address.address
            let words = withUnsafeBytes(of: socket.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(ip6: words, port: UInt16(bigEndian: socket.sin6_port), scope: socket.sin6_scope_id)
        case .unixDomainSocket:
            return nil
        }
    }
}
